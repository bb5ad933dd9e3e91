import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://huggingface.co/docs/inference-providers */
export const huggingface = defineProvider({
  id: "huggingface",
  prefixes: ["hf"],
  name: "Hugging Face Inference Providers",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://router.huggingface.co/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  modelsArePublic: true,
  keyUrl: "https://huggingface.co/settings/tokens",
  models: [],
});
