import { expect, test } from "bun:test";
import {
  FREE_TEXT_FIELD,
  freeTextParameters,
  unwrapFreeText,
  wrapFreeText,
} from "../../src/core/free-text.ts";

test.each(['*** Begin\n+"x"', "", "{}", '{"a":1}', '{"input":"x"}'])(
  "%j comes back as it was wrapped",
  (text) => {
    expect(unwrapFreeText(wrapFreeText(text))).toBe(text);
  },
);

test.each([
  ["free text after all", "free text after all"],
  ['"a string"', "a string"],
  ['{"patch":"x"}', "x"],
  ['{"a":"x","b":"y"}', '{"a":"x","b":"y"}'],
  ["[1]", "[1]"],
])("arguments of another shape, %j, are taken for the text", (input, text) => {
  expect(unwrapFreeText(input)).toBe(text);
});

test("the function has one string, which tells the grammar", () => {
  const parameters = freeTextParameters({ syntax: "lark", definition: "start: x" });
  expect(Object.keys(parameters["properties"] as object)).toEqual([FREE_TEXT_FIELD]);
  expect(JSON.stringify(parameters)).toContain("start: x");
});
