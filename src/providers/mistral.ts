import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { audio, sharing } from "./sharing.ts";
import { retired, unknownId } from "./status.ts";

/** Where the vendor says which models it serves. */
const LISTED = "https://docs.mistral.ai/getting-started/models";

export const mistral = defineProvider({
  id: "mistral",
  name: "Mistral",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.mistral.ai/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: {
        drop: ["logit_bias", "logprobs", "top_logprobs", "user", "store", "service_tier"],
        rename: { seed: "random_seed" },
        toolCallIdPattern: /^[a-zA-Z0-9]{9}$/,
        assistantAfterTool: true,
        noStreamOptions: true,
        reasoningControl: "none",
      },
    },
  ],
  services: {
    embeddings: {
      dialect: "openai",
      path: "/embeddings",
      quirks: { rename: { dimensions: "output_dimension" }, drop: ["user"] },
    },
    moderation: { dialect: "openai", path: "/moderations" },
    transcription: {
      dialect: "openai",
      path: "/audio/transcriptions",
      quirks: { transcriptFormats: ["json"] },
    },
    // https://docs.mistral.ai/capabilities/audio/text_to_speech
    speech: {
      dialect: "openai",
      path: "/audio/speech",
      quirks: { voice: "coeur_de_lion", drop: ["instructions", "speed", "stream_format"] },
    },
  },
  modelsPath: "/models",
  envKey: "MISTRAL_API_KEY",
  keyUrl: "https://console.mistral.ai/api-keys",
  mainModel: "devstral-latest",
  models: [
    ...sharing({ tools: true }, [
      { id: "codestral-2508", context: 256_000, maxOutput: 8_192, price: [0.3, 0.9, 0.03] },
      { id: "codestral-latest", context: 256_000, maxOutput: 4_096, price: [0.3, 0.9, 0.03] },
      { id: "deepseek-v4-1-flash-1017", context: 1_048_576, maxOutput: 128_000, price: [0.3, 1.2, 0.007] },
      { id: "devstral-2512", context: 262_144, maxOutput: 262_144, price: [0.4, 2, 0.04] },
      { id: "devstral-latest", context: 262_144, maxOutput: 262_144, price: [0.4, 2, 0.04] },
      { id: "devstral-medium-latest", context: 262_144, maxOutput: 262_144, price: [0.4, 2, 0.04] },
      { id: "glm-5-2", context: 1_048_576, maxOutput: 131_072, price: [1.4, 4.4, 0.14] },
      { id: "labs-devstral-small-2512", context: 256_000, maxOutput: 256_000 },
      { id: "labs-leanstral-1-5-1", context: 262_144, maxOutput: 128_000 },
      { id: "ministral-14b-2512", context: 262_144, maxOutput: 262_144, price: [0.2, 0.2, 0.02] },
      { id: "ministral-3b-2512", context: 131_072, maxOutput: 262_144, price: [0.1, 0.1, 0.01] },
      { id: "ministral-3b-latest", context: 131_072, maxOutput: 128_000, price: [0.1, 0.1, 0.01] },
      { id: "ministral-8b-2512", context: 262_144, maxOutput: 262_144, price: [0.15, 0.15, 0.015] },
      { id: "ministral-8b-latest", context: 262_144, maxOutput: 128_000, price: [0.15, 0.15, 0.015] },
      { id: "open-mistral-nemo", context: 128_000, maxOutput: 128_000, price: [0.15, 0.15, 0.015] },
      { id: "voxtral-small-2507", context: 32_768, maxOutput: 32_000, price: [0.1, 0.4, 0.01] },
      { id: "voxtral-small-latest", context: 32_768, maxOutput: 32_000, price: [0.1, 0.4, 0.01] },
      { id: "zai-glm-5-2", context: 1_048_576, maxOutput: 131_072, price: [1.4, 4.4, 0.14] },
      { id: "zai-glm-5-3", context: 1_048_576, maxOutput: 131_072, price: [1.4, 4.4, 0.14] },
      { id: "zai-glm-5-3-flash", context: 1_048_576, maxOutput: 131_072, price: [0.15, 0.5, 0.03] },
    ]),
    {
      id: "magistral-medium-latest",
      context: 262_144,
      maxOutput: 16_384,
      price: [2, 5, 0.2],
      reasoning: true,
      tools: true,
    },
    ...sharing({ vision: true, tools: true }, [
      { id: "mistral-large-2512", context: 262_144, maxOutput: 262_144, price: [0.5, 1.5, 0.05] },
      { id: "mistral-large-4", context: 1_048_576, maxOutput: 262_144, price: [0.7, 2.1, 0.07] },
      { id: "mistral-large-4-0-8", context: 1_048_576, maxOutput: 262_144, price: [0.7, 2.1, 0.07] },
      { id: "mistral-large-latest", context: 262_144, maxOutput: 262_144, price: [0.5, 1.5, 0.05] },
      { id: "mistral-medium-2505", context: 131_072, maxOutput: 131_072, price: [0.4, 2, 0.04] },
      { id: "mistral-medium-2508", context: 262_144, maxOutput: 262_144, price: [0.4, 2, 0.04] },
      { id: "mistral-medium-2604", context: 262_144, maxOutput: 262_144, price: [1.5, 7.5, 0.15] },
      { id: "mistral-medium-3.5", context: 262_144, maxOutput: 262_144, price: [1.5, 7.5] },
      { id: "mistral-medium-latest", context: 262_144, maxOutput: 262_144, price: [1.5, 7.5, 0.15] },
      { id: "mistral-small-2506", context: 128_000, maxOutput: 16_384, price: [0.1, 0.3, 0.01] },
      { id: "mistral-small-2603", context: 262_144, maxOutput: 256_000, price: [0.15, 0.6, 0.015] },
      { id: "mistral-small-latest", context: 262_144, maxOutput: 256_000, price: [0.15, 0.6, 0.015] },
      { id: "pixtral-12b", context: 128_000, maxOutput: 128_000, price: [0.15, 0.15, 0.015] },
    ]),
    { id: "mistral-large-2501", status: unknownId(LISTED, "mistral-large-2512") },
    {
      id: "codestral-2501",
      context: 256_000,
      price: [0.3, 0.9],
      status: retired(LISTED, { replacement: "codestral-2508" }),
    },
    { id: "mistral-embed", type: "embedding", context: 8_000, dimensions: 1024, price: [0.1, 0] },
    { id: "codestral-embed", type: "embedding", context: 8_000 },
    { id: "mistral-moderation-latest", type: "moderation" },
    ...audio(["transcription"], [{ id: "voxtral-mini-latest" }]),
    ...audio(["speech"], [{ id: "voxtral-mini-tts-2506" }]),
  ],
});
