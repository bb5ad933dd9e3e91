import type { ServiceFormat } from "../../../core/services.ts";
import { nothingUsable } from "../read.ts";
import { withoutDataUrl } from "./aspect.ts";

/** `POST /sdapi/v1/txt2img`, pictures in base64. The model is the one loaded unless the name says another. */
export const sdwebui: ServiceFormat<"images"> = async (request, target, asker) => {
  const { steps, seed, negative_prompt, cfg_scale } = request.body;
  const answer = await asker.ask({
    json: {
      prompt: request.prompt,
      ...(request.size ?? { width: 512, height: 512 }),
      batch_size: request.count,
      ...(steps !== undefined && { steps }),
      ...(seed !== undefined && { seed }),
      ...(negative_prompt !== undefined && { negative_prompt }),
      ...(cfg_scale !== undefined && { cfg_scale }),
      ...(target.modelId !== "default" && { override_settings: { sd_model_checkpoint: target.modelId } }),
    },
  });
  const { images: list } = await answer.json();
  const images = (Array.isArray(list) ? list : [])
    .filter((image): image is string => typeof image === "string" && image !== "")
    .map((image) => ({ base64: withoutDataUrl(image) }));
  if (images.length === 0) throw nothingUsable("a picture");
  return { type: "whole", images };
};
