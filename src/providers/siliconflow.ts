import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { audio } from "./sharing.ts";

export const siliconflow = defineProvider({
  id: "siliconflow",
  name: "SiliconFlow",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.siliconflow.com/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { thinkTags: true, reasoningControl: "none" },
    },
  ],
  services: {
    embeddings: { dialect: "openai", path: "/embeddings" },
    // https://docs.siliconflow.com/en/api-reference/images/images-generations
    images: {
      dialect: "openai",
      path: "/images/generations",
      quirks: {
        rename: { size: "image_size", n: "batch_size" },
        drop: ["response_format", "quality", "style", "user"],
      },
    },
    rerank: { dialect: "cohere", path: "/rerank" },
    // https://docs.siliconflow.com/en/api-reference/audio/create-audio-transcriptions
    transcription: {
      dialect: "openai",
      path: "/audio/transcriptions",
      quirks: { transcriptFormats: ["json"], drop: ["language", "prompt", "response_format", "temperature"] },
    },
    speech: {
      dialect: "openai",
      path: "/audio/speech",
      quirks: {
        voice: "FunAudioLLM/CosyVoice2-0.5B:alex",
        audioFormats: ["mp3", "opus", "wav", "pcm"],
        drop: ["instructions", "stream_format"],
      },
    },
  },
  modelsPath: "/models",
  keyUrl: "https://cloud.siliconflow.com/account/ak",
  models: [
    { id: "deepseek-ai/DeepSeek-V3.2", context: 164_000, maxOutput: 164_000, price: [0.27, 0.42] },
    { id: "deepseek-ai/DeepSeek-V3.1", context: 164_000, maxOutput: 164_000, price: [0.27, 1] },
    { id: "Qwen/Qwen3-235B-A22B-Instruct-2507" },
    { id: "Qwen/Qwen3-Coder-480B-A35B-Instruct", context: 262_000, maxOutput: 262_000, price: [0.25, 1] },
    { id: "Qwen/Qwen3-32B", context: 131_000, maxOutput: 131_000, price: [0.14, 0.57] },
    { id: "moonshotai/Kimi-K2.5", context: 262_000, maxOutput: 262_000, price: [0.45, 2.25] },
    { id: "zai-org/GLM-4.7", context: 204_800, maxOutput: 131_072, price: [0.6, 2.2, 0.11] },
    { id: "openai/gpt-oss-120b", context: 131_000, maxOutput: 8_000, price: [0.05, 0.45] },
    { id: "baidu/ERNIE-4.5-300B-A47B", context: 131_000, maxOutput: 131_000, price: [0.28, 1.1] },
    {
      id: "deepseek-ai/DeepSeek-R1",
      context: 164_000,
      maxOutput: 164_000,
      price: [0.5, 2.18],
      reasoning: true,
    },
    { id: "Qwen/Qwen3-Embedding-8B", type: "embedding", context: 32_768, dimensions: 4096 },
    { id: "BAAI/bge-m3", type: "embedding", context: 8192, dimensions: 1024 },
    { id: "Kwai-Kolors/Kolors", type: "image", sizes: ["1024x1024", "960x1280", "768x1024", "720x1280"] },
    { id: "Qwen/Qwen-Image", type: "image", sizes: ["1328x1328", "1664x928", "928x1664"] },
    { id: "BAAI/bge-reranker-v2-m3", type: "rerank", context: 8192 },
    ...audio(["transcription"], [{ id: "FunAudioLLM/SenseVoiceSmall" }]),
    ...audio(["speech"], [{ id: "FunAudioLLM/CosyVoice2-0.5B" }]),
  ],
});
