import { badRequest, type GatewayError } from "../../core/errors.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";

/** Reads optional fields of one kind. Absent and null are the same; another type is the client's mistake. */
export class Fields {
  /** `path` stands before the names in errors, for fields of an inner object. */
  constructor(
    readonly body: { [field: string]: unknown },
    readonly path = "",
  ) {}

  text(field: string): string | undefined {
    return this.#read(field, "a string", (value): value is string => typeof value === "string");
  }

  number(field: string): number | undefined {
    return this.#read(field, "a number", (value): value is number => typeof value === "number");
  }

  flag(field: string): boolean | undefined {
    return this.#read(field, "true or false", (value): value is boolean => typeof value === "boolean");
  }

  object(field: string): JsonObject | undefined {
    return this.#read(field, "an object", isObject);
  }

  /** One string or a list of them. */
  stop(): string[] | undefined {
    const { stop } = this.body;
    if (stop === undefined || stop === null) return undefined;
    const list: unknown[] = Array.isArray(stop) ? stop : [stop];
    if (!list.every((item) => typeof item === "string"))
      throw this.#wrong("stop", "a string or a list of strings");
    return list;
  }

  #read<T>(field: string, kind: string, fits: (value: unknown) => value is T): T | undefined {
    const value = this.body[field];
    if (value === undefined || value === null) return undefined;
    if (!fits(value)) throw this.#wrong(field, kind);
    return value;
  }

  #wrong(field: string, kind: string): GatewayError {
    return badRequest(`\`${this.path}${field}\` must be ${kind}.`, this.path + field);
  }
}

/** Leaves out the fields that are undefined. */
export function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept: { [field: string]: unknown } = {};
  for (const field in fields) if (fields[field] !== undefined) kept[field] = fields[field];
  return kept as { [K in keyof T]?: NonNullable<T[K]> };
}
