import { z } from "zod";
import { isObject } from "../lib/json.ts";

const LONGEST_HEADER = 1000;

/**
 * The fields of a body that nobody reads, however deep they stand (`defaults.colour`), as a header names them.
 * Undefined when there are none. For bodies that passed the schema.
 */
export function ignoredFields(schema: z.ZodType, body: unknown): string | undefined {
  const ignored = [...unknownFields(schema, body, "")];
  if (ignored.length === 0) return undefined;
  return ignored
    .join(", ")
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, LONGEST_HEADER);
}

function unknownFields(schema: z.ZodType, value: unknown, path: string): Set<string> {
  if (schema instanceof z.ZodObject) return inObject(schema, value, path);
  if (schema instanceof z.ZodRecord) return inEach(schema.valueType as z.ZodType, value, path);
  if (schema instanceof z.ZodArray) return inEach(schema.element as z.ZodType, value, path);
  if (schema instanceof z.ZodUnion) return inUnion(schema.options as z.ZodType[], value, path);
  if (schema instanceof z.ZodPipe) return unknownFields(schema.in as z.ZodType, value, path);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return unknownFields(schema.unwrap() as z.ZodType, value, path);
  return new Set();
}

function inObject(schema: z.ZodObject, value: unknown, path: string): Set<string> {
  if (!isObject(value)) return new Set();
  const takesAny = schema.def.catchall !== undefined && !(schema.def.catchall instanceof z.ZodNever);
  const found = Object.entries(value).map(([name, inner]) => {
    const known = Object.hasOwn(schema.shape, name) ? (schema.shape[name] as z.ZodType) : undefined;
    if (known) return unknownFields(known, inner, within(path, name));
    return new Set(takesAny ? [] : [within(path, name)]);
  });
  return new Set(found.flatMap((fields) => [...fields]));
}

function inEach(schema: z.ZodType, value: unknown, path: string): Set<string> {
  if (typeof value !== "object" || value === null) return new Set();
  const found = Object.entries(value).map(([name, inner]) =>
    unknownFields(schema, inner, within(path, name)),
  );
  return new Set(found.flatMap((fields) => [...fields]));
}

/** Of several shapes, those that fit decide; what one of them reads is read. */
function inUnion(options: readonly z.ZodType[], value: unknown, path: string): Set<string> {
  const fitting = options.filter((option) => option.safeParse(value).success);
  const [first, ...others] = fitting.map((option) => unknownFields(option, value, path));
  return others.reduce((both, next) => both.intersection(next), first ?? new Set<string>());
}

const within = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
