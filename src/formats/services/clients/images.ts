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

type Pictures = Extract<ImageReply, { type: "whole" }>;

/**
 * Writes OpenAI's answer. A client that wants events is served them where the pictures themselves are there; an
 * address has no place in an event. `now`: milliseconds since 1970.
 */
export function encodeImageAnswer(
  reply: ImageReply,
  request: Pick<ImageRequest, "stream" | "delivery">,
  now: number,
  event: "image_generation" | "image_edit",
): { contentType: string; body: string } {
  if (reply.type === "bytes") throw new Error("Bytes are not encoded.");
  const created = Math.floor((reply.createdAt ?? now) / 1000);
  if (request.stream && reply.images.every(({ base64 }) => base64 !== undefined))
    return { contentType: "text/event-stream", body: eventsOf(reply, created, `${event}.completed`) };
  const body = { created, data: pictures(reply, request.delivery), ...reply.rest };
  return { contentType: "application/json", body: JSON.stringify(body) };
}

function pictures(reply: Pictures, delivery: ImageRequest["delivery"]): JsonObject[] {
  return reply.images.map(({ url, base64, mediaType = "image/png", revisedPrompt }) => ({
    ...(base64 !== undefined && delivery === "url" && { url: `data:${mediaType};base64,${base64}` }),
    ...(base64 !== undefined && delivery !== "url" && { b64_json: base64 }),
    ...(url !== undefined && { url }),
    ...(revisedPrompt !== undefined && { revised_prompt: revisedPrompt }),
  }));
}

function eventsOf(reply: Pictures, created: number, type: string): string {
  return reply.images
    .map(({ base64 }) => ({ type, created_at: created, b64_json: base64, ...reply.rest }))
    .map((event) => `event: ${type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("");
}
