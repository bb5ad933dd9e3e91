import { openProof } from "../../core/envelope.ts";
import type { Part, Proof } from "../../core/reply.ts";
import { isObject, tryParseJson, type JsonObject } from "../../lib/json.ts";
import { CHAT, objectsOf, ownFields, textOf } from "./wire.ts";

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

/** Reads a list of entries. Clients that gave a stream's pieces back as they came get them joined here. */
export function readEntries(value: unknown): ReasoningEntry[] {
  const entries: ReasoningEntry[] = [];
  for (const entry of objectsOf(value).map(readEntry)) {
    const last = entries.at(-1);
    if (!last || entry.encrypted || isOpaque(last.rest) || !isSameEntry(last.rest, entry.rest))
      entries.push(entry);
    else
      entries[entries.length - 1] = {
        ...last,
        text: last.text + entry.text,
        rest: { ...last.rest, ...entry.rest },
      };
  }
  return entries;
}

/** Do two pieces belong to one entry? */
export const isSameEntry = (a: JsonObject, b: JsonObject): boolean =>
  a["index"] === b["index"] && a["type"] === b["type"];

const isOpaque = (rest: JsonObject): boolean => "signature" in rest || "data" in rest;

/** Takes an entry apart into its text and the rest. */
function readEntry(entry: JsonObject): ReasoningEntry {
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

/**
 * A whole message's reasoning in order: its entries, and between them what only the plain field tells. Reasoning
 * without a proof has no entry when it was written by us.
 */
export function thoughtsInOrder(
  plain: string,
  entries: readonly ReasoningEntry[],
): (ReasoningEntry | string)[] {
  const thoughts: (ReasoningEntry | string)[] = [];
  let at = 0;
  for (const entry of entries) {
    const found = entry.text === "" ? -1 : plain.indexOf(entry.text, at);
    if (found > at) thoughts.push(plain.slice(at, found));
    if (found >= 0) at = found + entry.text.length;
    thoughts.push(entry);
  }
  const hasTold = entries.some((entry) => entry.text !== "");
  const rest = at === 0 && hasTold ? "" : plain.slice(at);
  if (rest.trim() !== "") thoughts.push(rest);
  return thoughts;
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

/** The entry of reasoning without a proof, which keeps it apart from reasoning with one. */
export const plainEntry = (text: string, index: number): JsonObject => ({
  type: "reasoning.text",
  text,
  index,
});

/**
 * The entry by which a client can give a part's proof back; undefined for parts that it does not give back. `index`
 * counts entries within the answer.
 */
export function sealedEntry(
  part: Part,
  proof: Proof,
  index: number,
  seal: (proof: Proof) => string,
): JsonObject | undefined {
  const withheld = part.type === "reasoning" && part.redacted === true;
  const sealed = seal(withheld ? { ...proof, redacted: true } : proof);
  switch (part.type) {
    case "reasoning":
      return part.text === ""
        ? { type: "reasoning.encrypted", data: sealed, index }
        : {
            type: part.summary ? "reasoning.summary" : "reasoning.text",
            ...told(part),
            signature: sealed,
            index,
          };
    case "tool-call":
      return { type: "reasoning.encrypted", id: part.id, data: sealed, index };
    case "text":
      return { type: "reasoning.encrypted", id: TEXT_OWNER, data: sealed, index };
    case "refusal":
    case "media":
    case "tool-result":
    case "other":
      return undefined;
  }
}

const told = (part: { text: string; summary?: boolean }): JsonObject =>
  part.summary ? { summary: part.text } : { text: part.text };

function withText(rest: JsonObject, text: string): JsonObject {
  if (text === "") return rest;
  return rest["type"] === "reasoning.summary" ? { ...rest, summary: text } : { ...rest, text };
}
