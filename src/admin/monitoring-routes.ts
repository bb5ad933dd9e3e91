import type { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Engine } from "../engine.ts";
import { parseInput } from "../manage/index.ts";
import { findRequest, listAudit, listRequests, type RequestQuery, storageUse } from "../store/index.ts";
import { type AdminEnv, isoTime } from "./http.ts";

const METRICS_HEADERS = {
  "content-type": "text/plain; version=0.0.4; charset=utf-8",
  "cache-control": "no-store",
};

const WEEK_MS = 7 * 86_400_000;
const telemetryQuery = z.object({
  windowMs: z.coerce.number().int().min(1000).max(WEEK_MS).default(300_000),
});

/** What happened, what is happening, and how everything is. */
export function monitoringRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  app.get("/api/usage/call-logs", (c) => {
    const { requests, nextCursor } = listRequests(engine.store, queryOf(c.req.query()));
    return c.json({ logs: requests.map(shownRequest), nextCursor: nextCursor ?? null });
  });

  app.get("/api/usage/call-logs/:id", (c) => c.json(detail(engine, c.req.param("id"))));
  app.get("/api/receipts/:id", (c) => c.json(engine.manage.receipts.find(c.req.param("id"))));

  app.get("/api/compliance/audit-log", (c) => {
    const { action, actor, limit, offset } = c.req.query();
    const entries = listAudit(engine.store, {
      ...(action && { action }),
      ...(actor && { actor }),
      ...(limit && { limit: Number(limit) || 50 }),
      ...(offset && { offset: Number(offset) || 0 }),
    });
    return c.json(entries.map(({ at, ...entry }) => ({ ...entry, timestamp: isoTime(at) })));
  });

  app.get("/api/monitoring/health", (c) => {
    const breakers = engine.health.breakers();
    return c.json({
      status: breakers.some(({ state }) => state !== "CLOSED") ? "degraded" : "healthy",
      timestamp: isoTime(engine.clock.now()),
      system: {
        version: engine.config.version,
        uptime: Math.round((engine.clock.now() - engine.startedAt) / 1000),
        memoryUsage: process.memoryUsage(),
        pid: process.pid,
        platform: process.platform,
        dataDir: engine.config.dataDir,
      },
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
        entries: engine.proofs.size,
        hitRate: rate(engine.proofs.hits, engine.proofs.misses),
      },
      latency: engine.telemetry.lately(),
      setupComplete: !engine.access.needsSetup(),
    });
  });

  app.get("/metrics", () => new Response(engine.metrics.text(), { headers: METRICS_HEADERS }));

  app.get("/api/telemetry/summary", (c) => {
    const { windowMs } = parseInput(telemetryQuery, c.req.query());
    const { overall, byProvider, byModel } = engine.telemetry.summary(windowMs);
    const { phases, ...all } = overall ?? { count: 0, avg: 0, p50: 0, p95: 0, p99: 0 };
    return c.json({ windowMs, ...all, phaseBreakdown: phases ?? null, byProvider, byModel });
  });

  app.delete("/api/monitoring/health", (c) =>
    c.json({ success: true, resetCount: engine.health.resetAll() }),
  );
  app.post("/api/resilience/reset", (c) => {
    const resetCount = engine.health.resetAll();
    return c.json({ ok: true, resetCount, message: `${resetCount} breakers and cooldowns were reset.` });
  });

  app.get("/api/storage/health", (c) => {
    const use = storageUse(engine.store);
    return c.json({ ...use, lastBackupAt: isoTime(use.lastBackupAt) });
  });

  app.post("/api/shutdown", (c) => {
    engine.requestStop("shutdown");
    return c.json({ ok: true });
  });

  app.post("/api/restart", (c) => {
    engine.requestStop("restart");
    return c.json({ ok: true });
  });
}

function detail(engine: Engine, id: string) {
  const record = findRequest(engine.store, id);
  if (!record) throw new GatewayError("not_found", "There is no such request in the log.");
  return {
    ...shownRequest(record),
    errorMessage: record.errorMessage ?? null,
    warnings: record.warnings ?? [],
    attempts: record.attempts.map(({ startedAt, ...attempt }) => ({
      ...attempt,
      started: isoTime(startedAt),
    })),
  };
}

/** A row of the request log, under its documented names. */
export function shownRequest(record: RequestRecord) {
  const { usage } = record;
  return {
    id: record.id,
    timestamp: isoTime(record.at),
    method: "POST",
    path: record.path,
    status: record.status,
    error: record.errorCode ?? null,
    model: record.model ?? null,
    requestedModel: record.requestedModel,
    provider: record.provider ?? null,
    account: record.connectionName ?? null,
    connectionId: record.connectionId ?? null,
    duration: record.durationMs,
    ttft: record.firstContentMs ?? null,
    tokens: {
      in: usage?.input ?? null,
      out: usage?.output ?? null,
      cacheRead: usage?.cacheRead ?? null,
      cacheWrite: usage?.cacheWrite ?? null,
      reasoning: usage?.reasoning ?? null,
      estimated: usage?.estimated ?? false,
    },
    units: usage?.units ?? null,
    cost: record.cost ?? null,
    costKind: record.costKind ?? null,
    sourceFormat: record.sourceFormat,
    targetFormat: record.targetFormat ?? null,
    apiKeyId: record.keyId,
    apiKeyName: record.keyName,
    client: record.client ?? null,
    comboName: record.combo ?? null,
    stream: record.stream,
    attemptCount: record.attempts.length,
  };
}

function queryOf(query: { [name: string]: string }): RequestQuery {
  const { status, limit, ...rest } = query;
  const texts = ["model", "provider", "account", "apiKey", "combo", "search", "cursor"] as const;
  return {
    ...Object.fromEntries(texts.flatMap((name) => (rest[name] ? [[name, rest[name]]] : []))),
    ...(status && { status: status === "ok" || status === "error" ? status : Number(status) }),
    ...(limit && { limit: Number(limit) || 50 }),
  };
}

const rate = (hits: number, misses: number): number => (hits + misses === 0 ? 0 : hits / (hits + misses));
