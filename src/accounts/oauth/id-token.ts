import { isObject, type JsonObject, tryParseJson } from "../../lib/json.ts";

/**
 * What a JWT says. Its signature is not checked: use it only on tokens that came straight from their vendor, and only
 * to show or to address, never to let somebody in. Empty for what is no JWT.
 */
export function claimsOf(token: string): JsonObject {
  const [, payload] = token.split(".");
  if (!payload) return {};
  const claims = tryParseJson(Buffer.from(payload, "base64url").toString("utf8"));
  return isObject(claims) ? claims : {};
}
