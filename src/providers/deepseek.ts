import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { sharing } from "./sharing.ts";
import { retired } from "./status.ts";

/** Where the vendor says which models it serves. */
const LISTED = "https://api-docs.deepseek.com/updates";

export const deepseek = defineProvider({
  id: "deepseek",
  prefixes: ["ds"],
  name: "DeepSeek",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.deepseek.com",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: {
        reasoningControl: "thinking",
        echoReasoning: true,
        efforts: ["high", "max"],
        noJsonSchema: true,
      },
    },
  ],
  modelsPath: "/models",
  envKey: "DEEPSEEK_API_KEY",
  keyUrl: "https://platform.deepseek.com/api_keys",
  models: [
    ...sharing({ reasoning: true, tools: true }, [
      { id: "deepseek-flash", context: 1_000_000, maxOutput: 384_000, price: [0.3, 1.2, 0.006] },
      { id: "deepseek-v4-pro", context: 1_000_000, maxOutput: 384_000, price: [1.32, 3.96, 0.044] },
    ]),
    {
      id: "deepseek-chat",
      context: 1_000_000,
      maxOutput: 384_000,
      price: [0.14, 0.28, 0.0028],
      status: retired(LISTED, { since: "2026-07-24", replacement: "deepseek-flash" }),
    },
    {
      id: "deepseek-reasoner",
      context: 1_000_000,
      maxOutput: 384_000,
      price: [0.14, 0.28, 0.0028],
      status: retired(LISTED, { since: "2026-07-24", replacement: "deepseek-flash" }),
    },
    { id: "deepseek-coder", status: retired(LISTED, { replacement: "deepseek-flash" }) },
  ],
});
