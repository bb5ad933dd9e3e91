import type { ServiceFormat } from "../../../core/services.ts";
import { nothingUsable, numberAt, objectAt } from "../read.ts";
import { nearestAspect } from "./aspect.ts";

const ASPECTS = ["1:1", "16:9", "4:3", "3:2", "2:3", "3:4", "9:16", "21:9"];

/** `POST /v1/image_generation`; refusals come with status 200. https://platform.minimax.io/docs/api-reference/image-generation-t2i */
export const minimax: ServiceFormat<"images"> = async (request, target, asker) => {
  const aspect = nearestAspect(request.size, ASPECTS);
  const answer = await asker.ask({
    json: {
      model: target.modelId,
      prompt: request.prompt,
      n: request.count,
      response_format: request.delivery === "base64" ? "base64" : "url",
      ...(aspect && { aspect_ratio: aspect }),
    },
  });
  const body = await answer.json();
  if ((numberAt(objectAt(body, "base_resp"), "status_code") ?? 0) !== 0) throw asker.failure(body);
  const data = objectAt(body, "data");
  const images = [
    ...textsIn(data.image_urls).map((url) => ({ url })),
    ...textsIn(data.image_base64).map((base64) => ({ base64 })),
  ];
  if (images.length === 0) throw nothingUsable("a picture");
  return { type: "whole", images };
};

const textsIn = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((item): item is string => typeof item === "string" && item !== "") : [];
