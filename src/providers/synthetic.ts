import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://dev.synthetic.new/docs */
export const synthetic = defineProvider({
  id: "synthetic",
  name: "Synthetic",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://api.synthetic.new/openai/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  keyUrl: "https://synthetic.new",
  models: [],
});
