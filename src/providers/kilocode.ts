import { defineProvider } from "../core/provider.ts";

/** Accounts of Kilo, which pass models of many vendors on in OpenRouter's dialect. https://kilo.ai/docs */
export const kilocode = defineProvider({
  id: "kilocode",
  prefixes: ["kc"],
  name: "Kilo Code",
  tier: "subscription",
  auth: { type: "sign-in" },
  accountHeaders: { "x-kilocode-organizationid": "organizationId" },
  baseUrl: "https://api.kilo.ai/api/openrouter",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { reasoningField: "reasoning", reasoningControl: "openrouter", cacheMarks: true },
    },
  ],
  modelsPath: "/models",
  modelsArePublic: true,
  models: [
    {
      id: "anthropic/claude-sonnet-4-20250514",
      context: 200_000,
      maxOutput: 64_000,
      price: [3, 15, 0.3, 3.75],
    },
    {
      id: "anthropic/claude-opus-4-20250514",
      context: 200_000,
      maxOutput: 32_000,
      price: [15, 75, 1.5, 18.75],
    },
    { id: "google/gemini-2.5-pro", context: 1_048_576, maxOutput: 65_536, price: [1.25, 10, 0.125, 0.375] },
    {
      id: "google/gemini-2.5-flash",
      context: 1_048_576,
      maxOutput: 65_535,
      price: [0.3, 2.5, 0.03, 0.083333],
    },
    { id: "openai/gpt-4.1", context: 1_047_576, maxOutput: 32_768, price: [2, 8, 0.5] },
    { id: "openai/o3", context: 200_000, maxOutput: 100_000, price: [2, 8, 0.5] },
    { id: "deepseek/deepseek-chat", context: 163_840, maxOutput: 163_840, price: [0.32, 0.89, 0.15] },
    { id: "deepseek/deepseek-reasoner", context: 1_000_000, maxOutput: 384_000, price: [0.14, 0.28, 0.0028] },
  ],
});
