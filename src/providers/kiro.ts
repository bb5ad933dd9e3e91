import { defineProvider } from "../core/provider.ts";
import { sharing } from "./sharing.ts";

/** Kiro, AWS's editor: its service answers in AWS event streams. */
export const kiro = defineProvider({
  id: "kiro",
  prefixes: ["kr"],
  name: "Kiro (AWS)",
  tier: "free",
  status: {
    state: "not-offered",
    note: "Its wire format is not spoken here yet. The free plan is 50 credits a month.",
    source: "https://kiro.dev/pricing",
    replacement: "anthropic/claude-sonnet-4-5",
  },
  auth: { type: "sign-in" },
  baseUrl: "https://codewhisperer.us-east-1.amazonaws.com",
  chat: [],
  models: sharing({ reasoning: true, vision: true, tools: true }, [
    { id: "claude-sonnet-4.5", context: 200_000, maxOutput: 64_000, price: [3, 15, 0.3, 3.75] },
    { id: "claude-haiku-4.5", context: 200_000, maxOutput: 64_000, price: [1, 5, 0.1, 1.25] },
  ]),
});
