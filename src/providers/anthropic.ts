import { defineProvider, type ModelDefinition } from "../core/provider.ts";

export const anthropic = defineProvider({
  id: "anthropic",
  name: "Anthropic",
  tier: "api-key",
  auth: { type: "key", header: "x-api-key" },
  baseUrl: "https://api.anthropic.com/v1",
  chat: [
    {
      format: "anthropic",
      path: "/messages",
      countPath: "/messages/count_tokens",
      headers: { "anthropic-version": "2023-06-01" },
      quirks: { clean: true },
    },
  ],
  modelsPath: "/models",
  envKey: "ANTHROPIC_API_KEY",
  keyUrl: "https://console.anthropic.com/settings/keys",
  mainModel: "claude-sonnet-5-5",
  models: [
    claude("claude-fable-5", 1_000_000, 128_000, [10, 50, 1]),
    claude("claude-fable-5-1", 1_000_000, 128_000, [10, 50, 0.25]),
    claude("claude-fable-5-2", 1_000_000, 128_000, [8, 40, 0.2]),
    claude("claude-haiku-4-5", 200_000, 64_000, [1, 5, 0.1]),
    claude("claude-haiku-4-5-20251001", 200_000, 64_000, [1, 5, 0.1]),
    claude("claude-haiku-5-5", 1_000_000, 128_000, [0.1, 0.5, 0.01]),
    claude("claude-opus-4-5", 200_000, 64_000, [5, 25, 0.5]),
    claude("claude-opus-4-5-20251101", 200_000, 64_000, [5, 25, 0.5]),
    claude("claude-opus-4-6", 1_000_000, 128_000, [5, 25, 0.5]),
    claude("claude-opus-4-7", 1_000_000, 128_000, [5, 25, 0.5]),
    claude("claude-opus-4-8", 1_000_000, 128_000, [5, 25, 0.5]),
    claude("claude-opus-5", 1_000_000, 128_000, [5, 25, 0.5]),
    claude("claude-opus-5-5", 1_000_000, 128_000, [4, 20, 0.2]),
    claude("claude-sonnet-4-5", 200_000, 64_000, [3, 15, 0.3]),
    claude("claude-sonnet-4-5-20250929", 200_000, 64_000, [3, 15, 0.3]),
    claude("claude-sonnet-4-6", 1_000_000, 128_000, [3, 15, 0.3]),
    claude("claude-sonnet-5", 1_000_000, 128_000, [2, 10, 0.2]),
    claude("claude-sonnet-5-5", 1_000_000, 128_000, [2, 10, 0.1]),
  ],
});

/**
 * A Claude model with the prices of `[input, output, cache read]`; writing the cache costs a quarter more than input
 * for five minutes and twice as much for an hour.
 */
export function claude(
  id: string,
  context: number,
  maxOutput: number,
  [input, output, cacheRead]: readonly [number, number, number],
): ModelDefinition {
  const price = { input, output, cacheRead, cacheWrite: input * 1.25, cacheWrite1h: input * 2 };
  return { id, context, maxOutput, price, reasoning: true, vision: true, tools: true };
}
