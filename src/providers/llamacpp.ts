import { defineProvider } from "../core/provider.ts";

export const llamacpp = defineProvider({
  id: "llamacpp",
  name: "llama.cpp",
  tier: "free",
  auth: { type: "optional-key" },
  baseUrl: "http://localhost:8080/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  services: {
    embeddings: { dialect: "openai", path: "/embeddings" },
    rerank: { dialect: "cohere", path: "/rerank" },
  },
  modelsPath: "/models",
  modelsByAsking: true,
  models: [],
});
