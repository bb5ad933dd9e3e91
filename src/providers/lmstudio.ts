import { defineProvider } from "../core/provider.ts";

export const lmstudio = defineProvider({
  id: "lmstudio",
  name: "LM Studio",
  tier: "free",
  auth: { type: "optional-key" },
  baseUrl: "http://localhost:1234/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  services: {
    embeddings: { dialect: "openai", path: "/embeddings" },
  },
  modelsPath: "/models",
  modelsByAsking: true,
  models: [],
});
