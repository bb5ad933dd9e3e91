import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { sharing } from "./sharing.ts";
import { unknownId } from "./status.ts";

/** Where the vendor says which models it serves. */
const LISTED = "https://build.nvidia.com/models";

export const nvidia = defineProvider({
  id: "nvidia",
  name: "NVIDIA NIM",
  tier: "api-key",
  status: {
    state: "works",
    note: "A new account has 1,000 trial credits, once, and about 40 requests a minute.",
  },
  auth: bearer,
  baseUrl: "https://integrate.api.nvidia.com/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { thinkTags: true, reasoningControl: "none" },
    },
  ],
  services: {
    embeddings: {
      dialect: "openai",
      path: "/embeddings",
      quirks: { purposes: { query: "query", document: "passage" } },
    },
    // The models of this service live on a host of their own, each at its own address.
    rerank: {
      dialect: "nvidia",
      baseUrl: "https://ai.api.nvidia.com/v1",
      path: "/retrieval/{model}/reranking",
    },
  },
  modelsPath: "/models",
  modelsArePublic: true,
  renames: {
    "llama-3.3-70b": "meta/llama-3.3-70b-instruct",
    "llama-3.3-70b-instruct": "meta/llama-3.3-70b-instruct",
  },
  envKey: "NVIDIA_API_KEY",
  keyUrl: "https://build.nvidia.com/settings/api-keys",
  mainModel: "moonshotai/kimi-k2.6",
  models: [
    ...sharing({ tools: true }, [
      { id: "deepseek-ai/deepseek-v4.1-flash", context: 1_000_000, maxOutput: 384_000 },
      { id: "google/diffusiongemma-26b-a4b-it", context: 250_000, maxOutput: 32_768 },
      { id: "meta/muse-glimmer-30b", context: 131_072, maxOutput: 131_072 },
      { id: "minimaxai/minimax-m3.1-flash", context: 262_144, maxOutput: 262_144 },
      { id: "mistralai/mistral-7b-instruct-v0.3", context: 65_536, maxOutput: 65_536 },
      { id: "moonshotai/kimi-k2.6", context: 262_144, maxOutput: 262_144 },
      { id: "nvidia/cosmos-reason2-8b", context: 131_072, maxOutput: 16_384 },
      { id: "nvidia/llama-3.1-nemotron-70b-instruct", context: 128_000, maxOutput: 8_192 },
      { id: "nvidia/llama-3.1-nemotron-ultra-253b-v1", context: 128_000, maxOutput: 16_384 },
      { id: "nvidia/nemotron-3-ultra-550b-a55b", context: 1_000_000, maxOutput: 65_536 },
      { id: "nvidia/nemotron-3.5-lightning-30b-a3b", context: 262_144, maxOutput: 262_144 },
      { id: "openai/gpt-oss-20b", context: 131_072, maxOutput: 32_768 },
      { id: "poolside/laguna-xs-2.1", context: 262_144, maxOutput: 16_384 },
      { id: "stepfun-ai/step-5-preview", context: 1_048_576, maxOutput: 1_048_576 },
      { id: "z-ai/glm-5.3-flash", context: 1_000_000, maxOutput: 131_072 },
    ]),
    ...sharing({ vision: true, tools: true }, [
      { id: "google/gemma-3-12b-it", context: 131_072, maxOutput: 16_384 },
      { id: "google/gemma-3-4b-it", context: 131_072, maxOutput: 16_384 },
      { id: "meta/llama-3.2-90b-vision-instruct", context: 128_000, maxOutput: 8_192 },
      { id: "nvidia/nemotron-3-nano-omni-30b-a3b-reasoning", context: 256_000, maxOutput: 65_536 },
      { id: "nvidia/nemotron-3.5-super-vl-120b-a12b", context: 1_048_576, maxOutput: 8_192 },
    ]),
    { id: "mistral-7b-instruct", status: unknownId(LISTED, "mistralai/mistral-7b-instruct-v0.3") },
    { id: "meta/llama-3.3-70b-instruct" },
    { id: "nvidia/nv-embedqa-e5-v5", type: "embedding", context: 512, dimensions: 1024 },
    { id: "nvidia/nv-rerankqa-mistral-4b-v3", type: "rerank" },
  ],
});
