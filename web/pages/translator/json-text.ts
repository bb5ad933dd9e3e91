import { badRequest } from "../../../src/core/errors.ts";
import { isObject, type JsonObject, tryParseJson } from "../../../src/lib/json.ts";

/** A body as it was typed: JSON, or a stream's text. */
export function bodyIn(text: string): unknown {
  return tryParseJson(text) ?? text;
}

/** The same where only an object will do. Throws `bad_request`. */
export function objectIn(text: string): JsonObject {
  const body = tryParseJson(text);
  if (isObject(body)) return body;
  throw badRequest("The body must be a JSON object.", "body");
}

export const shownJson = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value, null, 2);
