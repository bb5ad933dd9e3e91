import type { Usage } from "../../core/reply.ts";
import { added } from "../../core/usage.ts";
import { isObject } from "../../lib/json.ts";
import type { Fields } from "./wire.ts";

/**
 * Reads a usage object; undefined when it holds no counts. The counts are totals, and fields that do not apply are
 * left out, so a missing cache count means that nothing was cached. What summing up a long conversation took is billed
 * as well, but stands in `iterations` only.
 * https://platform.claude.com/docs/en/build-with-claude/streaming
 * https://platform.claude.com/docs/en/build-with-claude/compaction
 */
export function readUsage(usage: Fields): Usage | undefined {
  const counts = readCounts(usage);
  const rounds = Array.isArray(usage["iterations"]) ? usage["iterations"] : [];
  const compactions = rounds.flatMap((round) =>
    isObject(round) && round["type"] === "compaction" ? (readCounts(round) ?? []) : [],
  );
  return counts && compactions.length > 0 ? { ...counts, beside: compactions.reduce(added) } : counts;
}

function readCounts(usage: Fields): Usage | undefined {
  const input = count(usage["input_tokens"]);
  const output = count(usage["output_tokens"]);
  if (input === undefined && output === undefined) return undefined;
  const byLifetime = isObject(usage["cache_creation"]) ? usage["cache_creation"] : {};
  const longKept = count(byLifetime["ephemeral_1h_input_tokens"]);
  const details = isObject(usage["output_tokens_details"]) ? usage["output_tokens_details"] : {};
  const reasoning = count(details["thinking_tokens"]);
  return {
    input: input ?? 0,
    output: output ?? 0,
    cacheRead: count(usage["cache_read_input_tokens"]) ?? 0,
    cacheWrite: count(usage["cache_creation_input_tokens"]) ?? 0,
    ...(longKept && { cacheWrite1h: longKept }),
    ...(reasoning !== undefined && { reasoning }),
  };
}

const count = (value: unknown): number | undefined =>
  typeof value === "number" && value >= 0 ? value : undefined;

/** Later counts over earlier ones, field by field: those that are null or missing say nothing. */
export function mergeUsage(earlier: Fields, later: Fields): Fields {
  const merged = { ...earlier };
  for (const field in later)
    if (later[field] !== null && later[field] !== undefined) merged[field] = later[field];
  return merged;
}

/**
 * Writes a usage object. `own` is what the provider said beyond our counts (`server_tool_use`, `service_tier`),
 * where it spoke this wire. All counts are always there: clients add them up unseen.
 */
export function writeUsage(usage: Usage, own: unknown): Fields {
  const longKept = usage.cacheWrite1h ?? 0;
  return {
    ...(isObject(own) && own),
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite ?? 0,
    cache_read_input_tokens: usage.cacheRead ?? 0,
    ...(longKept > 0 && {
      cache_creation: {
        ephemeral_5m_input_tokens: Math.max(0, (usage.cacheWrite ?? 0) - longKept),
        ephemeral_1h_input_tokens: longKept,
      },
    }),
    output_tokens: usage.output,
    ...(usage.reasoning !== undefined && { output_tokens_details: { thinking_tokens: usage.reasoning } }),
  };
}
