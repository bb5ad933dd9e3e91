import { badRequest } from "../../../core/errors.ts";
import type { Usage } from "../../../core/reply.ts";
import type { EmbeddingReply, EmbeddingRequest } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { optionalCount, optionalText } from "./fields.ts";
import { PURPOSE_OF } from "./purposes.ts";

const MOST_INPUTS = 4096;

/** Reads an OpenAI embeddings body. Throws `GatewayError` (`bad_request`, naming the field). */
export function decodeEmbeddings(body: JsonObject): EmbeddingRequest {
  const encoding = optionalText(body, "encoding_format") ?? "float";
  if (encoding !== "float" && encoding !== "base64")
    throw badRequest("`encoding_format` must be float or base64.", "encoding_format");
  const dimensions = optionalCount(body, "dimensions");
  const purpose = PURPOSE_OF[String(body.input_type ?? "").toLowerCase()];
  return {
    body,
    inputs: inputsOf(body.input),
    encoding,
    ...(dimensions !== undefined && { dimensions }),
    ...(purpose !== undefined && { purpose }),
  };
}

/** One text, one list of tokens, or a list of either. */
function inputsOf(input: unknown): (string | number[])[] {
  const list = typeof input === "string" || isTokens(input) ? [input] : input;
  if (!Array.isArray(list) || list.length === 0)
    throw badRequest("`input` is missing: send a text or a list of texts.", "input");
  if (list.length > MOST_INPUTS)
    throw badRequest(`\`input\` holds more than ${MOST_INPUTS} texts; send them in several calls.`, "input");
  return list.map((item: unknown) => {
    if ((typeof item === "string" && item !== "") || isTokens(item)) return item;
    throw badRequest("`input` must hold texts (none of them empty) or lists of tokens.", "input");
  });
}

const isTokens = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => Number.isSafeInteger(item));

/** Writes OpenAI's answer, vectors in the encoding the client asked for. */
export function encodeEmbeddings(
  reply: EmbeddingReply,
  request: EmbeddingRequest,
  model: string,
  usage: Usage,
): JsonObject {
  return {
    object: "list",
    data: reply.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: request.encoding === "base64" ? asBase64(vector) : asNumbers(vector),
    })),
    model,
    usage: { prompt_tokens: allInput(usage), total_tokens: allInput(usage) + usage.output },
  };
}

const allInput = (usage: Usage): number => usage.input + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);

function asBase64(vector: readonly number[] | string): string {
  if (typeof vector === "string") return vector;
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}

/** A vector as numbers, whichever way the provider wrote it. */
export function asNumbers(vector: readonly number[] | string): readonly number[] {
  if (typeof vector !== "string") return vector;
  const bytes = Buffer.from(vector, "base64");
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
}
