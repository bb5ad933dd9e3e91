import { defineProvider } from "../core/provider.ts";

export const vllm = defineProvider({
  id: "vllm",
  name: "vLLM",
  tier: "free",
  auth: { type: "optional-key" },
  baseUrl: "http://localhost:8000/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  services: {
    embeddings: { dialect: "openai", path: "/embeddings" },
    rerank: { dialect: "cohere", path: "/rerank" },
    transcription: { dialect: "openai", path: "/audio/transcriptions" },
  },
  modelsPath: "/models",
  modelsByAsking: true,
  models: [],
});
