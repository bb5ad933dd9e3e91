import { badRequest } from "../../core/errors.ts";
import { estimateTextTokens } from "../../core/estimate.ts";
import type { EmbeddingReply, EmbeddingRequest } from "../../core/services.ts";
import {
  decodeBatchEmbedContents,
  decodeEmbedContent,
  encodeBatchEmbedContents,
  encodeEmbedContent,
} from "../../formats/services/clients/embeddings-gemini.ts";
import { decodeEmbeddings, encodeEmbeddings } from "../../formats/services/clients/embeddings.ts";
import { modelOf } from "../../formats/services/clients/fields.ts";
import { decodeImages, deliveryOf, encodeImageAnswer } from "../../formats/services/clients/images.ts";
import {
  decodeModeration,
  DEFAULT_MODERATION_MODEL,
  encodeModeration,
} from "../../formats/services/clients/moderation.ts";
import { decodeRerank, encodeRerank } from "../../formats/services/clients/rerank.ts";
import { decodeSpeech } from "../../formats/services/clients/speech.ts";
import { encodeTranscript } from "../../formats/services/clients/transcription.ts";
import { readOptions } from "../../formats/services/transcription/options.ts";
import { newId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { ServiceInbound } from "./inbound.ts";
import type { IncomingForm } from "./incoming-form.ts";

/** What a call for a service says by itself; who makes it and where from is added by the door. */
export type ServiceCallParts<Kind extends ServiceInbound["kind"]> = Pick<
  ServiceInbound<Kind>,
  "kind" | "model" | "request" | "stream" | "expected" | "encode" | "received"
>;

const json = (body: JsonObject) => ({ contentType: "application/json", body: JSON.stringify(body) });

export function embeddings(body: JsonObject): ServiceCallParts<"embeddings"> {
  const model = modelOf(body);
  const request = decodeEmbeddings(body);
  return {
    ...embedding(model, request),
    encode: (reply, { model: label, usage }) => json(encodeEmbeddings(reply, request, label, usage)),
  };
}

/** `:embedContent` and `:batchEmbedContents`; the model stands in the path. */
export function geminiEmbedding(
  body: JsonObject,
  model: string,
  isBatch: boolean,
): ServiceCallParts<"embeddings"> {
  const request = isBatch ? decodeBatchEmbedContents(body) : decodeEmbedContent(body);
  const write: (reply: EmbeddingReply) => JsonObject = isBatch
    ? encodeBatchEmbedContents
    : encodeEmbedContent;
  return { ...embedding(model, request), encode: (reply) => json(write(reply)) };
}

function embedding(model: string, request: EmbeddingRequest) {
  const inputTokens = request.inputs.reduce(
    (sum, input) => sum + (typeof input === "string" ? estimateTextTokens(input) : input.length),
    0,
  );
  return {
    kind: "embeddings" as const,
    model,
    request,
    stream: false,
    expected: { inputTokens: Math.ceil(inputTokens), units: {} },
  };
}

export function images(body: JsonObject, now: () => number): ServiceCallParts<"images"> {
  const model = modelOf(body);
  const request = decodeImages(body);
  return {
    kind: "images",
    model,
    request,
    stream: request.stream,
    expected: {
      inputTokens: Math.ceil(estimateTextTokens(request.prompt)),
      units: { images: request.count },
    },
    encode: (reply) => encodeImageAnswer(reply, request, now(), "image_generation"),
  };
}

/** Waits until the form has named model and prompt and a picture has begun to come. */
export async function imageEdits(
  form: IncomingForm,
  now: () => number,
): Promise<ServiceCallParts<"imageEdits">> {
  const model = await modelField(form);
  const prompt = await form.field("prompt");
  if (!prompt) throw badRequest("`prompt` is missing: say what to change.", "prompt");
  if (!(await form.hasFile("image", "image[]")))
    throw badRequest("`image` is missing: send the picture as a file of the form.", "image");
  return {
    kind: "imageEdits",
    model,
    request: { form },
    stream: form.known().get("stream") === "true",
    expected: { inputTokens: Math.ceil(estimateTextTokens(prompt)), units: {} },
    received: receivedOf(form),
    encode: async (reply) => {
      const fields = await form.fields();
      const delivery = deliveryOf(fields.get("response_format"));
      const wanted = { stream: fields.get("stream") === "true", ...(delivery && { delivery }) };
      return encodeImageAnswer(reply, wanted, now(), "image_edit");
    },
  };
}

/** Waits until the form has named the model and the audio has begun to come. */
export async function transcription(form: IncomingForm): Promise<ServiceCallParts<"transcription">> {
  const model = await modelField(form);
  if (!(await form.hasFile("file")))
    throw badRequest("`file` is missing: send the audio as a file of the form.", "file");
  const { stream } = readOptions(form.known());
  return {
    kind: "transcription",
    model,
    request: { form },
    stream,
    expected: { inputTokens: 0, units: {} },
    received: receivedOf(form),
    encode: async (reply) => {
      if (reply.type === "bytes") throw new Error("Bytes are not encoded.");
      return encodeTranscript(reply, readOptions(await form.fields()));
    },
  };
}

/** A call that is refused before it goes anywhere waits for no more of its form; nobody hears then that it broke. */
function receivedOf(form: IncomingForm): Promise<unknown> {
  const fields = form.fields();
  fields.catch(() => {});
  return fields;
}

async function modelField(form: IncomingForm): Promise<string> {
  const model = await form.field("model");
  return modelOf(model === undefined ? {} : { model });
}

export function speech(body: JsonObject): ServiceCallParts<"speech"> {
  const model = modelOf(body);
  const request = decodeSpeech(body);
  return {
    kind: "speech",
    model,
    request,
    stream: true,
    expected: {
      inputTokens: Math.ceil(estimateTextTokens(request.input)),
      units: { characters: [...request.input].length },
    },
    encode: () => {
      throw new Error("Speech is bytes already.");
    },
  };
}

export function moderation(body: JsonObject): ServiceCallParts<"moderation"> {
  const model = modelOf(body, DEFAULT_MODERATION_MODEL);
  const request = decodeModeration(body);
  return {
    kind: "moderation",
    model,
    request,
    stream: false,
    expected: {
      inputTokens: Math.ceil(estimateTextTokens(JSON.stringify(body.input))),
      units: {},
    },
    encode: (reply, { model: label }) => json(encodeModeration(reply, label, newId())),
  };
}

/** Cohere bills a search of up to 100 documents as one. */
const DOCUMENTS_PER_SEARCH = 100;

export function rerank(body: JsonObject): ServiceCallParts<"rerank"> {
  const model = modelOf(body);
  const request = decodeRerank(body);
  const text = JSON.stringify([request.query, request.documents]);
  return {
    kind: "rerank",
    model,
    request,
    stream: false,
    expected: {
      inputTokens: Math.ceil(estimateTextTokens(text)),
      units: { searches: Math.ceil(request.documents.length / DOCUMENTS_PER_SEARCH) },
    },
    encode: (reply, { model: label, usage }) =>
      json(encodeRerank(reply, request, { model: label, id: newId(), usage })),
  };
}
