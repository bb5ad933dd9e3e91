import type { ModelType } from "../core/provider.ts";
import { isObject, type JsonObject } from "../lib/json.ts";

/** What a provider's list tells of a model beside its name, in any of the words in use. */
export function factsOf(model: JsonObject, id: string): { type: ModelType; context?: number } {
  const context = [
    model.context_length,
    model.context_window,
    model.max_context_length,
    model.max_model_len,
    model.inputTokenLimit,
    model.max_input_tokens,
  ].find((value): value is number => typeof value === "number" && value > 0);
  return { type: toldType(model) ?? typeByName(id), ...(context !== undefined && { context }) };
}

const TYPE_WORDS: Readonly<{ [word: string]: ModelType }> = {
  chat: "chat",
  language: "chat",
  llm: "chat",
  vlm: "chat",
  code: "chat",
  embedding: "embedding",
  embeddings: "embedding",
  image: "image",
  audio: "audio",
  transcribe: "audio",
  rerank: "rerank",
  moderation: "moderation",
};

/** Together and LM Studio say `type`, Google its methods, Cohere its endpoints, OpenRouter what comes out. */
function toldType(model: JsonObject): ModelType | undefined {
  if (typeof model.type === "string" && Object.hasOwn(TYPE_WORDS, model.type)) return TYPE_WORDS[model.type];
  const methods = textsIn(model.supportedGenerationMethods);
  if (methods.includes("generateContent")) return "chat";
  if (methods.some((method) => /embed/i.test(method))) return "embedding";
  const endpoints = textsIn(model.endpoints);
  if (endpoints.includes("chat")) return "chat";
  if (endpoints.includes("embed")) return "embedding";
  if (endpoints.includes("rerank")) return "rerank";
  const outputs = isObject(model.architecture) ? textsIn(model.architecture.output_modalities) : [];
  if (outputs.includes("text")) return "chat";
  if (outputs.includes("embeddings")) return "embedding";
  if (outputs.includes("speech") || outputs.includes("transcription")) return "audio";
  if (outputs.includes("rerank")) return "rerank";
  return outputs.includes("image") ? "image" : undefined;
}

/** Most lists say nothing; the names of the common models that do not chat are known well enough. */
function typeByName(id: string): ModelType {
  if (/rerank/i.test(id)) return "rerank";
  if (/(?:^|[-_/.])(?:text-)?embed|(?:^|[-_/])(?:bge|gte|e5|m2-bert|all-minilm)-/i.test(id))
    return "embedding";
  if (/moderation/i.test(id)) return "moderation";
  if (/whisper|transcribe|(?:^|[-_/])tts(?:$|[-_])|orpheus/i.test(id)) return "audio";
  if (/dall-e|gpt-image|imagen|stable-diffusion|(?:^|[-_/])(?:flux|sdxl)/i.test(id)) return "image";
  return "chat";
}

const textsIn = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : [];
