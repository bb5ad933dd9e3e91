import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://docs.aimlapi.com */
export const aimlapi = defineProvider({
  id: "aimlapi",
  prefixes: ["aiml"],
  name: "AI/ML API",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://api.aimlapi.com/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  services: { embeddings: { dialect: "openai", path: "/embeddings" } },
  modelsPath: "/models",
  keyUrl: "https://aimlapi.com/app/keys",
  models: [],
});
