import type { JsonObject } from "../../lib/json.ts";
import { isObject } from "../../lib/json.ts";

/** Reading what another program wrote: any field may be missing or of another kind. */

export function textIn(object: JsonObject, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = object[name];
    if (typeof value === "string" && value.trim() !== "") return value.trim();
  }
  return undefined;
}

export function numberIn(object: JsonObject, ...names: string[]): number | undefined {
  for (const name of names) {
    const value = typeof object[name] === "string" ? Number(object[name]) : object[name];
    if (typeof value === "number" && Number.isFinite(value) && object[name] !== "") return value;
  }
  return undefined;
}

export function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  if (isObject(value)) return value;
  const parsed: unknown = typeof value === "string" ? parsedOrNothing(value) : undefined;
  return isObject(parsed) ? parsed : {};
}

/** A list of texts, also one kept as JSON. */
export function textsIn(object: JsonObject, name: string): string[] {
  const value = object[name];
  const list: unknown = typeof value === "string" ? parsedOrNothing(value) : value;
  return Array.isArray(list)
    ? list.filter((each): each is string => typeof each === "string" && each !== "")
    : [];
}

/** SQLite keeps switches as 0 and 1. */
export function switchIn(object: JsonObject, name: string, otherwise: boolean): boolean {
  const value = object[name];
  if (value === undefined || value === null) return otherwise;
  return value === true || value === 1 || value === "1" || value === "true";
}

/** A moment in milliseconds since 1970, from ISO text, seconds or milliseconds. */
export function momentIn(object: JsonObject, ...names: string[]): number | undefined {
  for (const name of names) {
    const value = object[name];
    const number =
      typeof value === "number"
        ? value
        : typeof value === "string" && /^\d{9,14}$/.test(value)
          ? Number(value)
          : undefined;
    const at =
      number === undefined
        ? Date.parse(typeof value === "string" ? value : "")
        : number < 1e11
          ? number * 1000
          : number;
    if (Number.isSafeInteger(at) && at > 0) return at;
  }
  return undefined;
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
