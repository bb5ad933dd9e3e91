import fc from "fast-check";

type Schema = { [field: string]: any };

/** What programs stumble over: names of built-ins, paths, control characters, numbers beyond every bound. */
const NASTY = [
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "'; DROP TABLE keys; --",
  "\u0000\r\nX-Evil: 1",
  "${7*7}",
  "<script>alert(1)</script>",
  "\ud800",
  "a".repeat(5000),
  "*".repeat(200),
  "",
];

const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...NASTY, null, true, -1, 0, 1e308, -0, 2 ** 53, [], {}, [[]], "2026-13-45"),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values for a JSON schema: often what it wants, often nearly that, sometimes nothing like it. */
export function garbageFor(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 3, arbitrary: fitting(schema, depth) }, { weight: 1, arbitrary: nastyValue });
}

function fitting(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (depth > 4) return fc.constant(null);
  if (schema["const"] !== undefined) return fc.constant(schema["const"]);
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...schema["enum"]);
  const shapes = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(shapes)) return fc.oneof(...shapes.map((shape: Schema) => garbageFor(shape, depth + 1)));
  switch (schema["type"]) {
    case "object":
      return objectOf(schema, depth);
    case "array":
      return fc.array(garbageFor(schema["items"] ?? {}, depth + 1), { maxLength: 3 });
    case "string":
      return fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom(...NASTY));
    case "integer":
    case "number":
      return fc.oneof(fc.integer(), fc.double(), fc.constantFrom<unknown>(0, 1, "7", "seven"));
    case "boolean":
      return fc.boolean();
    default:
      return nastyValue;
  }
}

function objectOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const fields = Object.entries<Schema>(schema["properties"] ?? {}).map(
    ([name, field]) => [name, garbageFor(field, depth + 1)] as const,
  );
  const named = fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  const { additionalProperties } = schema;
  const others =
    typeof additionalProperties === "object"
      ? fc.dictionary(
          fc.oneof(fc.string(), fc.constantFrom(...NASTY)),
          garbageFor(additionalProperties, depth + 1),
          {
            maxKeys: 2,
          },
        )
      : fc.dictionary(fc.string(), nastyValue, { maxKeys: 1 });
  return fc.tuple(named, others).map(([known, other]) => ({ ...other, ...known }));
}
