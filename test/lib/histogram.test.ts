import { expect, test } from "bun:test";
import { Histogram } from "../../src/lib/histogram.ts";

const of = (values: readonly number[]) => {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
};

test.each([0, 1, 7, 99, 1234, 60_000, 3_600_000])("a value of %p is read back within 5 %%", (value) => {
  const read = of([value]).quantile(0.5);
  expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.max(1, value * 0.05));
});

test("shares are those of the values", () => {
  const histogram = of(Array.from({ length: 1000 }, (_, index) => index + 1));
  for (const share of [0.01, 0.5, 0.95, 0.99, 1]) {
    const exact = share * 1000;
    expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(exact * 0.06);
  }
});

test("packed, unpacked and put together they say the same", () => {
  const [low, high] = [of([1, 2, 3]), of([1000, 2000, 3000])];
  const both = Histogram.unpack(low.pack()).merge(Histogram.unpack(high.pack()));
  expect(both.total).toBe(6);
  expect(both.quantile(0.99)).toBe(of([1, 2, 3, 1000, 2000, 3000]).quantile(0.99));
});

test.each(["", "nonsense", "1", "1:", ":1", "1:-3"])(
  "what is no histogram counts as nothing: %j",
  (packed) => {
    expect(Histogram.unpack(packed).total).toBe(0);
    expect(Histogram.unpack(packed).quantile(0.5)).toBe(0);
  },
);
