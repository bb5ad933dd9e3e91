import { readProof } from "../../core/envelope.ts";
import { badRequest } from "../../core/errors.ts";
import type { Proof } from "../../core/reply.ts";
import { sha256 } from "../../lib/ids.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";

/** A part as we write it. Exactly one of the content fields is set. https://ai.google.dev/api/caching#Part */
export type WirePart = {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  inlineData?: WireBlob;
  fileData?: WireFile;
  functionCall?: { id?: string; name: string; args: JsonObject };
  functionResponse?: { id?: string; name: string; response: JsonObject; parts?: WirePart[] };
  [field: string]: unknown;
};
export type WireBlob = { mimeType: string; data: string; displayName?: string };
export type WireFile = { mimeType: string; fileUri: string; displayName?: string };
export type WireContent = { role: "user" | "model"; parts: WirePart[] };

/**
 * Stands in for the signature of a call that no Gemini model made; without one Gemini 3 refuses the history.
 * https://ai.google.dev/gemini-api/docs/thought-signatures (FAQ: history from a different model)
 */
export const SKIP_SIGNATURE = "skip_thought_signature_validator";

/** The documented stand-ins, plain and in base64, as clients write them. */
const SKIP_SIGNATURES = new Set(
  [SKIP_SIGNATURE, "context_engineering_is_the_way_to_go"].flatMap((value) => [
    value,
    Buffer.from(value).toString("base64"),
  ]),
);

/** The proof in a `thoughtSignature`; undefined for none and for the documented stand-ins, which prove nothing. */
export function readSignature(value: unknown): Proof | undefined {
  if (typeof value === "string" && SKIP_SIGNATURES.has(value)) return undefined;
  return readProof("gemini", value);
}

/**
 * Is this a proof of thoughts, which towards Gemini clients rides on the part behind them? The other proofs belong to
 * the part they stand on.
 */
export const isCarried = (proof: Proof): boolean =>
  proof.format === "anthropic" || proof.format === "openai-responses";

/** The object with its field names in camel case: Google takes `function_call` wherever it takes `functionCall`. */
export function camelKeys(object: JsonObject): JsonObject {
  for (const key in object) if (key.includes("_")) return renamed(object);
  return object;
}

function renamed(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key.replace(
        /([a-z0-9])_([a-z])/g,
        (_, before: string, letter: string) => before + letter.toUpperCase(),
      ),
      value,
    ]),
  );
}

/** What a table of ours says about a word from outside, be the word `constructor`. */
export function lookUp<T>(table: { [word: string]: T }, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** A repeated field: Google takes a single value where a list belongs. */
export function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The object in a field, its names in camel case; undefined when the field is not there. Throws for other types. */
export function objectAt(value: unknown, field: string): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw badRequest(`${field} must be an object.`, field);
  return camelKeys(value);
}

const MADE_ID = /^gcall_[0-9a-f]{24}$/;

/**
 * An id for a call that came without one, made of where it stands and what it says, so that the same history or
 * answer always gives the same id.
 */
export function makeCallId(...seed: (string | number)[]): string {
  return `gcall_${sha256(seed.join("\u0000")).slice(0, 24)}`;
}

/** Did we make this id? Gemini never saw such an id and pairs these calls by name and order. */
export const isMadeId = (id: string): boolean => MADE_ID.test(id);

/** The generation in a model's name: 2.5, 3, 3.1…; the moving names stand for the newest; undefined for others. */
export function generationOf(modelId: string): number | undefined {
  const numbered = /gemini-(\d+(?:\.\d+)?)/.exec(modelId);
  if (numbered) return Number(numbered[1]);
  return /gemini-(?:[a-z-]+-)?latest/.test(modelId) ? 3 : undefined;
}
