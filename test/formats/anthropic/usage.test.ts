import { expect, test } from "bun:test";
import { readUsage } from "../../../src/formats/anthropic/usage.ts";
import { costOf } from "../../../src/metering/index.ts";

const WIRE = {
  input_tokens: 45_000,
  output_tokens: 1000,
  cache_read_input_tokens: 10,
  iterations: [
    { type: "compaction", input_tokens: 180_000, output_tokens: 3000, cache_read_input_tokens: 5 },
    { type: "message", input_tokens: 45_000, output_tokens: 1000, cache_read_input_tokens: 10 },
  ],
};

test("what summing up took is billed, though it is no part of the counts", () => {
  const usage = readUsage(WIRE);
  expect(usage).toMatchObject({ input: 45_000, output: 1000, cacheRead: 10 });
  expect(usage?.beside).toMatchObject({ input: 180_000, output: 3000, cacheRead: 5 });
  const price = { input: 3, output: 15, cacheRead: 0.3 };
  expect(costOf(usage, price)).toBeCloseTo((225_000 * 3 + 4000 * 15 + 15 * 0.3) / 1e6, 9);
});

test("rounds without a summary add nothing", () => {
  const { iterations, ...plain } = WIRE;
  expect(readUsage({ ...plain, iterations: iterations.slice(1) })).toEqual(readUsage(plain)!);
});
