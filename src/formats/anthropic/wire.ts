import { badRequest } from "../../core/errors.ts";
import type { FinishReason, Vendor } from "../../core/reply.ts";
import { isObject, isRawNumber } from "../../lib/json.ts";

/** An object of the wire: a block, a tool, a whole body. */
export type Fields = { [field: string]: unknown };

/**
 * What this format alone understands of a part, tool, message or request. A bag with a `type` in it is the whole
 * wire object as it came, to be written back untouched; without one it holds the fields that have no place
 * elsewhere (`cache_control`, `citations`, …).
 */
export function ownFields(thing: { vendor?: Vendor }): Fields {
  return thing.vendor?.anthropic ?? {};
}

/** The whole wire object behind a part or tool, when it came over this wire and cannot be said in other words. */
export function wholeObject(thing: { vendor?: Vendor }): (Fields & { type: string }) | undefined {
  const fields = thing.vendor?.anthropic;
  return typeof fields?.["type"] === "string" ? (fields as Fields & { type: string }) : undefined;
}

/** `{ vendor }` for the fields given, or nothing when there are none: to be spread into a part. */
export function vendorOf(fields: Fields): { vendor?: Vendor } {
  return Object.keys(fields).length === 0 ? {} : { vendor: { anthropic: fields } };
}

/** The fields of a wire object that are not among `known`, without those that are null. */
export function otherFields(object: Fields, known: ReadonlySet<string>): Fields {
  const rest: Fields = {};
  for (const field in object)
    if (!known.has(field) && object[field] !== null && object[field] !== undefined)
      rest[field] = object[field];
  return rest;
}

/** Why Claude stopped, in our words. https://platform.claude.com/docs/en/api/messages */
const FINISH_OF: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool-calls",
  pause_turn: "pause",
  compaction: "pause",
  refusal: "content-filter",
};

const STOP_REASON_OF: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
  pause: "pause_turn",
};

/** A stop reason in our words; one nobody has seen yet counts as an ordinary end. */
export function readStopReason(reason: string): FinishReason {
  return FINISH_OF[reason] ?? "stop";
}

/** The stop reason to write: the wire's own where it means the same (`model_context_window_exceeded`). */
export function writeStopReason(
  finish: FinishReason,
  own: unknown,
  stopSequence: string | undefined,
): string {
  if (finish === "stop" && stopSequence !== undefined) return "stop_sequence";
  if (typeof own === "string" && FINISH_OF[own] === finish) return own;
  return STOP_REASON_OF[finish];
}

/** A required string of a client's body. `path` is that of the object, "" for the body itself. */
export function requiredString(object: Fields, field: string, path: string): string {
  const value = object[field];
  if (typeof value === "string") return value;
  throw wrongField(value, at(path, field), "a string");
}

/** An optional string; null counts as absent. */
export function optionalString(object: Fields, field: string, path: string): string | undefined {
  const value = object[field] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw wrongField(value, at(path, field), "a string");
}

/** A number that may be left out or null. Throws `bad_request` for anything else. */
export function optionalNumber(object: Fields, field: string): number | undefined {
  const value = object[field] ?? undefined;
  if (value === undefined || typeof value === "number") return value;
  if (isRawNumber(value)) return Number(value.rawJSON);
  throw wrongField(value, field, "a number");
}

/** True or false, or left out. Throws `bad_request` for anything else. */
export function optionalBoolean(object: Fields, field: string): boolean | undefined {
  const value = object[field] ?? undefined;
  if (value === undefined || typeof value === "boolean") return value;
  throw wrongField(value, field, "true or false");
}

/** An object that may be left out or null. Throws `bad_request` for anything else. */
export function optionalObject(object: Fields, field: string, path = ""): Fields | undefined {
  const value = object[field] ?? undefined;
  if (value === undefined || isObject(value)) return value;
  throw wrongField(value, at(path, field), "an object");
}

/** A list that may be left out or null. Throws `bad_request` for anything else. */
export function optionalList(object: Fields, field: string, path = ""): unknown[] | undefined {
  const value = object[field] ?? undefined;
  if (value === undefined || Array.isArray(value)) return value;
  throw wrongField(value, at(path, field), "a list");
}

/** An entry of a list that must be an object: a message, block or tool. */
export function requiredObject(value: unknown, path: string): Fields {
  if (isObject(value)) return value;
  throw wrongField(value, path, "an object");
}

/** The error for a field that is missing or of the wrong kind. */
export function wrongField(value: unknown, path: string, wanted: string): Error {
  return badRequest(
    value === undefined ? `${path}: Field required (${wanted})` : `${path}: Input should be ${wanted}`,
    path,
  );
}

/** `messages[2]` and `role` → `messages[2].role`. */
export function at(path: string, field: string): string {
  return path === "" ? field : `${path}.${field}`;
}
