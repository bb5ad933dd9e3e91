import { GatewayError } from "../../../core/errors.ts";
import type { EmbeddingPurpose, EmbeddingRequest, ServiceFormat } from "../../../core/services.ts";
import { nothingUsable, numberAt, objectAt } from "../read.ts";
import { inBatches } from "./batches.ts";

const MOST_TEXTS = 96;

const INPUT_TYPES: Readonly<Record<EmbeddingPurpose, string>> = {
  query: "search_query",
  document: "search_document",
  similarity: "clustering",
  classification: "classification",
  clustering: "clustering",
};

/** `POST /v2/embed`. https://docs.cohere.com/reference/embed */
export const cohere: ServiceFormat<"embeddings"> = (request, target, asker) =>
  inBatches(textsOf(request), MOST_TEXTS, async (texts) => {
    const answer = await asker.ask({
      json: {
        model: target.modelId,
        texts,
        input_type: INPUT_TYPES[request.purpose ?? "document"],
        embedding_types: ["float"],
        ...(request.dimensions !== undefined && { output_dimension: request.dimensions }),
        ...(request.body.truncate !== undefined && { truncate: request.body.truncate }),
      },
    });
    const body = await answer.json();
    const vectors = objectAt(body, "embeddings").float;
    if (!Array.isArray(vectors) || vectors.length === 0) throw nothingUsable("embeddings");
    const tokens = numberAt(objectAt(objectAt(body, "meta"), "billed_units"), "input_tokens");
    return {
      vectors: vectors as number[][],
      ...(tokens !== undefined && { usage: { input: tokens, output: 0 } }),
    };
  });

function textsOf(request: EmbeddingRequest): string[] {
  return request.inputs.map((input) => {
    if (typeof input === "string") return input;
    throw new GatewayError("unsupported", "This provider embeds texts, not lists of tokens.", {
      param: "input",
    });
  });
}
