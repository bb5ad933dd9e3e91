import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { glm } from "./glm.ts";

/** Z.AI by the token, beside its Coding Plan (`glm`). https://docs.z.ai/api-reference */
export const zai = defineProvider({
  id: "zai",
  name: "Z.AI (pay as you go)",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.z.ai/api",
  chat: [
    {
      format: "openai-chat",
      path: "/paas/v4/chat/completions",
      quirks: { reasoningControl: "thinking", echoReasoning: true },
    },
    { format: "anthropic", path: "/anthropic/v1/messages", headers: { "anthropic-version": "2023-06-01" } },
  ],
  modelsPath: "/paas/v4/models",
  keyUrl: "https://z.ai/manage-apikey/apikey-list",
  mainModel: "glm-5.3",
  models: glm.models,
});
