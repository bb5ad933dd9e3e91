import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";

export const nebius = defineProvider({
  id: "nebius",
  name: "Nebius Token Factory",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.tokenfactory.nebius.com/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { thinkTags: true, reasoningControl: "none" },
    },
  ],
  services: {
    embeddings: { dialect: "openai", path: "/embeddings" },
    images: {
      dialect: "openai",
      path: "/images/generations",
      quirks: { widthAndHeight: true, drop: ["quality", "style", "user"] },
    },
  },
  modelsPath: "/models",
  envKey: "NEBIUS_API_KEY",
  keyUrl: "https://tokenfactory.nebius.com",
  models: [
    {
      id: "meta-llama/Llama-3.3-70B-Instruct",
      context: 128_000,
      maxOutput: 8_192,
      price: [0.13, 0.4, 0.013, 0.16],
    },
    { id: "Qwen/Qwen3-Embedding-8B", type: "embedding", context: 32_768, dimensions: 4096, price: [0.01, 0] },
    { id: "black-forest-labs/flux-schnell", type: "image" },
    { id: "black-forest-labs/flux-dev", type: "image" },
  ],
});
