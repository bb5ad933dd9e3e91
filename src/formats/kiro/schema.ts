import { isObject, type JsonObject } from "../../lib/json.ts";

/** Keywords that Kiro refuses with "Improperly formed request". */
const REFUSED = new Set([
  "$schema",
  "$id",
  "$ref",
  "$defs",
  "definitions",
  "additionalProperties",
  "patternProperties",
  "propertyNames",
  "const",
  "default",
  "examples",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "not",
]);
const COMBINATORS = ["anyOf", "oneOf", "allOf"] as const;
const DEEPEST = 32;

/**
 * A tool's parameters as Kiro takes them: an object with properties, without references, combinators or bounds. Of a
 * combinator the first branch that says something stays.
 */
export function writeSchema(parameters: JsonObject | undefined): JsonObject {
  const schema = plain(parameters ?? {}, parameters ?? {}, 0);
  return {
    type: "object",
    properties: isObject(schema.properties) ? schema.properties : {},
    required: Array.isArray(schema.required) ? schema.required : [],
    ...(typeof schema.description === "string" && { description: schema.description }),
  };
}

function plain(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  if (depth > DEEPEST) return {};
  const flat = flattened(schema, root, depth);
  const written: JsonObject = {};
  for (const [keyword, value] of Object.entries(flat)) {
    if (REFUSED.has(keyword) || (COMBINATORS as readonly string[]).includes(keyword)) continue;
    if (keyword === "properties" && isObject(value))
      written.properties = mapped(value, (inner) => plain(inner, root, depth + 1));
    else if (keyword === "items" && isObject(value)) written.items = plain(value, root, depth + 1);
    else if (keyword === "type") written.type = typeOf(value);
    else written[keyword] = value;
  }
  return written;
}

/** One type; whole numbers are refused in some places, numbers nowhere. */
function typeOf(value: unknown): unknown {
  const type: unknown = Array.isArray(value) ? (value.find((each) => each !== "null") ?? "string") : value;
  return type === "integer" ? "number" : type;
}

function flattened(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const referred = typeof schema.$ref === "string" ? lookup(root, schema.$ref) : undefined;
  const base = referred ? { ...plain(referred, root, depth + 1), ...schema } : schema;
  const branches = COMBINATORS.flatMap((word) => (Array.isArray(base[word]) ? base[word] : [])).filter(
    isObject,
  );
  const first = branches.find(
    ({ type, $ref, properties }) => (type !== undefined && type !== "null") || $ref || properties,
  );
  return first ? { ...plain(first, root, depth + 1), ...base } : base;
}

function lookup(root: JsonObject, ref: string): JsonObject | undefined {
  if (!ref.startsWith("#/")) return undefined;
  let at: unknown = root;
  for (const step of ref.slice(2).split("/")) at = isObject(at) ? at[step] : undefined;
  return isObject(at) ? at : undefined;
}

const mapped = (object: JsonObject, change: (inner: JsonObject) => JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(object).map(([name, inner]) => [name, isObject(inner) ? change(inner) : inner]),
  );
