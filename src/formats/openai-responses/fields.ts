import { badRequest } from "../../core/errors.ts";
import { isObject, isRawNumber, type JsonObject } from "../../lib/json.ts";

/**
 * Reads the fields of one wire object. Null counts as absent. In what a client sent, a wrong type throws a
 * `bad_request` that names the field by its path; in what a provider sent, it counts as absent, since a stray field
 * must not cost the answer. `rest()` gives what nobody has asked for.
 */
export class Fields {
  readonly #read = new Set<string>();

  /** `path`: where the object stands in a client's body (`input[3]`, "" for the body itself). */
  constructor(
    readonly source: JsonObject,
    readonly path: string | typeof FROM_PROVIDER,
  ) {}

  text(name: string): string | undefined {
    return this.#typed(name, "a string", (value) => typeof value === "string") as string | undefined;
  }

  flag(name: string): boolean | undefined {
    return this.#typed(name, "true or false", (value) => typeof value === "boolean") as boolean | undefined;
  }

  number(name: string): number | undefined {
    const value = this.#typed(name, "a number", (it) => typeof it === "number" || isRawNumber(it));
    return isRawNumber(value) ? Number(value.rawJSON) : (value as number | undefined);
  }

  object(name: string): JsonObject | undefined {
    return this.#typed(name, "an object", isObject) as JsonObject | undefined;
  }

  list(name: string): unknown[] | undefined {
    return this.#typed(name, "a list", Array.isArray) as unknown[] | undefined;
  }

  /** The value whatever its type. */
  any(name: string): unknown {
    this.#read.add(name);
    return this.source[name] ?? undefined;
  }

  /** A string that must be there; "" when a provider left it out. */
  required(name: string): string {
    const value = this.text(name);
    if (value) return value;
    if (this.path !== FROM_PROVIDER) throw badRequest(`${this.at(name)} is required.`, this.at(name));
    return "";
  }

  /** A nested object, to be read the same way. */
  nested(name: string): Fields | undefined {
    const value = this.object(name);
    return value && new Fields(value, this.path === FROM_PROVIDER ? FROM_PROVIDER : this.at(name));
  }

  /** The objects of a list, to be read the same way. */
  objects(name: string): Fields[] {
    const list = this.list(name);
    return list ? objectsOf(list, this.path === FROM_PROVIDER ? FROM_PROVIDER : this.at(name)) : [];
  }

  /** The fields that were not read and hold something; undefined when there are none. */
  rest(): JsonObject | undefined {
    let rest: JsonObject | undefined;
    for (const name in this.source) {
      if (this.#read.has(name) || this.source[name] === null || name === "__proto__") continue;
      rest ??= {};
      rest[name] = this.source[name];
    }
    return rest;
  }

  /** The path of a field, for messages. */
  at(name: string): string {
    return typeof this.path === "string" && this.path !== "" ? `${this.path}.${name}` : name;
  }

  #typed(name: string, wanted: string, fits: (value: unknown) => boolean): unknown {
    const value = this.any(name);
    if (value === undefined || fits(value)) return value;
    if (this.path === FROM_PROVIDER) return undefined;
    throw badRequest(`${this.at(name)} must be ${wanted}.`, this.at(name));
  }
}

/** Stands for the path of what a provider sent, which is read leniently. */
export const FROM_PROVIDER = Symbol("from a provider");

/** The entries of a list as objects. Anything else names its place in a client's body, and is passed over in a provider's. */
export function objectsOf(list: readonly unknown[], path: string | typeof FROM_PROVIDER): Fields[] {
  const objects: Fields[] = [];
  for (const [index, entry] of list.entries()) {
    if (path === FROM_PROVIDER) {
      if (isObject(entry)) objects.push(new Fields(entry, path));
      continue;
    }
    const at = `${path}[${index}]`;
    if (!isObject(entry)) throw badRequest(`${at} must be an object.`, at);
    objects.push(new Fields(entry, at));
  }
  return objects;
}
