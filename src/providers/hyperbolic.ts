import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";

export const hyperbolic = defineProvider({
  id: "hyperbolic",
  prefixes: ["hyp"],
  name: "Hyperbolic",
  tier: "api-key",
  status: {
    state: "works",
    since: "2026-06-29",
    note: "Whether the service is still kept up is doubtful: others dropped it in June 2026.",
    source: "https://github.com/huggingface/huggingface.js/issues/2258",
  },
  auth: bearer,
  baseUrl: "https://api.hyperbolic.xyz/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { thinkTags: true, reasoningControl: "none" },
    },
  ],
  services: {
    images: { dialect: "hyperbolic", path: "/image/generation" },
    speech: { dialect: "hyperbolic", path: "/audio/generation" },
  },
  modelsPath: "/models",
  keyUrl: "https://app.hyperbolic.ai/settings/api-keys",
  models: [
    { id: "Qwen/QwQ-32B" },
    { id: "deepseek-ai/DeepSeek-R1" },
    { id: "deepseek-ai/DeepSeek-V3" },
    { id: "meta-llama/Llama-3.3-70B-Instruct" },
    { id: "meta-llama/Llama-3.2-3B-Instruct" },
    { id: "Qwen/Qwen2.5-72B-Instruct" },
    { id: "Qwen/Qwen2.5-Coder-32B-Instruct" },
    { id: "NousResearch/Hermes-3-Llama-3.1-70B" },
    { id: "SDXL1.0-base", type: "image" },
    { id: "SD2", type: "image" },
    { id: "FLUX.1-dev", type: "image" },
    { id: "melo-tts", type: "audio", services: ["speech"] },
  ],
});
