import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { sharing } from "./sharing.ts";

export const kimiCoding = defineProvider({
  id: "kimi-coding",
  prefixes: ["kmc", "kmca", "kimi-coding-apikey"],
  name: "Kimi Code",
  tier: "subscription",
  auth: bearer,
  baseUrl: "https://api.kimi.com/coding/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { reasoningControl: "thinking", echoReasoning: true },
    },
    {
      format: "anthropic",
      path: "/messages",
      headers: { "anthropic-version": "2023-06-01" },
      auth: { type: "key", header: "x-api-key" },
    },
  ],
  modelsPath: "/models",
  keyUrl: "https://www.kimi.com/code",
  models: [
    ...sharing({ reasoning: true, tools: true }, [
      { id: "k3", context: 1_048_576, maxOutput: 131_072, price: [3, 15, 0.3] },
      { id: "k3-256k", context: 262_144, maxOutput: 131_072, price: [3, 15, 0.3] },
      { id: "k3.1-pro", context: 1_048_576, maxOutput: 131_072, price: [2, 10, 0.2] },
      { id: "k3.1-pro-highspeed", context: 1_048_576, maxOutput: 131_072, price: [4, 20, 0.2] },
      { id: "kimi-for-coding", context: 1_048_576, maxOutput: 32_768, price: [0.95, 4, 0.19] },
      { id: "kimi-for-coding-highspeed", context: 262_144, maxOutput: 32_768, price: [1.9, 8, 0.38] },
    ]),
  ],
});
