import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { sharing } from "./sharing.ts";

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
  services: {
    embeddings: { dialect: "openai", path: "/embeddings" },
    rerank: { dialect: "cohere", path: "/rerank" },
    transcription: {
      dialect: "openai",
      path: "/audio/transcriptions",
      quirks: { transcriptFormats: ["json"] },
    },
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
  ],
});
