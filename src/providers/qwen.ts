import { defineProvider } from "../core/provider.ts";

export const qwen = defineProvider({
  id: "qwen",
  prefixes: ["qw"],
  name: "Qwen Code",
  tier: "free",
  status: {
    state: "shut-down",
    since: "2026-04-15",
    note: "Alibaba ended the free sign-in; its paid plans take an API key, at a node of your own.",
    source: "https://github.com/QwenLM/qwen-code/issues/3203",
    replacement: "siliconflow/Qwen/Qwen3-Coder-480B-A35B-Instruct",
  },
  auth: { type: "none" },
  baseUrl: "https://portal.qwen.ai/v1",
  chat: [],
  models: [
    { id: "qwen3-coder-plus", context: 1_048_576, maxOutput: 65_536, price: [1, 5] },
    { id: "qwen3-coder-flash", context: 1_000_000, maxOutput: 65_536, price: [0.3, 1.5] },
    { id: "vision-model" },
  ],
});
