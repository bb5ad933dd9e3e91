import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { jsonObject } from "../../src/admin/http.ts";
import { ignoredFields } from "../../src/admin/ignored-fields.ts";
import { ipFilterPatch } from "../../src/access/index.ts";
import { connectionInput, connectionPatch } from "../../src/core/connection.ts";
import { comboInput } from "../../src/core/combo.ts";
import { keyInput } from "../../src/core/key.ts";
import { settingsPatch } from "../../src/core/settings.ts";
import { parseInput } from "../../src/core/parse-input.ts";

describe("what is wrong is said for people", () => {
  test.each<[string, z.ZodType, unknown, string]>([
    ["nothing", connectionInput, {}, "provider: is missing"],
    ["another kind", connectionInput, { provider: 3, name: "a" }, "provider: must be a text"],
    [
      "too much",
      connectionInput,
      { provider: "a", name: "a", priority: 101 },
      "priority: must be at most 100",
    ],
    ["an empty name", keyInput, { name: "" }, "name: must not be empty"],
    ["no choice of ours", settingsPatch, { theme: "pink" }, 'theme: must be "system", "light", or "dark"'],
    [
      "neither of two shapes",
      comboInput,
      { name: "a", models: [3] },
      "models.0: must be a text, or an object",
    ],
    ["a field inside", comboInput, { name: "a", models: [{ weight: 2 }] }, "models.0.model: is missing"],
    ["null or a number", keyInput, { name: "a", limits: { requestsPerMinute: "x" } }, "must be a number"],
    [
      "an odd address",
      ipFilterPatch,
      { removeBan: "300.1.1.1" },
      "removeBan: must be an address or a network",
    ],
    ["an odd field", z.strictObject({ a: z.string() }), { a: "", b: 1 }, 'body: knows no "b"'],
    [
      "an odd kind",
      z.discriminatedUnion("kind", [z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })]),
      { kind: "c" },
      'kind: must be "a" or "b"',
    ],
  ])("%s", (_name, schema, input, message) => {
    expect(() => parseInput(schema, input)).toThrow(message);
  });
});

describe("a body that is no plain JSON object is refused", () => {
  test.each([
    ["[]", "must be a JSON object"],
    ["{", "not valid JSON"],
    [`{"a":${"[".repeat(600)}${"]".repeat(600)}}`, "deeper than 512 levels"],
  ])("%s", (text, message) => {
    expect(() => jsonObject(text)).toThrow(message);
  });
});

describe("fields that nobody reads are named", () => {
  const limits = z.object({ rpm: z.number() }).partial();
  const union = z.union([z.object({ a: z.number() }), z.object({ a: z.number(), b: z.number() })]);
  test.each<[string, z.ZodType, unknown, string | undefined]>([
    ["known ones are not", connectionPatch, { name: "a", limits: { requestsPerMinute: 3 } }, undefined],
    ["at the top", connectionPatch, { name: "a", colour: 1 }, "colour"],
    ["inside", z.object({ limits: limits.nullish() }), { limits: { rpm: 1, colour: 1 } }, "limits.colour"],
    ["inside null", z.object({ limits: limits.nullish() }), { limits: null }, undefined],
    ["in a list", z.object({ all: z.array(limits) }), { all: [{}, { colour: 1 }] }, "all.1.colour"],
    ["by name", z.record(z.string(), limits), { one: { colour: 1 } }, "one.colour"],
    ["where any may stand", z.looseObject({ limits }), { limits: { colour: 1 }, other: 1 }, "limits.colour"],
    ["of the shape that fits", z.object({ it: union }), { it: { a: 1, b: 1, c: 1 } }, "it.c"],
    [
      "behind a default",
      z.object({ limits: limits.default({}) }),
      { limits: { colour: 1 } },
      "limits.colour",
    ],
    ["a name that every object has", connectionPatch, { constructor: 1 }, "constructor"],
    ["odd names, made safe for a header", connectionPatch, { "a\nb": 1 }, "a?b"],
  ])("%s", (_name, schema, body, named) => {
    expect(ignoredFields(schema, body)).toBe(named);
  });
});
