import type {
  EmbeddingReply,
  EmbeddingRequest,
  ServiceFormat,
  ServiceQuirks,
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
  const { encoding_format: _encoding, input_type: told, ...asked } = request.body;
  const purpose = quirks.purposes ? purposeFor(request, quirks.purposes) : told;
  return {
    ...bodyFor({ ...(purpose !== undefined && { input_type: purpose }), ...asked }, target.modelId, quirks),
    ...(quirks.base64Vectors &&
      request.body.encoding_format !== undefined && { encoding_format: request.encoding }),
  };
}

/** The provider's own word where we know what the client means; else the client's, or a query. */
function purposeFor(
  { purpose, body }: EmbeddingRequest,
  words: NonNullable<ServiceQuirks["purposes"]>,
): unknown {
  if (purpose === "document") return words.document;
  return purpose === "query" ? words.query : (body.input_type ?? words.query);
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
