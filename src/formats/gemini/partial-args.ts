import { TargetFailure } from "../../core/errors.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { camelKeys, listOf } from "./wire.ts";

/** Objects without a prototype, since their keys come from outside. */
type Container = JsonObject | unknown[];
const newObject = (): JsonObject => Object.create(null) as JsonObject;

/** An index this far behind the end of its list is no argument but a fault. */
const WIDEST_GAP = 1000;

/**
 * Puts the arguments of a call together from `partialArgs`: each names a place by JSON path and brings a value or,
 * for text, the next piece of it.
 * https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc
 */
export class PartialArgs {
  #args: JsonObject = newObject();

  /** Arguments that came whole in the first piece. */
  begin(args: unknown): void {
    if (isObject(args)) this.#args = Object.assign(newObject(), args);
  }

  /** Takes the `partialArgs` of one chunk. Throws `TargetFailure` for a path that leads nowhere. */
  take(partialArgs: unknown): void {
    for (const partial of listOf(partialArgs)) {
      if (!isObject(partial)) continue;
      const { jsonPath, ...value } = camelKeys(partial);
      const steps = typeof jsonPath === "string" ? readPath(jsonPath) : undefined;
      if (!steps) throw new TargetFailure("malformed", "The provider sent call arguments without a place.");
      this.#set(steps, value);
    }
  }

  /** The arguments so far, as JSON text. */
  text(): string {
    return JSON.stringify(this.#args);
  }

  #set(steps: (string | number)[], value: JsonObject): void {
    let at: Container = this.#args;
    for (const [index, step] of steps.slice(0, -1).entries()) {
      const inner = valueAt(at, step);
      const next: Container = isContainer(inner)
        ? inner
        : typeof steps[index + 1] === "number"
          ? []
          : newObject();
      if (next !== inner) putAt(at, step, next);
      at = next;
    }
    const last = steps.at(-1) as string | number;
    putAt(at, last, grown(valueAt(at, last), value));
  }
}

function grown(before: unknown, value: JsonObject): unknown {
  const { stringValue, numberValue, boolValue } = value;
  if (typeof stringValue === "string") return typeof before === "string" ? before + stringValue : stringValue;
  if (numberValue !== undefined) return numberValue;
  if (typeof boolValue === "boolean") return boolValue;
  return "nullValue" in value ? null : before;
}

const isContainer = (value: unknown): value is Container => isObject(value) || Array.isArray(value);

function valueAt(container: Container, step: string | number): unknown {
  if (Array.isArray(container)) return typeof step === "number" ? container[step] : undefined;
  return Object.hasOwn(container, step) ? container[step] : undefined;
}

function putAt(container: Container, step: string | number, value: unknown): void {
  if (!Array.isArray(container)) {
    container[step] = value;
  } else if (typeof step === "number" && step <= container.length + WIDEST_GAP) {
    while (container.length < step) container.push(null);
    container[step] = value;
  } else {
    throw new TargetFailure("malformed", "The provider sent call arguments that do not fit together.");
  }
}

const STEP = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

/** The steps of a path like `$.items[0].name` or `$['first name']`; undefined when it is none. RFC 9535 */
function readPath(path: string): (string | number)[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (!match) return undefined;
    const [, name, index, single, double] = match;
    steps.push(
      index === undefined ? (name ?? (single ?? double ?? "").replace(/\\(.)/g, "$1")) : Number(index),
    );
  }
  return steps.length > 0 ? steps : undefined;
}
