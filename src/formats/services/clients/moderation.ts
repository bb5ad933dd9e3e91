import { badRequest } from "../../../core/errors.ts";
import type { ModerationReply, ModerationRequest } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";

export const DEFAULT_MODERATION_MODEL = "omni-moderation-latest";

/** Reads an OpenAI moderation body. Throws `bad_request` when there is nothing to judge. */
export function decodeModeration(body: JsonObject): ModerationRequest {
  const { input } = body;
  const isText = typeof input === "string" && input !== "";
  if (!isText && !(Array.isArray(input) && input.length > 0))
    throw badRequest("`input` is missing: send a text, a list of texts, or a list of parts.", "input");
  return { body };
}

/** Writes OpenAI's answer. `id`: where the provider gave none. */
export function encodeModeration(reply: ModerationReply, model: string, id: string): JsonObject {
  return { id: reply.id ?? `modr-${id}`, model, results: reply.results };
}
