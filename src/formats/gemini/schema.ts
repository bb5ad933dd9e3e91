import { isObject, type JsonObject } from "../../lib/json.ts";
import { flatten, isNullSchema, nameOfRef, SchemaTooLarge, combine } from "./schema-shape.ts";

/**
 * A JSON Schema in Google's own `Schema`, which knows a part of it: references are written out, cycles cut, unions
 * with null become `nullable`, and what Google has no field for is told in the description. Names of properties are
 * never touched. https://ai.google.dev/api/caching#Schema
 */
export function writeSchema(schema: JsonObject): JsonObject {
  try {
    return new SchemaWriter(schema).write(schema, []);
  } catch (error) {
    if (!(error instanceof SchemaTooLarge)) throw error;
    return { type: "OBJECT", description: "Too large to be described here." };
  }
}

/** The same for a function's parameters, which Google wants to be one object: alternatives are laid together. */
export function writeParameters(schema: JsonObject): JsonObject {
  const written = writeSchema(schema);
  if (written["type"] === "OBJECT") return written;
  const shapes = listAt(written, "anyOf").filter(isObject);
  const properties: JsonObject = {};
  for (const shape of shapes)
    if (isObject(shape["properties"]))
      for (const [name, property] of Object.entries(shape["properties"])) put(properties, name, property);
  const required = listAt(shapes[0] ?? {}, "required").filter((name) =>
    shapes.every((shape) => listAt(shape, "required").includes(name)),
  );
  const together = {
    type: "OBJECT",
    properties,
    ...(required.length > 0 && { required }),
    ...(typeof schema["description"] === "string" && { description: schema["description"] }),
  };
  const demands = shapes.map((shape) => listAt(shape, "required"));
  return shapes.length > 1 ? noted(together, [note("give one of these sets", demands)]) : together;
}

/** References that refer to each other side by side grow beyond any size; this much is plenty for a tool. */
const MAX_NODES = 5000;

class SchemaWriter {
  #nodes = 0;

  constructor(readonly root: JsonObject) {}

  /** `trail`: the references being written out, so that a cycle is seen. */
  write(schema: unknown, trail: readonly string[]): JsonObject {
    if (++this.#nodes > MAX_NODES) throw new SchemaTooLarge();
    if (!isObject(schema)) return anything();
    const flat = flatten(this.root, schema, trail);
    if ("cycle" in flat)
      return { type: "OBJECT", description: `The same shape as ${nameOfRef(flat.cycle)}, again.` };
    return this.#one(flat.schema, flat.trail);
  }

  #one(schema: JsonObject, trail: readonly string[]): JsonObject {
    const branches = schema["anyOf"] ?? schema["oneOf"];
    if (Array.isArray(branches) && branches.length > 0) return this.#union(schema, branches, trail);
    const types = typesOf(schema);
    const kinds = types.filter((type) => type !== "null");
    if (kinds.length > 1) {
      const { description, ...rest } = schema;
      const each = kinds.map((type) => ({ ...rest, type }));
      return this.#anyOf(each, description, types.includes("null"), trail);
    }
    const written = this.#plain(schema, kinds[0] ?? guessKind(schema), trail);
    const nullable =
      types.includes("null") || schema["nullable"] === true || listAt(schema, "enum").includes(null);
    return nullable ? orNull(written) : written;
  }

  #union(schema: JsonObject, branches: unknown[], trail: readonly string[]): JsonObject {
    const { anyOf: _anyOf, oneOf: _oneOf, ...own } = schema;
    const values = branches.filter((branch) => !isNullSchema(branch));
    const nullable = values.length < branches.length || own["nullable"] === true;
    if (values.every(isOnlyDemand)) {
      const written = this.#one(own, trail);
      return values.length === 0 ? orNull(written) : noted(written, [note("anyOf", values)]);
    }
    const alone = values.length === 1 ? values[0] : asEnum(values);
    if (isObject(alone)) {
      const written = this.write(combine(own, alone), trail);
      return nullable ? orNull(written) : written;
    }
    const { description, ...shared } = own;
    const each = values.map((branch) => (isObject(branch) ? combine(branch, shared) : branch));
    return this.#anyOf(each, description, nullable, trail);
  }

  /** Google refuses any other field beside `anyOf`, so what holds for all is said in each branch. */
  #anyOf(branches: unknown[], description: unknown, nullable: boolean, trail: readonly string[]): JsonObject {
    return {
      anyOf: branches
        .map((branch) => this.write(branch, trail))
        .flatMap((written) =>
          Array.isArray(written["anyOf"]) ? (written["anyOf"] as JsonObject[]) : [written],
        )
        .map((written) => {
          const texts = [description, written["description"]].filter((text) => typeof text === "string");
          const told = texts.length > 0 ? { ...written, description: texts.join(" ") } : written;
          return nullable ? orNull(told) : told;
        }),
    };
  }

  #plain(schema: JsonObject, kind: string | undefined, trail: readonly string[]): JsonObject {
    const known: JsonObject = { type: (kind ?? "string").toUpperCase() };
    if (typeof schema["title"] === "string") known["title"] = schema["title"];
    if (typeof schema["description"] === "string") known["description"] = schema["description"];
    const notes = kind === undefined ? ["any JSON value, written as text"] : [];
    switch (kind) {
      case "object":
        this.#object(schema, known, trail);
        break;
      case "array":
        this.#array(schema, known, notes, trail);
        break;
      case "integer":
      case "number":
        writeNumber(schema, kind, known);
        break;
      default:
        writeScalar(schema, kind, known, notes);
    }
    for (const keyword of TOLD)
      if (schema[keyword] !== undefined && !(keyword in known) && !isSaid(schema, keyword, known))
        notes.push(note(keyword, schema[keyword]));
    return noted(known, notes);
  }

  #object(schema: JsonObject, known: JsonObject, trail: readonly string[]): void {
    const properties = schema["properties"];
    if (!isObject(properties)) return;
    const written: JsonObject = {};
    for (const name of Object.keys(properties)) put(written, name, this.write(properties[name], trail));
    known["properties"] = written;
    const required = listAt(schema, "required").filter(
      (name) => typeof name === "string" && Object.hasOwn(written, name),
    );
    if (required.length > 0) known["required"] = required;
  }

  #array(schema: JsonObject, known: JsonObject, notes: string[], trail: readonly string[]): void {
    const tuple = [schema["prefixItems"], schema["items"]].find(Array.isArray) as unknown[] | undefined;
    if (tuple && tuple.length > 0) {
      notes.push(note("items in this order", tuple));
      known["items"] = this.write(isObject(schema["items"]) ? schema["items"] : { anyOf: tuple }, trail);
    } else {
      known["items"] = this.write(schema["items"], trail);
    }
    for (const bound of ["minItems", "maxItems"])
      if (typeof schema[bound] === "number") known[bound] = schema[bound];
  }
}

/** Keywords that limit a value and that Google's `Schema` lacks, or takes from few models; told in words. */
const TOLD = [
  "const",
  "enum",
  "default",
  "format",
  "pattern",
  "minLength",
  "maxLength",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "uniqueItems",
  "contains",
  "minProperties",
  "maxProperties",
  "propertyNames",
  "patternProperties",
  "additionalProperties",
  "dependentRequired",
  "not",
  "if",
  "then",
  "else",
];

/** Is what the keyword says already in the schema we wrote, or so common that telling it only costs tokens? */
function isSaid(schema: JsonObject, keyword: string, known: JsonObject): boolean {
  const setting = schema[keyword];
  switch (keyword) {
    case "const":
      return Array.isArray(known["enum"]);
    case "additionalProperties":
    case "uniqueItems":
      return typeof setting === "boolean" && !(keyword === "uniqueItems" && setting);
    case "exclusiveMinimum":
      return (
        known["type"] === "INTEGER" && typeof known["minimum"] === "number" && typeof setting === "number"
      );
    case "exclusiveMaximum":
      return (
        known["type"] === "INTEGER" && typeof known["maximum"] === "number" && typeof setting === "number"
      );
    default:
      return false;
  }
}

/** An open bound of an integer is a closed one, one further in. */
function writeNumber(schema: JsonObject, kind: "integer" | "number", known: JsonObject): void {
  const formats = kind === "integer" ? ["int32", "int64"] : ["float", "double"];
  if (formats.includes(String(schema["format"]))) known["format"] = schema["format"];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (typeof minimum === "number") known["minimum"] = minimum;
  if (typeof maximum === "number") known["maximum"] = maximum;
  if (kind === "number") return;
  if (typeof exclusiveMinimum === "number")
    known["minimum"] = Math.max(Math.floor(exclusiveMinimum) + 1, numberOr(minimum, -Infinity));
  if (typeof exclusiveMaximum === "number")
    known["maximum"] = Math.min(Math.ceil(exclusiveMaximum) - 1, numberOr(maximum, Infinity));
}

const numberOr = (value: unknown, fallback: number): number => (typeof value === "number" ? value : fallback);

/** Google's enumerations hold texts that are not empty, and nothing else. */
function writeScalar(schema: JsonObject, kind: string | undefined, known: JsonObject, notes: string[]): void {
  if (kind !== "string") return;
  if (["date-time", "enum"].includes(String(schema["format"]))) known["format"] = schema["format"];
  const values = typeof schema["const"] === "string" ? [schema["const"]] : listAt(schema, "enum");
  const texts = values.filter((value) => typeof value === "string" && value !== "");
  if (texts.length === 0) return;
  known["enum"] = texts;
  if (texts.length < values.filter((value) => value !== null).length) notes.push(note("or one of", values));
}

const TYPES = new Set(["object", "array", "string", "number", "integer", "boolean", "null"]);

const typesOf = (schema: JsonObject): string[] =>
  (Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]])
    .map((type) => (typeof type === "string" ? type.toLowerCase() : ""))
    .filter((type) => TYPES.has(type));

function guessKind(schema: JsonObject): string | undefined {
  if (["properties", "additionalProperties", "patternProperties"].some((key) => isObject(schema[key])))
    return "object";
  if (schema["items"] !== undefined || schema["prefixItems"] !== undefined) return "array";
  const sample = schema["const"] ?? listAt(schema, "enum").find((value) => value !== null);
  if (typeof sample === "number") return Number.isInteger(sample) ? "integer" : "number";
  if (typeof sample === "string" || typeof sample === "boolean") return typeof sample;
  if (schema["minimum"] !== undefined || schema["maximum"] !== undefined) return "number";
  if (["pattern", "minLength", "maxLength", "format"].some((key) => schema[key] !== undefined))
    return "string";
  return undefined;
}

/** Branches that only name required properties say no shape of their own. */
const isOnlyDemand = (branch: unknown): boolean =>
  isObject(branch) && Object.keys(branch).every((key) => key === "required" || key === "not");

/** A union of single texts is an enumeration. */
function asEnum(branches: unknown[]): JsonObject | undefined {
  const texts: string[] = [];
  for (const branch of branches) {
    if (!isObject(branch) || typeof branch["const"] !== "string") return undefined;
    texts.push(branch["const"]);
  }
  return { type: "string", enum: texts };
}

/** The schema with null allowed: in each branch, since nothing may stand beside `anyOf`. */
function orNull(schema: JsonObject): JsonObject {
  const { anyOf } = schema;
  if (!Array.isArray(anyOf)) return { ...schema, nullable: true };
  return { anyOf: (anyOf as JsonObject[]).map(orNull) };
}

const anything = (): JsonObject => ({ type: "STRING", description: "(any JSON value, written as text)" });

const LONGEST_NOTE = 400;

function note(keyword: string, setting: unknown): string {
  const text = JSON.stringify(setting);
  return text.length > LONGEST_NOTE ? `${keyword}: see elsewhere` : `${keyword}: ${text}`;
}

function noted(schema: JsonObject, notes: string[]): JsonObject {
  if (notes.length === 0 || "anyOf" in schema) return schema;
  const said = typeof schema["description"] === "string" && schema["description"] !== "";
  const aside = `(${notes.join("; ")})`;
  return { ...schema, description: said ? `${schema["description"] as string} ${aside}` : aside };
}

function listAt(schema: JsonObject, keyword: string): unknown[] {
  const value = schema[keyword];
  return Array.isArray(value) ? value : [];
}

/** Sets a field by a name that comes from outside, be it `__proto__`. */
function put(object: JsonObject, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
