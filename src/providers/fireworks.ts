import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { audio, sharing } from "./sharing.ts";
import { retired } from "./status.ts";

/** Where the vendor says which models it serves. */
const LISTED = "https://fireworks.ai/models";

const models = "accounts/fireworks/models/";
const routers = "accounts/fireworks/routers/";

export const fireworks = defineProvider({
  id: "fireworks",
  name: "Fireworks AI",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.fireworks.ai/inference/v1",
  chat: [
    { format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } },
    { format: "anthropic", path: "/messages", headers: { "anthropic-version": "2023-06-01" } },
  ],
  services: {
    embeddings: { dialect: "openai", path: "/embeddings" },
    images: { dialect: "fireworks", path: "/workflows/{model}/text_to_image" },
    rerank: { dialect: "cohere", path: "/rerank" },
    // Audio lives on a host of its own. https://docs.fireworks.ai/api-reference/audio-transcriptions
    transcription: {
      dialect: "openai",
      baseUrl: "https://audio-prod.api.fireworks.ai/v1",
      path: "/audio/transcriptions",
    },
  },
  modelsPath: "/models",
  envKey: "FIREWORKS_API_KEY",
  keyUrl: "https://app.fireworks.ai/settings/users/api-keys",
  mainModel: "accounts/fireworks/models/glm-5p3",
  models: [
    ...sharing({ tools: true }, [
      {
        id: `${models}deepseek-v4p1-flash`,
        context: 1_000_000,
        maxOutput: 384_000,
        price: [0.3, 1.2, 0.006],
      },
      {
        id: `${models}deepseek-v4p1-flash-1017`,
        context: 1_000_000,
        maxOutput: 384_000,
        price: [0.3, 1.2, 0.006],
      },
      { id: `${models}ember-1`, context: 1_048_576, maxOutput: 131_072, price: [3, 15, 0.3] },
      { id: `${models}minimax-m3`, context: 512_000, maxOutput: 512_000, price: [0.3, 1.2, 0.06] },
      {
        id: `${models}minimax-m3p1-flash`,
        context: 1_000_000,
        maxOutput: 512_000,
        price: [0.15, 0.6, 0.015],
      },
      { id: `${models}muse-spark-open`, context: 1_048_576, maxOutput: 131_072, price: [1.25, 4.25, 0.15] },
      { id: `${models}qwen3p8-2p4t-a95b`, context: 262_144, maxOutput: 131_072, price: [2, 6, 0.25] },
      { id: `${models}qwen3p8-max`, context: 262_144, maxOutput: 131_072, price: [2, 6, 0.25] },
      {
        id: `${routers}deepseek-flash-latest`,
        context: 1_000_000,
        maxOutput: 384_000,
        price: [0.3, 1.2, 0.006],
      },
      {
        id: `${routers}deepseek-v4p1-flash-1017-spot`,
        context: 1_000_000,
        maxOutput: 384_000,
        price: [0.21, 0.84, 0.0042],
      },
      {
        id: `${routers}deepseek-v4p1-flash-1017-ultrafast`,
        context: 1_000_000,
        maxOutput: 384_000,
        price: [2.4, 9.6, 0.048],
      },
      {
        id: `${routers}deepseek-v4p1-flash-spot`,
        context: 1_000_000,
        maxOutput: 384_000,
        price: [0.21, 0.84, 0.0042],
      },
      { id: `${routers}kimi-fast-latest`, context: 1_048_576, maxOutput: 131_072, price: [4.5, 22.5, 0.45] },
      { id: `${routers}kimi-latest`, context: 1_048_576, maxOutput: 131_072, price: [3, 15, 0.3] },
      { id: `${routers}minimax-latest`, context: 512_000, maxOutput: 512_000, price: [0.3, 1.2, 0.06] },
      { id: `${routers}qwen-max-latest`, context: 262_144, maxOutput: 131_072, price: [2, 6, 0.25] },
      { id: `${models}glm-5p3`, context: 1_048_573, maxOutput: 262_144, price: [1.4, 4.4, 0.26] },
      { id: `${models}glm-5p3-flash`, context: 1_048_573, maxOutput: 131_072, price: [0.15, 0.5, 0.03] },
      { id: `${models}kimi-k3`, context: 1_048_576, maxOutput: 131_072, price: [3, 15, 0.3] },
      { id: `${models}kimi-k3p1-pro`, context: 1_048_576, maxOutput: 131_072, price: [2, 10, 0.2] },
      { id: `${routers}glm-5p3-fast`, context: 1_048_572, maxOutput: 262_144, price: [2.1, 6.6, 0.39] },
      { id: `${routers}glm-5p3-spot`, context: 1_048_573, maxOutput: 262_144, price: [0.98, 3.08, 0.182] },
      { id: `${routers}glm-fast-latest`, context: 1_048_572, maxOutput: 262_144, price: [2.1, 6.6, 0.39] },
      { id: `${routers}glm-flash-latest`, context: 1_048_573, maxOutput: 131_072, price: [0.15, 0.5, 0.03] },
      { id: `${routers}glm-latest`, context: 1_048_573, maxOutput: 262_144, price: [1.4, 4.4, 0.26] },
      { id: `${routers}kimi-k3-fast`, context: 1_048_576, maxOutput: 131_072, price: [4.5, 22.5, 0.45] },
      { id: `${routers}kimi-k3-spot`, context: 1_048_576, maxOutput: 131_072, price: [2.1, 10.5, 0.21] },
    ]),
    {
      id: `${models}deepseek-v3p1`,
      status: retired(LISTED, { replacement: `${models}deepseek-v4p1-flash` }),
    },
    { id: "nomic-ai/nomic-embed-text-v1.5", type: "embedding", context: 8192, dimensions: 768 },
    { id: `${models}flux-1-dev-fp8`, type: "image" },
    { id: `${models}flux-1-schnell-fp8`, type: "image" },
    { id: `${models}flux-kontext-pro`, type: "image" },
    { id: `${models}stable-diffusion-xl-1024-v1-0`, type: "image", sizes: ["1024x1024"] },
    { id: `${models}nomic-rerank-v1`, type: "rerank" },
    ...audio(["transcription"], [{ id: "whisper-v3", price: { perMinute: 0.0015 } }]),
  ],
});
