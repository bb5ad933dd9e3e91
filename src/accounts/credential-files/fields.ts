import { isObject, type JsonObject } from "../../lib/json.ts";

/** A text that says something; undefined for "" and for anything else. */
export function textField(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A number that is one; undefined for NaN, infinities and anything else. */
export function numberField(object: JsonObject, name: string): number | undefined {
  const value = object[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** An object inside; undefined for anything else. */
export function objectField(object: JsonObject, name: string): JsonObject | undefined {
  const value = object[name];
  return isObject(value) ? value : undefined;
}

/** A moment written as ISO text, in milliseconds since 1970. */
export function momentField(object: JsonObject, name: string): number | undefined {
  const moment = Date.parse(textField(object, name) ?? "");
  return Number.isFinite(moment) ? moment : undefined;
}

/** The tokens of a file in the shape of OAuth's own answers (`access_token`, `expiry_date` in milliseconds since 1970). */
export function tokenFields(
  object: JsonObject,
): { accessToken: string; refreshToken?: string; expiresAt?: number } | undefined {
  const accessToken = textField(object, "access_token");
  if (accessToken === undefined) return undefined;
  const refreshToken = textField(object, "refresh_token");
  const expiresAt = numberField(object, "expiry_date");
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}
