import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { scannedValue, scanObject, withEdits } from "../../src/lib/json-scan.ts";

describe("scanning a JSON object without building it", () => {
  test("finds every top-level field of any object, and its exact value", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const parsed = JSON.parse(text) as { [key: string]: unknown };
        const bytes = Buffer.from(text);
        const scan = scanObject(bytes);
        expect(scan).toBeDefined();
        for (const [key, value] of Object.entries(parsed)) {
          if (JSON.stringify(key) !== `"${key}"`) continue;
          expect(scannedValue(bytes, scan!, key)).toEqual(value);
        }
      }),
    );
  });

  test.each([
    ["", "empty"],
    ["[]", "an array"],
    ['{"a":1', "cut after a number"],
    ['{"a":"x', "cut in a string"],
    ['{"a":[1,2}', "mixed brackets"],
    ['{"a":1}{"b":2}', "two objects"],
    ['{"a" 1}', "no colon"],
    ['{"a":1,}', "a comma before the end"],
    ["{'a':1}", "single quotes"],
    [`{"a":${"[".repeat(600)}${"]".repeat(600)}}`, "nested too deep"],
  ])("refuses %p (%s)", (text) => {
    expect(scanObject(Buffer.from(text))).toBeUndefined();
  });

  test("replaces one value and leaves all other bytes alone", () => {
    const bytes = Buffer.from('{ "messages": [ {"model":"inner \\" } ] }"} ],\n "model" : "old", "x":1e5}');
    const scan = scanObject(bytes)!;
    const edit = { ...scan.fields.get("model")!, text: '"new"' };
    expect(Buffer.concat(withEdits(bytes, [edit])).toString()).toBe(
      '{ "messages": [ {"model":"inner \\" } ] }"} ],\n "model" : "new", "x":1e5}',
    );
    const first = { start: scan.bodyStart, end: scan.bodyStart, text: '"y":0,' };
    expect(Buffer.concat(withEdits(bytes, [first, edit])).toString()).toBe(
      '{"y":0, "messages": [ {"model":"inner \\" } ] }"} ],\n "model" : "new", "x":1e5}',
    );
  });
});
