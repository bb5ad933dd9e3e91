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
  type UsageTotals,
} from "../store/index.ts";
import { csvOf } from "./csv.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { analyticsShape, historyShape, providerMetricsShape, reportShape } from "./usage-shapes.ts";

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
          ...shown(totalUsage(store, query)),
          uniqueModels: byModel.filter(({ model }) => model !== "").length,
          uniqueAccounts: byAccount.filter(({ connectionId }) => connectionId !== "").length,
          uniqueApiKeys: byApiKey.length,
          streak: streakOf(grouped({ from: 0, to: clock.now() + 1, per: "day" }, "time"), clock.now()),
        },
        dailyTrend: trend.map((group) => ({ date: isoTime(group.time), ...shown(group) })),
        dailyByModel: grouped(query, "time", "model").map((group) => ({
          date: isoTime(group.time),
          model: group.model,
          ...shown(group),
        })),
        modelNames: [...new Set(byModel.map(({ model }) => model).filter(Boolean))],
        byModel: byModel.map((group) => ({ provider: group.provider, model: group.model, ...shown(group) })),
        byProvider: grouped(query, "provider").map((group) => ({
          provider: group.provider,
          ...shown(group),
        })),
        byAccount: byAccount.map((group) => account(group, names)),
        byApiKey: byApiKey.map((group) => key(group, names)),
        byKeyGroup: grouped(query, "keyGroup").map((group) => keyGroup(group, names)),
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
        ...shown(totalUsage(store, query)),
        byProvider: Object.fromEntries(
          grouped(query, "provider").map((group) => [group.provider || "none", shown(group)]),
        ),
        byModel: Object.fromEntries(
          grouped(query, "model").map((group) => [group.model || "none", shown(group)]),
        ),
        byAccount: grouped(query, "connection").map((group) => account(group, names)),
        byApiKey: grouped(query, "key").map((group) => key(group, names)),
        byKeyGroup: grouped(query, "keyGroup").map((group) => keyGroup(group, names)),
        last10Minutes: lastMinutes(engine),
        pending: running.length,
        activeRequests: running.map(({ at, ...request }) => ({ ...request, startedAt: isoTime(at) })),
      };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/usage/report",
      role: "reader",
      summary: "A month or some days, by day, provider, model, key, key group and account; as JSON or CSV.",
      query: reportQuery,
      answer: reportShape,
    },
    (_c, { query: { month, format, ...asked } }) => {
      const query: UsageQuery = {
        ...(asked.from === undefined ? monthOf(month ?? monthNow(clock.now())) : daysOf(asked)),
        ...(asked.model !== undefined && { model: asked.model }),
        ...(asked.provider !== undefined && { provider: asked.provider }),
        ...(asked.apiKey !== undefined && { keyId: asked.apiKey }),
        ...(asked.keyGroup !== undefined && { keyGroupId: asked.keyGroup }),
        ...(asked.connection !== undefined && { connectionId: asked.connection }),
      };
      const names = namesOf(engine);
      const rows = grouped(query, "time", "provider", "model", "key", "keyGroup", "connection").map(
        (group) => ({
          date: dayText(group.time!),
          provider: group.provider!,
          model: group.model!,
          apiKeyId: group.keyId!,
          apiKeyName: names.keys.get(group.keyId!) ?? group.keyId!,
          keyGroupId: group.keyGroupId!,
          keyGroupName: names.keyGroups.get(group.keyGroupId!) ?? group.keyGroupId!,
          connectionId: group.connectionId!,
          account: names.connections.get(group.connectionId!) ?? group.connectionId!,
          ...shown(group),
        }),
      );
      const from = dayText(query.from);
      const to = dayText(query.to - 1);
      const covered = asked.from === undefined ? from.slice(0, 7) : `${from}-${to}`;
      if (format === "json") {
        const summary = shown(totalUsage(store, query));
        return { ...(asked.from === undefined && { month: covered }), from, to, summary, rows };
      }
      return new Response(csvOf(rows), {
        headers: {
          "content-type": "text/csv; charset=utf-8",
          "content-disposition": `attachment; filename="omniroute-usage-${covered}.csv"`,
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
        },
      });
    },
  );
}

const DAY_TEXT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

/** A month, or days from one to another (both are in), of everything or of one model, provider, key, key group or connection. */
const reportQuery = () => {
  const name = z.string().max(256).optional();
  return z.object({
    month: z
      .string()
      .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, "must be YYYY-MM")
      .optional(),
    from: z.string().regex(DAY_TEXT, "must be YYYY-MM-DD").optional(),
    to: z.string().regex(DAY_TEXT, "must be YYYY-MM-DD").optional(),
    model: name,
    provider: name,
    apiKey: name,
    keyGroup: name,
    connection: name,
    format: z.enum(["json", "csv"]).default("json"),
  });
};

const dayText = (at: number) => new Date(at).toISOString().slice(0, 10);
const monthNow = (now: number) => dayText(now).slice(0, 7);

function monthOf(month: string): UsageQuery {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return { from: Date.UTC(year, number - 1, 1), to: Date.UTC(year, number, 1), per: "day" };
}

function daysOf({
  from = "",
  to = from,
}: {
  from?: string | undefined;
  to?: string | undefined;
}): UsageQuery {
  const query = { from: Date.parse(`${from}T00:00:00Z`), to: Date.parse(`${to}T00:00:00Z`) + DAY_MS };
  if (!(query.from < query.to)) throw badRequest("`from` must not lie behind `to`.", "from");
  return { ...query, per: "day" };
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

type Names = { keys: Map<string, string>; keyGroups: Map<string, string>; connections: Map<string, string> };

function namesOf(engine: Engine): Names {
  return {
    keys: new Map(engine.access.listKeys().map(({ id, name }) => [id, name])),
    keyGroups: new Map(engine.access.groups.list().map(({ id, name }) => [id, name])),
    connections: new Map(engine.manage.connections.list().map(({ id, name }) => [id, name])),
  };
}

const account = (group: UsageGroup, { connections }: Names) => ({
  connectionId: group.connectionId,
  account: connections.get(group.connectionId!) ?? group.connectionId,
  ...shown(group),
});
const key = (group: UsageGroup, { keys }: Names) => ({
  apiKeyId: group.keyId,
  apiKeyName: keys.get(group.keyId!) ?? group.keyId,
  ...shown(group),
});

const keyGroup = (group: UsageGroup, { keyGroups }: Names) => ({
  keyGroupId: group.keyGroupId || null,
  keyGroupName: keyGroups.get(group.keyGroupId!) ?? (group.keyGroupId || null),
  ...shown(group),
});

/** Sums under their documented names. Costs in USD: billed, list price of what was not billed, and the difference. */
function shown(totals: UsageTotals) {
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
      totalTokens: of.reduce((sum, group) => sum + shown(group).totalTokens, 0),
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
