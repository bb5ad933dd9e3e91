import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://kilo.ai/docs/gateway */
export const kiloGateway = defineProvider({
  id: "kilo-gateway",
  prefixes: ["kg"],
  name: "Kilo Gateway",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://api.kilo.ai/api/gateway",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  modelsArePublic: true,
  keyUrl: "https://app.kilo.ai",
  models: [],
});
