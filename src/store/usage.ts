import { and, asc, eq, gte, lt, sql, sum, type SQL } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { usageDaily, usageHourly } from "./log-schema.ts";
import type { Store } from "./store.ts";
import { DAY_MS, HOUR_MS } from "./usage-rows.ts";

/** What was used, added up. Tokens as in `Usage`; costs in USD; durations in milliseconds. */
export type UsageTotals = {
  requests: number;
  errors: number;
  /** Calls the client broke off. */
  cancelled: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  reasoning: number;
  /** Requests whose tokens were counted by us, because the provider did not say. */
  estimated: number;
  cost: number;
  /** List price of what subscriptions and free tiers gave. */
  shadowCost: number;
  /** Requests left out of both costs, because nobody knows their price. */
  unknownPrice: number;
  durationMs: number;
  firstContentMs: number;
  /** How many requests `firstContentMs` adds up. */
  firstContentCount: number;
};

/** What to add up. Whole hours (or days) count: `from` and `to` (milliseconds since 1970, `to` is out) are rounded outwards. */
export type UsageQuery = {
  from: number;
  to: number;
  /** Days are kept for good, hours as long as the log. Default: hours. */
  per?: "hour" | "day";
  provider?: string;
  model?: string;
  keyId?: string;
  /** Of the key's group at the time of the call; "" for keys in none. */
  keyGroupId?: string;
  connectionId?: string;
};

export type UsageDimension = "time" | "provider" | "model" | "key" | "keyGroup" | "connection";

/** One group: its values by dimension (`time` in milliseconds since 1970, when the hour or day began) and its sums. */
export type UsageGroup = UsageTotals & {
  time?: number;
  provider?: string;
  model?: string;
  keyId?: string;
  keyGroupId?: string;
  connectionId?: string;
};

/** The sums over everything that fits. All zero when nothing does. */
export function totalUsage(store: Store, query: UsageQuery): UsageTotals {
  return groupUsage(store, query, [])[0]!;
}

/** The sums for each combination of values of the given dimensions, by time where that is one of them. */
export function groupUsage(
  store: Store,
  query: UsageQuery,
  dimensions: readonly UsageDimension[],
): UsageGroup[] {
  store.requestLog.flush();
  const daily = query.per === "day";
  const table = daily ? usageDaily : usageHourly;
  const length = daily ? DAY_MS : HOUR_MS;
  const columns = {
    time: table.bucket,
    provider: table.provider,
    model: table.model,
    key: table.keyId,
    keyGroup: table.keyGroupId,
    connection: table.connectionId,
  };
  const groups = dimensions.map((dimension) => columns[dimension]);
  const chosen = Object.fromEntries(dimensions.map((name) => [FIELD_OF[name], columns[name]]));
  const rows = store.logs
    .select({ ...chosen, ...sums(table) })
    .from(table)
    .where(and(...conditionsOf(query, table, length)))
    .groupBy(...groups)
    .orderBy(...groups.map((group) => asc(group)))
    .all() as UsageGroup[];
  return rows.map((row) => (row.time === undefined ? row : { ...row, time: row.time * length }));
}

/** The last 24 hours, for a first look. */
export function lastDayUsage(store: Store): UsageTotals {
  const now = store.clock.now();
  return totalUsage(store, { from: now - DAY_MS + HOUR_MS, to: now + 1 });
}

const FIELD_OF: Record<UsageDimension, keyof UsageGroup> = {
  time: "time",
  provider: "provider",
  model: "model",
  key: "keyId",
  keyGroup: "keyGroupId",
  connection: "connectionId",
};

type UsageTable = typeof usageHourly | typeof usageDaily;

function sums(table: UsageTable) {
  const added = (column: SQLiteColumn) => sql<number>`coalesce(${sum(column)}, 0)`.mapWith(Number);
  return {
    requests: added(table.requests),
    errors: added(table.errors),
    cancelled: added(table.cancelled),
    input: added(table.input),
    output: added(table.output),
    cacheRead: added(table.cacheRead),
    cacheWrite: added(table.cacheWrite),
    reasoning: added(table.reasoning),
    estimated: added(table.estimated),
    cost: added(table.cost),
    shadowCost: added(table.shadowCost),
    unknownPrice: added(table.unknownPrice),
    durationMs: added(table.durationMs),
    firstContentMs: added(table.firstContentMs),
    firstContentCount: added(table.firstContentCount),
  };
}

function conditionsOf(query: UsageQuery, table: UsageTable, length: number): (SQL | undefined)[] {
  const { from, to, provider, model, keyId, keyGroupId, connectionId } = query;
  return [
    gte(table.bucket, Math.floor(from / length)),
    lt(table.bucket, Math.ceil(to / length)),
    provider === undefined ? undefined : eq(table.provider, provider),
    model === undefined ? undefined : eq(table.model, model),
    keyId === undefined ? undefined : eq(table.keyId, keyId),
    keyGroupId === undefined ? undefined : eq(table.keyGroupId, keyGroupId),
    connectionId === undefined ? undefined : eq(table.connectionId, connectionId),
  ];
}
