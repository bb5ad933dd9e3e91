import { defineProvider } from "../core/provider.ts";

export const vllm = defineProvider({
  id: "vllm",
  name: "vLLM",
  tier: "free",
  auth: { type: "optional-key" },
  baseUrl: "http://localhost:8000/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  models: [],
});
