import { z } from "zod";
import type { TestResult } from "../accounts/index.ts";
import { type ConnectionInput, connectionInput, connectionPatch } from "../core/connection.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { batchToTest, type ConnectionView, keyToTest } from "../manage/index.ts";
import { connectionShape, providerShape, testShape } from "./connection-shapes.ts";
import { isoTime } from "./http.ts";
import { shownProxy } from "./proxy-routes.ts";
import { shownWindow } from "./quota-routes.ts";
import type { RouteTable } from "./route-table.ts";
import { flag, message, partOf, partQuery } from "./shapes.ts";
import { shownStatus } from "./status.ts";

/** Accounts at providers, and the catalogue of what one can connect to. */
export function connectionRoutes(table: RouteTable, engine: Engine): void {
  const { connections } = engine.manage;
  const shownHere = (view: ConnectionView) => ({
    ...shown(view),
    consecutiveUseCount: engine.router.memory.usesInARow(view.provider, view.id),
    proxy: shownProxy(engine, view).proxy,
  });

  for (const path of ["/api/providers", "/api/providers/client"]) {
    table.add(
      {
        method: "GET",
        path,
        role: "reader",
        summary: "All connections, with their state and without their credentials.",
        query: partQuery,
        answer: () => z.object({ connections: z.array(connectionShape()) }),
      },
      (_c, { query }) => ({ connections: partOf(connections.list(), query).map(shownHere) }),
    );
  }

  table.add(
    {
      method: "GET",
      path: "/api/providers/catalog",
      role: "reader",
      summary: "The providers one can connect to, with their models and their vendors' rules.",
      answer: () => z.object({ providers: z.array(providerShape()) }),
    },
    () => ({ providers: engine.catalogue.entries.map(shownProvider) }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/providers",
      role: "admin",
      summary: "Adds a connection. It is used at once; saving does not depend on a test.",
      body: () => connectionInput,
      answer: () => z.object({ connection: connectionShape() }),
      status: 201,
    },
    (c, { raw }) => ({ connection: shownHere(connections.create(raw as ConnectionInput, c.get("actor"))) }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/providers/validate",
      role: "admin",
      summary: "Tests a key without saving it.",
      body: () => keyToTest,
      answer: testShape,
    },
    async (c, { raw }) => {
      c.env.unlimited();
      return shownTest(await connections.testKey(raw, c.req.raw.signal));
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/providers/test-batch",
      role: "admin",
      summary: "Tests many connections at once.",
      body: () => batchToTest,
      answer: () =>
        z.object({
          mode: z.string(),
          results: z.array(
            testShape().extend({
              connectionId: z.string(),
              connectionName: z.string(),
              provider: z.string(),
              authType: z.string(),
            }),
          ),
          summary: z.object({ total: z.number(), passed: z.number(), failed: z.number() }),
        }),
    },
    async (c, { raw }) => {
      c.env.unlimited();
      const { mode, tested } = await connections.testMany(raw, c.req.raw.signal);
      const passed = tested.filter(({ result }) => result.valid).length;
      return {
        mode,
        results: tested.map(({ connection, result }) => ({
          connectionId: connection.id,
          connectionName: connection.name,
          provider: connection.provider,
          authType: connection.authType,
          ...shownTest(result),
        })),
        summary: { total: tested.length, passed, failed: tested.length - passed },
      };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/providers/:id",
      role: "reader",
      summary: "One connection.",
      answer: () => z.object({ connection: connectionShape() }),
    },
    (c) => ({ connection: shownHere(connections.find(c.req.param("id"))) }),
  );

  table.add(
    {
      method: "PUT",
      path: "/api/providers/:id",
      role: "admin",
      summary: "Changes what the body names of a connection.",
      body: () => connectionPatch,
      answer: () => z.object({ connection: connectionShape() }),
    },
    (c, { raw }) => ({ connection: shownHere(connections.update(c.req.param("id"), raw, c.get("actor"))) }),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/providers/:id",
      role: "admin",
      summary: "Removes a connection and its credentials.",
      answer: message,
    },
    (c) => {
      connections.remove(c.req.param("id"), c.get("actor"));
      return { message: "The connection is removed." };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/providers/:id/test",
      role: "admin",
      summary: "Asks the provider by the cheapest call that proves the account.",
      answer: testShape,
    },
    async (c) => {
      c.env.unlimited();
      return shownTest(await connections.test(c.req.param("id"), c.req.raw.signal));
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/providers/:id/models",
      role: "admin",
      summary: "The models a connection's provider lists just now, kept for an hour.",
      query: () => z.object({ refresh: flag() }),
      answer: () =>
        z.object({
          provider: z.string(),
          connectionId: z.string(),
          models: z.array(z.looseObject({ id: z.string() })),
        }),
    },
    async (c, { query: { refresh } }) => {
      c.env.unlimited();
      const view = connections.find(c.req.param("id"));
      const entry = engine.catalogue.byId.get(view.provider);
      const connection = engine.router.connections.find(({ id }) => id === view.id);
      if (!entry || !connection)
        throw new GatewayError("not_found", "The provider of this connection is gone.");
      const models = await engine.modelLists.list(connection, refresh);
      return { provider: view.provider, connectionId: view.id, models };
    },
  );
}

function shownProvider({
  provider,
  prefix,
  models,
  connections,
  isNode,
}: Engine["catalogue"]["entries"][number]) {
  return {
    id: provider.id,
    aliases: [...new Set([prefix, ...(provider.prefixes ?? [])])],
    name: provider.name,
    tier: provider.tier,
    auth: provider.auth.type,
    isNode,
    ...shownStatus(provider.status),
    keyUrl: provider.keyUrl ?? null,
    connections: connections.length,
    models: [...models.values()].map((model) => ({
      id: model.id,
      name: model.name ?? model.id,
      type: model.type ?? "chat",
      contextLength: model.context ?? null,
      ...shownStatus(model.status),
    })),
  };
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
    healthCheckInterval: view.healthCheckInterval ?? null,
    rateLimitedUntil: RESTING.has(view.status) ? isoTime(statusUntil) : null,
    errorCode: (lastTest && !lastTest.ok ? lastTest.status : lastError?.status) ?? null,
    testStatus: lastTest ? (lastTest.ok ? ("active" as const) : ("error" as const)) : ("unknown" as const),
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
