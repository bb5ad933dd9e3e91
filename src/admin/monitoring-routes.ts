import { z } from "zod";
import type { Engine } from "../engine.ts";
import { addAudit, storageUse } from "../store/index.ts";
import { type AdminContext, isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { moment, queryText, time, yes } from "./shapes.ts";

const METRICS_HEADERS = {
  "content-type": "text/plain; version=0.0.4; charset=utf-8",
  "cache-control": "no-store",
};
const WEEK_MS = 7 * 86_400_000;
const YEAR_MS = 366 * 86_400_000;

/** What happened, what is happening, and how everything is. */
export function monitoringRoutes(table: RouteTable, engine: Engine): void {
  const resetAll = (c: AdminContext) => {
    const resetCount = engine.health.resetAll();
    note(c, "health.reset", { resetCount });
    return resetCount;
  };
  const note = (c: AdminContext, action: string, details?: { [field: string]: unknown }) =>
    addAudit(engine.store, {
      action,
      actor: c.get("actor").name,
      ip: c.env.peer,
      result: "ok",
      ...(details && { details }),
    });

  table.add(
    {
      method: "GET",
      path: "/api/monitoring/health",
      role: "reader",
      summary: "How the process, the providers and what is remembered are doing.",
      answer: healthShape,
    },
    () => healthOf(engine),
  );

  table.add(
    {
      method: "GET",
      path: "/metrics",
      role: "metrics",
      summary: "Requests, tokens, cost, latencies and states, for Prometheus.",
      answer: { media: "text/plain", about: "Prometheus text." },
    },
    () => new Response(engine.metrics.text(), { headers: METRICS_HEADERS }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/telemetry/summary",
      role: "reader",
      summary: "How long calls took lately, by provider and model, and where the time went.",
      query: () => z.object({ windowMs: z.coerce.number().int().min(1000).max(WEEK_MS).default(300_000) }),
      answer: telemetryShape,
    },
    (_c, { query: { windowMs } }) => {
      const { overall, byProvider, byModel } = engine.telemetry.summary(windowMs);
      const { phases, ...all } = overall ?? { count: 0, avg: 0, p50: 0, p95: 0, p99: 0 };
      return { windowMs, ...all, phaseBreakdown: phases ?? null, byProvider, byModel };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/telemetry/history",
      role: "reader",
      summary:
        "How long calls took over time, by hours or days: p50, p95 and p99 of all, a provider or a model.",
      query: historyQuery,
      answer: () =>
        z.object({
          per: z.enum(PER),
          of: z.enum(TIMES),
          points: z.array(
            z.object({
              time: moment(),
              count: z.number(),
              p50: z.number(),
              p95: z.number(),
              p99: z.number(),
            }),
          ),
        }),
    },
    (_c, { query: { windowMs, per, of, provider, model } }) => {
      const now = engine.clock.now();
      const names = { ...(provider && { provider }), ...(model && { model }) };
      const points = engine.telemetry.overTime({ from: now - windowMs, to: now + 1, per, of, ...names });
      return {
        per,
        of,
        points: points.map((point) => ({ ...point, time: new Date(point.time).toISOString() })),
      };
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/monitoring/health",
      role: "admin",
      summary: "Closes all breakers and clears all cooldowns.",
      answer: () => z.object({ success: yes(), resetCount: z.number() }),
    },
    (c) => ({ success: true, resetCount: resetAll(c) }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/resilience/reset",
      role: "admin",
      summary: "Closes all breakers and clears all cooldowns.",
      answer: () => z.object({ ok: yes(), resetCount: z.number(), message: z.string() }),
    },
    (c) => {
      const resetCount = resetAll(c);
      return { ok: true, resetCount, message: `Breakers and cooldowns were reset: ${resetCount}.` };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/storage/health",
      role: "reader",
      summary: "What the data takes up, where it lies, and when it was last copied.",
      answer: () =>
        z.looseObject({
          driver: z.literal("sqlite"),
          dataDir: z.string(),
          dbPath: z.string(),
          sizeBytes: z.number(),
          logsSizeBytes: z.number(),
          lastBackupAt: time(),
          backupCount: z.number(),
          retentionDays: z.number(),
        }),
    },
    () => {
      const use = storageUse(engine.store);
      return { ...use, lastBackupAt: isoTime(use.lastBackupAt) };
    },
  );

  for (const how of ["shutdown", "restart"] as const) {
    table.add(
      {
        method: "POST",
        path: `/api/${how}`,
        role: "admin",
        summary:
          how === "shutdown"
            ? "Ends the process once running answers are through."
            : "Begins the process anew once running answers are through.",
        answer: () => z.object({ ok: yes() }),
      },
      (c) => {
        note(c, how);
        engine.requestStop(how);
        return { ok: true };
      },
    );
  }
}

function healthOf(engine: Engine) {
  const breakers = engine.health.breakers();
  const lagMs = engine.loop.recentLagMs();
  const isTroubled = breakers.some(({ state }) => state !== "CLOSED") || lagMs >= engine.config.maxLoopLagMs;
  return {
    status: isTroubled ? ("degraded" as const) : ("healthy" as const),
    timestamp: isoTime(engine.clock.now()),
    system: {
      version: engine.config.version,
      uptime: Math.round((engine.clock.now() - engine.startedAt) / 1000),
      memoryUsage: { ...process.memoryUsage() },
      pid: process.pid,
      platform: process.platform,
      dataDir: engine.config.dataDir,
    },
    load: { inFlight: engine.liveRequests().length, loopLagMs: lagMs, shed: { ...engine.shed } },
    providerHealth: Object.fromEntries(
      breakers.map(({ name, state, failureCount, lastFailureTime, openUntil }) => [
        name,
        {
          state,
          failures: failureCount,
          lastFailure: isoTime(lastFailureTime),
          openUntil: isoTime(openUntil),
        },
      ]),
    ),
    rateLimitStatus: engine.health
      .cooldowns()
      .map(({ until, ...rest }) => ({ ...rest, until: isoTime(until) })),
    lockouts: engine.health.locked().map(({ until, ...rest }) => ({ ...rest, until: isoTime(until) })),
    signatureCache: {
      entries: engine.caches.proofs.size,
      hitRate: rate(engine.caches.proofs.hits, engine.caches.proofs.misses),
    },
    latency: engine.telemetry.lately(),
    setupComplete: !engine.access.needsSetup(),
  };
}

const PER = ["hour", "day"] as const;
const TIMES = ["duration", "first-content"] as const;

const historyQuery = () =>
  z.object({
    windowMs: z.coerce.number().int().min(1000).max(YEAR_MS).default(WEEK_MS),
    per: z.enum(PER).default("day"),
    /** To the end of the answer, or to its first content. */
    of: z.enum(TIMES).default("duration"),
    provider: queryText(),
    /** As `prefix/id`. */
    model: queryText(),
  });

const latencyShape = () =>
  z.looseObject({
    count: z.number(),
    avg: z.number(),
    p50: z.number(),
    p95: z.number(),
    p99: z.number(),
  });

const telemetryShape = () =>
  latencyShape().extend({
    windowMs: z.number(),
    phaseBreakdown: z.looseObject({}).nullable(),
    byProvider: z.record(z.string(), latencyShape()),
    byModel: z.record(z.string(), latencyShape()),
  });

const healthShape = () =>
  z.object({
    status: z.enum(["healthy", "degraded"]),
    timestamp: time(),
    system: z.object({
      version: z.string(),
      uptime: z.number().describe("Seconds"),
      memoryUsage: z.looseObject({ rss: z.number() }),
      pid: z.number(),
      platform: z.string(),
      dataDir: z.string(),
    }),
    load: z.object({
      inFlight: z.number(),
      loopLagMs: z
        .number()
        .describe("The longest time in the last minute or two that the event loop was held up"),
      shed: z
        .object({ places: z.number(), loop: z.number() })
        .describe("Calls refused since the start: no place left, or the event loop held up"),
    }),
    providerHealth: z.record(
      z.string(),
      z.object({ state: z.string(), failures: z.number(), lastFailure: time(), openUntil: time() }),
    ),
    rateLimitStatus: z.array(z.looseObject({ provider: z.string(), until: time() })),
    lockouts: z.array(
      z.object({ identifier: z.string(), kind: z.string(), reason: z.string(), until: time() }),
    ),
    signatureCache: z.object({ entries: z.number(), hitRate: z.number() }),
    latency: z.record(z.string(), latencyShape()),
    setupComplete: z.boolean(),
  });

const rate = (hits: number, misses: number): number => (hits + misses === 0 ? 0 : hits / (hits + misses));
