import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readSchema } from "../../../src/formats/gemini/read-schema.ts";
import { writeParameters, writeSchema } from "../../../src/formats/gemini/schema.ts";
import { isObject, type JsonObject } from "../../../src/lib/json.ts";

const rows: [string, JsonObject, JsonObject][] = [
  [
    "a scalar",
    { type: "string", title: "T", description: "d" },
    { type: "STRING", title: "T", description: "d" },
  ],
  ["null beside a type", { type: ["integer", "null"] }, { type: "INTEGER", nullable: true }],
  [
    "null beside a branch",
    { anyOf: [{ type: "string" }, { type: "null" }], description: "d" },
    { type: "STRING", description: "d", nullable: true },
  ],
  [
    "several types",
    { type: ["string", "number"], description: "d" },
    {
      anyOf: [
        { type: "STRING", description: "d" },
        { type: "NUMBER", description: "d" },
      ],
    },
  ],
  [
    "branches alone under anyOf",
    { oneOf: [{ type: "string" }, { type: "array", items: { type: "string" } }, { type: "null" }] },
    {
      anyOf: [
        { type: "STRING", nullable: true },
        { type: "ARRAY", items: { type: "STRING" }, nullable: true },
      ],
    },
  ],
  [
    "branches within branches",
    { anyOf: [{ anyOf: [{ type: "string" }, { type: "boolean" }] }, { type: "integer" }] },
    { anyOf: [{ type: "STRING" }, { type: "BOOLEAN" }, { type: "INTEGER" }] },
  ],
  ["a constant", { const: "fast" }, { type: "STRING", enum: ["fast"] }],
  [
    "constants as branches",
    { anyOf: [{ const: "a" }, { const: "b" }] },
    { type: "STRING", enum: ["a", "b"] },
  ],
  ["numbers in an enumeration", { enum: [1, 2] }, { type: "INTEGER", description: "(enum: [1,2])" }],
  [
    "empty text and null in an enumeration",
    { type: "string", enum: ["a", "", null] },
    { type: "STRING", enum: ["a"], nullable: true, description: '(or one of: ["a","",null])' },
  ],
  [
    "an open bound of an integer",
    { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 10 },
    { type: "INTEGER", minimum: 1, maximum: 9 },
  ],
  [
    "an open bound of a number",
    { type: "number", exclusiveMinimum: 0, maximum: 1 },
    { type: "NUMBER", maximum: 1, description: "(exclusiveMinimum: 0)" },
  ],
  [
    "formats Google knows",
    {
      type: "object",
      properties: {
        a: { type: "string", format: "date-time" },
        b: { type: "integer", format: "int32" },
        c: { type: "string", format: "uri" },
      },
    },
    {
      type: "OBJECT",
      properties: {
        a: { type: "STRING", format: "date-time" },
        b: { type: "INTEGER", format: "int32" },
        c: { type: "STRING", description: '(format: "uri")' },
      },
    },
  ],
  [
    "limits Google has no field for",
    { type: "string", description: "Name.", pattern: "^a", minLength: 1, default: "ab" },
    { type: "STRING", description: 'Name. (default: "ab"; pattern: "^a"; minLength: 1)' },
  ],
  [
    "lists",
    { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3, uniqueItems: true },
    {
      type: "ARRAY",
      items: { type: "STRING" },
      minItems: 1,
      maxItems: 3,
      description: "(uniqueItems: true)",
    },
  ],
  [
    "a list of anything",
    { type: "array" },
    { type: "ARRAY", items: { type: "STRING", description: "(any JSON value, written as text)" } },
  ],
  [
    "a tuple",
    { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }] },
    {
      type: "ARRAY",
      items: { anyOf: [{ type: "STRING" }, { type: "INTEGER" }] },
      description: '(items in this order: [{"type":"string"},{"type":"integer"}])',
    },
  ],
  [
    "a map",
    { type: "object", additionalProperties: { type: "number" } },
    { type: "OBJECT", description: '(additionalProperties: {"type":"number"})' },
  ],
  [
    "a closed object",
    { type: "object", properties: {}, additionalProperties: false, $schema: "x", $id: "y" },
    { type: "OBJECT", properties: {} },
  ],
  [
    "required but not there",
    { type: "object", properties: { a: { type: "string" } }, required: ["a", "b"] },
    { type: "OBJECT", properties: { a: { type: "STRING" } }, required: ["a"] },
  ],
  [
    "all of several",
    {
      allOf: [
        { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
        { properties: { b: { type: "string" } }, required: ["b"] },
      ],
    },
    { type: "OBJECT", properties: { a: { type: "STRING" }, b: { type: "STRING" } }, required: ["b", "a"] },
  ],
  [
    "conditions",
    { type: "object", properties: { a: { type: "string" } }, if: { required: ["a"] }, else: {} },
    {
      type: "OBJECT",
      properties: { a: { type: "STRING" } },
      description: '(if: {"required":["a"]}; else: {})',
    },
  ],
  [
    "demands as branches",
    {
      type: "object",
      properties: { a: { type: "string" } },
      anyOf: [{ required: ["a"] }, { required: ["b"] }],
    },
    {
      type: "OBJECT",
      properties: { a: { type: "STRING" } },
      description: '(anyOf: [{"required":["a"]},{"required":["b"]}])',
    },
  ],
  [
    "a reference, with words of its own",
    {
      properties: { a: { $ref: "#/definitions/P~1Q", description: "mine" } },
      definitions: { "P/Q": { type: "string", description: "theirs" } },
    },
    { type: "OBJECT", properties: { a: { type: "STRING", description: "mine" } } },
  ],
  [
    "an anchor",
    { properties: { a: { $ref: "#p" } }, $defs: { x: { $anchor: "p", type: "boolean" } } },
    { type: "OBJECT", properties: { a: { type: "BOOLEAN" } } },
  ],
  [
    "a reference to nothing",
    { properties: { a: { $ref: "#/$defs/none" } } },
    {
      type: "OBJECT",
      properties: { a: { type: "STRING", description: "(any JSON value, written as text)" } },
    },
  ],
  [
    "a cycle",
    { $ref: "#/$defs/N", $defs: { N: { type: "object", properties: { next: { $ref: "#/$defs/N" } } } } },
    { type: "OBJECT", properties: { next: { type: "OBJECT", description: "The same shape as N, again." } } },
  ],
  [
    "a cycle through everything",
    { type: "object", properties: { self: { allOf: [{ $ref: "#" }] } } },
    {
      type: "OBJECT",
      properties: {
        self: {
          type: "OBJECT",
          properties: { self: { type: "STRING", description: "(any JSON value, written as text)" } },
        },
      },
    },
  ],
];

describe("a JSON Schema in Google's words", () => {
  test.each(rows)("%s", (_name, schema, expected) => expect(writeSchema(schema)).toEqual(expected));

  test("properties named like keywords are properties", () => {
    const names = [
      "pattern",
      "type",
      "default",
      "format",
      "const",
      "properties",
      "required",
      "$ref",
      "enum",
      "anyOf",
      "allOf",
      "x-y",
    ];
    const properties = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
    const written = writeSchema({ type: "object", properties, required: names });
    expect(Object.keys(written["properties"] as object)).toEqual(names);
    expect(written["required"]).toEqual(names);
  });

  test("a property called __proto__ survives", () => {
    const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as JsonObject;
    expect(JSON.stringify(writeSchema(schema))).toBe(
      '{"type":"OBJECT","properties":{"__proto__":{"type":"STRING"}}}',
    );
  });

  test("references that multiply end in a word, not in memory", () => {
    const $defs: JsonObject = {};
    for (let level = 0; level < 40; level++) {
      const next = { $ref: `#/$defs/L${level + 1}` };
      $defs[`L${level}`] = { type: "object", properties: { a: next, b: next } };
    }
    expect(writeSchema({ $ref: "#/$defs/L0", $defs })["type"]).toBe("OBJECT");
  });

  test("parameters are always one object", () => {
    const branch = (kind: string, more: JsonObject) => ({
      type: "object",
      properties: { kind: { const: kind }, ...more },
      required: ["kind", ...Object.keys(more)],
    });
    expect(
      writeParameters({
        anyOf: [branch("a", { x: { type: "string" } }), branch("b", { y: { type: "number" } })],
      }),
    ).toMatchObject({
      type: "OBJECT",
      required: ["kind"],
      description: '(give one of these sets: [["kind","x"],["kind","y"]])',
    });
    expect(writeParameters({ type: "string" })).toEqual({ type: "OBJECT", properties: {} });
  });

  test("whatever comes in, only words Google knows come out", () => {
    const leaf = fc.constantFrom<unknown>(
      "a",
      1,
      null,
      true,
      [],
      ["a"],
      {},
      "null",
      "object",
      "#/$defs/a",
      "#",
    );
    const { node } = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.dictionary(
          fc.constantFrom(
            "type",
            "properties",
            "items",
            "anyOf",
            "oneOf",
            "allOf",
            "$ref",
            "$defs",
            "enum",
            "const",
            "required",
            "not",
            "additionalProperties",
            "prefixItems",
            "a",
            "description",
          ),
          fc.oneof(tie("node"), fc.array(tie("node"), { maxLength: 3 })),
          { noNullPrototype: true },
        ),
      ),
    }));
    fc.assert(
      fc.property(node, (schema) => {
        if (isObject(schema)) onlyKnownWords(writeSchema(schema));
      }),
      { numRuns: 1000 },
    );
  });
});

const KNOWN = new Set([
  "type",
  "title",
  "description",
  "nullable",
  "enum",
  "format",
  "items",
  "minItems",
  "maxItems",
  "properties",
  "required",
  "minimum",
  "maximum",
  "anyOf",
]);

function onlyKnownWords(schema: JsonObject): void {
  for (const word of Object.keys(schema)) expect(KNOWN).toContain(word);
  if ("anyOf" in schema) expect(Object.keys(schema)).toEqual(["anyOf"]);
  else expect(schema["type"]).toMatch(/^[A-Z]+$/);
  for (const branch of (schema["anyOf"] ?? []) as JsonObject[]) onlyKnownWords(branch);
  if (schema["items"]) onlyKnownWords(schema["items"] as JsonObject);
  for (const property of Object.values((schema["properties"] ?? {}) as JsonObject))
    onlyKnownWords(property as JsonObject);
}

test("what was Google's schema is the same after both ways", () => {
  const google = {
    type: "OBJECT",
    properties: {
      a: { type: "STRING", nullable: true },
      b: { type: "ARRAY", items: { type: "INTEGER", minimum: 1 }, minItems: 2 },
    },
    required: ["b"],
  };
  expect(writeSchema(readSchema(google))).toEqual(google);
});
