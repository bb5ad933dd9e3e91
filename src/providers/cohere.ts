import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { sharing } from "./sharing.ts";

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
  modelsPath: "/v1/models",
  envKey: "COHERE_API_KEY",
  keyUrl: "https://dashboard.cohere.com/api-keys",
  models: [
    ...sharing({ tools: true }, [
      { id: "command-r-plus-08-2024", context: 128_000, maxOutput: 4_000, price: [2.5, 10] },
      { id: "command-r-08-2024", context: 128_000, maxOutput: 4_000, price: [0.15, 0.6] },
      { id: "command-a-03-2025", context: 256_000, maxOutput: 8_000, price: [2.5, 10] },
    ]),
  ],
});
