import { isObject, type JsonObject } from "../../../src/lib/json.ts";

/** What a strict vendor answers instead of working. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** Refuses the request unless the condition holds. */
export function must(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Refusal(message);
}

export function object(value: unknown, where: string): JsonObject {
  must(isObject(value), `${where}: Input should be an object`);
  return value;
}

export function list(value: unknown, where: string): unknown[] {
  must(Array.isArray(value), `${where}: Input should be a list`);
  return value;
}

export function text(value: unknown, where: string): string {
  must(typeof value === "string", `${where}: Input should be a string`);
  return value;
}

/** Refuses fields nobody documented. */
export function only(value: JsonObject, known: ReadonlySet<string>, where: string): void {
  for (const field of Object.keys(value)) must(known.has(field), `${where}.${field}: Unknown field`);
}

export const fields = (names: string): ReadonlySet<string> => new Set(names.split(/\s+/));

/** Refuses two tools of one name. */
export function distinct(names: readonly string[]): void {
  must(new Set(names).size === names.length, `tools: Tool names must be unique (${names.join(", ")})`);
}

/** Refuses parameters that are no object schema, and lists that do not say of what. */
export function objectSchema(schema: JsonObject, where: string): void {
  must(schema["type"] === "object", `${where}: schema must be of type "object"`);
  eachSchema(schema, where, (one, at) =>
    must(one["type"] !== "array" || one["items"] !== undefined, `${at}: array schema missing items`),
  );
}

/** Visits a schema and all schemas inside it. */
export function eachSchema(
  schema: JsonObject,
  where: string,
  visit: (schema: JsonObject, where: string) => void,
): void {
  visit(schema, where);
  const inside = (value: unknown, at: string) => {
    if (isObject(value)) eachSchema(value, at, visit);
  };
  for (const field of ["properties", "$defs", "definitions", "patternProperties"])
    for (const [name, value] of Object.entries(schema[field] ?? {}))
      inside(value, `${where}.${field}.${name}`);
  for (const field of ["items", "additionalProperties", "not"]) inside(schema[field], `${where}.${field}`);
  for (const field of ["anyOf", "oneOf", "allOf"])
    for (const [index, value] of Object.entries(schema[field] ?? []))
      inside(value, `${where}.${field}.${index}`);
}

/** A proof that only this vendor could have made, for one model and one text. */
export function makeProof(vendor: string, model: string, said: string): string {
  const mark = Bun.hash(`${vendor}/${model}/${said}`).toString(36);
  return Buffer.from(`proof of ${vendor} ${model} ${mark}`).toString("base64");
}

/** Refuses a proof that this vendor did not make for this model; `said` is what it must belong to, where it is bound. */
export function checkProof(
  proof: string,
  vendor: string,
  model: string,
  said: string | undefined,
  why: string,
): void {
  const opened = Buffer.from(proof, "base64").toString();
  must(opened.startsWith(`proof of ${vendor} ${model} `), why);
  must(said === undefined || proof === makeProof(vendor, model, said), why);
}

/** A text in a few pieces, as models say it. */
export function pieces(said: string, size = 9): string[] {
  return said.match(new RegExp(`.{1,${size}}`, "gsu")) ?? [];
}
