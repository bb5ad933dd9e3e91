import { z } from "zod";
import { badRequest } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import {
  groupUsage,
  listRequests,
  totalUsage,
  type UsageDimension,
  type UsageGroup,
  type UsageQuery,
} from "../store/index.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { analyticsShape, historyShape, providerMetricsShape } from "./usage-shapes.ts";
import { namesOf, shownAccount, shownKey, shownKeyGroup, shownTotals } from "./usage-views.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const TEN_MINUTES_MS = 600_000;
const RANGES = { "1d": 1, "7d": 7, "30d": 30, "90d": 90 } as const;
const rangeTime = () =>
  z
    .string()
    .max(40)
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text)))
    .pipe(z.number().int().min(0))
    .optional()
    .describe("ISO 8601, or milliseconds since 1970");
const rangeQuery = (usual: "30d" | "all") =>
  z.object({
    range: z.enum(["1d", "7d", "30d", "90d", "all"]).default(usual),
    from: rangeTime(),
    to: rangeTime(),
  });
type AskedRange = z.output<ReturnType<typeof rangeQuery>>;

/** What was used and what it cost, from sums that are kept beside the request log. */
export function usageRoutes(table: RouteTable, engine: Engine): void {
  const { store, clock } = engine;
  const grouped = (query: UsageQuery, ...dimensions: UsageDimension[]) =>
    groupUsage(store, query, dimensions);

  table.add(
    {
      method: "GET",
      path: "/api/usage/analytics",
      role: "reader",
      summary: "What was used and what it cost, by provider, model, account, key, key group and day.",
      query: () => rangeQuery("30d"),
      answer: analyticsShape,
    },
    (_c, { query: asked }) => {
      const query = queryOf(asked, clock.now());
      const names = namesOf(engine);
      const byModel = grouped(query, "provider", "model");
      const byAccount = grouped(query, "connection");
      const byApiKey = grouped(query, "key");
      const trend = grouped(query, "time");
      return {
        summary: {
          ...shownTotals(totalUsage(store, query)),
          uniqueModels: byModel.filter(({ model }) => model !== "").length,
          uniqueAccounts: byAccount.filter(({ connectionId }) => connectionId !== "").length,
          uniqueApiKeys: byApiKey.length,
          streak: streakOf(grouped({ from: 0, to: clock.now() + 1, per: "day" }, "time"), clock.now()),
        },
        dailyTrend: trend.map((group) => ({ date: isoTime(group.time), ...shownTotals(group) })),
        dailyByModel: grouped(query, "time", "model").map((group) => ({
          date: isoTime(group.time),
          model: group.model,
          ...shownTotals(group),
        })),
        modelNames: [...new Set(byModel.map(({ model }) => model).filter(Boolean))],
        byModel: byModel.map((group) => ({
          provider: group.provider,
          model: group.model,
          ...shownTotals(group),
        })),
        byProvider: grouped(query, "provider").map((group) => ({
          provider: group.provider,
          ...shownTotals(group),
        })),
        byAccount: byAccount.map((group) => shownAccount(group, names)),
        byApiKey: byApiKey.map((group) => shownKey(group, names)),
        byKeyGroup: grouped(query, "keyGroup").map((group) => shownKeyGroup(group, names)),
        activityMap: Object.fromEntries(
          byDay(trend).map(([day, groups]) => [day, groups.reduce((sum, { requests }) => sum + requests, 0)]),
        ),
        weeklyPattern: weeklyPattern(trend),
        range: {
          name: asked.from === undefined ? asked.range : "custom",
          from: isoTime(query.from),
          to: isoTime(query.to),
        },
      };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/provider-metrics",
      role: "reader",
      summary: "How often each provider answered, and how fast.",
      answer: () => z.object({ metrics: z.record(z.string(), providerMetricsShape()) }),
    },
    () => {
      const groups = grouped({ from: 0, to: clock.now() + 1, per: "day" }, "provider");
      const shownOf = ({ requests, errors, cancelled, durationMs }: UsageGroup) => {
        const successes = requests - errors - cancelled;
        return {
          totalRequests: requests,
          totalSuccesses: successes,
          /** In hundredths. */
          successRate: requests === 0 ? 0 : Math.round((100 * successes) / requests),
          avgLatencyMs: requests === 0 ? 0 : Math.round(durationMs / requests),
        };
      };
      const known = groups.filter(({ provider }) => provider !== "");
      return { metrics: Object.fromEntries(known.map((group) => [group.provider, shownOf(group)])) };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/usage/history",
      role: "reader",
      summary: "Totals since ever or of a range, the last ten minutes, and the calls in work.",
      query: () => rangeQuery("all"),
      answer: historyShape,
    },
    (_c, { query: asked }) => {
      const query = queryOf(asked, clock.now());
      const names = namesOf(engine);
      const running = engine.liveRequests();
      return {
        ...shownTotals(totalUsage(store, query)),
        byProvider: Object.fromEntries(
          grouped(query, "provider").map((group) => [group.provider || "none", shownTotals(group)]),
        ),
        byModel: Object.fromEntries(
          grouped(query, "model").map((group) => [group.model || "none", shownTotals(group)]),
        ),
        byAccount: grouped(query, "connection").map((group) => shownAccount(group, names)),
        byApiKey: grouped(query, "key").map((group) => shownKey(group, names)),
        byKeyGroup: grouped(query, "keyGroup").map((group) => shownKeyGroup(group, names)),
        last10Minutes: lastMinutes(engine),
        pending: running.length,
        activeRequests: running.map(({ at, ...request }) => ({ ...request, startedAt: isoTime(at) })),
      };
    },
  );
}

const MOST_RECENT = 1000;

/** Calls of the last ten minutes by minute, the oldest first; a busy gateway's beyond 1000 are left out. */
function lastMinutes(engine: Engine) {
  const now = engine.clock.now();
  const { requests } = listRequests(engine.store, { limit: MOST_RECENT });
  const minutes = TEN_MINUTES_MS / MINUTE_MS;
  return Array.from({ length: minutes }, (_, index) => {
    const start = now - (minutes - index) * MINUTE_MS;
    const of = requests.filter(({ at }) => at > start && at <= start + MINUTE_MS);
    return {
      from: isoTime(start),
      requests: of.length,
      promptTokens: of.reduce(
        (sum, { usage }) => sum + (usage?.input ?? 0) + (usage?.cacheRead ?? 0) + (usage?.cacheWrite ?? 0),
        0,
      ),
      completionTokens: of.reduce((sum, { usage }) => sum + (usage?.output ?? 0), 0),
    };
  });
}

function queryOf({ range, from, to }: AskedRange, now: number): UsageQuery {
  if (from !== undefined || to !== undefined) {
    const query = { from: from ?? 0, to: to ?? now + 1, per: "day" as const };
    if (query.from >= query.to) throw badRequest("`from` must lie before `to`.", "from");
    return query;
  }
  if (range === "all") return { from: 0, to: now + 1, per: "day" };
  const days = RANGES[range];
  if (days === 1) return { from: now - DAY_MS, to: now + 1, per: "hour" };
  return { from: now - (days - 1) * DAY_MS, to: now + 1, per: "day" };
}

function byDay(groups: readonly UsageGroup[]): [string, UsageGroup[]][] {
  return [...Map.groupBy(groups, ({ time: at }) => new Date(at!).toISOString().slice(0, 10))];
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function weeklyPattern(groups: readonly UsageGroup[]) {
  return WEEKDAYS.map((day, index) => {
    const of = groups.filter(({ time: at }) => new Date(at!).getUTCDay() === index);
    return {
      day,
      requests: of.reduce((sum, group) => sum + group.requests, 0),
      totalTokens: of.reduce((sum, group) => sum + shownTotals(group).totalTokens, 0),
    };
  });
}

/** Days in a row with requests, up to today or yesterday. */
function streakOf(days: readonly UsageGroup[], now: number): number {
  const used = new Set(days.map(({ time: at }) => Math.floor(at! / DAY_MS)));
  const today = Math.floor(now / DAY_MS);
  let day = used.has(today) ? today : today - 1;
  let streak = 0;
  while (used.has(day--)) streak++;
  return streak;
}
