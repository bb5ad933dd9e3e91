import { isObject, type JsonObject } from "../lib/json.ts";

/** Deeper than this a schema that refers to itself is left. */
const MAX_DEPTH = 12;

/** Arguments that fit a tool's JSON Schema: everything it requires, with plain values. */
export function mockArguments(schema: unknown): JsonObject {
  const value = exampleOf(schema, schema, 0);
  return isObject(value) ? value : {};
}

function exampleOf(schema: unknown, root: unknown, depth: number): unknown {
  if (!isObject(schema) || depth > MAX_DEPTH) return {};
  if (typeof schema.$ref === "string") return exampleOf(referred(schema.$ref, root), root, depth + 1);
  if ("const" in schema) return schema.const;
  for (const list of [schema.enum, schema.examples])
    if (Array.isArray(list) && list.length > 0) return list[0];
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.allOf)) return exampleOf(merged(schema, root), root, depth + 1);
  for (const list of [schema.anyOf, schema.oneOf])
    if (Array.isArray(list) && list.length > 0) return exampleOf(withBase(schema, list[0]), root, depth + 1);
  switch (typeOf(schema)) {
    case "string":
      return stringExample(schema);
    case "integer":
    case "number":
      return numberExample(schema);
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return arrayExample(schema, root, depth);
    default:
      return objectExample(schema, root, depth);
  }
}

function objectExample(schema: JsonObject, root: unknown, depth: number): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : [];
  const example: JsonObject = {};
  for (const name of required)
    if (typeof name === "string")
      example[name] = exampleOf(properties[name] ?? { type: "string" }, root, depth + 1);
  return example;
}

function arrayExample(schema: JsonObject, root: unknown, depth: number): unknown[] {
  const count = typeof schema.minItems === "number" ? Math.min(schema.minItems, 100) : 1;
  if (Array.isArray(schema.prefixItems))
    return (schema.prefixItems as unknown[]).map((item) => exampleOf(item, root, depth + 1));
  const item = schema.items ?? { type: "string" };
  return Array.from({ length: count }, () => exampleOf(item, root, depth + 1));
}

const FORMATS: Readonly<Record<string, string>> = {
  date: "2026-01-01",
  time: "12:00:00Z",
  "date-time": "2026-01-01T12:00:00Z",
  email: "someone@example.com",
  uri: "https://example.com/",
  url: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

function stringExample(schema: JsonObject): string {
  const known = typeof schema.format === "string" ? FORMATS[schema.format] : undefined;
  if (known !== undefined) return known;
  const shortest = typeof schema.minLength === "number" ? Math.min(schema.minLength, 10_000) : 0;
  const longest = typeof schema.maxLength === "number" ? schema.maxLength : Infinity;
  return "example".padEnd(shortest, "e").slice(0, Math.max(longest, 0));
}

function numberExample(schema: JsonObject): number {
  const step = typeof schema.multipleOf === "number" && schema.multipleOf > 0 ? schema.multipleOf : 1;
  if (typeof schema.minimum === "number") return Math.ceil(schema.minimum / step) * step;
  if (typeof schema.exclusiveMinimum === "number")
    return (Math.floor(schema.exclusiveMinimum / step) + 1) * step;
  if (typeof schema.maximum === "number") return Math.floor(Math.min(schema.maximum, step) / step) * step;
  if (typeof schema.exclusiveMaximum === "number")
    return (Math.ceil(Math.min(schema.exclusiveMaximum, 2 * step) / step) - 1) * step;
  return step;
}

function typeOf(schema: JsonObject): unknown {
  if (Array.isArray(schema.type)) return (schema.type as unknown[]).find((type) => type !== "null");
  if (schema.type !== undefined) return schema.type;
  return schema.items === undefined ? "object" : "array";
}

/** `#/$defs/Place` inside the tool's own schema. */
function referred(pointer: string, root: unknown): unknown {
  let found: unknown = root;
  for (const step of pointer.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    if (!isObject(found)) return undefined;
    found = found[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return found;
}

/** All branches of `allOf` as one schema. */
function merged(schema: JsonObject, root: unknown): JsonObject {
  const { allOf, ...rest } = schema;
  let whole: JsonObject = rest;
  for (const branch of allOf as unknown[]) {
    const inner = isObject(branch) && typeof branch.$ref === "string" ? referred(branch.$ref, root) : branch;
    whole = withBase(whole, inner);
  }
  return whole;
}

/** A branch together with what stands beside it. */
function withBase(schema: JsonObject, branch: unknown): JsonObject {
  const { anyOf: _anyOf, oneOf: _oneOf, ...base } = schema;
  const inner = isObject(branch) ? branch : {};
  const both: JsonObject = { ...base, ...inner };
  if (isObject(base.properties) && isObject(inner.properties))
    both.properties = { ...base.properties, ...inner.properties };
  if (Array.isArray(base.required) && Array.isArray(inner.required))
    both.required = [...(base.required as unknown[]), ...(inner.required as unknown[])];
  return both;
}
