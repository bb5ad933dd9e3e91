import { defineProvider } from "../core/provider.ts";

export const cursor = defineProvider({
  id: "cursor",
  prefixes: ["cu"],
  name: "Cursor",
  tier: "subscription",
  status: {
    state: "not-offered",
    note: "Cursor's protocol is private and changes without notice, so there is no adapter for it.",
    source: "https://cursor.com/docs/api",
    replacement: "anthropic/claude-sonnet-4-5",
  },
  auth: { type: "none" },
  baseUrl: "https://api2.cursor.sh",
  chat: [],
  models: [
    { id: "claude-4.5-opus-high-thinking", context: 200_000, maxOutput: 64_000, price: [5, 25, 0.5, 6.25] },
    { id: "claude-4.5-opus-high", context: 200_000, maxOutput: 64_000, price: [5, 25, 0.5, 6.25] },
    { id: "claude-4.5-sonnet-thinking", context: 200_000, maxOutput: 64_000, price: [3, 15, 0.3, 3.75] },
    { id: "claude-4.5-sonnet", context: 200_000, maxOutput: 64_000, price: [3, 15, 0.3, 3.75] },
    { id: "claude-4.5-haiku", context: 200_000, maxOutput: 64_000, price: [1, 5, 0.1, 1.25] },
    { id: "claude-4.5-opus", context: 200_000, maxOutput: 64_000, price: [5, 25, 0.5, 6.25] },
    { id: "gpt-5.2-codex", context: 400_000, maxOutput: 128_000, price: [1.75, 14, 0.175] },
  ],
});
