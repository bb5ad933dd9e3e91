import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { sharing } from "./sharing.ts";
import { retired } from "./status.ts";

/** Where the vendor says which models it serves. */
const LISTED = "https://platform.moonshot.ai/docs/pricing/chat";

export const kimi = defineProvider({
  id: "kimi",
  name: "Kimi (Moonshot AI)",
  tier: "cheap",
  auth: bearer,
  baseUrl: "https://api.moonshot.ai/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { reasoningControl: "thinking", echoReasoning: true },
    },
  ],
  modelsPath: "/models",
  keyUrl: "https://platform.moonshot.ai/console/api-keys",
  mainModel: "kimi-k3",
  models: [
    ...sharing({ reasoning: true, tools: true }, [
      { id: "kimi-k2.6", context: 262_144, maxOutput: 262_144, price: [0.95, 4, 0.16] },
      { id: "kimi-k2.7-code", context: 262_144, maxOutput: 262_144, price: [0.95, 4, 0.19] },
      { id: "kimi-k2.7-code-highspeed", context: 262_144, maxOutput: 262_144, price: [1.9, 8, 0.38] },
      { id: "kimi-k3", context: 1_048_576, maxOutput: 1_048_576, price: [3, 15, 0.3] },
      { id: "kimi-k3.1-pro", context: 1_048_576, maxOutput: 1_048_576, price: [2, 10, 0.2] },
      { id: "kimi-k3.1-pro-highspeed", context: 1_048_576, maxOutput: 1_048_576, price: [4, 20, 0.2] },
    ]),
    { id: "kimi-latest", status: retired(LISTED, { replacement: "kimi-k2.6" }) },
  ],
});
