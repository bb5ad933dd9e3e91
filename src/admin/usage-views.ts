import type { Engine } from "../engine.ts";
import type { UsageGroup, UsageTotals } from "../store/index.ts";

/** What ids in usage are called here. What is gone shows its id. */
export type Names = {
  keys: Map<string, string>;
  keyGroups: Map<string, string>;
  connections: Map<string, string>;
};

/** The names of everything that usage is told by, as they are now. */
export function namesOf(engine: Engine): Names {
  return {
    keys: new Map(engine.access.listKeys().map(({ id, name }) => [id, name])),
    keyGroups: new Map(engine.access.groups.list().map(({ id, name }) => [id, name])),
    connections: new Map(engine.manage.connections.list().map(({ id, name }) => [id, name])),
  };
}

/** What went over one account. */
export const shownAccount = (group: UsageGroup, { connections }: Names) => ({
  connectionId: group.connectionId,
  account: connections.get(group.connectionId!) ?? group.connectionId,
  ...shownTotals(group),
});

/** What one key used. */
export const shownKey = (group: UsageGroup, { keys }: Names) => ({
  apiKeyId: group.keyId,
  apiKeyName: keys.get(group.keyId!) ?? group.keyId,
  ...shownTotals(group),
});

/** What the keys of one group used while they were in it; null stands for keys in none. */
export const shownKeyGroup = (group: UsageGroup, { keyGroups }: Names) => ({
  keyGroupId: group.keyGroupId || null,
  keyGroupName: keyGroups.get(group.keyGroupId!) ?? (group.keyGroupId || null),
  ...shownTotals(group),
});

/** Sums under their documented names. Costs in USD: billed, list price of what was not billed, and the difference. */
export function shownTotals(totals: UsageTotals) {
  const promptTokens = totals.input + totals.cacheRead + totals.cacheWrite;
  return {
    totalRequests: totals.requests,
    errors: totals.errors,
    cancelled: totals.cancelled,
    totalTokens: promptTokens + totals.output,
    promptTokens,
    completionTokens: totals.output,
    cachedTokens: totals.cacheRead,
    cacheWriteTokens: totals.cacheWrite,
    reasoningTokens: totals.reasoning,
    estimatedRequests: totals.estimated,
    totalCost: totals.cost,
    shadowCost: totals.shadowCost,
    unknownPriceRequests: totals.unknownPrice,
    avgLatencyMs: totals.requests === 0 ? 0 : Math.round(totals.durationMs / totals.requests),
  };
}
