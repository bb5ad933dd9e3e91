import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://www.alibabacloud.com/help/en/model-studio/coding-plan */
export const alicodeIntl = defineProvider({
  id: "alicode-intl",
  name: "Alibaba Coding Plan",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  keyUrl: "https://modelstudio.console.alibabacloud.com",
  models: [],
});
