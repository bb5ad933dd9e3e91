import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://longcat.chat/platform/docs */
export const longcat = defineProvider({
  id: "longcat",
  prefixes: ["lc"],
  name: "LongCat",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://longcat.chat/api/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  keyUrl: "https://longcat.chat/platform/api_keys",
  models: [],
});
