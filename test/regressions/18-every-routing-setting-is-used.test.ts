import { afterEach, beforeEach, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import type { Deed } from "../kit/scripted-outbound.ts";
import { chatReply } from "../kit/upstream.ts";

/** No setting of routing and resilience may be accepted and then not used: each row shows one at work. */

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess({ script: () => ({ type: "answer", body: chatReply("Hello") }) });
  gateway.node("one", { connections: 3 });
});
afterEach(() => gateway.stop());

const ask = async (model = "one/a", headers: { [name: string]: string } = {}) => {
  const answer = await gateway.call(
    "/v1/chat/completions",
    { model, messages: [{ role: "user", content: "hi" }] },
    { headers },
  );
  return { ...answer, by: gateway.lastRequest().connectionName ?? "" };
};
const names = async (count: number, headers: { [name: string]: string } = {}) => {
  const all: string[] = [];
  for (let turn = 0; turn < count; turn++) all.push((await ask("one/a", headers)).by.slice(-1));
  return all.join("");
};
const set = async (settings: object) =>
  expect((await gateway.admin("PATCH", "/api/settings", settings)).status).toBe(200);
const failing = (status: number): Deed => ({ type: "answer", status, body: { error: { message: "no" } } });

test("fallbackStrategy and stickyRoundRobinLimit", async () => {
  expect(await names(4)).toBe("1111");
  await set({ fallbackStrategy: "round-robin", affinityEnabled: false });
  gateway.clock.advance(1);
  const rotated = await names(9);
  expect(new Set(rotated).size).toBe(3);
  expect(rotated).toMatch(/(.)\1\1/);
  await set({ stickyRoundRobinLimit: 1 });
  expect(await names(6)).toMatch(/123123|231231|312312/);
});

test("providerStrategies", async () => {
  const { provider } = gateway.engine.router.connections[0]!;
  await set({
    providerStrategies: { [provider]: { fallbackStrategy: "round-robin", stickyRoundRobinLimit: 1 } },
  });
  expect(new Set(await names(3)).size).toBe(3);
});

test("affinityEnabled", async () => {
  const headers = { "x-session-id": "mine" };
  await set({ fallbackStrategy: "round-robin", stickyRoundRobinLimit: 1 });
  expect(new Set(await names(6, headers)).size).toBe(1);
  await set({ affinityEnabled: false });
  expect(new Set(await names(6, headers)).size).toBe(3);
});

test("profiles: the breaker's threshold and time", async () => {
  await gateway.admin("PATCH", "/api/resilience", {
    providerBreaker: { apikey: { failureThreshold: 2, resetTimeoutMs: 7000 } },
  });
  gateway.combo("once", ["one/a"], { config: { maxRetries: 0 } });
  gateway.outbound.script = () => failing(500);
  await ask("once");
  const [breaker] = gateway.engine.health.breakers();
  expect(breaker?.state).toBe("OPEN");
  expect((breaker?.openUntil ?? 0) - gateway.clock.now()).toBeWithin(6300, 7701);
});

test("profiles: cooldown length, doublings and whether the provider's time counts", async () => {
  const cooling = () =>
    Math.max(...gateway.engine.health.cooldowns().map(({ until }) => until - gateway.clock.now()));
  await gateway.admin("PATCH", "/api/resilience", {
    connectionCooldown: {
      apikey: { baseCooldownMs: 5000, useUpstreamRetryHints: false, maxBackoffSteps: 1 },
    },
  });
  gateway.outbound.script = () => ({ ...failing(429), headers: { "retry-after": "90" } }) as Deed;
  const lengths: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    await ask();
    lengths.push(cooling());
    gateway.clock.advance(60_000);
  }
  expect(lengths).toEqual([5000, 10_000, 10_000]);
});

test("profiles: how long a passing failure moves behind, and strict detection", async () => {
  await gateway.admin("PATCH", "/api/resilience", {
    profiles: { apikey: { transientCooldown: 20_000, rateLimitDetection: "strict" } },
  });
  let isDown = true;
  gateway.outbound.script = ({ headers }) =>
    isDown && headers["authorization"]?.endsWith("-1")
      ? failing(500)
      : { type: "answer", body: chatReply("Hello") };
  await set({ affinityEnabled: false });
  await ask();
  isDown = false;
  gateway.clock.advance(19_000);
  expect((await ask()).by).toBe("one 2");
  gateway.clock.advance(2000);
  expect((await ask()).by).toBe("one 1");
  gateway.outbound.script = () => ({
    type: "answer",
    body: chatReply("Hello"),
    headers: {
      "x-ratelimit-limit-requests": "100",
      "x-ratelimit-remaining-requests": "4",
      "x-ratelimit-reset-requests": "60s",
    },
  });
  await ask();
  expect(gateway.engine.health.cooldowns()).toHaveLength(1);
});

test("limits: requests per minute, the least gap, calls at once", async () => {
  for (const [field, value] of [
    ["requestsPerMinute", 1],
    ["minTimeBetweenRequests", 60_000],
  ] as const) {
    await gateway.admin("PATCH", "/api/resilience", { defaults: { [field]: value } });
    gateway.clock.advance(60_000);
    const statuses = [];
    for (let turn = 0; turn < 4; turn++) statuses.push((await ask()).status);
    expect([field, ...statuses]).toEqual([field, 200, 200, 200, 429]);
    await gateway.admin("PATCH", "/api/resilience", { defaults: { [field]: 0 } });
  }
  await gateway.admin("PATCH", "/api/resilience", { defaults: { concurrentRequests: 1 } });
  gateway.outbound.script = () => ({ type: "answer", body: chatReply("Hello"), after: 1000 });
  const all = await Promise.all([ask(), ask(), ask(), ask()]);
  expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 429]);
});

test("combo settings: retries, delay, timeout, attempts, affinity, sticky turns", async () => {
  gateway.outbound.script = () => failing(500);
  const calls = async (config: object) => {
    const { id } = gateway.combo("tried", ["one/a"], { config });
    gateway.engine.health.resetAll();
    const before = gateway.outbound.sent.length;
    const start = gateway.clock.monotonic();
    await ask("tried");
    gateway.engine.manage.combos.remove(id, true, { name: "test" });
    return [gateway.outbound.sent.length - before, Math.round((gateway.clock.monotonic() - start) / 1000)];
  };
  await gateway.admin("PATCH", "/api/resilience", { profiles: { apikey: { circuitBreakerThreshold: 100 } } });
  expect(await calls({ maxRetries: 0 })).toEqual([3, 0]);
  expect((await calls({ maxRetries: 2, retryDelayMs: 0 }))[0]).toBe(9);
  expect((await calls({ maxRetries: 1, retryDelayMs: 10_000 }))[1]).toBeWithin(8, 13);
  expect((await calls({ maxRetries: 2, retryDelayMs: 0, maxAttempts: 4 }))[0]).toBe(4);
  gateway.outbound.script = () => ({ type: "stall" });
  expect(await calls({ maxRetries: 0, timeoutMs: 2000 })).toEqual([3, 6]);
});
