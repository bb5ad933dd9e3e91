import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { audio, sharing } from "./sharing.ts";

export const openrouter = defineProvider({
  id: "openrouter",
  prefixes: ["or"],
  name: "OpenRouter",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://openrouter.ai/api/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { reasoningField: "reasoning", reasoningControl: "openrouter", cacheMarks: true },
    },
  ],
  // https://openrouter.ai/docs/guides/overview/multimodal/overview
  services: {
    embeddings: { dialect: "openai", path: "/embeddings" },
    images: {
      dialect: "openai",
      path: "/images",
      quirks: { drop: ["response_format", "stream", "style", "user"] },
    },
    rerank: { dialect: "cohere", path: "/rerank" },
    speech: { dialect: "openai", path: "/audio/speech" },
    transcription: { dialect: "openrouter", path: "/audio/transcriptions" },
  },
  routesByItself: true,
  modelsPath: "/models",
  modelsArePublic: true,
  keyCheckPath: "/key",
  renames: { "anthropic/claude-4-sonnet": "anthropic/claude-sonnet-4", auto: "openrouter/auto" },
  envKey: "OPENROUTER_API_KEY",
  keyUrl: "https://openrouter.ai/settings/keys",
  models: [
    ...sharing({ reasoning: true, vision: true, tools: true }, [
      { id: "google/gemini-2.5-pro", context: 1_048_576, maxOutput: 65_536, price: [1.25, 10, 0.125, 0.375] },
      { id: "anthropic/claude-sonnet-4" },
    ]),
    { id: "openrouter/auto" },
    { id: "openai/text-embedding-3-small", type: "embedding", context: 8192, dimensions: 1536 },
    { id: "bytedance-seed/seedream-4.5", type: "image" },
    { id: "google/gemini-2.5-flash-image", type: "image" },
    { id: "cohere/rerank-v3.5", type: "rerank" },
    ...audio(["transcription"], [{ id: "openai/whisper-1" }]),
    ...audio(["speech"], [{ id: "openai/gpt-4o-mini-tts-2025-12-15" }]),
  ],
});
