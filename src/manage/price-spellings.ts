import { isObject, type JsonObject } from "../lib/json.ts";

/** Our names of price fields, and those of the API. */
export const PRICE_SPELLINGS = [
  ["cacheRead", "cached"],
  ["cacheWrite", "cache_creation"],
  ["cacheWrite1h", "cache_creation_1h"],
] as const;

/** `{ALIAS:{MODEL:{cached}}}` → `{ALIAS:{MODEL:{cacheRead}}}`; what is of another shape is left for the check. */
export function inOurWords(body: JsonObject): JsonObject {
  return mapped(body, (models) => mapped(models, renamed));
}

function mapped(value: unknown, change: (inner: JsonObject) => unknown): JsonObject {
  if (!isObject(value)) return value as JsonObject;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isObject(inner) ? change(inner) : inner]),
  );
}

function renamed(price: JsonObject): JsonObject {
  const names = new Map<string, string>(PRICE_SPELLINGS.map(([ours, theirs]) => [theirs, ours]));
  return Object.fromEntries(Object.entries(price).map(([name, value]) => [names.get(name) ?? name, value]));
}
