import type {
  EmbeddingReply,
  EmbeddingRequest,
  ServiceFormat,
  ServiceTarget,
} from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { bodyFor, nothingUsable, objectsAt, usageOf } from "../read.ts";

/** `POST /embeddings` as OpenAI has it. https://platform.openai.com/docs/api-reference/embeddings */
export const openai: ServiceFormat<"embeddings"> = async (request, target, asker) => {
  const answer = await asker.ask({ json: embeddingBody(request, target) });
  const body = await answer.json();
  const vectors = vectorsIn(body);
  if (vectors.length === 0) throw nothingUsable("embeddings");
  const usage = usageOf(body);
  return { vectors, ...(usage && { usage }) };
};

function embeddingBody(request: EmbeddingRequest, target: ServiceTarget<"embeddings">): JsonObject {
  const { quirks } = target;
  const { purpose = "query" } = request;
  const { encoding_format: _encoding, ...body } = bodyFor(request.body, target.modelId, quirks);
  return {
    ...body,
    ...(quirks.base64Vectors &&
      request.body.encoding_format !== undefined && { encoding_format: request.encoding }),
    ...(quirks.purposes &&
      body.input_type === undefined && {
        input_type: purpose === "document" ? quirks.purposes.document : quirks.purposes.query,
      }),
  };
}

/** By `index` where it is given, else as they come. */
function vectorsIn(body: JsonObject): EmbeddingReply["vectors"] {
  const items = objectsAt(body, "data");
  const place = (item: JsonObject, at: number) => (typeof item.index === "number" ? item.index : at);
  return items
    .map((item, at) => ({ at: place(item, at), embedding: item.embedding }))
    .toSorted((a, b) => a.at - b.at)
    .flatMap(({ embedding }) => (isVector(embedding) ? [embedding] : []));
}

const isVector = (value: unknown): value is number[] | string =>
  Array.isArray(value) || (typeof value === "string" && value !== "");
