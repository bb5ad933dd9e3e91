import type { Quirks } from "../../core/quirks.ts";
import type { Usage } from "../../core/reply.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { numberOf } from "./wire.ts";

/**
 * Reads a usage object. Cached tokens stand in several places: OpenAI and most others put them under
 * `prompt_tokens_details`, Moonshot on top as `cached_tokens`, DeepSeek as `prompt_cache_hit_tokens`, layers over
 * Claude under Anthropic's own names. Undefined when there is no count at all.
 */
export function readUsage(value: unknown, quirks: Quirks): Usage | undefined {
  if (!isObject(value)) return undefined;
  const prompt = numberOf(value["prompt_tokens"]);
  const completion = numberOf(value["completion_tokens"]);
  if (prompt === undefined && completion === undefined) return undefined;
  const cacheRead = firstNumber(
    detail(value, "prompt_tokens_details", "cached_tokens"),
    value["cached_tokens"],
    value["prompt_cache_hit_tokens"],
    value["cache_read_input_tokens"],
  );
  const cacheWrite = firstNumber(
    detail(value, "prompt_tokens_details", "cache_write_tokens"),
    value["cache_write_tokens"],
    value["cache_creation_input_tokens"],
  );
  const reasoning = firstNumber(
    detail(value, "completion_tokens_details", "reasoning_tokens"),
    value["reasoning_tokens"],
  );
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  const input = prompt ?? 0;
  const usage: Usage = {
    // A prompt smaller than its cached part was counted without it, as Anthropic does.
    input: cached <= input ? input - cached : input,
    output: completion ?? 0,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(reasoning !== undefined && { reasoning }),
  };
  return quirks.reasoningApart ? withReasoning(usage, input, numberOf(value["total_tokens"])) : usage;
}

/** Adds the reasoning tokens that `completion_tokens` leaves out; the total tells them where no detail does. */
function withReasoning(usage: Usage, prompt: number, total: number | undefined): Usage {
  const reasoning = usage.reasoning ?? Math.max(0, (total ?? 0) - prompt - usage.output);
  return { ...usage, output: usage.output + reasoning, reasoning };
}

/** Writes usage as OpenAI does. Parts nobody counted are left out; unknown totals are zeros, as clients read them. */
export function writeUsage(usage: Usage | undefined): JsonObject {
  const { input, output, cacheRead, cacheWrite, reasoning } = usage ?? { input: 0, output: 0 };
  const prompt = input + (cacheRead ?? 0) + (cacheWrite ?? 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    ...((cacheRead !== undefined || cacheWrite !== undefined) && {
      prompt_tokens_details: {
        ...(cacheRead !== undefined && { cached_tokens: cacheRead }),
        ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
      },
    }),
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

/** Some providers send zeros with every chunk until they know better; those must not replace a count. */
export const isCounted = (usage: Usage): boolean =>
  usage.input + usage.output + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0) > 0;

function detail(usage: JsonObject, group: string, field: string): unknown {
  const details = usage[group];
  return isObject(details) ? details[field] : undefined;
}

function firstNumber(...values: unknown[]): number | undefined {
  for (const value of values) {
    const number = numberOf(value);
    if (number !== undefined) return number;
  }
  return undefined;
}
