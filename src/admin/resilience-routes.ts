import { z } from "zod";
import type { Engine } from "../engine.ts";
import {
  lockToFree,
  modelToFree,
  protectionInput,
  type RateLimitView,
  resiliencePatch,
} from "../manage/index.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { time, yes } from "./shapes.ts";

/** Profiles, breakers, cooldowns, limits, and what is locked. */
export function resilienceRoutes(table: RouteTable, engine: Engine): void {
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

  table.add(
    {
      method: "GET",
      path: "/api/resilience",
      role: "reader",
      summary: "How failures are answered, what connections may be asked, and the breakers.",
      answer: resilienceShape,
    },
    current,
  );

  table.add(
    {
      method: "PATCH",
      path: "/api/resilience",
      role: "admin",
      summary: "Changes profiles and limits; it holds from the next call on.",
      body: () => resiliencePatch,
      answer: () => resilienceShape().extend({ ok: yes() }),
    },
    (c, { raw }) => {
      resilience.change(raw, c.get("actor"));
      return { ok: true, ...current() };
    },
  );

  for (const method of ["GET", "POST"] as const) {
    table.add(
      {
        method,
        path: "/api/rate-limit",
        role: "reader",
        summary: "The older address of `/api/rate-limits`: leads there (308).",
        answer: { media: "text/plain", about: "Nothing but the new address." },
      },
      (c) => c.redirect("/api/rate-limits", 308),
    );
  }

  table.add(
    {
      method: "GET",
      path: "/api/rate-limits",
      role: "reader",
      summary: "How much each connection is used, and what is set aside.",
      answer: () =>
        z.object({
          connections: z.array(limitsShape()),
          overview: z.object({
            connections: z.number(),
            cooling: z.number(),
            inFlight: z.number(),
            rpm: z.number(),
            openBreakers: z.number(),
          }),
          lockouts: z.array(lockShape()),
          cacheStats: z.object({ entries: z.number(), hits: z.number(), misses: z.number() }),
        }),
    },
    () => {
      const connections = rateLimits.list();
      const locked = locks.list();
      return {
        connections: connections.map(shownLimits),
        overview: {
          connections: connections.length,
          cooling: connections.filter(({ cooling }) => cooling.length > 0).length,
          inFlight: sum(connections.map(({ inFlight }) => inFlight)),
          rpm: sum(connections.map(({ rpm }) => rpm)),
          openBreakers: locked.filter(({ kind }) => kind === "breaker").length,
        },
        lockouts: locked.map(shownLock),
        cacheStats: {
          entries: engine.caches.proofs.size,
          hits: engine.caches.proofs.hits,
          misses: engine.caches.proofs.misses,
        },
      };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/rate-limits",
      role: "admin",
      summary: "Switches the limits of one connection on or off.",
      body: () => protectionInput,
      answer: () => limitsShape().extend({ success: yes(), enabled: z.boolean() }),
    },
    (c, { raw }) => {
      const view = rateLimits.protect(raw, c.get("actor"));
      return { success: true, ...shownLimits(view), enabled: view.rateLimitProtection };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/policies",
      role: "reader",
      summary: "Everything that is locked, with what frees it.",
      answer: () =>
        z.object({ circuitBreakers: z.array(breakerShape()), lockedIdentifiers: z.array(lockShape()) }),
    },
    () => ({
      circuitBreakers: breakers(engine.health.breakers()),
      lockedIdentifiers: locks.list().map(shownLock),
    }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/policies",
      role: "admin",
      summary: "Frees one locked identifier.",
      body: () => lockToFree,
      answer: () => z.object({ success: yes(), action: z.string(), identifier: z.string() }),
    },
    (c, { raw }) => ({ success: true, action: "unlocked", identifier: locks.unlock(raw, c.get("actor")) }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/models/availability",
      role: "reader",
      summary: "Models and connections that are set aside, until when and why.",
      answer: () =>
        z.object({
          unavailableCount: z.number(),
          models: z.array(
            z.object({
              provider: z.string(),
              model: z.string().nullable(),
              connectionId: z.string(),
              reason: z.string(),
              until: time(),
            }),
          ),
        }),
    },
    () => {
      const models = availability.list().map(({ until, ...rest }) => ({ ...rest, until: isoTime(until) }));
      return { unavailableCount: models.length, models };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/models/availability",
      role: "admin",
      summary: "Frees a model of a provider over all its connections.",
      body: () => modelToFree,
      answer: () => z.object({ success: yes(), removed: z.boolean() }),
    },
    (c, { raw }) => ({ success: true, removed: availability.free(raw, c.get("actor")) }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/sessions",
      role: "reader",
      summary: "Conversations of the last hour, and the connection that serves each.",
      query: () => z.object({ limit: z.coerce.number().int().min(1).max(1000).default(1000) }),
      answer: () =>
        z.object({
          count: z.number(),
          sessions: z.array(
            z.object({
              id: z.string(),
              key: z.string(),
              provider: z.string(),
              connectionId: z.string(),
              model: z.string(),
              requests: z.number(),
              lastUsedAt: time(),
            }),
          ),
        }),
    },
    (_c, { query: { limit } }) => {
      const sessions = engine.sessions();
      return {
        count: sessions.length,
        sessions: sessions
          .slice(0, limit)
          .map(({ lastUsedAt, ...rest }) => ({ ...rest, lastUsedAt: isoTime(lastUsedAt) })),
      };
    },
  );
}

const breakerShape = () =>
  z.object({
    name: z.string(),
    state: z.enum(["CLOSED", "OPEN", "HALF_OPEN"]),
    failureCount: z.number(),
    lastFailureTime: time(),
    openUntil: time(),
  });

const lockShape = () =>
  z.object({
    identifier: z.string(),
    kind: z.enum(["peer", "breaker", "connection", "model"]),
    reason: z.string(),
    until: time(),
  });

const limitsShape = () =>
  z.looseObject({
    connectionId: z.string(),
    provider: z.string(),
    name: z.string(),
    rateLimitProtection: z.boolean(),
    cooling: z.array(z.object({ model: z.string().nullable(), until: time(), reason: z.string() })),
    inFlight: z.number(),
    rpm: z.number(),
    waiting: z.number(),
  });

const resilienceShape = () =>
  z.looseObject({
    profiles: z.record(z.string(), z.unknown()),
    defaults: z.looseObject({}),
    circuitBreakers: z.array(breakerShape()),
    rateLimitStatus: z.record(z.string(), z.looseObject({})),
    requestQueue: z.looseObject({}),
    connectionCooldown: z.looseObject({}),
    providerBreaker: z.looseObject({}),
    waitForCooldown: z.looseObject({}),
  });

function shownLimits<View extends { cooling: RateLimitView["cooling"] }>({ cooling, ...rest }: View) {
  return { ...rest, cooling: cooling.map((entry) => ({ ...entry, until: isoTime(entry.until) })) };
}

const shownLock = <Lock extends { until?: number }>({ until, ...rest }: Lock) => ({
  ...rest,
  until: isoTime(until),
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
