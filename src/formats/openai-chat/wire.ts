import type { FinishReason, Vendor } from "../../core/reply.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";

/** The id of this format, and its key in `vendor` bags. */
export const CHAT = "openai-chat";

/** OpenAI's service tiers; others have words of their own, which OpenAI's clients refuse. */
export const SERVICE_TIERS: ReadonlySet<string> = new Set(["auto", "default", "flex", "scale", "priority"]);

/** The text of a field, "" when it holds none. Providers write null and "" where they have nothing to say. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The objects of a list field; an empty list when it is absent, null or something else. */
export const objectsOf = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

/** A number, or undefined. */
export const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** The fields of an object that are not `known` and not null, kept for this format alone. */
export function otherFields(object: JsonObject, known: ReadonlySet<string>): { vendor?: Vendor } {
  let rest: { [field: string]: unknown } | undefined;
  for (const field in object) {
    const value = object[field];
    if (known.has(field) || value === null || value === undefined) continue;
    (rest ??= {})[field] = value;
  }
  return rest ? { vendor: { [CHAT]: rest } } : {};
}

/** What a part, tool or message keeps for this format alone. */
export const ownFields = (carrier: { vendor?: Vendor }): { [field: string]: unknown } =>
  carrier.vendor?.[CHAT] ?? {};

/** How a provider's `finish_reason` reads; undefined for none ("" and null, as Snowflake and cut streams have it). */
export function readFinish(word: unknown): FinishReason | "error" | undefined {
  if (typeof word !== "string" || word === "") return undefined;
  return FINISH_WORDS[word.toLowerCase()] ?? "stop";
}

const FINISH_WORDS: { [word: string]: FinishReason | "error" } = {
  stop: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  tool_calls: "tool-calls",
  tool_use: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
  safety: "content-filter",
  error: "error",
  // DeepSeek stops a running answer so when it is out of machines.
  insufficient_system_resource: "error",
};

/**
 * The word for a finish reason. There is none for a pause: the client sees an ordinary end, as it does where the calls
 * are of a kind that could not be told here. `calls`: how calls were told, if there were any.
 */
export function writeFinish(finish: FinishReason, calls: "tool_calls" | "function_call" | undefined): string {
  switch (finish) {
    case "stop":
    case "pause":
      return "stop";
    case "length":
      return "length";
    case "tool-calls":
      return calls ?? "stop";
    case "content-filter":
      return "content_filter";
  }
}
