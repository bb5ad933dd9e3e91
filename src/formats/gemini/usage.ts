import type { Usage } from "../../core/reply.ts";
import type { JsonObject } from "../../lib/json.ts";

/**
 * Google's counts as they are billed: the prompt count holds cached tokens, what tools fed back stands apart from it,
 * and thoughts stand apart from the candidates. Undefined while no tokens are named (Vertex sends empty objects
 * along with each chunk). https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function readUsage(metadata: JsonObject): Usage | undefined {
  const prompt = count(metadata, "promptTokenCount");
  const candidates = count(metadata, "candidatesTokenCount");
  const thoughts = count(metadata, "thoughtsTokenCount");
  if (prompt === undefined && candidates === undefined && thoughts === undefined) return undefined;
  const cached = count(metadata, "cachedContentTokenCount");
  const all = (prompt ?? 0) + (count(metadata, "toolUsePromptTokenCount") ?? 0);
  return {
    input: Math.max(0, all - (cached ?? 0)),
    output: (candidates ?? 0) + (thoughts ?? 0),
    ...(cached !== undefined && { cacheRead: cached }),
    ...(thoughts !== undefined && { reasoning: thoughts }),
  };
}

function count(metadata: JsonObject, field: string): number | undefined {
  const value = metadata[field];
  return typeof value === "number" ? value : undefined;
}

/** Writes `usageMetadata`. */
export function writeUsage(usage: Usage): JsonObject {
  const prompt = usage.input + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: usage.output - (usage.reasoning ?? 0),
    totalTokenCount: prompt + usage.output,
    ...(usage.cacheRead !== undefined && { cachedContentTokenCount: usage.cacheRead }),
    ...(usage.reasoning !== undefined && { thoughtsTokenCount: usage.reasoning }),
  };
}
