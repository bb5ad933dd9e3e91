import type { Hono } from "hono";
import type { TestResult } from "../accounts/index.ts";
import type { ConnectionInput } from "../core/connection.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import type { ConnectionView } from "../manage/index.ts";
import { type AdminEnv, isoTime, jsonBody } from "./http.ts";
import { shownProxy } from "./proxy-routes.ts";
import { shownWindow } from "./quota-routes.ts";
import { shownStatus } from "./status.ts";

/** Accounts at providers, and the catalogue of what one can connect to. */
export function connectionRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { connections } = engine.manage;
  const shownHere = (view: ConnectionView) => ({ ...shown(view), proxy: shownProxy(engine, view).proxy });

  for (const path of ["/api/providers", "/api/providers/client"])
    app.get(path, (c) => c.json({ connections: connections.list().map(shownHere) }));

  app.get("/api/providers/catalog", (c) =>
    c.json({
      providers: engine.catalogue.entries.map(({ provider, prefix, models, connections: own, isNode }) => ({
        id: provider.id,
        aliases: [...new Set([prefix, ...(provider.prefixes ?? [])])],
        name: provider.name,
        tier: provider.tier,
        auth: provider.auth.type,
        isNode,
        ...shownStatus(provider.status),
        keyUrl: provider.keyUrl ?? null,
        connections: own.length,
        models: [...models.values()].map((model) => ({
          id: model.id,
          name: model.name ?? model.id,
          type: model.type ?? "chat",
          contextLength: model.context ?? null,
          ...shownStatus(model.status),
        })),
      })),
    }),
  );

  app.post("/api/providers", async (c) => {
    const made = connections.create((await jsonBody(c)) as ConnectionInput, c.get("actor"));
    return c.json({ connection: shownHere(made) }, 201);
  });

  app.get("/api/providers/:id", (c) =>
    c.json({ connection: shownHere(connections.find(c.req.param("id"))) }),
  );

  app.on(["PUT", "PATCH"], "/api/providers/:id", async (c) => {
    const changed = connections.update(c.req.param("id"), await jsonBody(c), c.get("actor"));
    return c.json({ connection: shownHere(changed) });
  });

  app.delete("/api/providers/:id", (c) => {
    connections.remove(c.req.param("id"), c.get("actor"));
    return c.json({ message: "The connection is removed." });
  });

  app.post("/api/providers/:id/test", async (c) => {
    c.env.unlimited();
    return c.json(shownTest(await connections.test(c.req.param("id"), c.req.raw.signal)));
  });

  app.post("/api/providers/validate", async (c) => {
    c.env.unlimited();
    return c.json(shownTest(await connections.testKey(await jsonBody(c), c.req.raw.signal)));
  });

  app.post("/api/providers/test-batch", async (c) => {
    c.env.unlimited();
    const { mode, tested } = await connections.testMany(await jsonBody(c), c.req.raw.signal);
    const passed = tested.filter(({ result }) => result.valid).length;
    return c.json({
      mode,
      results: tested.map(({ connection, result }) => ({
        connectionId: connection.id,
        connectionName: connection.name,
        provider: connection.provider,
        authType: connection.authType,
        ...shownTest(result),
      })),
      summary: { total: tested.length, passed, failed: tested.length - passed },
    });
  });

  app.get("/api/providers/:id/models", async (c) => {
    c.env.unlimited();
    const view = connections.find(c.req.param("id"));
    const entry = engine.catalogue.byId.get(view.provider);
    const connection = engine.router.connections.find(({ id }) => id === view.id);
    if (!entry || !connection)
      throw new GatewayError("not_found", "The provider of this connection is gone.");
    const models = await engine.modelLists.list(connection, c.req.query("refresh") === "true");
    return c.json({ provider: view.provider, connectionId: view.id, models });
  });
}

function shownTest(result: TestResult) {
  return {
    valid: result.valid,
    error: result.error ?? null,
    refreshed: result.refreshed ?? false,
    diagnosis: result.diagnosis ?? null,
    latencyMs: result.latencyMs,
    statusCode: result.statusCode ?? null,
    testedAt: isoTime(result.testedAt),
    ...(result.repairedBaseUrl !== undefined && { repairedBaseUrl: result.repairedBaseUrl }),
  };
}

/** States that pass by themselves when a limit is over. */
const RESTING = new Set<ConnectionView["status"]>(["cooling", "quota spent"]);

function shown(view: ConnectionView) {
  const { lastTest, lastError, maskedKey, statusUntil, ...rest } = view;
  return {
    ...rest,
    displayName: view.name,
    maskedKey: maskedKey ?? null,
    statusUntil: isoTime(statusUntil),
    email: view.email ?? null,
    group: view.group ?? null,
    rateLimitedUntil: RESTING.has(view.status) ? isoTime(statusUntil) : null,
    errorCode: (lastTest && !lastTest.ok ? lastTest.status : lastError?.status) ?? null,
    testStatus: lastTest ? (lastTest.ok ? "active" : "error") : "unknown",
    lastTested: isoTime(lastTest?.at),
    lastError: lastTest && !lastTest.ok ? (lastTest.error ?? null) : (lastError?.message ?? null),
    lastErrorType: lastError?.kind ?? null,
    lastErrorAt: isoTime(lastError?.at),
    lastUsedAt: isoTime(view.lastUsedAt),
    expiresAt: isoTime(view.expiresAt),
    quota: view.quota.map(shownWindow),
    createdAt: isoTime(view.createdAt),
    updatedAt: isoTime(view.updatedAt),
  };
}
