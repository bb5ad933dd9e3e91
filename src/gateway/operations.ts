import type { Operation, Operations, Schema } from "../http/api-document.ts";

/** A client's call: what it does, what it must say, and what else is commonly said. */
type Call = {
  tag: string;
  summary: string;
  required?: { readonly [field: string]: Schema };
  optional?: { readonly [field: string]: Schema };
  isForm?: boolean;
  answer?: string;
};

const text: Schema = { type: "string" };
const number: Schema = { type: "number" };
const integer: Schema = { type: "integer" };
const flag: Schema = { type: "boolean" };
const objects: Schema = { type: "array", items: { type: "object" } };
const model: Schema = {
  type: "string",
  description: "A model as `prefix/id`, a bare id, an alias or a combo",
};
const textOrList: Schema = { anyOf: [text, { type: "array" }] };
const file: Schema = { type: "string", contentMediaType: "application/octet-stream" };
const stream: Schema = { type: "boolean", description: "The answer as a stream. Absent: no" };

const chat: Call = {
  tag: "OpenAI",
  summary: "A chat completion in OpenAI's format.",
  required: { model, messages: objects },
  optional: { stream, temperature: number, max_tokens: integer, tools: objects, response_format: {} },
};
const responses: Call = {
  tag: "OpenAI",
  summary: "An answer in the format of OpenAI's Responses.",
  required: { model, input: textOrList },
  optional: { stream, instructions: text, tools: objects, max_output_tokens: integer, reasoning: {} },
};
const messages: Call = {
  tag: "Anthropic",
  summary: "A message in Anthropic's format.",
  required: { model, max_tokens: integer, messages: objects },
  optional: { stream, system: textOrList, tools: objects, thinking: {}, temperature: number },
};
const embeddings: Call = {
  tag: "Services",
  summary: "Texts as vectors.",
  required: { model, input: textOrList },
  optional: { dimensions: integer, encoding_format: { enum: ["float", "base64"] } },
};
const images: Call = {
  tag: "Services",
  summary: "Makes pictures.",
  required: { model, prompt: text },
  optional: { n: integer, size: text, response_format: { enum: ["url", "b64_json"] } },
};
const transcriptions: Call = {
  tag: "Services",
  summary: "Speech as text.",
  required: { file, model },
  optional: { language: text, prompt: text, response_format: text, temperature: number },
  isForm: true,
};
const speech: Call = {
  tag: "Services",
  summary: "Text as speech.",
  required: { model, input: text },
  optional: { voice: text, response_format: text, speed: number },
  answer: "audio/*",
};
const moderations: Call = {
  tag: "Services",
  summary: "Whether a text is harmful.",
  required: { input: textOrList },
  optional: { model },
};
const rerank: Call = {
  tag: "Services",
  summary: "Documents in the order in which they answer a question.",
  required: { model, query: text, documents: { type: "array" } },
  optional: { top_n: integer, return_documents: flag },
};
const gemini = (summary: string, required: Call["required"], more: Partial<Call> = {}): Call => ({
  tag: "Gemini",
  summary,
  ...(required && { required }),
  ...more,
});
const contents = { contents: objects };
const tuning = { systemInstruction: {}, tools: objects, generationConfig: {} };

/** What can be asked of one provider alone. */
const OF_PROVIDERS: { readonly [path: string]: Call } = {
  "chat/completions": chat,
  responses,
  messages,
  embeddings,
  "images/generations": images,
  "audio/transcriptions": transcriptions,
  "audio/speech": speech,
  moderations,
  rerank,
};

/** The public API by method and path. Bodies may hold more: what a format knows passes on. */
export const PUBLIC_CALLS: { readonly [call: string]: Call } = {
  "POST /v1/chat/completions": chat,
  "POST /v1/completions": {
    tag: "OpenAI",
    summary: "A text completion in OpenAI's older format.",
    required: { model, prompt: textOrList },
    optional: { stream, max_tokens: integer, temperature: number, stop: {} },
  },
  "POST /v1/responses": responses,
  "POST /v1/responses/input_tokens": {
    tag: "OpenAI",
    summary: "How many tokens a Responses request has.",
    required: { model, input: textOrList },
  },
  "POST /v1/messages": messages,
  "POST /v1/messages/count_tokens": {
    tag: "Anthropic",
    summary: "How many tokens a message has.",
    required: { model, messages: objects },
  },
  "GET /v1/models": {
    tag: "Models",
    summary: "The models you may use, in the shape your client reads.",
  },
  "GET /v1/models/{id}": { tag: "Models", summary: "One model." },
  "GET /v1beta/models": { tag: "Gemini", summary: "The models you may use, as Google lists them." },
  "POST /v1beta/models/{model}:generateContent": gemini("An answer in Gemini's format.", contents, {
    optional: tuning,
  }),
  "POST /v1beta/models/{model}:streamGenerateContent": gemini(
    "The same as a stream; `alt=sse` for events, else one growing list.",
    contents,
    { optional: tuning },
  ),
  "POST /v1beta/models/{model}:countTokens": gemini("How many tokens a Gemini request has.", contents),
  "POST /v1beta/models/{model}:embedContent": gemini("A text as a vector.", { content: {} }),
  "POST /v1beta/models/{model}:batchEmbedContents": gemini("Texts as vectors.", { requests: objects }),
  "POST /v1/embeddings": embeddings,
  "GET /v1/embeddings": { tag: "Models", summary: "The embedding models you may use." },
  "POST /v1/images/generations": images,
  "GET /v1/images/generations": { tag: "Models", summary: "The image models you may use." },
  "POST /v1/images/edits": {
    tag: "Services",
    summary: "Changes a picture.",
    required: { image: file, prompt: text, model },
    optional: { n: integer, size: text },
    isForm: true,
  },
  "POST /v1/audio/transcriptions": transcriptions,
  "POST /v1/audio/speech": speech,
  "POST /v1/moderations": moderations,
  "POST /v1/rerank": rerank,
  "POST /api/chat": {
    tag: "Ollama",
    summary: "A chat in Ollama's format; streams unless `stream` is false.",
    required: { model, messages: objects },
    optional: { stream: flag, tools: objects, options: {} },
  },
  "GET /api/tags": { tag: "Ollama", summary: "The models you may use, as Ollama lists them." },
  ...Object.fromEntries(
    Object.entries(OF_PROVIDERS).map(([path, call]) => [
      `POST /v1/providers/{provider}/${path}`,
      { ...call, tag: "One provider", summary: call.summary.replace(/\.$/, ", from this provider alone.") },
    ]),
  ),
};

/** The public API for the OpenAPI document. */
export function publicOperations(): Operations {
  const operations: Operations = {};
  for (const [name, call] of Object.entries(PUBLIC_CALLS)) {
    const [method = "", path = ""] = name.split(" ");
    (operations[path] ??= {})[method.toLowerCase()] = operation(method, path, call);
  }
  return operations;
}

function operation(method: string, path: string, call: Call): Operation {
  const { tag, summary, required = {}, optional = {}, isForm, answer = "application/json" } = call;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const schema = {
    type: "object",
    required: Object.keys(required),
    properties: { ...required, ...optional },
    additionalProperties: true,
  };
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+(\w?)/g, (_all, next: string) => next.toUpperCase())}`,
    tags: [tag],
    summary,
    description: "Who may: a key of scope `inference`; where keys are optional, anybody on this machine.",
    security: [{ key: [] }, {}],
    parameters: names.map((name) => ({ name, in: "path", required: true, schema: text })),
    ...(method === "POST" && {
      requestBody: {
        required: true,
        content: { [isForm ? "multipart/form-data" : "application/json"]: { schema } },
      },
    }),
    responses: {
      "200": { description: "Done.", content: { [answer]: { schema: { type: "object" } } } },
      default: {
        description: "Refused, in the error shape of the call's own format.",
        content: { "application/json": { schema: { type: "object" } } },
      },
    },
  };
}
