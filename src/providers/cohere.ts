import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { sharing } from "./sharing.ts";

/** What is not in OpenAI's shape is served by another name of the host. */
const native = "https://api.cohere.com";

export const cohere = defineProvider({
  id: "cohere",
  name: "Cohere",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.cohere.ai",
  chat: [
    {
      format: "openai-chat",
      path: "/compatibility/v1/chat/completions",
      quirks: {
        drop: ["logit_bias", "parallel_tool_calls", "service_tier", "user", "store"],
        reasoningControl: "none",
      },
    },
  ],
  services: {
    // https://docs.cohere.com/reference/about
    embeddings: { dialect: "cohere", baseUrl: native, path: "/v2/embed" },
    rerank: { dialect: "cohere", baseUrl: native, path: "/v2/rerank" },
    transcription: {
      dialect: "openai",
      baseUrl: native,
      path: "/v2/audio/transcriptions",
      quirks: { transcriptFormats: ["json"], drop: ["prompt", "response_format"] },
    },
  },
  modelsPath: "/v1/models",
  envKey: "COHERE_API_KEY",
  keyUrl: "https://dashboard.cohere.com/api-keys",
  mainModel: "command-a-03-2025",
  models: [
    ...sharing({ tools: true }, [
      { id: "command-r-plus-08-2024", context: 128_000, maxOutput: 4_000, price: [2.5, 10] },
      { id: "command-r-08-2024", context: 128_000, maxOutput: 4_000, price: [0.15, 0.6] },
      { id: "command-a-03-2025", context: 256_000, maxOutput: 8_000, price: [2.5, 10] },
    ]),
    { id: "embed-v4.0", type: "embedding", context: 128_000, dimensions: 1536, price: [0.12, 0] },
    { id: "embed-english-v3.0", type: "embedding", context: 512, dimensions: 1024, price: [0.1, 0] },
    { id: "embed-multilingual-v3.0", type: "embedding", context: 512, dimensions: 1024, price: [0.1, 0] },
    // https://cohere.com/pricing: 2 USD for a thousand searches.
    { id: "rerank-v3.5", type: "rerank", context: 4096, price: { perSearch: 0.002 } },
    { id: "rerank-english-v3.0", type: "rerank", context: 4096, price: { perSearch: 0.002 } },
    { id: "rerank-multilingual-v3.0", type: "rerank", context: 4096, price: { perSearch: 0.002 } },
    { id: "cohere-transcribe-03-2026", type: "audio", services: ["transcription"] },
  ],
});
