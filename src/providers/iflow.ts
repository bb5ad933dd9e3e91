import { defineProvider } from "../core/provider.ts";

export const iflow = defineProvider({
  id: "iflow",
  prefixes: ["if"],
  name: "iFlow AI",
  tier: "free",
  status: {
    state: "shut-down",
    since: "2026-04-17",
    note: "iFlow closed its service.",
    source: "https://github.com/router-for-me/CLIProxyAPI/issues/2561",
    replacement: "glm/glm-4.7",
  },
  auth: { type: "none" },
  baseUrl: "https://apis.iflow.cn/v1",
  chat: [],
  models: [
    { id: "kimi-k2-thinking", context: 262_144, maxOutput: 262_144, price: [0.6, 2.5, 0.15] },
    { id: "qwen3-coder-plus", context: 256_000, maxOutput: 64_000, price: [1, 5] },
    { id: "glm-4.7", context: 204_800, maxOutput: 131_072, price: [0.6, 2.2, 0.11] },
    { id: "minimax-m2", context: 196_608, maxOutput: 128_000, price: [0.3, 1.2] },
    { id: "minimax-m2.1", context: 204_800, maxOutput: 131_072, price: [0.3, 1.2] },
    { id: "deepseek-r1", context: 128_000, maxOutput: 32_000 },
    { id: "kimi-k2", context: 128_000, maxOutput: 64_000 },
    { id: "kimi-k2.5", context: 262_144, maxOutput: 262_144, price: [0.6, 3, 0.1] },
    { id: "deepseek-v3.2-chat" },
    { id: "deepseek-v3.2-reasoner" },
  ],
});
