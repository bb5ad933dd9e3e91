import { isObject, type JsonObject } from "../../lib/json.ts";
import { lookUp } from "./wire.ts";

/**
 * Google's `Schema` (upper-case types, `nullable`, numbers as text, `format: "enum"`) as plain JSON Schema.
 * https://ai.google.dev/api/caching#Schema
 */
export function readSchema(value: unknown): JsonObject {
  if (!isObject(value)) return {};
  const { type, nullable, format, example, propertyOrdering, properties, items, anyOf, ...rest } =
    camelSchema(value);
  const schema: JsonObject = {};
  const plainType = readType(type, nullable === true);
  if (plainType !== undefined) schema["type"] = plainType;
  for (const [keyword, setting] of Object.entries(rest)) schema[keyword] = readKeyword(keyword, setting);
  if (format !== undefined && format !== "enum") schema["format"] = format;
  if (example !== undefined) schema["examples"] = [example];
  if (isObject(properties)) schema["properties"] = readProperties(properties, propertyOrdering);
  if (items !== undefined) schema["items"] = readSchema(items);
  if (Array.isArray(anyOf)) schema["anyOf"] = anyOf.map(readSchema);
  if (nullable === true && Array.isArray(schema["enum"])) schema["enum"] = [...schema["enum"], null];
  if (nullable === true && plainType === undefined && Array.isArray(schema["anyOf"]))
    schema["anyOf"] = [...schema["anyOf"], { type: "null" }];
  return schema;
}

/** Schemas have two-word keywords of their own; those of JSON Schema hold no underscore. */
const CAMEL: { [keyword: string]: string } = {
  any_of: "anyOf",
  min_items: "minItems",
  max_items: "maxItems",
  min_length: "minLength",
  max_length: "maxLength",
  min_properties: "minProperties",
  max_properties: "maxProperties",
  property_ordering: "propertyOrdering",
};

function camelSchema(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [lookUp(CAMEL, key) ?? key, value]));
}

function readType(type: unknown, nullable: boolean): unknown {
  const lower = (one: unknown) => (typeof one === "string" ? one.toLowerCase() : one);
  const plain = Array.isArray(type) ? type.map(lower) : lower(type);
  if (plain === undefined || plain === "type_unspecified") return undefined;
  return nullable && typeof plain === "string" && plain !== "null" ? [plain, "null"] : plain;
}

const COUNTS = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);

/** Google's counts are 64-bit integers, which its JSON writes as text. */
function readKeyword(keyword: string, setting: unknown): unknown {
  return COUNTS.has(keyword) && typeof setting === "string" ? Number(setting) : setting;
}

/** JSON Schema has no word for the order of properties, but their own order says it. */
function readProperties(properties: JsonObject, ordering: unknown): JsonObject {
  const named = Array.isArray(ordering) ? ordering.map(String).filter((name) => name in properties) : [];
  const names = [...new Set([...named, ...Object.keys(properties)])];
  return Object.fromEntries(names.map((name) => [name, readSchema(properties[name])]));
}
