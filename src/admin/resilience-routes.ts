import type { Hono } from "hono";
import { z } from "zod";
import type { Engine } from "../engine.ts";
import { parseInput, resiliencePatch } from "../manage/index.ts";
import { type AdminEnv, ignoredFields, isoTime, jsonBody } from "./http.ts";

/** Profiles, breakers, cooldowns, limits, and what is locked. */
export function resilienceRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { resilience, rateLimits, availability, locks } = engine.manage;

  const current = () => {
    const { circuitBreakers, ...rest } = resilience.view();
    return {
      ...rest,
      circuitBreakers: breakers(circuitBreakers),
      rateLimitStatus: Object.fromEntries(
        rateLimits.list().map(({ connectionId, ...status }) => [connectionId, shownLimits(status)]),
      ),
    };
  };
  const breakers = (entries: ReturnType<typeof resilience.view>["circuitBreakers"]) =>
    entries.map(({ name, state, failureCount, lastFailureTime, openUntil }) => ({
      name,
      state,
      failureCount,
      lastFailureTime: isoTime(lastFailureTime),
      openUntil: isoTime(openUntil),
    }));

  app.get("/api/resilience", (c) => c.json(current()));
  app.on(["PUT", "PATCH"], "/api/resilience", async (c) => {
    const body = await jsonBody(c);
    resilience.change(body, c.get("actor"));
    return c.json({ ok: true, ...current() }, 200, ignoredFields(body, Object.keys(resiliencePatch.shape)));
  });

  app.all("/api/rate-limit", (c) => c.redirect("/api/rate-limits", 308));
  app.get("/api/rate-limits", (c) => {
    const connections = rateLimits.list();
    const locked = locks.list();
    return c.json({
      connections: connections.map(shownLimits),
      overview: {
        connections: connections.length,
        cooling: connections.filter(({ cooling }) => cooling.length > 0).length,
        inFlight: sum(connections.map(({ inFlight }) => inFlight)),
        rpm: sum(connections.map(({ rpm }) => rpm)),
        openBreakers: locked.filter(({ kind }) => kind === "breaker").length,
      },
      lockouts: locked.map(shownLock),
      cacheStats: { entries: engine.proofs.size, hits: engine.proofs.hits, misses: engine.proofs.misses },
    });
  });
  app.post("/api/rate-limits", async (c) => {
    const view = rateLimits.protect(await jsonBody(c), c.get("actor"));
    return c.json({ success: true, ...shownLimits(view), enabled: view.rateLimitProtection });
  });

  app.get("/api/policies", (c) =>
    c.json({
      circuitBreakers: breakers(engine.health.breakers()),
      lockedIdentifiers: locks.list().map(shownLock),
    }),
  );
  app.post("/api/policies", async (c) => {
    const identifier = locks.unlock(await jsonBody(c), c.get("actor"));
    return c.json({ success: true, action: "unlocked", identifier });
  });

  app.get("/api/models/availability", (c) => {
    const models = availability.list().map(({ until, ...rest }) => ({ ...rest, until: isoTime(until) }));
    return c.json({ unavailableCount: models.length, models });
  });
  app.post("/api/models/availability", async (c) =>
    c.json({ success: true, removed: availability.free(await jsonBody(c), c.get("actor")) }),
  );

  app.get("/api/sessions", (c) => {
    const { limit } = parseInput(
      z.object({ limit: z.coerce.number().int().min(1).max(1000).default(1000) }),
      c.req.query(),
    );
    const sessions = engine.sessions();
    return c.json({
      count: sessions.length,
      sessions: sessions
        .slice(0, limit)
        .map(({ lastUsedAt, ...rest }) => ({ ...rest, lastUsedAt: isoTime(lastUsedAt) })),
    });
  });
}

function shownLimits<View extends { cooling: { until: number }[] }>(view: View) {
  return { ...view, cooling: view.cooling.map((entry) => ({ ...entry, until: isoTime(entry.until) })) };
}

const shownLock = <Lock extends { until?: number }>({ until, ...rest }: Lock) => ({
  ...rest,
  until: isoTime(until),
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
