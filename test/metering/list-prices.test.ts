import { expect, test } from "bun:test";
import { ListPrices, priceOf } from "../../src/metering/index.ts";

const prices = new ListPrices();

test.each([
  ["openai", "gpt-4.1-2025-04-14", { input: 2, output: 8, cacheRead: 0.5 }],
  ["anthropic", "claude-3-5-haiku-20241022", { input: 0.8, output: 4, cacheRead: 0.08, cacheWrite: 1 }],
  // A plan's shadow price is its vendor's.
  ["claude", "claude-3-5-haiku-20241022", { input: 0.8, output: 4, cacheRead: 0.08, cacheWrite: 1 }],
  // Long prompts cost more there; the base tier counts.
  ["gemini", "gemini-2.5-pro", { input: 1.25, output: 10, cacheRead: 0.125 }],
  ["openai", "no-such-model", undefined],
  ["mock", "echo", undefined],
  ["openai-compatible-chat-1", "gpt-4.1", undefined],
])("the list price at %s of %s", (provider, model, price) => {
  expect(prices.find(provider, model)).toEqual(price as never);
  expect(prices.find(provider, model)).toEqual(price as never);
});

test("a list price is used only where our own tables have none", () => {
  const list = () => ({ input: 9, output: 9 });
  expect(priceOf({ id: "m", price: [1, 2] }, {}, list)).toEqual({ input: 1, output: 2 });
  expect(priceOf({ id: "m" }, {}, list)).toEqual({ input: 9, output: 9 });
  expect(priceOf(undefined, { output: 3 }, list)).toEqual({ input: 9, output: 3 });
});
