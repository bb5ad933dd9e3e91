import { defineProvider } from "../core/provider.ts";

export const mock = defineProvider({
  id: "mock",
  prefixes: ["omniroute-mock"],
  name: "Mock",
  tier: "free",
  auth: { type: "none" },
  builtIn: true,
  baseUrl: "mock://local/v1",
  chat: [{ format: "openai-chat", path: "/chat/completions", quirks: { clean: true } }],
  modelsPath: "/models",
  models: [
    { id: "echo", price: [0, 0], tools: true },
    { id: "think", price: [0, 0], reasoning: true, tools: true },
    { id: "tools", price: [0, 0], tools: true },
    { id: "slow", price: [0, 0], tools: true },
    { id: "stall", price: [0, 0], tools: true },
    { id: "cut", price: [0, 0], tools: true },
    { id: "error-first", price: [0, 0], tools: true },
    { id: "429", price: [0, 0], tools: true },
    { id: "500", price: [0, 0], tools: true },
    { id: "bad-key", price: [0, 0], tools: true },
  ],
});
