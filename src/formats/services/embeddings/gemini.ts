import { GatewayError } from "../../../core/errors.ts";
import type { EmbeddingPurpose, EmbeddingRequest, ServiceFormat } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { nothingUsable, numberAt, objectAt, objectsAt, textAt } from "../read.ts";
import { inBatches } from "./batches.ts";

const MOST_REQUESTS = 100;

const TASK_TYPES: Readonly<Record<EmbeddingPurpose, string>> = {
  query: "RETRIEVAL_QUERY",
  document: "RETRIEVAL_DOCUMENT",
  similarity: "SEMANTIC_SIMILARITY",
  classification: "CLASSIFICATION",
  clustering: "CLUSTERING",
};

/** `:batchEmbedContents`, which takes one text as well as many. https://ai.google.dev/api/embeddings */
export const gemini: ServiceFormat<"embeddings"> = (request, target, asker) =>
  inBatches(request.inputs, MOST_REQUESTS, async (inputs) => {
    const model = `models/${target.modelId}`;
    const requests = inputs.map((input) => ({ model, ...contentOf(request, input) }));
    const answer = await asker.ask({ json: { requests } });
    const body = await answer.json();
    const vectors = objectsAt(body, "embeddings").map((embedding) => embedding.values);
    if (vectors.length === 0 || !vectors.every(Array.isArray)) throw nothingUsable("embeddings");
    const tokens = numberAt(objectAt(body, "usageMetadata"), "promptTokenCount");
    return {
      vectors: vectors as number[][],
      ...(tokens !== undefined && { usage: { input: tokens, output: 0 } }),
    };
  });

function contentOf(request: EmbeddingRequest, input: string | readonly number[]): JsonObject {
  if (typeof input !== "string")
    throw new GatewayError("unsupported", "Gemini embeds texts, not lists of tokens.", { param: "input" });
  const { purpose, dimensions } = request;
  const title = textAt(request.body, "title");
  return {
    content: { parts: [{ text: input }] },
    ...(purpose !== undefined && { taskType: TASK_TYPES[purpose] }),
    ...(title !== undefined && { title }),
    ...(dimensions !== undefined && { outputDimensionality: dimensions }),
  };
}
