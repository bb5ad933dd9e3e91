import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { testProxy } from "../../src/engine/proxy-test.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { parseProxyUrl } from "../../src/net/proxied-outbound.ts";
import { SocksBridge } from "../../src/net/socks-bridge.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { startHttpProxy, startSocksProxy, type TestProxy } from "../kit/proxies.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

const SECRET = "canary-proxy-password";
let gateway: TestGateway;
let upstream: Upstream;
let http: TestProxy;
let locked: TestProxy;
let socks: TestProxy;
let lockedSocks: TestProxy;
let owner: string;
let connectionId: string;
let clientKey: string;
let keyId: string;

beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "json", body: chatReply("hello") }));
  [http, locked, socks, lockedSocks] = await Promise.all([
    startHttpProxy(),
    startHttpProxy({ user: "me", password: SECRET }),
    startSocksProxy(),
    startSocksProxy({ user: "me", password: SECRET }),
  ]);
  gateway = await startGateway();
  owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  connectionId = gateway.node("up", `${upstream.url}/v1`);
  gateway.combo("pair", ["up/x"]);
  const made = gateway.engine.access.createKey({ name: "k" });
  clientKey = made.key;
  keyId = made.record.id;
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
  for (const proxy of [http, locked, socks, lockedSocks]) proxy.close();
});

const api = async (method: string, path: string, body?: object) => {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${owner}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as any };
};
const ask = (model = "up/x", headers: { [name: string]: string } = {}) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers,
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  });
const comboId = () => gateway.engine.manage.combos.list()[0]!.id;
const providerId = () => gateway.engine.router.connections.find(({ id }) => id === connectionId)!.provider;
const at = (type: string, proxy: TestProxy, more: object = {}) => ({
  type,
  host: "127.0.0.1",
  port: proxy.port,
  ...more,
});
const put = (body: object) => api("PUT", "/api/settings/proxy", body);
beforeEach(async () => {
  await put({
    global: null,
    providers: { [providerId()]: null },
    combos: { [comboId()]: null },
    keys: { [keyId]: null },
    connections: { [connectionId]: null },
  });
  for (const proxy of [http, locked, socks, lockedSocks]) proxy.asked.length = 0;
  await api("DELETE", "/api/usage/proxy-logs");
});

test.each(["http", "locked http", "socks5", "socks5h", "locked socks5"])(
  "calls go through a %s proxy",
  async (kind) => {
    const proxy = {
      http,
      "locked http": locked,
      socks5: socks,
      socks5h: socks,
      "locked socks5": lockedSocks,
    }[kind]!;
    const user = kind.startsWith("locked") ? { username: "me", password: SECRET } : {};
    const saved = await put({
      global: at(kind.replace("locked ", ""), proxy, { ...user, port: String(proxy.port) }),
    });
    expect(saved.body.global.port).toBe(proxy.port);
    expect(JSON.stringify(saved.body)).not.toContain(SECRET);
    for (let turn = 0; turn < 3; turn++) {
      const answer = await ask();
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain("hello");
    }
    expect(proxy.asked.length).toBeGreaterThan(0);
    expect(proxy.asked[0]).toBe(new URL(upstream.url).host);
    const { logs } = (await api("GET", "/api/usage/proxy-logs")).body;
    expect(logs[0]).toMatchObject({
      status: "ok",
      level: "global",
      proxy: { type: kind.replace("locked ", ""), host: "127.0.0.1", port: proxy.port },
      connectionId,
    });
  },
);

test("key before combo before connection before provider before global", async () => {
  const levels: [string, object][] = [
    ["global", { global: at("http", http) }],
    ["provider", { providers: { [providerId()]: at("socks5", socks) } }],
    ["connection", { connections: { [connectionId]: at("http", http) } }],
    ["combo", { combos: { [comboId()]: at("socks5", socks) } }],
    ["key", { keys: { [keyId]: at("http", http) } }],
  ];
  for (const [level, patch] of levels) {
    await put(patch);
    expect((await ask("pair", { "x-api-key": clientKey })).status).toBe(200);
    const { logs } = (await api("GET", "/api/usage/proxy-logs?limit=1")).body;
    expect(logs[0].level).toBe(level);
  }
  const resolved = await api("GET", `/api/settings/proxy?resolve=${connectionId}`);
  expect(resolved.body).toMatchObject({ level: "connection", levelId: connectionId });
});

test("`direct` stops at its level", async () => {
  await put({ global: at("http", http), connections: { [connectionId]: { type: "direct" } } });
  expect((await ask()).status).toBe(200);
  expect(http.asked).toEqual([]);
});

test("a proxy that fails is not passed by, and the failure is logged without its password", async () => {
  const before = upstream.seen.length;
  for (const proxy of [
    at("socks5", lockedSocks, { username: "me", password: "wrong" }),
    at("socks5", { port: 9, asked: [], close() {} }),
    at("http", { port: 9, asked: [], close() {} }),
  ]) {
    await put({ global: proxy });
    gateway.engine.health.resetAll();
    expect((await ask()).status).toBeGreaterThanOrEqual(500);
  }
  expect(upstream.seen.length).toBe(before);
  const { logs } = (await api("GET", "/api/usage/proxy-logs?status=failed")).body;
  expect(logs.length).toBeGreaterThanOrEqual(3);
  gateway.engine.health.resetAll();
});

test("passwords are sealed at rest, masked everywhere, and kept when the mask comes back", async () => {
  await put({ global: at("http", locked, { username: "me", password: SECRET }) });
  const shown = (await api("GET", "/api/settings/proxy")).body;
  await put({ global: shown.global });
  expect((await ask()).status).toBe(200);
  const rows = JSON.stringify(gateway.engine.store.files.config.query("SELECT * FROM key_value").all());
  const audit = JSON.stringify((await api("GET", "/api/compliance/audit-log")).body);
  expect([rows.includes(SECRET), audit.includes(SECRET)]).toEqual([false, false]);
});

test("a connection's id under `keys` belongs to the connections; one entry by level and id", async () => {
  const saved = await put({ keys: { [connectionId]: at("http", http) } });
  expect(saved.body.connections[connectionId]).toMatchObject({ type: "http" });
  const one = await put({
    level: "provider",
    id: "openai",
    proxy: { url: `socks5://127.0.0.1:${socks.port}` },
  });
  expect(one.body.providers.openai).toEqual(at("socks5", socks));
  const gone = await api("DELETE", "/api/settings/proxy?level=providers&id=openai");
  expect(gone.body.providers).toEqual({});
});

test.each([
  { global: { type: "ftp", host: "h", port: 1 } },
  { global: { type: "http", host: "", port: 1 } },
  { global: { type: "http", host: "a b", port: 1 } },
  { global: { type: "http", host: "h\r\nx: y", port: 1 } },
  { global: { type: "http", host: "h", port: 70_000 } },
  { global: { url: "file:///etc/passwd" } },
  { level: "planet", id: "x", proxy: null },
])("%j is refused", async (body) => {
  expect((await put(body)).status).toBe(400);
});

test("services take the proxy of the client's key, and every attempt says through which it went", async () => {
  await put({
    global: at("http", http),
    keys: { [keyId]: at("socks5", lockedSocks, { username: "me", password: SECRET }) },
  });
  const answer = await fetch(`${gateway.url}/v1/embeddings`, {
    method: "POST",
    headers: { "x-api-key": clientKey },
    body: JSON.stringify({ model: "up/e", input: "a" }),
  });
  await answer.text();
  expect([http.asked, lockedSocks.asked.length > 0]).toEqual([[], true]);
  expect((await ask("up/x", { "x-api-key": clientKey })).status).toBe(200);
  const egress = { proxy: `socks5://127.0.0.1:${lockedSocks.port}`, level: "key" };
  const record = gateway.lastRequest()!;
  expect(record.attempts[0]).toMatchObject({ egress });
  const receipt = (await api("GET", `/api/receipts/${record.id}`)).body;
  expect(receipt.attempts[0].egress).toEqual({
    way: "proxy",
    ...egress,
    exit_address: null,
    exit_seen: null,
  });
  expect(JSON.stringify(receipt)).not.toContain(SECRET);
  await put({ keys: { [keyId]: { type: "direct" } } });
  expect((await ask("up/x", { "x-api-key": clientKey })).status).toBe(200);
  const straight = gateway.lastRequest()!;
  expect(straight.attempts[0]).not.toHaveProperty("egress");
  expect((await api("GET", `/api/receipts/${straight.id}`)).body.attempts[0].egress).toEqual({
    way: "direct",
  });
});

test("a provider's proxy, named by its prefix, is also that of its models and tests", async () => {
  await put({ global: at("http", http), providers: { up: at("socks5", socks) } });
  expect((await ask()).status).toBe(200);
  await api("POST", `/api/providers/${connectionId}/test`);
  await api("GET", `/api/providers/${connectionId}/models?refresh=true`);
  expect([http.asked, socks.asked.length >= 3]).toEqual([[], true]);
  await put({ providers: { up: null } });
});

test("a connection's models and tests take its proxy, without key and combo", async () => {
  await put({ global: at("http", http), connections: { [connectionId]: at("socks5", socks) } });
  await api("POST", `/api/providers/${connectionId}/test`);
  await api("GET", `/api/providers/${connectionId}/models?refresh=true`);
  expect([http.asked, socks.asked.length > 0]).toEqual([[], true]);
});

test("a test of a proxy tells the exit address where one is asked, and nothing else of the answer", async () => {
  using echo = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => Response.json({ ip: "203.0.113.9", secret: "canary-body" }),
  });
  await api("PATCH", "/api/settings", { egressCheckUrl: `http://127.0.0.1:${echo.port}/ip` });
  for (const [type, proxy] of [
    ["http", http],
    ["socks5", socks],
  ] as const) {
    const { body } = await api("POST", "/api/settings/proxy/test", { proxy: at(type, proxy) });
    expect([body.success, body.publicIp]).toEqual([true, "203.0.113.9"]);
    expect(JSON.stringify(body)).not.toContain("canary-body");
    expect(proxy.asked).toContain(`127.0.0.1:${echo.port}`);
  }
  expect((await api("PATCH", "/api/settings", { egressCheckUrl: "file:///etc/passwd" })).status).toBe(400);
  await api("PATCH", "/api/settings", { egressCheckUrl: "" });
});

test("S-05: the tester reaches proxies, and no forbidden address", async () => {
  const check = (proxy: object) => api("POST", "/api/settings/proxy/test", { proxy });
  expect((await check(at("socks5", lockedSocks, { username: "me", password: SECRET }))).body).toMatchObject({
    success: true,
    proxyUrl: `socks5://me:@127.0.0.1:${lockedSocks.port}`,
  });
  expect((await check(at("http", http))).body.success).toBe(true);
  expect((await check(at("socks5", lockedSocks, { username: "me", password: "no" }))).body.success).toBe(
    false,
  );
  for (const host of ["169.254.169.254", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254"]) {
    expect([host, (await check({ type: "http", host, port: 80 })).body.success]).toEqual([host, false]);
  }
});

test("what is tested is what calls would take: a proxy in the own network, where endpoints may not lie there", async () => {
  const closed = await startGateway({ allowPrivateUpstreams: false });
  const { network } = closed.engine;
  const proxy = { type: "http", host: "127.0.0.1", port: http.port } as const;
  expect(await testProxy(network, systemClock, proxy)).toMatchObject({ success: true });
  await closed.stop();
});

test("a user whose percent signs are no escapes is taken as it is written", () => {
  const proxy = parseProxyUrl("http://me%41:100%zz@proxy.test:3128");
  expect(proxy).toMatchObject({ username: "meA", password: "100%zz" });
});

test("a call that is given up while its SOCKS proxy says nothing leaves no connection to it", async () => {
  const met = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const silent = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("close", () => left.resolve());
    // It greets, and never says whether it could connect.
    socket.once("data", () => {
      socket.write(Buffer.from([5, 0]));
      socket.once("data", () => met.resolve());
    });
  }).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const bridge = new SocksBridge({ host: "127.0.0.1", port: (silent.address() as AddressInfo).port });
  const client = new AbortController();
  const asked = fetch("http://far.test/", { proxy: await bridge.url(), signal: client.signal });
  await met.promise;
  client.abort();
  await expect(asked).rejects.toThrow();
  await left.promise;
  bridge.close();
  silent.close();
});
