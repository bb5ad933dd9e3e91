import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://opencode.ai/docs/go */
export const opencodeGo = defineProvider({
  id: "opencode-go",
  name: "OpenCode Go",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://opencode.ai/zen/go/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  keyUrl: "https://opencode.ai/auth",
  models: [],
});
