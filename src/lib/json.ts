/**
 * Parses JSON without rounding integers beyond 2^53: such numbers come back as `JSON.rawJSON` objects, which
 * `JSON.stringify` writes with their original digits. Everything else is as `JSON.parse` gives it.
 * Throws `SyntaxError` on text that is not JSON.
 */
export function parseJson(text: string): unknown {
  return LONG_INTEGER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/** Like `parseJson`, but gives `undefined` for text that is not JSON. */
export function tryParseJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

export type JsonObject = { [key: string]: unknown };

/** True for plain JSON objects; false for arrays, null, and the raw numbers `parseJson` keeps. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** True for a number that `parseJson` kept as text because a double cannot hold its digits. */
export function isRawNumber(value: unknown): value is { rawJSON: string } {
  return RAW.isRawJSON(value);
}

const LONG_INTEGER = /\d{16,}/;

type RawJson = { rawJSON(text: string): unknown; isRawJSON(value: unknown): boolean };
const RAW = JSON as unknown as RawJson;

type Reviver = (this: unknown, key: string, value: unknown) => unknown;
const keepDigits = function (_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || !context?.source) return value;
  return /^-?\d+$/.test(context.source) ? RAW.rawJSON(context.source) : value;
} as Reviver;
