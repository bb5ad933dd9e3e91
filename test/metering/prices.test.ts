import { expect, test } from "bun:test";
import type { ModelDefinition } from "../../src/core/provider.ts";
import { type PriceOverride, priceOf } from "../../src/metering/index.ts";

const model = (price?: ModelDefinition["price"]): ModelDefinition => ({ id: "m", ...(price && { price }) });

test.each<[string, ModelDefinition | undefined, PriceOverride | undefined, unknown]>([
  ["two numbers are input and output", model([1, 2]), undefined, { input: 1, output: 2 }],
  ["a third is the cached price", model([1, 2, 0.1]), undefined, { input: 1, output: 2, cacheRead: 0.1 }],
  [
    "a fourth is the written price",
    model([1, 2, 0.1, 1.25]),
    undefined,
    { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25 },
  ],
  [
    "a whole price stays",
    model({ input: 1, output: 2, cacheWrite1h: 2 }),
    {},
    { input: 1, output: 2, cacheWrite1h: 2 },
  ],
  ["an unknown model has no price", undefined, undefined, undefined],
  ["a model without a price has none", model(), undefined, undefined],
  ["zero is a price", model([0, 0]), undefined, { input: 0, output: 0 }],
  [
    "a user's field wins, the others stay",
    model([1, 2, 0.1]),
    { output: 3 },
    { input: 1, output: 3, cacheRead: 0.1 },
  ],
  ["a user may price an unknown model", undefined, { input: 1, output: 2 }, { input: 1, output: 2 }],
  [
    "what is sold by the minute needs no price of tokens",
    model({ perMinute: 0.006 }),
    undefined,
    { input: 0, output: 0, perMinute: 0.006 },
  ],
  ["a user may price a picture", undefined, { perImage: 0.04 }, { input: 0, output: 0, perImage: 0.04 }],
  ["half a price is none", undefined, { input: 1 }, undefined],
  [
    "rubbish does not replace a price",
    model([1, 2]),
    { input: -1, output: Number.NaN },
    { input: 1, output: 2 },
  ],
])("%s", (_name, definition, override, expected) => {
  expect(priceOf(definition, override) as unknown).toEqual(expected);
});
