import type { ImageReply, ImageRequest, ServiceFormat, ServiceTarget } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { bodyFor, nothingUsable, numberAt, objectsAt, textAt, usageOf } from "../read.ts";

/** `POST /images/generations` as OpenAI has it. https://platform.openai.com/docs/api-reference/images */
export const openai: ServiceFormat<"images"> = async (request, target, asker) => {
  const answer = await asker.ask({
    json: imageBody(request, target),
    ...(request.stream && { accept: "text/event-stream" }),
  });
  const contentType = answer.headers.get("content-type") ?? "";
  if (request.stream && contentType.startsWith("text/event-stream") && answer.body)
    return { type: "bytes", contentType, bytes: answer.body };
  return readImages(await answer.json());
};

function imageBody(request: ImageRequest, { modelId, quirks }: ServiceTarget<"images">): JsonObject {
  const { size, delivery } = request;
  const body = bodyFor(request.body, modelId, quirks);
  if (quirks.widthAndHeight) delete body.size;
  return {
    ...body,
    ...(quirks.widthAndHeight && size),
    ...(quirks.base64Word !== undefined && delivery === "base64" && { response_format: quirks.base64Word }),
  };
}

/** Pictures under `data`, or under `images` (SiliconFlow); dates are in seconds. */
export function readImages(body: JsonObject): Extract<ImageReply, { type: "whole" }> {
  const items = objectsAt(body, Array.isArray(body.data) ? "data" : "images");
  const images = items.flatMap((item) => {
    const url = textAt(item, "url");
    const base64 = textAt(item, "b64_json");
    const revisedPrompt = textAt(item, "revised_prompt");
    if (url === undefined && base64 === undefined) return [];
    return [
      {
        ...(url !== undefined && { url }),
        ...(base64 !== undefined && { base64 }),
        ...(revisedPrompt !== undefined && { revisedPrompt }),
      },
    ];
  });
  if (images.length === 0) throw nothingUsable("a picture");
  const created = numberAt(body, "created");
  const usage = usageOf(body);
  return {
    type: "whole",
    images,
    rest: made(body),
    ...(created !== undefined && { createdAt: created * 1000 }),
    ...(usage && { usage }),
  };
}

const MADE = ["background", "output_format", "quality", "size", "usage"];

/** What OpenAI's answer says of how the pictures were made. */
const made = (body: JsonObject): JsonObject =>
  Object.fromEntries(MADE.filter((field) => body[field] !== undefined).map((field) => [field, body[field]]));
