import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { sharing } from "./sharing.ts";
import { retired } from "./status.ts";

/** Where the vendor says which models it serves. */
const LISTED = "https://docs.perplexity.ai/changelog";

export const perplexity = defineProvider({
  id: "perplexity",
  prefixes: ["pplx"],
  name: "Perplexity",
  tier: "api-key",
  status: {
    state: "works",
    since: "2026-09-27",
    note: "Chat completions ended on 2026-09-27; calls go to the Agent API.",
    source: "https://docs.perplexity.ai",
  },
  auth: bearer,
  baseUrl: "https://api.perplexity.ai",
  chat: [{ format: "openai-responses", path: "/v1/responses" }],
  envKey: "PERPLEXITY_API_KEY",
  keyUrl: "https://www.perplexity.ai/settings/api",
  models: [
    ...sharing({ tools: false }, [
      {
        id: "sonar-pro",
        context: 200_000,
        maxOutput: 8_192,
        price: [3, 15],
        status: retired(LISTED, { since: "2026-09-27", replacement: "perplexity/sonar" }),
      },
      {
        id: "sonar",
        context: 128_000,
        maxOutput: 4_096,
        price: [1, 1],
        status: retired(LISTED, { since: "2026-09-27", replacement: "perplexity/sonar" }),
      },
    ]),
    { id: "perplexity/sonar" },
  ],
});
