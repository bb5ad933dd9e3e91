import type { ServiceFormat } from "../../../core/services.ts";
import { nothingUsable, numberAt, objectsAt, usageOf } from "../read.ts";
import { textOf } from "./cohere.ts";

/**
 * NVIDIA's ranking call, which gives logits in place of scores.
 * https://docs.api.nvidia.com/nim/reference/nvidia-nv-rerankqa-mistral-4b-v3-infer
 */
export const nvidia: ServiceFormat<"rerank"> = async (request, target, asker) => {
  const answer = await asker.ask({
    json: {
      model: target.modelId,
      query: { text: request.query },
      passages: request.documents.map((document) => ({ text: textOf(document) })),
      ...(request.body.truncate !== undefined && { truncate: request.body.truncate }),
    },
  });
  const body = await answer.json();
  if (!Array.isArray(body.rankings)) throw nothingUsable("a ranking");
  const results = objectsAt(body, "rankings").flatMap((ranking) => {
    const index = numberAt(ranking, "index");
    const logit = numberAt(ranking, "logit");
    return index === undefined || logit === undefined ? [] : [{ index, score: sigmoid(logit) }];
  });
  const usage = usageOf(body);
  return { results: results.slice(0, request.topN ?? results.length), ...(usage && { usage }) };
};

/** Scores lie between 0 and 1 everywhere else. */
const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
