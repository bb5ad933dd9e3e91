import { expect, test } from "bun:test";
import type { ModelDefinition, Price } from "../../src/core/provider.ts";
import { costOf } from "../../src/metering/index.ts";
import { PROVIDERS } from "../../src/providers/index.ts";

/** What vendors take for tokens read from their cache, as shares of the price of input. */
const SHARES: [provider: string, model: RegExp, share: number][] = [
  ["anthropic", /^claude-(?:haiku|sonnet|opus)-4-/, 0.1],
  ["claude", /^claude-(?:haiku|sonnet|opus)-4-/, 0.1],
  ["gemini", /^gemini-2\.5-/, 0.1],
  ["openai", /^gpt-5(?:\.\d)?$/, 0.1],
  ["openai", /^gpt-4\.1/, 0.25],
];

test.each(SHARES)("%s %p: cached tokens cost %p of the input", (id, pattern, share) => {
  const { models } = PROVIDERS.find((provider) => provider.id === id)!;
  const shares = models.filter((model) => pattern.test(model.id)).flatMap(shareOf);
  expect(shares.length).toBeGreaterThan(0);
  expect(new Set(shares)).toEqual(new Set([share]));
});

/** None where no price of cached tokens is known. */
function shareOf({ price }: ModelDefinition): number[] {
  const [input, , cached] = Array.isArray(price)
    ? (price as number[])
    : [(price as Price).input, 0, (price as Price).cacheRead];
  return cached === undefined ? [] : [Math.round((100 * cached) / input!) / 100];
}

test("a million cached tokens cost their own price, not that of the input", () => {
  const price = { input: 3, output: 15, cacheRead: 0.3 } as Price;
  expect(costOf({ input: 0, output: 0, cacheRead: 1_000_000 }, price)).toBeCloseTo(0.3, 12);
});
