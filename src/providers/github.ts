import { defineProvider } from "../core/provider.ts";
import { sharing } from "./sharing.ts";
import { unknownId } from "./status.ts";

/** Where the vendor says which models it serves. */
const LISTED = "https://docs.github.com/en/copilot/reference/ai-models/supported-models";

/** Who calls, and the version of the API; the values of GitHub's own editors are not used. */
const headers = { "editor-version": "OmniRoute/0.1", "x-github-api-version": "2026-06-01" };

/** Plans of GitHub Copilot. Each model is served at one of three addresses. https://docs.github.com/copilot */
export const github = defineProvider({
  id: "github",
  prefixes: ["gh"],
  name: "GitHub Copilot",
  tier: "subscription",
  status: {
    state: "works",
    since: "2026-06-01",
    note: "Billed in AI credits (0.01 USD each). GitHub decides which programs may use Copilot and may refuse this one.",
    source: "https://github.com/orgs/community/discussions/192948",
  },
  auth: { type: "sign-in" },
  baseUrl: "https://api.githubcopilot.com",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      headers,
      quirks: { maxTokensField: "max_completion_tokens", reasoningControl: "effort" },
    },
    { format: "openai-responses", path: "/responses", headers },
    {
      format: "anthropic",
      path: "/v1/messages",
      headers: { ...headers, "anthropic-version": "2023-06-01" },
    },
  ],
  services: { embeddings: { dialect: "openai", path: "/embeddings", headers } },
  modelsPath: "/models",
  renames: { "claude-4.5-sonnet": "claude-sonnet-4.5" },
  mainModel: "claude-sonnet-5.5",
  models: [
    ...sharing({ reasoning: true, tools: true, formats: ["anthropic"] }, [
      { id: "claude-fable-5", context: 1_000_000, maxOutput: 128_000, price: [10, 50, 1, 12.5] },
      { id: "claude-fable-5.1", context: 1_000_000, maxOutput: 128_000, price: [10, 50, 0.25, 12.5] },
      { id: "claude-haiku-4.5", context: 200_000, maxOutput: 64_000, price: [1, 5, 0.1, 1.25] },
      { id: "claude-haiku-5.5", context: 1_000_000, maxOutput: 128_000, price: [0.1, 0.5, 0.01, 0.125] },
      { id: "claude-opus-4.8", context: 1_000_000, maxOutput: 64_000, price: [5, 25, 0.5, 6.25] },
      { id: "claude-opus-5", context: 1_000_000, maxOutput: 64_000, price: [5, 25, 0.5, 6.25] },
      { id: "claude-opus-5.5", context: 1_000_000, maxOutput: 128_000, price: [4, 20, 0.2, 5] },
      { id: "claude-sonnet-4.6", context: 1_000_000, maxOutput: 32_000, price: [3, 15, 0.3, 3.75] },
      { id: "claude-sonnet-5", context: 1_000_000, maxOutput: 128_000, price: [2, 10, 0.2, 2.5] },
      { id: "claude-sonnet-5.5", context: 1_000_000, maxOutput: 128_000, price: [2, 10, 0.1, 2.5] },
    ]),
    ...sharing({ reasoning: true, tools: true, formats: ["openai-responses"] }, [
      { id: "gpt-5.3-codex", context: 1_000_000, maxOutput: 128_000, price: [1.75, 14, 0.175] },
      { id: "gpt-5.4-nano", context: 400_000, maxOutput: 128_000, price: [0.2, 1.25, 0.02] },
      { id: "gpt-5.6-luna", context: 1_050_000, maxOutput: 128_000, price: [0.2, 1.2, 0.02, 0.25] },
      { id: "gpt-5.6-sol", context: 1_050_000, maxOutput: 128_000, price: [4, 20, 0.4, 5] },
      { id: "gpt-5.6-terra", context: 1_050_000, maxOutput: 128_000, price: [2, 12, 0.2, 2.5] },
      { id: "gpt-6-astra", context: 1_000_000, maxOutput: 128_000, price: [10, 50, 1, 12.5] },
      { id: "gpt-6-luna", context: 1_000_000, maxOutput: 128_000, price: [0.1, 0.5, 0.01, 0.125] },
      { id: "gpt-6-sol", context: 1_000_000, maxOutput: 128_000, price: [2, 10, 0.2, 2.5] },
      { id: "gpt-6.1-sol", context: 1_050_000, maxOutput: 128_000, price: [2, 10, 0.1, 2.5] },
      { id: "gpt-6.1-terra", context: 1_050_000, maxOutput: 128_000, price: [1, 5, 0.05, 1.25] },
      { id: "grok-4.5", context: 500_000, maxOutput: 128_000, price: [2, 6, 0.5] },
      { id: "grok-4.6", context: 500_000, maxOutput: 128_000, price: [2, 6, 0.5] },
      { id: "grok-4.7", context: 500_000, maxOutput: 128_000, price: [2, 6, 0.5] },
      { id: "mai-code-1.1-flash", context: 256_000, maxOutput: 128_000, price: [0.2, 1.2, 0.02] },
      { id: "gpt-5.1-codex", context: 400_000, maxOutput: 128_000, price: [1.25, 10, 0.125] },
      { id: "gpt-5-codex", context: 400_000, maxOutput: 128_000, price: [1.25, 10, 0.125] },
      { id: "gpt-5.1", context: 400_000, maxOutput: 128_000, price: [1.25, 10, 0.125] },
      { id: "gpt-5.1-codex-mini", context: 400_000, maxOutput: 128_000, price: [0.25, 2, 0.025] },
      { id: "gpt-5.1-codex-max", context: 400_000, maxOutput: 128_000, price: [1.25, 10, 0.125] },
      { id: "gpt-5.2", context: 400_000, maxOutput: 128_000, price: [1.75, 14, 0.175] },
      { id: "gpt-5.2-codex", context: 400_000, maxOutput: 128_000, price: [1.75, 14, 0.175] },
    ]),
    ...sharing({ tools: true, formats: ["openai-chat"] }, [
      { id: "gemini-3.8-flash", context: 1_000_000, maxOutput: 64_000, price: [0.75, 3.75, 0.075] },
      { id: "gemini-4-argon", context: 1_048_576, maxOutput: 65_536, price: [2, 10, 0.1] },
      { id: "kimi-k3", context: 1_048_576, maxOutput: 131_072, price: [3, 15, 0.3] },
      { id: "gpt-5", context: 400_000, maxOutput: 128_000, price: [1.25, 10, 0.125] },
      { id: "gpt-4.1", context: 128_000, maxOutput: 16_384, price: [2, 8, 0.5] },
      { id: "gpt-4o", context: 128_000, maxOutput: 16_384, price: [2.5, 10, 1.25] },
      { id: "gpt-4o-mini", context: 128_000, maxOutput: 16_384, price: [0.15, 0.6, 0.075] },
      { id: "gpt-4", context: 8192, maxOutput: 8192, price: [30, 60] },
      { id: "gpt-3.5-turbo", context: 16_385, maxOutput: 4096, price: [0.5, 1.5] },
      { id: "gpt-5-mini", context: 264_000, maxOutput: 64_000, price: [0.25, 2, 0.025] },
      { id: "claude-opus-4.1", context: 200_000, maxOutput: 32_000, price: [15, 75, 1.5, 18.75] },
      { id: "claude-opus-4.6", context: 200_000, maxOutput: 32_000, price: [5, 25, 0.5, 6.25] },
      { id: "claude-opus-4-5-20251101", context: 200_000, maxOutput: 64_000, price: [5, 25, 0.5, 6.25] },
      { id: "claude-sonnet-4", context: 216_000, maxOutput: 16_000, price: [3, 15, 0.3, 3.75] },
      { id: "claude-sonnet-4.5", context: 200_000, maxOutput: 32_000, price: [3, 15, 0.3, 3.75] },
      { id: "gemini-2.5-pro", context: 128_000, maxOutput: 64_000, price: [1.25, 10, 0.125] },
      { id: "gemini-3-flash-preview", context: 128_000, maxOutput: 64_000, price: [0.5, 3, 0.05] },
      { id: "gemini-3-pro-preview", context: 1_048_576, maxOutput: 65_536, price: [2, 12, 0.2] },
    ]),
    { id: "gemini-3-pro", status: unknownId(LISTED, "gemini-3-pro-preview"), formats: ["openai-chat"] },
    { id: "grok-code-fast-1", status: unknownId(LISTED, "grok-4.7") },
    { id: "oswe-vscode-prime" },
  ],
});
