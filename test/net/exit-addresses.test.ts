import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freshDirectory } from "../kit/data-dir.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { startHttpProxy, type TestProxy } from "../kit/proxies.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

const MINUTE_MS = 60_000;
const SECRET = "canary-exit-password";
let upstream: Upstream;
let proxy: TestProxy;
let gateway: TestGateway | undefined;
/** Whom the proxies ask; tells the address it was given last, and counts. */
let echo: { url: string; asked: number; address: string; status: number; stop(): Promise<void> };

beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "json", body: chatReply("hello") }));
  proxy = await startHttpProxy({ user: "me", password: SECRET });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => {
      echo.asked++;
      return new Response(`${echo.address}\n`, { status: echo.status });
    },
  });
  echo = {
    url: `http://127.0.0.1:${server.port}/`,
    asked: 0,
    address: "203.0.113.9",
    status: 200,
    stop: () => server.stop(true),
  };
});
afterAll(async () => {
  await upstream.stop();
  await echo.stop();
  proxy.close();
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  Object.assign(echo, { asked: 0, address: "203.0.113.9", status: 200 });
});

/** A gateway whose calls go through the proxy, on a clock that the test turns. */
async function behindProxy(dataDir?: string) {
  const clock = new FakeClock();
  const started = await startGateway(dataDir === undefined ? {} : { dataDir }, { clock });
  gateway = started;
  const owner = readFileSync(join(started.dataDir, "cli-token"), "utf8").trim();
  const api = async (method: string, path: string, body?: object) => {
    const response = await fetch(started.url + path, {
      method,
      headers: { authorization: `Bearer ${owner}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as any };
  };
  started.node("up", `${upstream.url}/v1`);
  const global = {
    type: "http" as const,
    host: "127.0.0.1",
    port: proxy.port,
    username: "me",
    password: SECRET,
  };
  /** Makes a call and gives what is told of the way it took. */
  const way = async () => {
    const answer = await fetch(`${started.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "up/x", messages: [{ role: "user", content: "hi" }] }),
    });
    expect(answer.status).toBe(200);
    await answer.text();
    const { id } = started.lastRequest()!;
    const [receipt, detail, log] = await Promise.all([
      api("GET", `/api/receipts/${id}`),
      api("GET", `/api/usage/call-logs/${id}`),
      api("GET", "/api/usage/proxy-logs"),
    ]);
    expect(detail.body.attempts[0].egress).toEqual(receipt.body.attempts[0].egress);
    return { egress: receipt.body.attempts[0].egress, logged: log.body.logs[0], id };
  };
  return { gateway: started, clock, api, global, way };
}

/** Waits until the echo has been asked so often, and the answer is in. */
async function untilAsked(times: number, seen: () => unknown): Promise<void> {
  while (echo.asked < times) await Bun.sleep(5);
  while (seen() === undefined) await Bun.sleep(5);
}

test("without an address to ask nobody is asked, and attempts say that the exit is unknown", async () => {
  const { api, global, way } = await behindProxy();
  await api("PUT", "/api/settings/proxy", { global });
  const { egress, logged } = await way();
  expect(egress).toEqual({
    way: "proxy",
    proxy: `http://127.0.0.1:${proxy.port}`,
    level: "global",
    exit_address: null,
    exit_seen: null,
  });
  expect(logged).toMatchObject({ publicIp: null, publicIpSeen: null, levelId: null, account: "up" });
  expect(echo.asked).toBe(0);
});

test("a proxy that is saved is asked once; attempts, the proxy log and pages tell the address and when it was seen", async () => {
  const { gateway, api, clock, global, way } = await behindProxy();
  await api("PATCH", "/api/settings", { egressCheckUrl: echo.url });
  expect(echo.asked).toBe(0);
  await api("PUT", "/api/settings/proxy", { global });
  const exit = () => gateway.engine.network.exits.seen(global);
  await untilAsked(1, exit);
  const seen = new Date(Math.round(clock.now())).toISOString();
  clock.advance(5 * MINUTE_MS);
  const { egress, logged, id } = await way();
  expect(egress).toMatchObject({ way: "proxy", exit_address: "203.0.113.9", exit_seen: seen });
  expect(logged).toMatchObject({ publicIp: "203.0.113.9", publicIpSeen: seen });
  expect(JSON.stringify([egress, logged, gateway.engine.network.exits.snapshot()])).not.toContain(SECRET);
  const { token } = await gateway.engine.access.login("a long enough test password", "127.0.0.1");
  for (const path of [`/dashboard/logs/${id}`, "/dashboard/logs/proxy"]) {
    const page = await (
      await fetch(gateway.url + path, { headers: { cookie: `auth_token=${token}` } })
    ).text();
    expect([path, page.includes("203.0.113.9")]).toEqual([path, true]);
  }
  // Saving the same again, or another setting, asks nobody.
  await api("PUT", "/api/settings/proxy", { global: { ...global, password: "••••••••" } });
  await api("PATCH", "/api/settings", { instanceName: "here" });
  expect(echo.asked).toBe(1);
});

test("it is asked again at a new address to ask and as often as the settings say; a failure keeps what was seen", async () => {
  const { gateway, api, clock, global, way } = await behindProxy();
  await api("PUT", "/api/settings/proxy", { global });
  await api("PATCH", "/api/settings", { egressCheckUrl: echo.url, egressCheckMinutes: 10 });
  const exit = () => gateway.engine.network.exits.seen(global);
  await untilAsked(1, exit);
  const first = Math.round(clock.now());
  echo.address = "2001:db8::7";
  clock.advance(10 * MINUTE_MS);
  await untilAsked(2, () => (exit()?.address === echo.address ? true : undefined));
  expect((await way()).egress).toMatchObject({
    exit_address: "2001:db8::7",
    exit_seen: new Date(first + 10 * MINUTE_MS).toISOString(),
  });
  echo.status = 500;
  clock.advance(10 * MINUTE_MS);
  await untilAsked(3, () => gateway.log.find((line) => line.includes("exit address")));
  expect(exit()).toEqual({ address: "2001:db8::7", seenAt: first + 10 * MINUTE_MS });
  await api("PATCH", "/api/settings", { egressCheckMinutes: 0 });
  clock.advance(60 * MINUTE_MS);
  expect((await api("PATCH", "/api/settings", { egressCheckMinutes: -1 })).status).toBe(400);
  expect(echo.asked).toBe(3);
});

test("what was seen outlives a restart, and a start asks nobody", async () => {
  const dataDir = freshDirectory();
  const { gateway: first, api, global } = await behindProxy(dataDir);
  await api("PATCH", "/api/settings", { egressCheckUrl: echo.url });
  await api("PUT", "/api/settings/proxy", { global });
  await untilAsked(1, () => first.engine.network.exits.seen(global));
  const kept = first.engine.network.exits.snapshot();
  await first.stop();
  const again = await startGateway({ dataDir });
  gateway = again;
  const { exits } = again.engine.network;
  exits.changed();
  expect(exits.snapshot()).toEqual(kept);
  exits.restore({ odd: 1, other: { address: 5 } });
  expect(exits.snapshot()).toEqual(kept);
  expect(echo.asked).toBe(1);
});
