import { badRequest } from "../../../core/errors.ts";
import type { JsonObject } from "../../../lib/json.ts";

/** A text that must be there. Throws `bad_request` naming the field. */
export function requiredText(body: JsonObject, field: string, what: string): string {
  const value = body[field];
  if (typeof value !== "string" || value.trim() === "")
    throw badRequest(`\`${field}\` is missing: ${what}.`, field);
  return value;
}

/** A text that may be left out. Throws `bad_request` for anything else. */
export function optionalText(body: JsonObject, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw badRequest(`\`${field}\` must be text.`, field);
  return value;
}

/** A whole number from `least` up that may be left out. Throws `bad_request` for anything else. */
export function optionalCount(body: JsonObject, field: string, least = 1): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least)
    throw badRequest(`\`${field}\` must be a whole number from ${least} up.`, field);
  return value;
}

/** The model a body names. Throws `bad_request`. */
export function modelOf(body: JsonObject, byDefault?: string): string {
  if (byDefault !== undefined && (body.model === undefined || body.model === null)) return byDefault;
  return requiredText(body, "model", "name a model as `provider/model`, or a combo");
}
