import { openProof } from "../../core/envelope.ts";
import type { EncodeContext } from "../../core/format.ts";
import type { Part, Proof } from "../../core/reply.ts";
import { isObject, tryParseJson, type JsonObject } from "../../lib/json.ts";
import { CHAT, ownFields, textOf } from "./wire.ts";

/*
 * `reasoning_details` is OpenRouter's list of what a model thought: entries of type `reasoning.text` (with a
 * `signature` at Claude), `reasoning.summary` and `reasoning.encrypted` (with `data`).
 * https://openrouter.ai/docs/use-cases/reasoning-tokens
 *
 * In the canonical form each entry is a reasoning part. Its proof is the entry without its text, as JSON, because the
 * signature alone does not say whose it is; an entry without anything opaque is kept in the part's vendor bag.
 * Towards clients proofs ride sealed in the same fields, and chat clients that give the list back thereby return them.
 */

/** A reasoning part's fields that only this format has: the entry it came from, without its text. */
const ENTRY = "reasoning_detail";

export type ReasoningEntry = {
  text: string;
  summary: boolean;
  encrypted: boolean;
  /** Whose proof it is, where that is no reasoning: a call's id, or `TEXT_OWNER`. Only in entries that we sealed. */
  owner: string | undefined;
  /** The entry without its text. */
  rest: JsonObject;
};

/** The `id` of entries that carry the proof of a text. */
export const TEXT_OWNER = "text";

/** Takes an entry apart into its text and the rest. */
export function readEntry(entry: JsonObject): ReasoningEntry {
  const { text, summary, ...rest } = entry;
  const type = textOf(entry["type"]);
  for (const field in rest) if (rest[field] === null || rest[field] === "") delete rest[field];
  return {
    text: textOf(text) || textOf(summary),
    summary: type === "reasoning.summary",
    encrypted: type === "reasoning.encrypted",
    owner: openProof(textOf(entry["data"])) && (textOf(entry["id"]) || undefined),
    rest,
  };
}

/** The reasoning that stands in a message's plain field but in none of its entries. */
export function untoldByEntries(plain: string, entries: readonly ReasoningEntry[]): string {
  const told = entries.map((entry) => entry.text).join("");
  return plain.includes(told) ? plain.replace(told, () => "") : "";
}

/** The proof an entry carries: the one sealed into it, else the entry itself. Undefined when nothing in it is opaque. */
export function entryProof(rest: JsonObject, maker: string): Proof | undefined {
  const opaque = textOf(rest["signature"]) || textOf(rest["data"]);
  if (opaque === "") return undefined;
  return openProof(opaque) ?? { format: CHAT, maker, value: JSON.stringify(rest) };
}

/**
 * The proof of a call in Google's `extra_content: {google: {thought_signature}}`: the one sealed into it, else the
 * whole field. https://ai.google.dev/gemini-api/docs/openai
 */
export function extraContentProof(extra: unknown, maker: string): Proof | undefined {
  if (!isObject(extra)) return undefined;
  const google = extra["google"];
  const signature = isObject(google) ? textOf(google["thought_signature"]) : "";
  return openProof(signature) ?? { format: CHAT, maker, value: JSON.stringify(extra) };
}

/** What an entry says about the part it belongs to, beside its text. */
export function entryEnd(rest: JsonObject, maker: string): Pick<Part, "vendor" | "proof"> {
  const proof = entryProof(rest, maker);
  if (proof) return { proof };
  return Object.keys(rest).length === 0 ? {} : { vendor: { [CHAT]: { [ENTRY]: rest } } };
}

/** The entry to send back to the provider that made it; undefined for reasoning that came without one. */
export function restoreEntry(
  part: Extract<Part, { type: "reasoning" }>,
  proof: Proof | undefined,
): JsonObject | undefined {
  // A proof comes back from a client, who may have made it up.
  const rest = proof ? tryParseJson(proof.value) : ownFields(part)[ENTRY];
  return isObject(rest) ? withText(rest, part.text) : undefined;
}

/** The entries by which a client can give a part's proof back. `index` counts entries within the answer. */
export function sealedEntry(
  part: Part,
  proof: Proof,
  index: number,
  seal: EncodeContext["sealProof"],
): JsonObject {
  const sealed = seal(proof);
  switch (part.type) {
    case "reasoning":
      return part.text === ""
        ? { type: "reasoning.encrypted", data: sealed, index }
        : { type: "reasoning.text", text: part.text, signature: sealed, index };
    case "tool-call":
      return { type: "reasoning.encrypted", id: part.id, data: sealed, index };
    case "text":
    case "refusal":
    case "media":
    case "tool-result":
    case "other":
      return { type: "reasoning.encrypted", id: TEXT_OWNER, data: sealed, index };
  }
}

function withText(rest: JsonObject, text: string): JsonObject {
  if (text === "") return rest;
  return rest["type"] === "reasoning.summary" ? { ...rest, summary: text } : { ...rest, text };
}
