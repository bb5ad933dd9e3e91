import { defineProvider } from "../core/provider.ts";
import { sharing } from "./sharing.ts";

/** Google Antigravity, by sign-in with the operator's own Google client. https://antigravity.google/terms */
export const antigravity = defineProvider({
  id: "antigravity",
  prefixes: ["ag"],
  name: "Google Antigravity",
  tier: "subscription",
  status: {
    state: "restricted",
    since: "2026-02",
    note: "Antigravity's terms forbid other programs to use its sign-in; Google has suspended accounts for it.",
    source: "https://antigravity.google/docs/faq",
    replacement: "gemini/gemini-2.5-pro",
  },
  auth: { type: "sign-in" },
  baseUrl: "https://daily-cloudcode-pa.googleapis.com",
  chat: [{ format: "gemini", path: "/v1internal:{verb}", quirks: { envelope: "antigravity" } }],
  models: sharing({ reasoning: true, tools: true }, [
    { id: "claude-opus-4-6-thinking", context: 1_000_000, maxOutput: 128_000, price: [5, 25, 0.5, 6.25] },
    { id: "claude-opus-4-5-thinking", context: 200_000, maxOutput: 64_000, price: [5, 25, 0.5, 6.25] },
    { id: "claude-sonnet-4-5-thinking", context: 200_000, maxOutput: 64_000, price: [3, 15, 0.3, 3.75] },
    { id: "claude-sonnet-4-5", context: 200_000, maxOutput: 64_000, price: [3, 15, 0.3, 3.75] },
    { id: "gemini-3-pro-high" },
    { id: "gemini-3-pro-low" },
    { id: "gemini-3-flash-preview", context: 1_048_576, maxOutput: 65_536, price: [0.5, 3, 0.05] },
    { id: "gemini-3-flash" },
    { id: "gemini-2.5-flash", context: 1_048_576, maxOutput: 65_536, price: [0.3, 2.5, 0.03] },
  ]),
});
