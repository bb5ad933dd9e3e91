import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TargetFailure } from "../../src/core/errors.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess({ script: () => ({ type: "answer", body: chatReply("Hello") }) });
});
afterEach(() => gateway.stop());

const chat = (model: string) => ({ model, messages: [{ role: "user", content: "hi" }] });

/** Lets the first target of a name fail once. */
function fail(model: string, failure: TargetFailure): void {
  const [target] = gateway.engine.plan(model, { keyId: "k", name: "k" }).targets;
  gateway.engine.health.claim(target!)!.failed(failure);
}

describe("GET and PATCH /api/resilience", () => {
  test("everything is there under both generations of names", async () => {
    const { status, body } = await gateway.admin("GET", "/api/resilience");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      profiles: {
        oauth: { circuitBreakerThreshold: 3, circuitBreakerReset: 60_000, rateLimitCooldown: 60_000 },
        apikey: { circuitBreakerThreshold: 5, transientCooldown: 3000, rateLimitDetection: "normal" },
        providers: {},
      },
      defaults: { requestsPerMinute: 0, minTimeBetweenRequests: 0, concurrentRequests: 0, maxWaitMs: 0 },
      circuitBreakers: [],
      requestQueue: {
        requestsPerMinute: 0,
        minTimeBetweenRequestsMs: 0,
        concurrentRequests: 0,
        maxWaitMs: 0,
      },
      connectionCooldown: {
        oauth: { baseCooldownMs: 60_000, useUpstreamRetryHints: true, maxBackoffSteps: 8 },
        apikey: { baseCooldownMs: 2000, useUpstreamRetryHints: true, maxBackoffSteps: 5 },
      },
      providerBreaker: {
        oauth: { failureThreshold: 3, resetTimeoutMs: 60_000 },
        apikey: { failureThreshold: 5, resetTimeoutMs: 30_000 },
      },
      waitForCooldown: { enabled: false },
    });
    expect(body.rateLimitStatus).toBeObject();
  });

  test.each([
    [
      { profiles: { apikey: { circuitBreakerThreshold: 2 } } },
      { profiles: { apikey: { circuitBreakerThreshold: 2, circuitBreakerReset: 30_000 } } },
    ],
    [
      { providerBreaker: { oauth: { failureThreshold: 9, resetTimeoutMs: 5000 } } },
      { profiles: { oauth: { circuitBreakerThreshold: 9, circuitBreakerReset: 5000 } } },
    ],
    [
      {
        connectionCooldown: {
          apikey: { baseCooldownMs: 0, useUpstreamRetryHints: false, maxBackoffSteps: 1 },
        },
      },
      { profiles: { apikey: { rateLimitCooldown: 0, useUpstreamRetryHints: false, maxBackoffLevel: 1 } } },
    ],
    [
      { profiles: { providers: { GROQ: { transientCooldown: 9000 } } } },
      { profiles: { providers: { groq: { transientCooldown: 9000 } } } },
    ],
    [
      { defaults: { requestsPerMinute: 10, maxWaitMs: 5000 } },
      { requestQueue: { requestsPerMinute: 10, maxWaitMs: 5000, concurrentRequests: 0 } },
    ],
    [
      { requestQueue: { minTimeBetweenRequestsMs: 250, concurrentRequests: 3 } },
      { defaults: { minTimeBetweenRequests: 250, concurrentRequests: 3 } },
    ],
    [
      { waitForCooldown: { enabled: true, maxRetryWaitSec: 5 } },
      { waitForCooldown: { enabled: true, maxRetryWaitSec: 5, maxRetries: 2 } },
    ],
  ])("%j holds at once and is answered back", async (patch, expected) => {
    const changed = await gateway.admin("PATCH", "/api/resilience", patch);
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ ok: true, ...expected });
    const { body } = await gateway.admin("GET", "/api/resilience");
    expect(body).toMatchObject(expected);
    expect(gateway.engine.health.profiles).toEqual(body.profiles);
    expect(gateway.engine.router.limits.options.defaults).toEqual(body.defaults);
  });

  test("a provider's overrides go with null", async () => {
    const providers = (value: object | null) => ({ profiles: { providers: { groq: value } } });
    await gateway.admin("PATCH", "/api/resilience", providers({ maxBackoffLevel: 2 }));
    const { body } = await gateway.admin("PATCH", "/api/resilience", providers(null));
    expect(body.profiles.providers).toEqual({});
  });

  test.each([
    [{ profiles: { apikey: { circuitBreakerThreshold: 0 } } }, "profiles.apikey.circuitBreakerThreshold"],
    [{ defaults: { maxWaitMs: 120_001 } }, "defaults.maxWaitMs"],
    [{ requestQueue: { concurrentRequests: "many" } }, "requestQueue.concurrentRequests"],
    [{ waitForCooldown: { enabled: "yes" } }, "waitForCooldown.enabled"],
    [{ profiles: { apikey: { rateLimitDetection: "wild" } } }, "profiles.apikey.rateLimitDetection"],
    [{ profiles: { providers: { nobody: {} } } }, undefined],
  ])("%j is refused with its field, and nothing changes", async (patch, field) => {
    const before = (await gateway.admin("GET", "/api/resilience")).body;
    const { status, body } = await gateway.admin("PATCH", "/api/resilience", patch);
    expect(status).toBe(400);
    if (field !== undefined) expect(body.error.details[0].field).toBe(field);
    expect((await gateway.admin("GET", "/api/resilience")).body).toEqual(before);
  });

  test("fields nobody knows are named", async () => {
    const { headers } = await gateway.admin("PATCH", "/api/resilience", { defaults: {}, magic: 1 });
    expect(headers.get("x-omniroute-ignored-fields")).toBe("magic");
  });

  test("changes survive a restart", async () => {
    await gateway.admin("PATCH", "/api/resilience", { defaults: { concurrentRequests: 7 } });
    await gateway.engine.close();
    const again = await startInProcess({ config: { dataDir: gateway.dataDir } });
    expect((await again.admin("GET", "/api/resilience")).body.defaults.concurrentRequests).toBe(7);
    await again.stop();
  });
});

describe("limits of connections", () => {
  test("a connection's own limits go through PUT /api/providers/{id}, and null takes them away", async () => {
    const [id = ""] = gateway.node("one");
    const put = (limits: object | null) => gateway.admin("PUT", `/api/providers/${id}`, { limits });
    expect((await put({ requestsPerMinute: 1 })).body.connection.limits).toEqual({ requestsPerMinute: 1 });
    expect((await gateway.call("/v1/chat/completions", chat("one/a"))).status).toBe(200);
    const second = await gateway.call("/v1/chat/completions", chat("one/a"));
    expect(second.status).toBe(429);
    expect(Number(second.headers.get("retry-after"))).toBeWithin(50, 61);
    expect((await put({ requestsPerMinute: -1 })).status).toBe(400);
    expect((await put(null)).body.connection.limits).toEqual({});
    expect((await gateway.call("/v1/chat/completions", chat("one/a"))).status).toBe(200);
  });

  test("a removed connection leaves no limits behind", async () => {
    const [id = ""] = gateway.node("one");
    await gateway.admin("PUT", `/api/providers/${id}`, { limits: { requestsPerMinute: 1 } });
    await gateway.admin("DELETE", `/api/providers/${id}`);
    expect(gateway.engine.settings().connectionLimits).toEqual({});
  });

  test("/api/rate-limits tells of use and cooldowns, and switches the protection", async () => {
    const [id = ""] = gateway.node("one");
    await gateway.call("/v1/chat/completions", chat("one/a"));
    const until = gateway.clock.now() + 60_000;
    fail("one/b", new TargetFailure("rate-limited", "slow down", { until }));
    const { body } = await gateway.admin("GET", "/api/rate-limits");
    expect(body.connections.find((each: { connectionId: string }) => each.connectionId === id)).toMatchObject(
      {
        name: "one 1",
        rateLimitProtection: true,
        cooling: [{ model: "b", until: new Date(until).toISOString(), reason: "rate-limit" }],
        inFlight: 0,
        rpm: 1,
      },
    );
    expect(body.overview).toMatchObject({ cooling: 1, rpm: 1 });
    expect(body.lockouts[0]).toMatchObject({ identifier: `model:${id}/b`, kind: "model" });
    expect(body.cacheStats).toEqual({ entries: 0, hits: 0, misses: expect.any(Number) });

    await gateway.admin("PATCH", "/api/resilience", { defaults: { requestsPerMinute: 1 } });
    expect((await gateway.call("/v1/chat/completions", chat("one/a"))).status).toBe(429);
    const off = await gateway.admin("POST", "/api/rate-limits", { connectionId: id, enabled: false });
    expect(off.body).toMatchObject({ success: true, connectionId: id, enabled: false });
    expect((await gateway.call("/v1/chat/completions", chat("one/a"))).status).toBe(200);
    expect(
      (await gateway.admin("POST", "/api/rate-limits", { connectionId: "?", enabled: true })).status,
    ).toBe(404);
  });

  test("the older path leads to the newer", async () => {
    const url = new URL("http://localhost:20128/api/rate-limit");
    const { status, headers } = await gateway
      .admin("GET", url.pathname)
      .catch(() => ({ status: 0, headers: new Headers() }));
    expect([status, headers.get("location")]).toEqual([308, "/api/rate-limits"]);
  });
});

describe("locks", () => {
  test("open breakers and cooldowns are listed, and each is freed by its name", async () => {
    gateway.node("one");
    for (let round = 0; round < 5; round++) {
      const [target] = gateway.engine.plan("one/a", { keyId: "k", name: "k" }).targets;
      gateway.engine.health.claim(target!, true)!.failed(new TargetFailure("overloaded", "down"));
    }
    const { body } = await gateway.admin("GET", "/api/policies");
    expect(body.circuitBreakers[0]).toMatchObject({ state: "OPEN", failureCount: 5 });
    const [lock] = body.lockedIdentifiers;
    expect(lock).toMatchObject({ kind: "breaker", until: body.circuitBreakers[0].openUntil });
    expect((await gateway.call("/v1/chat/completions", chat("one/a"))).status).toBe(503);
    const unlocked = await gateway.admin("POST", "/api/policies", {
      action: "unlock",
      identifier: lock.identifier,
    });
    expect(unlocked.body).toEqual({ success: true, action: "unlocked", identifier: lock.identifier });
    expect((await gateway.call("/v1/chat/completions", chat("one/a"))).status).toBe(200);
    const again = await gateway.admin("POST", "/api/policies", { action: "unlock", identifier: "model:x/y" });
    expect(again.status).toBe(404);
  });

  test("an address that tried too often is listed and freed", async () => {
    const peer = "127.0.0.1";
    for (let round = 0; round < 6; round++)
      await gateway.admin("POST", "/api/auth/login", { password: "wrong wrong wrong" });
    const { body } = await gateway.admin("GET", "/api/policies");
    const lock = body.lockedIdentifiers.find((each: { kind: string }) => each.kind === "peer");
    expect(lock).toMatchObject({ identifier: `peer:${peer}` });
    const unlocked = await gateway.admin("POST", "/api/policies", {
      action: "unlock",
      identifier: lock.identifier,
    });
    expect(unlocked.status).toBe(200);
    expect((await gateway.admin("GET", "/api/policies")).body.lockedIdentifiers).toEqual([]);
  });

  test("/api/models/availability lists what cannot be used and frees a model on all connections", async () => {
    const ids = gateway.node("one", { connections: 2 });
    for (const target of gateway.engine.plan("one/a", { keyId: "k", name: "k" }).targets)
      gateway.engine.health.claim(target)!.failed(new TargetFailure("no-such-model", "who?"));
    const { body } = await gateway.admin("GET", "/api/models/availability");
    expect(body.unavailableCount).toBe(2);
    expect(body.models[0]).toMatchObject({ model: "a", reason: "no-such-model" });
    expect(ids).toContain(body.models[0].connectionId);
    const free = () => gateway.admin("POST", "/api/models/availability", { provider: "one", model: "one/a" });
    expect((await free()).body).toEqual({ success: true, removed: true });
    expect((await free()).body).toEqual({ success: true, removed: false });
    expect((await gateway.admin("GET", "/api/models/availability")).body.unavailableCount).toBe(0);
  });

  test("Reset All closes and clears all, and says how many", async () => {
    gateway.node("one");
    fail("one/a", new TargetFailure("rate-limited", "slow"));
    fail("one/b", new TargetFailure("no-such-model", "who?"));
    const { body } = await gateway.admin("POST", "/api/resilience/reset");
    expect(body).toMatchObject({ ok: true, resetCount: 2 });
    expect(gateway.engine.health.cooldowns()).toEqual([]);
  });
});

describe("sessions and combo numbers", () => {
  test("/api/sessions names the conversation, its key, connection and model", async () => {
    const [id = ""] = gateway.node("one");
    for (let turn = 0; turn < 3; turn++)
      await gateway.call("/v1/chat/completions", chat("one/a"), { headers: { "x-session-id": "mine" } });
    const { body } = await gateway.admin("GET", "/api/sessions");
    expect(body).toMatchObject({
      count: 1,
      sessions: [{ key: "keyless", connectionId: id, model: "one/a", requests: 3 }],
    });
    expect(JSON.stringify(body)).not.toContain("mine");
  });

  test("/api/combos/metrics counts requests and models, survives a restart, and can be cleared", async () => {
    gateway.node("one");
    gateway.node("two");
    gateway.outbound.script = ({ url }) =>
      url.includes("//one.")
        ? { type: "answer", status: 400, body: { error: { message: "no" } } }
        : { type: "answer", body: chatReply("Hello"), after: 40 };
    gateway.combo("team", ["one/a", "two/b"]);
    gateway.combo("quiet", ["two/b"], { config: { trackMetrics: false } });
    for (const model of ["team", "team", "quiet", "two/b"])
      await gateway.call("/v1/chat/completions", chat(model));
    const expected = {
      metrics: {
        team: {
          totalRequests: 2,
          totalSuccesses: 2,
          totalFailures: 0,
          byModel: {
            "one/a": { requests: 2, successes: 0, failures: 2 },
            "two/b": { requests: 2, successes: 2, failures: 0, avgLatencyMs: 40 },
          },
        },
      },
    };
    const first = (await gateway.admin("GET", "/api/combos/metrics")).body;
    expect(first).toMatchObject(expected);
    expect(Object.keys(first.metrics)).toEqual(["team"]);
    await gateway.engine.close();
    const again = await startInProcess({ config: { dataDir: gateway.dataDir } });
    expect((await again.admin("GET", "/api/combos/metrics?combo=team")).body).toEqual(first);
    expect((await again.admin("DELETE", "/api/combos/metrics?combo=team")).body.success).toBe(true);
    expect((await again.admin("GET", "/api/combos/metrics")).body).toEqual({ metrics: {} });
    await again.stop();
  });
});

test("with a node goes what was held against it and its accounts, and their limits", async () => {
  const [id = ""] = gateway.node("lab");
  const { provider } = gateway.engine.router.connections.find((connection) => connection.id === id)!;
  await gateway.admin("PATCH", `/api/providers/${id}`, { limits: { requestsPerMinute: 5 } });
  fail("lab/m", new TargetFailure("rate-limited", "Slow down.", { until: gateway.clock.now() + 60_000 }));
  for (let count = 0; count < 5; count++) fail(`lab/m${count}`, new TargetFailure("unreachable", "Gone."));
  expect((await gateway.admin("GET", "/api/policies")).body.lockedIdentifiers).toHaveLength(2);
  expect((await gateway.admin("DELETE", `/api/provider-nodes/${provider}?force=true`)).status).toBe(200);
  expect((await gateway.admin("GET", "/api/policies")).body.lockedIdentifiers).toEqual([]);
  expect((await gateway.admin("GET", "/api/resilience")).body.circuitBreakers).toEqual([]);
  expect(gateway.engine.settings().connectionLimits).toEqual({});
});

test("a notice of a breaker names a node as its owner did", () => {
  gateway.node("lab");
  for (let count = 0; count < 5; count++) fail(`lab/m${count}`, new TargetFailure("unreachable", "Gone."));
  const [alert] = gateway.engine.notices.alerts.list("open");
  expect(alert?.message).toStartWith("lab keeps failing");
});

test("the alert on a node's breaker ends with the node", async () => {
  const [id = ""] = gateway.node("lab");
  const { provider } = gateway.engine.router.connections.find((connection) => connection.id === id)!;
  for (let count = 0; count < 5; count++) fail(`lab/m${count}`, new TargetFailure("unreachable", "Gone."));
  await gateway.admin("PATCH", "/api/settings", { instanceName: "still failing" });
  expect(gateway.engine.notices.alerts.list("open")).toHaveLength(1);
  await gateway.admin("DELETE", `/api/provider-nodes/${provider}?force=true`);
  expect(gateway.engine.notices.alerts.list("open")).toEqual([]);
});
