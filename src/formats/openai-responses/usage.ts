import type { Quirks } from "../../core/quirks.ts";
import type { Usage } from "../../core/reply.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";

/** Reads the wire's usage, where cached and freshly cached tokens are parts of the input. */
export function readUsage(value: unknown, quirks: Quirks): Usage | undefined {
  if (!isObject(value)) return undefined;
  const input = count(value["input_tokens"]);
  const output = count(value["output_tokens"]);
  if (input === undefined && output === undefined) return undefined;
  const cacheRead = count(detail(value["input_tokens_details"], "cached_tokens"));
  const cacheWrite = count(detail(value["input_tokens_details"], "cache_write_tokens"));
  const reasoning = count(detail(value["output_tokens_details"], "reasoning_tokens"));
  return {
    input: Math.max(0, (input ?? 0) - (cacheRead ?? 0) - (cacheWrite ?? 0)),
    output: (output ?? 0) + (quirks.reasoningApart ? (reasoning ?? 0) : 0),
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(reasoning !== undefined && { reasoning }),
  };
}

const detail = (details: unknown, name: string): unknown => (isObject(details) ? details[name] : undefined);

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** Writes usage with all its details: Codex and the SDKs read them without looking whether they are there. */
export function writeUsage(usage: Usage): JsonObject {
  const { input, output, cacheRead = 0, cacheWrite, reasoning = 0 } = usage;
  const all = input + cacheRead + (cacheWrite ?? 0);
  return {
    input_tokens: all,
    input_tokens_details: {
      cached_tokens: cacheRead,
      ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: all + output,
  };
}
