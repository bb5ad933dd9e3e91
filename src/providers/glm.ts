import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { sharing } from "./sharing.ts";

export const glm = defineProvider({
  id: "glm",
  name: "GLM Coding Plan (Z.AI)",
  tier: "cheap",
  status: {
    state: "works",
    note: "The Coding Plan is meant for the tools that Z.AI lists; other use may be limited.",
    source: "https://docs.z.ai/devpack/overview",
  },
  auth: bearer,
  baseUrl: "https://api.z.ai/api",
  chat: [
    { format: "anthropic", path: "/anthropic/v1/messages", headers: { "anthropic-version": "2023-06-01" } },
    {
      format: "openai-chat",
      path: "/coding/paas/v4/chat/completions",
      quirks: { reasoningControl: "thinking", echoReasoning: true },
    },
  ],
  modelsPath: "/coding/paas/v4/models",
  keyUrl: "https://z.ai/manage-apikey/apikey-list",
  mainModel: "glm-5.3",
  models: [
    ...sharing({ reasoning: true, tools: true }, [
      { id: "glm-4.7", context: 204_800, maxOutput: 131_072, price: [0.6, 2.2, 0.11] },
      { id: "glm-5-turbo", context: 200_000, maxOutput: 131_072, price: [1.2, 4, 0.24] },
      { id: "glm-5.2", context: 1_000_000, maxOutput: 131_072, price: [1.4, 4.4, 0.26] },
      { id: "glm-5.2-highspeed", context: 1_000_000, maxOutput: 131_072 },
      { id: "glm-5.3", context: 1_000_000, maxOutput: 131_072, price: [1.4, 4.4, 0.26] },
      { id: "glm-5.3-flash", context: 1_000_000, maxOutput: 131_072, price: [0.15, 0.5, 0.03] },
      { id: "glm-5.3-highspeed", context: 1_000_000, maxOutput: 131_072 },
    ]),
  ],
});
