import { isObject, type JsonObject } from "../../lib/json.ts";
import { percentDecoded } from "../../lib/percent-decoded.ts";

/** Thrown when references make a schema larger than any tool needs. */
export class SchemaTooLarge extends Error {}

/** A schema without `$ref` and `allOf` at its top, or the reference that leads back into itself. */
export type Flat = { schema: JsonObject; trail: readonly string[] } | { cycle: string };

/** Follows references within `root` and merges `allOf`. `trail`: references already being written out. */
export function flatten(root: JsonObject, schema: JsonObject, trail: readonly string[]): Flat {
  let flat = schema;
  let path = trail;
  while (typeof flat["$ref"] === "string") {
    const { $ref, ...beside } = flat as JsonObject & { $ref: string };
    if (path.includes($ref)) return { cycle: $ref };
    path = [...path, $ref];
    flat = combine(beside, lookup(root, $ref) ?? {});
  }
  const { allOf } = flat;
  if (!Array.isArray(allOf)) return { schema: flat, trail: path };
  const { allOf: _allOf, ...own } = flat;
  let merged = own;
  for (const branch of allOf) {
    const part = isObject(branch) ? flatten(root, branch, path) : undefined;
    if (!part || "cycle" in part) continue;
    merged = combine(merged, part.schema);
    path = part.trail;
  }
  return flatten(root, merged, path);
}

/** Both schemas at once; where they differ, `own` wins. */
export function combine(own: JsonObject, other: JsonObject): JsonObject {
  const both: JsonObject = { ...other, ...own };
  if (isObject(own["properties"]) && isObject(other["properties"]))
    both["properties"] = { ...other["properties"], ...own["properties"] };
  if (Array.isArray(own["required"]) && Array.isArray(other["required"]))
    both["required"] = [...new Set([...(other["required"] as unknown[]), ...(own["required"] as unknown[])])];
  return both;
}

/** The schema a local reference (`#/$defs/Name`, `#`, `#anchor`) points at. */
function lookup(root: JsonObject, ref: string): JsonObject | undefined {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return anchored(root, ref);
  let at: unknown = root;
  for (const step of ref.slice(2).split("/")) {
    const name = unescaped(step);
    if (Array.isArray(at)) at = (at as unknown[])[Number(name)];
    else at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return isObject(at) ? at : undefined;
}

function anchored(root: JsonObject, ref: string): JsonObject | undefined {
  const definitions = [root["$defs"], root["definitions"]]
    .filter(isObject)
    .flatMap((all) => Object.values(all));
  return definitions
    .filter(isObject)
    .find((schema) => schema["$id"] === ref || `#${String(schema["$anchor"])}` === ref);
}

/** A step of a JSON pointer inside a URI fragment. https://www.rfc-editor.org/rfc/rfc6901#section-6 */
const unescaped = (step: string): string => percentDecoded(step.replaceAll("~1", "/").replaceAll("~0", "~"));

/** What people call the schema behind a reference. */
export const nameOfRef = (ref: string): string =>
  ref === "#" ? "the whole" : unescaped(ref.split("/").at(-1) ?? ref);

/** Does the schema allow nothing but null? */
export const isNullSchema = (schema: unknown): boolean =>
  isObject(schema) &&
  (schema["type"] === "null" ||
    ("const" in schema && schema["const"] === null) ||
    (Array.isArray(schema["enum"]) && schema["enum"].length === 1 && schema["enum"][0] === null));
