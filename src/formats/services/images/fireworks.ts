import { TargetFailure } from "../../../core/errors.ts";
import type {
  Asker,
  ImageReply,
  ImageRequest,
  ServiceFormat,
  ServiceTarget,
} from "../../../core/services.ts";
import { isObject, type JsonObject } from "../../../lib/json.ts";
import { nothingUsable, objectAt, textAt } from "../read.ts";
import { nearestAspect, withoutDataUrl } from "./aspect.ts";

const ASPECTS = ["1:1", "21:9", "16:9", "3:2", "5:4", "4:5", "2:3", "9:16", "9:21", "4:3", "3:4"];
const TUNING = ["seed", "guidance_scale", "num_inference_steps", "negative_prompt", "cfg_scale", "steps"];

/**
 * Fireworks has an address per model: FLUX at `/workflows/…/text_to_image`, the FLUX Kontext models at `/workflows/…`
 * as a task to be asked for again, Stable Diffusion at `/image_generation/…`.
 * https://docs.fireworks.ai/api-reference/generate-a-new-image-from-a-text-prompt
 */
export const fireworks: ServiceFormat<"images"> = (request, target, asker) => {
  if (target.modelId.includes("kontext")) return task(request, target, asker);
  return target.modelId.includes("stable-diffusion") ? diffusion(request, asker) : flux(request, asker);
};

async function flux(request: ImageRequest, asker: Asker): Promise<ImageReply> {
  const aspect = nearestAspect(request.size, ASPECTS);
  const answer = await asker.ask({
    path: "/workflows/{model}/text_to_image",
    accept: "application/json",
    json: { ...tuning(request), prompt: request.prompt, ...(aspect && { aspect_ratio: aspect }) },
  });
  return picturesOf((await answer.json()).base64);
}

async function diffusion(request: ImageRequest, asker: Asker): Promise<ImageReply> {
  const answer = await asker.ask({
    path: "/image_generation/{model}",
    accept: "application/json",
    json: { ...tuning(request), prompt: request.prompt, samples: request.count, ...request.size },
  });
  const body = await answer.value();
  const list = Array.isArray(body)
    ? body.map((item: unknown) => isObject(item) && item.base64)
    : isObject(body) && body.base64;
  return picturesOf(list);
}

async function task(
  request: ImageRequest,
  _target: ServiceTarget<"images">,
  asker: Asker,
): Promise<ImageReply> {
  const aspect = nearestAspect(request.size, ASPECTS);
  const begun = await asker.ask({
    path: "/workflows/{model}",
    json: { ...tuning(request), prompt: request.prompt, ...(aspect && { aspect_ratio: aspect }) },
  });
  const id = textAt(await begun.json(), "request_id");
  if (id === undefined) throw nothingUsable("the number of its task");
  const sample = await asker.poll(async () => {
    const answer = await asker.ask({ path: "/workflows/{model}/get_result", json: { id } });
    const body = await answer.json();
    switch (body.status) {
      case "Ready":
        return textAt(objectAt(body, "result"), "sample") ?? "";
      case "Error":
      case "Task not found":
        throw asker.failure(body);
      case "Content Moderated":
      case "Request Moderated":
        throw new TargetFailure("rejected", "The provider's filter refused the picture.");
      default:
        return undefined;
    }
  });
  return picturesOf([sample]);
}

const tuning = ({ body }: ImageRequest): JsonObject =>
  Object.fromEntries(
    TUNING.filter((field) => body[field] !== undefined).map((field) => [field, body[field]]),
  );

function picturesOf(list: unknown): ImageReply {
  const pictures = Array.isArray(list) ? list : [list];
  const images = pictures
    .filter((picture): picture is string => typeof picture === "string" && picture !== "")
    .map((picture) => (/^https?:/.test(picture) ? { url: picture } : { base64: withoutDataUrl(picture) }));
  if (images.length === 0) throw nothingUsable("a picture");
  return { type: "whole", images };
}
