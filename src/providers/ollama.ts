import { defineProvider } from "../core/provider.ts";

export const ollama = defineProvider({
  id: "ollama",
  name: "Ollama",
  tier: "free",
  auth: { type: "optional-key" },
  baseUrl: "http://localhost:11434/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { reasoningField: "reasoning", thinkTags: true },
    },
  ],
  services: {
    embeddings: { dialect: "openai", path: "/embeddings" },
  },
  modelsPath: "/models",
  modelsByAsking: true,
  models: [],
});
