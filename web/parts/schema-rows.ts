import type { Schema } from "../../src/http/api-document.ts";
import { isObject } from "../../src/lib/json.ts";

/** One field of a body or an answer, as a table shows it. */
export type SchemaRow = {
  /** `limits.requestsPerMinute`; `keys[].name` for what stands in a list. */
  name: string;
  type: string;
  required: boolean;
  about?: string;
};

const DEEPEST = 4;
const MOST_ROWS = 200;

/** The fields of a JSON schema, those within others by their whole path. */
export function schemaRows(schema: Schema): SchemaRow[] {
  return [...fieldsIn(schema, "", 0)].slice(0, MOST_ROWS);
}

function* fieldsIn(schema: Schema, path: string, depth: number): Generator<SchemaRow> {
  const { properties, items, anyOf, additionalProperties } = schema;
  if (depth > DEEPEST) return;
  if (isObject(properties)) {
    const required = Array.isArray(schema.required) ? schema.required : [];
    for (const [name, field] of Object.entries(properties)) {
      if (!isObject(field)) continue;
      const at = path === "" ? name : `${path}.${name}`;
      yield {
        name: at,
        type: typeOf(field),
        required: required.includes(name),
        ...(typeof field.description === "string" && { about: field.description }),
      };
      yield* fieldsIn(field, at, depth + 1);
    }
  }
  if (isObject(items)) yield* fieldsIn(items, `${path}[]`, depth);
  if (isObject(additionalProperties)) yield* fieldsIn(additionalProperties, `${path}{}`, depth);
  if (Array.isArray(anyOf))
    for (const shape of anyOf) if (isObject(shape)) yield* fieldsIn(shape, path, depth);
}

/** A schema in a few words: `text`, `"a" | "b"`, `list of text`. */
export function typeOf(schema: Schema): string {
  const { type, anyOf, items, const: only, enum: choices, format } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  if (Array.isArray(anyOf)) return [...new Set(anyOf.filter(isObject).map(typeOf))].join(" | ");
  if (type === "array") return listOf(isObject(items) ? typeOf(items) : "any");
  if (typeof format === "string") return format;
  return typeof type === "string" ? type : "any";
}

const listOf = (type: string): string => (type.includes(" | ") ? `(${type})[]` : `${type}[]`);
