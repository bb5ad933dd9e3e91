import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { UNCHECKED } from "./status.ts";

/** https://www.alibabacloud.com/help/en/model-studio/coding-plan, in Anthropic's format. */
export const bailianCodingPlan = defineProvider({
  id: "bailian-coding-plan",
  prefixes: ["bcp"],
  name: "Alibaba Coding Plan (Anthropic format)",
  tier: "api-key",
  status: UNCHECKED,
  auth: bearer,
  baseUrl: "https://coding-intl.dashscope.aliyuncs.com/apps/anthropic/v1",
  chat: [{ format: "anthropic", path: "/messages", headers: { "anthropic-version": "2023-06-01" } }],
  keyUrl: "https://modelstudio.console.alibabacloud.com",
  models: [],
});
