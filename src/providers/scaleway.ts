import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://www.scaleway.com/en/docs/generative-apis */
export const scaleway = defineProvider({
  id: "scaleway",
  prefixes: ["scw"],
  name: "Scaleway Generative APIs",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://api.scaleway.ai/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  services: { embeddings: { dialect: "openai", path: "/embeddings" } },
  modelsPath: "/models",
  keyUrl: "https://console.scaleway.com/iam/api-keys",
  models: [],
});
