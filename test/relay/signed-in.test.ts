import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Connection } from "../../src/core/connection.ts";
import type { Notice } from "../../src/core/notice.ts";
import { newId } from "../../src/lib/ids.ts";
import { findConnection, saveConnection } from "../../src/store/index.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";
import {
  chatReply,
  chatStream,
  type Seen,
  startUpstream,
  type Step,
  type Upstream,
} from "../kit/upstream.ts";

const HOUR = 3_600_000;
let vendor: OAuthServer;
let upstream: Upstream;
let gateway: TestGateway;
/** What the provider's quota call tells, by access token; a status in place of it refuses. */
let usage: (token: string) => object | number;

beforeEach(async () => {
  vendor = startOAuthServer();
  usage = () => 404;
  upstream = startUpstream(answer);
  gateway = await startGateway({ oauth: vendor.settings("KIMI_CODING") });
});
afterEach(async () => {
  await gateway.stop();
  await upstream.stop();
  await vendor.stop();
});

/** A provider that knows the vendor's tokens. */
function answer(seen: Seen): Step {
  const token = (seen.headers["authorization"] ?? "").replace(/^Bearer /, "");
  if (!vendor.accepts(token))
    return {
      type: "json",
      status: 401,
      body: { error: { message: "The token is not valid.", code: "invalid_token" } },
    };
  if (seen.path === "/coding/v1/usages") {
    const told = usage(token);
    return typeof told === "number" ? { type: "json", status: told, body: {} } : { type: "json", body: told };
  }
  return seen.body?.stream
    ? { type: "stream", chunks: chatStream(`over ${token.slice(0, 8)}`) }
    : { type: "json", body: chatReply(`over ${token}`) };
}

function account(name: string, changes: Partial<Connection> = {}, expiresInMs = HOUR): Connection {
  const tokens = vendor.issue();
  return saveConnection(gateway.engine.store, {
    id: newId(),
    provider: "kimi-coding",
    authType: "oauth",
    name,
    priority: 1,
    isActive: true,
    baseUrl: upstream.url,
    credentials: {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token!,
      lifetimeMs: HOUR,
      expiresAt: Date.now() + expiresInMs,
    },
    createdAt: Date.now(),
    updatedAt: Date.now(),
    ...changes,
  });
}
const chat = (stream = false) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "kmc/k3", messages: [{ role: "user", content: "Hi" }], stream }),
  });
const calls = () => upstream.seen.filter(({ path }) => path === "/chat/completions");
const stored = (id: string) => findConnection(gateway.engine.store, id)!;

describe("a call over a signed-in account", () => {
  test("goes out at once while the token is good", async () => {
    account("one");
    expect((await chat()).status).toBe(200);
    expect(vendor.calls).toEqual([]);
  });

  test("at the moment of expiry: two hundred calls, one refresh, two hundred answers", async () => {
    const { id, credentials } = account("one", {}, -1000);
    const answers = await Promise.all(Array.from({ length: 200 }, (_unused, index) => chat(index % 2 === 0)));
    expect(answers.map(({ status }) => status)).toEqual(Array(200).fill(200));
    await Promise.all(answers.map((each) => each.text()));
    expect(vendor.counts).toEqual({ refreshes: 1, replays: 0 });
    expect(calls()).toHaveLength(200);
    expect(stored(id).credentials.refreshToken).not.toBe(credentials.refreshToken);
  });

  test("whose token was taken back early is made once more with a renewed one", async () => {
    const { id, credentials } = account("one");
    vendor.revoke(credentials.accessToken!);
    for (const stream of [false, true]) {
      const response = await chat(stream);
      expect(response.status).toBe(200);
      await response.text();
      expect(gateway.lastRequest()?.attempts).toHaveLength(1);
    }
    expect(vendor.counts.refreshes).toBe(1);
    expect(calls()).toHaveLength(3);
    expect(stored(id).needsSignIn).toBeUndefined();
  });

  test("a hundred refused at once are renewed once", async () => {
    const { credentials } = account("one");
    vendor.revoke(credentials.accessToken!);
    const answers = await Promise.all(Array.from({ length: 100 }, () => chat()));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(vendor.counts).toEqual({ refreshes: 1, replays: 0 });
  });

  test("whose sign-in has ended leaves that account alone, and goes over another", async () => {
    const gone = account("gone", { priority: 1 }, -1000);
    const good = account("good", { priority: 2 });
    vendor.fail("/token", { status: 400, body: { error: "invalid_grant" } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => chat()));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(vendor.callsTo("/token")).toHaveLength(1);
    expect(stored(gone.id)).toMatchObject({ needsSignIn: true });
    expect(stored(good.id).needsSignIn).toBeUndefined();
    const views = gateway.engine.manage.connections.list();
    expect(views.find(({ id }) => id === gone.id)?.status).toBe("sign in again");
    await Promise.all(Array.from({ length: 10 }, () => chat()));
    expect(vendor.callsTo("/token")).toHaveLength(1);
  });

  test("whose vendor is out of order goes on with the old token, and else over another account", async () => {
    vendor.fail("/token", ...Array.from({ length: 20 }, () => ({ status: 503 })));
    const late = account("late", { priority: 1 }, 60_000);
    account("good", { priority: 2 });
    expect(await (await chat()).text()).toContain(late.credentials.accessToken!);
    const over = account("over", { priority: 0 as number }, -1000);
    for (let tries = 0; tries < 3; tries++) expect((await chat()).status).toBe(200);
    expect(stored(over.id).needsSignIn).toBeUndefined();
    expect(gateway.engine.health.breakers()).toEqual([]);
  });

  test("with nobody else to go to says when to come back", async () => {
    vendor.fail("/token", { status: 503 }, { status: 503 });
    account("only", {}, -1000);
    const response = await chat();
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.text()).toContain("could not be renewed");
  });

  test("is tested with a renewed token, and the test says so", async () => {
    const { id, credentials } = account("one");
    vendor.revoke(credentials.accessToken!);
    upstream.script((seen) => (seen.path === "/models" ? modelsFor(seen) : answer(seen)));
    const result = await gateway.engine.manage.connections.test(id, AbortSignal.timeout(5000));
    expect(result).toMatchObject({ valid: true, refreshed: true });
    expect(stored(id).needsSignIn).toBeUndefined();
  });
});

function modelsFor(seen: Seen): Step {
  const told = answer(seen);
  return told.type === "json" && told.status === 401
    ? told
    : { type: "json", body: { data: [{ id: "k3" }] } };
}

describe("a quota", () => {
  const week = (used: number, resetsAt = Date.now() + 24 * HOUR) => ({
    usage: { limit: "1000", used: String(used), resetTime: new Date(resetsAt).toISOString() },
  });
  const check = (id: string) => gateway.engine.manage.quotas.check(id);
  const notices = () => gateway.engine.notices.list().map(({ kind, facts }) => [kind, facts["mark"]]);

  test("is asked for on demand, and shown with the connection", async () => {
    const { id } = account("one");
    usage = () => week(250);
    await (await chat()).text();
    const report = await check(id);
    expect(report.windows).toMatchObject([
      { name: "weekly", used: 250, limit: 1000, percent: 25, source: "endpoint", stale: false, tokens: 18 },
    ]);
    expect(gateway.engine.manage.connections.find(id).quota).toEqual(report.windows);
    expect(gateway.engine.router.quotas.left(id)).toBeCloseTo(0.75, 5);
    // Pressing the button again and again asks once.
    await Promise.all([check(id), check(id), check(id)]);
    expect(upstream.seen.filter(({ path }) => path === "/coding/v1/usages")).toHaveLength(1);
  });

  test("that is spent keeps calls from the account until its reset, and they go over another", async () => {
    const spent = account("spent", { priority: 1 });
    const other = account("other", { priority: 2 });
    const resetsAt = Date.now() + 5 * HOUR;
    usage = (token) => week(token === spent.credentials.accessToken ? 1000 : 10, resetsAt);
    await check(spent.id);
    expect(await (await chat()).text()).toContain(other.credentials.accessToken!);
    const view = gateway.engine.manage.connections.find(spent.id);
    expect(view.status).toBe("quota spent");
    expect(view.statusUntil).toBeGreaterThan(resetsAt - 2000);
    expect(notices()).toEqual([["quota", 100]]);
  });

  test("that has room again lets the account serve again at once", async () => {
    const { id } = account("one");
    gateway.engine.health.quotaSpent(
      { provider: "kimi-coding", connectionId: id, modelId: undefined },
      Date.now() + 5 * HOUR,
    );
    expect((await chat()).status).toBe(429);
    usage = () => week(990);
    await check(id);
    // So near to its end, a provider's rounding may hide that it is spent.
    expect((await chat()).status).toBe(429);
    usage = () => week(10);
    gateway.engine.quotas.forget(id);
    await check(id);
    expect((await chat()).status).toBe(200);
  });

  test("that cannot be asked for says so, and holds nothing against the account", async () => {
    const { id } = account("one");
    usage = () => 500;
    const report = await check(id);
    expect(report.message).toContain("status 500");
    expect(report.windows).toEqual([]);
    expect((await chat()).status).toBe(200);
  });

  test("is asked for with a renewed token when the old one is refused", async () => {
    const { id, credentials } = account("one");
    vendor.revoke(credentials.accessToken!);
    usage = () => week(1);
    expect((await check(id)).windows).toMatchObject([{ percent: 0.1 }]);
    expect(vendor.counts.refreshes).toBe(1);
  });

  test("is read off the headers of answers", async () => {
    const { id } = account("one");
    upstream.script(() => ({
      type: "json",
      body: chatReply("Hi"),
      headers: {
        "x-codex-primary-used-percent": "85",
        "x-codex-primary-window-minutes": "300",
        "x-codex-primary-reset-at": String(Math.floor(Date.now() / 1000) + 3600),
      },
    }));
    await chat();
    expect(gateway.engine.manage.quotas.of(id).windows).toMatchObject([
      { name: "5h", source: "header", lengthMs: 5 * HOUR },
    ]);
    expect(notices()).toEqual([["quota", 80]]);
  });

  test("is counted where nobody tells one, against limits of one's own", async () => {
    const id = gateway.node("own", upstream.url);
    upstream.script(() => ({ type: "json", body: chatReply("Hi", { usage: [60, 40] }) }));
    const call = () =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        body: JSON.stringify({ model: "own/m", messages: [{ role: "user", content: "Hi" }] }),
      });
    expect((await call()).status).toBe(200);
    const [fiveHours] = gateway.engine.manage.quotas.of(id).windows;
    expect(fiveHours).toMatchObject({ name: "5h", used: 100, unit: "tokens", source: "counted" });
    expect(fiveHours?.percent).toBeUndefined();
    const limits = [{ name: "daily", limit: 200, unit: "tokens" }];
    const report = gateway.engine.manage.quotas.setLimits(id, limits, { name: "test" });
    expect(report.windows).toMatchObject([{ name: "daily", used: 100, limit: 200, percent: 50 }]);
    expect(report.month).toMatchObject({ requests: 1, tokens: 100 });
    expect((await call()).status).toBe(200);
    expect(gateway.engine.manage.quotas.of(id).windows).toMatchObject([{ used: 200, percent: 100 }]);
    expect((await call()).status).toBe(429);
    gateway.engine.manage.quotas.setLimits(id, [], { name: "test" });
    expect(gateway.engine.manage.quotas.of(id).ownLimits).toEqual([]);
  });
});

describe("people are told", () => {
  test("at their own address, of the kinds they want, without a secret", async () => {
    const hook = startUpstream(() => ({ type: "text", body: "ok" }));
    try {
      const { manage, notices } = gateway.engine;
      const told: Notice[] = [];
      gateway.engine.subscribe((event) => event.type === "notice" && told.push(event.notice));
      const settings = manage.notices.change(
        { webhook: `${hook.url}/secret-path?token=abc` },
        { name: "test" },
      );
      expect(settings.webhook).toBe(`${hook.url}/…`);
      const gone = account("gone", {}, -1000);
      vendor.fail("/token", { status: 400, body: { error: "invalid_grant" } });
      await chat();
      await until(() => hook.seen.length === 1);
      expect(hook.seen[0]).toMatchObject({ method: "POST", path: "/secret-path?token=abc" });
      expect(hook.seen[0]!.body).toMatchObject({
        kind: "sign-in",
        level: "problem",
        facts: { connectionId: gone.id, provider: "kimi-coding", name: "gone" },
      });
      expect(told).toHaveLength(1);
      expect(hook.seen[0]!.text).not.toMatch(/access-\d|refresh-\d/);

      // A test that finds a credential refused tells as well, once.
      const bad = account("bad");
      vendor.revoke(bad.credentials.accessToken!);
      vendor.fail("/token", { status: 400, body: { error: "invalid_grant" } });
      for (let tries = 0; tries < 2; tries++)
        await manage.connections.test(bad.id, AbortSignal.timeout(5000));
      expect(told).toHaveLength(2);
      manage.notices.change({ kinds: ["quota"], webhook: null }, { name: "test" });
      notices.tell({ kind: "breaker", level: "problem", message: "x", facts: {} });
      notices.tell({ kind: "quota", level: "warning", message: "y", facts: {} });
      expect(told.map(({ kind }) => kind)).toEqual(["sign-in", "sign-in", "quota"]);
      await until(() => hook.seen.length >= 2);
      await Bun.sleep(30);
      expect(hook.seen).toHaveLength(2);
    } finally {
      await hook.stop();
    }
  });

  test("at no address that may not be called", () => {
    const change = () =>
      gateway.engine.manage.notices.change({ webhook: "http://169.254.169.254/x" }, { name: "test" });
    expect(change).toThrow();
    expect(gateway.engine.manage.notices.settings().webhook).toBeNull();
  });
});

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000 && !done(); tries++) await Bun.sleep(5);
  expect(done()).toBe(true);
}
