import { defineProvider } from "../core/provider.ts";
import { sharing } from "./sharing.ts";

/** Plans of ChatGPT through the service behind Codex. https://github.com/openai/codex (codex-rs, client) */
export const codex = defineProvider({
  id: "codex",
  prefixes: ["cx"],
  name: "OpenAI Codex (ChatGPT plan)",
  tier: "subscription",
  status: {
    state: "works",
    note: "OpenAI now offers “Sign in with ChatGPT” for programs like this one; see the provider openai.",
    source: "https://developers.openai.com/siwc",
  },
  auth: { type: "sign-in" },
  accountHeaders: { "chatgpt-account-id": "accountId" },
  baseUrl: "https://chatgpt.com/backend-api/codex",
  chat: [
    {
      format: "openai-responses",
      path: "/responses",
      headers: { originator: "omniroute" },
      quirks: {
        streamOnly: true,
        fixed: { store: false },
        needsInstructions: true,
        drop: [
          "temperature",
          "top_p",
          "frequency_penalty",
          "presence_penalty",
          "logprobs",
          "top_logprobs",
          "max_output_tokens",
          "user",
          "metadata",
          "stream_options",
          "prompt_cache_retention",
          "safety_identifier",
        ],
      },
    },
  ],
  mainModel: "gpt-6.1-sol",
  models: sharing({ reasoning: true, vision: true, tools: true }, [
    { id: "gpt-6-astra", context: 272_000, maxOutput: 128_000, price: [10, 50, 1, 12.5] },
    { id: "gpt-6-luna", context: 272_000, maxOutput: 128_000, price: [0.1, 0.5, 0.01, 0.125] },
    { id: "gpt-6-sol", context: 272_000, maxOutput: 128_000, price: [2, 10, 0.2, 2.5] },
    { id: "gpt-6.1-sol", context: 500_000, maxOutput: 128_000, price: [2, 10, 0.1, 2.5] },
    { id: "gpt-6.1-terra", context: 500_000, maxOutput: 128_000, price: [1, 5, 0.05, 1.25] },
    { id: "gpt-5.6-luna", context: 272_000, maxOutput: 128_000, price: [0.2, 1.2, 0.02, 0.25] },
    { id: "gpt-5.6-sol", context: 272_000, maxOutput: 128_000, price: [4, 20, 0.4, 5] },
    { id: "gpt-5.6-terra", context: 272_000, maxOutput: 128_000, price: [2, 12, 0.2, 2.5] },
    { id: "gpt-5.3-codex", context: 400_000, maxOutput: 128_000, price: [1.75, 14, 0.175] },
    { id: "gpt-5.2-codex", context: 400_000, maxOutput: 128_000, price: [1.75, 14, 0.175] },
    { id: "gpt-5.2", context: 400_000, maxOutput: 128_000, price: [1.75, 14, 0.175] },
    { id: "gpt-5.1-codex-max", context: 400_000, maxOutput: 128_000, price: [1.25, 10, 0.125] },
    { id: "gpt-5.1-codex", context: 400_000, maxOutput: 128_000, price: [1.25, 10, 0.125] },
    { id: "gpt-5.1-codex-mini", context: 400_000, maxOutput: 128_000, price: [0.25, 2, 0.025] },
    { id: "gpt-5.1", context: 400_000, maxOutput: 128_000, price: [1.25, 10, 0.125] },
    { id: "gpt-5-codex", context: 400_000, maxOutput: 128_000, price: [1.25, 10, 0.125] },
    { id: "gpt-5-codex-mini" },
  ]),
});
