import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://docs.blackbox.ai */
export const blackbox = defineProvider({
  id: "blackbox",
  prefixes: ["bb"],
  name: "Blackbox AI",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://api.blackbox.ai/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  keyUrl: "https://www.blackbox.ai/dashboard",
  models: [],
});
