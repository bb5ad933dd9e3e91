import { isObject, type JsonObject } from "../lib/json.ts";

/** The objects of a list in an answer; empty when it is none. */
export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The texts of a list in an answer, joined by commas. */
export function joined(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(", ") : "";
}
