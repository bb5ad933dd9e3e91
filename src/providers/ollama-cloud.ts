import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://docs.ollama.com/cloud */
export const ollamaCloud = defineProvider({
  id: "ollama-cloud",
  prefixes: ["ollamacloud"],
  name: "Ollama Cloud",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://ollama.com/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  keyUrl: "https://ollama.com/settings/keys",
  models: [],
});
