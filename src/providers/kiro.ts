import { defineProvider } from "../core/provider.ts";
import { sharing } from "./sharing.ts";

/** Kiro, AWS's editor. */
export const kiro = defineProvider({
  id: "kiro",
  prefixes: ["kr"],
  name: "Kiro (AWS)",
  tier: "free",
  status: {
    state: "works",
    note: "The free plan is 50 credits a month. Which of its addresses takes which sign-in, AWS has changed before.",
    source: "https://kiro.dev/pricing",
  },
  auth: { type: "sign-in" },
  baseUrl: "https://codewhisperer.us-east-1.amazonaws.com",
  chat: [
    {
      format: "kiro",
      path: "/generateAssistantResponse",
      headers: {
        accept: "application/vnd.amazon.eventstream",
        "x-amz-target": "AmazonCodeWhispererStreamingService.GenerateAssistantResponse",
      },
      quirks: { streamOnly: true },
    },
  ],
  models: sharing({ reasoning: true, vision: true, tools: true }, [
    { id: "claude-sonnet-4.5", context: 200_000, maxOutput: 32_000, price: [3, 15, 0.3, 3.75] },
    { id: "claude-haiku-4.5", context: 200_000, maxOutput: 32_000, price: [1, 5, 0.1, 1.25] },
  ]),
});
