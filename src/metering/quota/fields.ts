import { isObject, type JsonObject } from "../../lib/json.ts";

/** A number, also where the provider writes it as a text; undefined for what is none. */
export function numberIn(object: JsonObject, ...names: string[]): number | undefined {
  for (const name of names) {
    const value = object[name];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)))
      return Number(value);
  }
  return undefined;
}

/** The first of these fields that holds a text. */
export function textIn(object: JsonObject, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = object[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** An object inside; undefined for anything else. */
export function objectIn(object: JsonObject, name: string): JsonObject | undefined {
  const value = object[name];
  return isObject(value) ? value : undefined;
}

/** The objects of a list inside; empty when it is none. */
export function objectsIn(object: JsonObject, name: string): JsonObject[] {
  const value = object[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

const UNIX_SECONDS_MOST = 1e11;

/** A moment in milliseconds since 1970, from ISO text, unix seconds or unix milliseconds; undefined for what is none. */
export function momentIn(object: JsonObject, ...names: string[]): number | undefined {
  const number = numberIn(object, ...names);
  if (number !== undefined) {
    if (number <= 0) return undefined;
    return number < UNIX_SECONDS_MOST ? number * 1000 : number;
  }
  const parsed = Date.parse(textIn(object, ...names) ?? "");
  return Number.isFinite(parsed) ? parsed : undefined;
}
