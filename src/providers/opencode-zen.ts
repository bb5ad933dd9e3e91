import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://opencode.ai/docs/zen */
export const opencodeZen = defineProvider({
  id: "opencode-zen",
  name: "OpenCode Zen",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://opencode.ai/zen/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  keyUrl: "https://opencode.ai/auth",
  models: [],
});
