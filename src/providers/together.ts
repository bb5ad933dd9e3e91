import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { audio, sharing } from "./sharing.ts";

export const together = defineProvider({
  id: "together",
  name: "Together AI",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.together.xyz/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { reasoningField: "reasoning", thinkTags: true },
    },
  ],
  services: {
    embeddings: { dialect: "openai", path: "/embeddings" },
    images: {
      dialect: "openai",
      path: "/images/generations",
      quirks: { widthAndHeight: true, base64Word: "base64", drop: ["quality", "style", "user"] },
    },
    rerank: { dialect: "cohere", path: "/rerank" },
    transcription: {
      dialect: "openai",
      path: "/audio/transcriptions",
      quirks: { transcriptFormats: ["json", "verbose_json"] },
    },
    // https://docs.together.ai/docs/text-to-speech
    speech: {
      dialect: "openai",
      path: "/audio/speech",
      quirks: { voice: "af_alloy", audioFormats: ["mp3", "wav"], drop: ["instructions", "stream_format"] },
    },
  },
  modelsPath: "/models",
  envKey: "TOGETHER_API_KEY",
  keyUrl: "https://api.together.ai/settings/api-keys",
  models: [
    ...sharing({ reasoning: true, tools: true }, [
      {
        id: "deepseek-ai/DeepSeek-V4-Pro-0813",
        context: 1_048_576,
        maxOutput: 384_000,
        price: [1.32, 3.96, 0.13],
      },
      {
        id: "deepseek-ai/DeepSeek-V4.1-Flash",
        context: 1_048_576,
        maxOutput: 384_000,
        price: [0.3, 1.2, 0.006],
      },
      { id: "MiniMaxAI/MiniMax-M3", context: 524_288, maxOutput: 524_288, price: [0.3, 1.2, 0.06] },
      { id: "moonshotai/Kimi-K3", context: 1_048_576, maxOutput: 131_072, price: [3, 15, 0.3] },
      { id: "moonshotai/Kimi-K3.1-Pro", context: 1_048_576, maxOutput: 131_072, price: [2, 10, 0.2] },
      { id: "openai/gpt-oss-120b", context: 131_072, maxOutput: 131_072, price: [0.15, 0.6] },
      { id: "Qwen/Qwen3.5-9B", context: 262_144, maxOutput: 65_536, price: [0.17, 0.25] },
      { id: "Qwen/Qwen3.6-Plus", context: 1_000_000, maxOutput: 65_536, price: [0.5, 3] },
      { id: "Qwen/Qwen3.7-Max", context: 1_000_000, maxOutput: 131_072, price: [2.5, 7.5, 0.5] },
      { id: "zai-org/GLM-5.2", context: 1_048_575, maxOutput: 164_000, price: [1.4, 4.4, 0.26] },
      { id: "zai-org/GLM-5.3", context: 1_048_575, maxOutput: 262_144, price: [1.4, 4.4, 0.26] },
      { id: "zai-org/GLM-5.3-Flash", context: 1_048_575, maxOutput: 400_000, price: [0.15, 0.5, 0.03] },
    ]),
    ...sharing({ tools: true }, [
      {
        id: "meta-models/Muse-Spark-Open-816B-A42B",
        context: 1_048_576,
        maxOutput: 131_072,
        price: [1.25, 4.25, 0.15],
      },
      {
        id: "nvidia/NVIDIA-Nemotron-3.5-Super-VL",
        context: 262_144,
        maxOutput: 262_144,
        price: [0.15, 0.5, 0.02],
      },
      {
        id: "reflection/Beam-1.0-501B-A23B",
        context: 1_048_576,
        maxOutput: 131_072,
        price: [0.4, 1.2, 0.04],
      },
      { id: "thinkingmachines/Inkling", context: 524_288, maxOutput: 131_072, price: [1, 4.05, 0.17] },
    ]),
    {
      id: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
      context: 131_072,
      maxOutput: 131_072,
      price: [0.88, 0.88],
    },
    { id: "BAAI/bge-large-en-v1.5", type: "embedding", context: 512, dimensions: 1024 },
    { id: "togethercomputer/m2-bert-80M-8k-retrieval", type: "embedding", context: 8192, dimensions: 768 },
    { id: "black-forest-labs/FLUX.1.1-pro", type: "image" },
    { id: "black-forest-labs/FLUX.1-schnell-Free", type: "image" },
    { id: "stabilityai/stable-diffusion-xl-base-1.0", type: "image" },
    { id: "Salesforce/Llama-Rank-V2", type: "rerank" },
    ...audio(["transcription"], [{ id: "openai/whisper-large-v3" }]),
    ...audio(["speech"], [{ id: "hexgrad/Kokoro-82M" }, { id: "canopylabs/orpheus-3b-0.1-ft" }]),
  ],
});
