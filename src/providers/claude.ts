import { defineProvider } from "../core/provider.ts";
import { anthropic } from "./anthropic.ts";

/** Plans of Claude, by sign-in. Genuine Claude Code goes through unchanged; nothing else is made to look like it. */
export const claude = defineProvider({
  id: "claude",
  prefixes: ["cc"],
  name: "Claude (Pro, Max)",
  tier: "subscription",
  status: {
    state: "restricted",
    since: "2026-04-04",
    note: "Anthropic's terms allow a plan's sign-in in Claude Code and its own applications; other programs were cut off.",
    source: "https://code.claude.com/docs/en/legal-and-compliance",
    replacement: "anthropic/claude-opus-4-6",
  },
  auth: { type: "sign-in" },
  baseUrl: "https://api.anthropic.com/v1",
  chat: [
    {
      format: "anthropic",
      path: "/messages",
      countPath: "/messages/count_tokens",
      headers: { "anthropic-version": "2023-06-01", "anthropic-beta": "oauth-2025-04-20" },
      quirks: { clean: true },
    },
  ],
  modelsPath: "/models",
  proofMaker: "anthropic",
  mainModel: "claude-sonnet-5-5",
  models: anthropic.models,
});
