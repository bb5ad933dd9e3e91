import { defineProvider } from "../core/provider.ts";
import { UNCHECKED } from "./status.ts";

/** https://github.com/pollinations/pollinations/blob/main/APIDOCS.md; a key is optional. */
export const pollinations = defineProvider({
  id: "pollinations",
  prefixes: ["pol"],
  name: "Pollinations",
  tier: "api-key",
  status: UNCHECKED,
  auth: { type: "key", header: "authorization", prefix: "Bearer " },
  baseUrl: "https://text.pollinations.ai",
  chat: [{ format: "openai-chat", path: "/openai", quirks: { noStreamOptions: true } }],
  modelsPath: "/models",
  modelsArePublic: true,
  keyUrl: "https://auth.pollinations.ai",
  models: [],
});
