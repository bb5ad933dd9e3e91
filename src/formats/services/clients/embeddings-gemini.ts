import { badRequest } from "../../../core/errors.ts";
import type { EmbeddingReply, EmbeddingRequest } from "../../../core/services.ts";
import { isObject, type JsonObject } from "../../../lib/json.ts";
import { asNumbers } from "./embeddings.ts";
import { optionalCount } from "./fields.ts";
import { PURPOSE_OF } from "./purposes.ts";

/** Reads `:embedContent` (one content) as an embeddings call. Throws `bad_request`. */
export function decodeEmbedContent(body: JsonObject): EmbeddingRequest {
  return requestOf([body]);
}

/** Reads `:batchEmbedContents`; its requests must agree in what they are for. Throws `bad_request`. */
export function decodeBatchEmbedContents(body: JsonObject): EmbeddingRequest {
  const { requests } = body;
  if (!Array.isArray(requests) || requests.length === 0 || !requests.every(isObject))
    throw badRequest("`requests` is missing: send a list of contents to embed.", "requests");
  return requestOf(requests);
}

function requestOf(requests: readonly JsonObject[]): EmbeddingRequest {
  const first = requests[0] ?? {};
  const dimensions =
    optionalCount(first, "outputDimensionality") ?? optionalCount(first, "output_dimensionality");
  const task = first.taskType ?? first.task_type;
  const purpose = typeof task === "string" ? PURPOSE_OF[task.toLowerCase()] : undefined;
  const inputs = requests.map(textOf);
  return {
    body: {
      input: inputs,
      ...(dimensions !== undefined && { dimensions }),
      ...(typeof first.title === "string" && { title: first.title }),
    },
    inputs,
    encoding: "float",
    ...(dimensions !== undefined && { dimensions }),
    ...(purpose !== undefined && { purpose }),
  };
}

function textOf({ content }: JsonObject): string {
  const parts = isObject(content) && Array.isArray(content.parts) ? content.parts.filter(isObject) : [];
  const text = parts
    .map((part) => part.text)
    .filter((piece): piece is string => typeof piece === "string")
    .join("\n");
  if (text === "") throw badRequest("`content` must hold a text to embed.", "content");
  return text;
}

export const encodeEmbedContent = (reply: EmbeddingReply): JsonObject => ({
  embedding: { values: asNumbers(reply.vectors[0] ?? []) },
});

export const encodeBatchEmbedContents = (reply: EmbeddingReply): JsonObject => ({
  embeddings: reply.vectors.map((vector) => ({ values: asNumbers(vector) })),
});
