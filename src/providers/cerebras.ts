import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { sharing } from "./sharing.ts";
import { retired } from "./status.ts";

export const cerebras = defineProvider({
  id: "cerebras",
  name: "Cerebras",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.cerebras.ai/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { reasoningField: "reasoning", maxTokensField: "max_completion_tokens" },
    },
  ],
  modelsPath: "/models",
  envKey: "CEREBRAS_API_KEY",
  keyUrl: "https://cloud.cerebras.ai",
  models: [
    ...sharing({ reasoning: true, tools: true }, [
      { id: "gpt-oss-120b", context: 131_072, maxOutput: 40_960, price: [0.35, 0.75, 0.35] },
      { id: "qwen-3.8-27b", context: 131_072, maxOutput: 40_960, price: [0.99, 1.49, 0.99] },
    ]),
    {
      id: "llama-3.3-70b",
      context: 128_000,
      price: [0.85, 1.2],
      status: retired("https://inference-docs.cerebras.ai/support/deprecation", {
        since: "2026-02-16",
        replacement: "gpt-oss-120b",
      }),
    },
  ],
});
