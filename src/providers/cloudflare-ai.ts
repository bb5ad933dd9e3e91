import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";

/** https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility */
export const cloudflareAi = defineProvider({
  id: "cloudflare-ai",
  prefixes: ["cf"],
  name: "Cloudflare Workers AI",
  tier: "api-key",
  status: {
    state: "works",
    note: "Its address holds your account: enter the base URL with your own id in place of ACCOUNT_ID.",
    source: "https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility",
  },
  auth: bearer,
  baseUrl: "https://api.cloudflare.com/client/v4/accounts/ACCOUNT_ID/ai/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  services: { embeddings: { dialect: "openai", path: "/embeddings" } },
  keyUrl: "https://dash.cloudflare.com/profile/api-tokens",
  models: [],
});
