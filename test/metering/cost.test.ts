import { expect, test } from "bun:test";
import type { Price } from "../../src/core/provider.ts";
import type { Usage } from "../../src/core/reply.ts";
import { costKindOf, costOf, priceOf } from "../../src/metering/index.ts";
import { PROVIDERS } from "../../src/providers/index.ts";

const M = 1_000_000;
const plain: Price = { input: 3, output: 15 };
const full: Price = {
  input: 3,
  output: 15,
  cacheRead: 0.3,
  cacheWrite: 3.75,
  cacheWrite1h: 6,
  reasoning: 20,
};

const none: Price = { input: 0, output: 0 };
const minute: Price = { ...none, perMinute: 0.006 };

test.each<[string, Usage, Price, number]>([
  ["input and output", { input: M, output: M }, plain, 18],
  ["nothing", { input: 0, output: 0 }, plain, 0],
  ["cached tokens follow input without a price", { input: 0, cacheRead: M, output: 0 }, plain, 3],
  ["written tokens follow input without a price", { input: 0, cacheWrite: M, output: 0 }, plain, 3],
  ["reasoning follows output without a price", { input: 0, output: M, reasoning: M / 2 }, plain, 15],
  ["cached tokens at their own price", { input: M, cacheRead: M, output: 0 }, full, 3.3],
  ["written tokens at their own price", { input: 0, cacheWrite: M, output: 0 }, full, 3.75],
  [
    "hour-long tokens are a part of the written ones",
    { input: 0, cacheWrite: M, cacheWrite1h: M / 2, output: 0 },
    full,
    4.875,
  ],
  ["reasoning is a part of output", { input: 0, output: M, reasoning: M / 4 }, full, 16.25],
  ["more reasoning than output is output", { input: 0, output: M, reasoning: 5 * M }, full, 20],
  ["negative counts are nothing", { input: -5, output: -1, cacheRead: -3 }, full, 0],
  ["absurd counts are bounded", { input: 1e308, output: Infinity }, plain, 18_000],
  ["no number at all is nothing", { input: Number.NaN, output: M }, plain, 15],
  ["a minute and a half of audio", { input: 0, output: 0, units: { seconds: 90 } }, minute, 0.009],
  ["four pictures", { input: 0, output: 0, units: { images: 4 } }, { ...none, perImage: 0.04 }, 0.16],
  ["one search", { input: 0, output: 0, units: { searches: 1 } }, { ...none, perSearch: 0.002 }, 0.002],
  [
    "a million characters spoken",
    { input: 0, output: 0, units: { characters: M } },
    { ...none, perCharacter: 0.000015 },
    15,
  ],
  ["pictures sold by tokens", { input: M, output: M, units: { images: 1 } }, plain, 18],
  [
    "tokens beside units",
    { input: M, output: 0, units: { images: 2 } },
    { ...none, input: 1, perImage: 0.5 },
    2,
  ],
  ["what is free stays free", { input: 0, output: 0, units: { characters: 5 } }, none, 0],
])("%s", (_name, usage, price, dollars) => {
  expect(costOf(usage, price)).toBeCloseTo(dollars, 9);
});

test.each<[string, Usage, Price]>([
  ["seconds are sold and nobody counted them", { input: 0, output: 0, units: { characters: 7 } }, minute],
  ["tokens are sold and nobody told them", { input: 0, output: 0, units: { images: 1 } }, plain],
  [
    "the answer's tokens are sold and only the question's are guessed",
    { input: 100, output: 0, units: { characters: 400 }, estimated: true },
    plain,
  ],
])("the cost is unknown when %s", (_name, usage, price) => {
  expect(costOf(usage, price)).toBeUndefined();
});

test("an unknown price or usage has an unknown cost", () => {
  expect(costOf({ input: 1, output: 1 }, undefined)).toBeUndefined();
  expect(costOf(undefined, plain)).toBeUndefined();
});

test("an hour of Anthropic's cache costs twice the input price, a read a tenth", () => {
  const anthropic = PROVIDERS.find((provider) => provider.id === "anthropic")!;
  const price = priceOf(anthropic.models.find((model) => model.id === "claude-opus-4-6"))!;
  expect(price).toEqual({ input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25, cacheWrite1h: 10 });
});

test.each([
  ["openai", "billed"],
  ["glm", "billed"],
  ["kimi-coding", "shadow"],
  ["ollama", "shadow"],
  ["mock", "free"],
])("calls to %s are %s", (id, kind) => {
  expect(costKindOf(PROVIDERS.find((provider) => provider.id === id)!)).toBe(kind as "billed");
});
