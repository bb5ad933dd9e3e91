import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://help.aliyun.com/zh/model-studio/coding-plan */
export const alicode = defineProvider({
  id: "alicode",
  name: "Alibaba Coding Plan (China)",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://coding.dashscope.aliyuncs.com/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { thinkTags: true } }],
  modelsPath: "/models",
  keyUrl: "https://bailian.console.aliyun.com",
  models: [],
});
