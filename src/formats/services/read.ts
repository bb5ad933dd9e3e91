import { TargetFailure } from "../../core/errors.ts";
import type { Usage } from "../../core/reply.ts";
import type { ServiceQuirks } from "../../core/services.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";

/** A field of a provider's answer as an object; empty when it is none. */
export const objectAt = (body: JsonObject, field: string): JsonObject => {
  const value = body[field];
  return isObject(value) ? value : {};
};

/** A field of a provider's answer as a list of objects; empty when it is none. */
export function objectsAt(body: JsonObject, field: string): JsonObject[] {
  const value = body[field];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textAt(body: JsonObject, field: string): string | undefined {
  const value = body[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberAt(body: JsonObject, field: string): number | undefined {
  const value = body[field];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The provider said 200 and gave nothing that could be passed on. */
export const nothingUsable = (what: string): TargetFailure =>
  new TargetFailure("malformed", `The provider answered without ${what}.`);

/** The client's fields as this provider wants them: the model's own id, refused ones left out, others renamed. */
export function bodyFor(body: JsonObject, modelId: string, quirks: ServiceQuirks): JsonObject {
  const { drop = [], rename = {} } = quirks;
  const written: JsonObject = {};
  for (const [field, value] of Object.entries(body)) {
    if (!drop.includes(field)) written[rename[field] ?? field] = value;
  }
  return { ...written, model: modelId };
}

/**
 * Tokens of an OpenAI-shaped `usage`, under any of its three spellings; undefined when it names none. What it says of
 * seconds goes into the units.
 */
export function usageOf(body: JsonObject): Usage | undefined {
  const usage = objectAt(body, "usage");
  const input = numberAt(usage, "prompt_tokens") ?? numberAt(usage, "input_tokens");
  const output = numberAt(usage, "completion_tokens") ?? numberAt(usage, "output_tokens");
  const total = numberAt(usage, "total_tokens");
  const seconds =
    numberAt(usage, "seconds") ??
    numberAt(usage, "prompt_audio_seconds") ??
    (usage.type === "duration" ? numberAt(usage, "duration") : undefined);
  const units = seconds === undefined ? {} : { units: { seconds } };
  if (input === undefined && output === undefined && total === undefined)
    return seconds === undefined ? undefined : { input: 0, output: 0, ...units };
  const cacheRead =
    numberAt(objectAt(usage, "prompt_tokens_details"), "cached_tokens") ??
    numberAt(objectAt(usage, "input_tokens_details"), "cached_tokens");
  const all = input ?? total ?? 0;
  return {
    input: all - Math.min(cacheRead ?? 0, all),
    output: output ?? 0,
    ...(cacheRead && { cacheRead }),
    ...units,
  };
}
