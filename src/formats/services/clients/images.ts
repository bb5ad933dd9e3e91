import { badRequest } from "../../../core/errors.ts";
import type { ImageReply, ImageRequest } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { optionalCount, optionalText, requiredText } from "./fields.ts";

/** Reads an OpenAI image body. Throws `GatewayError` (`bad_request`, naming the field). */
export function decodeImages(body: JsonObject): ImageRequest {
  const size = sizeOf(optionalText(body, "size"));
  const delivery = deliveryOf(optionalText(body, "response_format"));
  return {
    body,
    prompt: requiredText(body, "prompt", "say what to draw"),
    count: optionalCount(body, "n") ?? 1,
    stream: body.stream === true,
    ...(size && { size }),
    ...(delivery && { delivery }),
  };
}

function sizeOf(text: string | undefined): ImageRequest["size"] {
  if (text === undefined || text === "auto") return undefined;
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2])];
  if (!width || !height) throw badRequest("`size` must be like 1024x1024, or auto.", "size");
  return { width, height };
}

export function deliveryOf(text: string | undefined): ImageRequest["delivery"] {
  switch (text) {
    case undefined:
      return undefined;
    case "url":
      return "url";
    case "b64_json":
    case "base64":
      return "base64";
    default:
      throw badRequest("`response_format` must be url or b64_json.", "response_format");
  }
}

/** Writes OpenAI's answer. `now`: milliseconds since 1970. */
export function encodeImages(
  reply: Extract<ImageReply, { type: "whole" }>,
  delivery: ImageRequest["delivery"],
  now: number,
): JsonObject {
  return {
    created: Math.floor((reply.createdAt ?? now) / 1000),
    data: reply.images.map(({ url, base64, mediaType = "image/png", revisedPrompt }) => ({
      ...(base64 !== undefined && delivery === "url" && { url: `data:${mediaType};base64,${base64}` }),
      ...(base64 !== undefined && delivery !== "url" && { b64_json: base64 }),
      ...(url !== undefined && { url }),
      ...(revisedPrompt !== undefined && { revised_prompt: revisedPrompt }),
    })),
    ...reply.rest,
  };
}
