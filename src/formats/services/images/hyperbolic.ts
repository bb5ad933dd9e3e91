import type { ServiceFormat } from "../../../core/services.ts";
import { nothingUsable, objectsAt, textAt } from "../read.ts";

/** `POST /image/generation {model_name, prompt, height, width} → {images: [{image}]}`, pictures in base64. */
export const hyperbolic: ServiceFormat<"images"> = async (request, target, asker) => {
  const { steps, cfg_scale, seed, negative_prompt } = request.body;
  const answer = await asker.ask({
    json: {
      model_name: target.modelId,
      prompt: request.prompt,
      ...(request.size ?? { width: 1024, height: 1024 }),
      ...(request.count > 1 && { num_images: request.count }),
      ...(steps !== undefined && { steps }),
      ...(cfg_scale !== undefined && { cfg_scale }),
      ...(seed !== undefined && { seed }),
      ...(negative_prompt !== undefined && { negative_prompt }),
    },
  });
  const images = objectsAt(await answer.json(), "images").flatMap((item) => {
    const base64 = textAt(item, "image");
    return base64 === undefined ? [] : [{ base64 }];
  });
  if (images.length === 0) throw nothingUsable("a picture");
  return { type: "whole", images };
};
