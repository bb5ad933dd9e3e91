import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://www.alibabacloud.com/help/en/model-studio */
export const alibaba = defineProvider({
  id: "alibaba",
  prefixes: ["ali"],
  name: "Alibaba Model Studio",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  services: { embeddings: { dialect: "openai", path: "/embeddings" } },
  modelsPath: "/models",
  keyUrl: "https://modelstudio.console.alibabacloud.com",
  models: [],
});
