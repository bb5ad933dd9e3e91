import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

const CANARY = "sk-canary-of-the-provider-0001";
const MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script>';

let gateway: TestGateway;
let upstream: Upstream;
let cookie: string;
beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "json", body: chatReply("hello") }));
  gateway = await startGateway();
  gateway.engine.manage.settings.change({ enableRequestLogs: true }, { name: "test" });
  gateway.node("up", `${upstream.url}/v1`, { apiKey: CANARY });
  cookie = `auth_token=${(await gateway.engine.access.login(TEST_PASSWORD, "127.0.0.1")).token}`;
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const get = (path: string, headers: { [name: string]: string } = {}) =>
  fetch(gateway.url + path, { headers: { cookie, ...headers }, redirect: "manual" });
const chat = (body: object, headers: { [name: string]: string } = {}) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers,
    body: JSON.stringify({ model: "up/m", messages: [{ role: "user", content: "hi" }], ...body }),
  });

describe("other sites", () => {
  const CROSSED: readonly [name: string, headers: { [name: string]: string }][] = [
    ["a foreign origin", { origin: "https://evil.test", "content-type": "application/json" }],
    ["an origin of null", { origin: "null", "content-type": "application/json" }],
    ["another port", { origin: "http://127.0.0.1:1", "content-type": "application/json" }],
    ["sec-fetch-site cross-site", { "sec-fetch-site": "cross-site", "content-type": "application/json" }],
    ["sec-fetch-site same-site", { "sec-fetch-site": "same-site", "content-type": "application/json" }],
    ["a plain form", { "content-type": "application/x-www-form-urlencoded" }],
    ["a form with files", { "content-type": "multipart/form-data; boundary=x" }],
    ["plain text", { "content-type": "text/plain" }],
  ];
  test.each(CROSSED)("B-01: %s changes nothing, though the cookie is right", async (_name, headers) => {
    const before = gateway.engine.access.listKeys().length;
    for (const [method, path] of [
      ["POST", "/api/keys"],
      ["PATCH", "/api/settings"],
      ["POST", "/api/shutdown"],
      ["DELETE", "/api/pricing?provider=openai"],
    ] as const) {
      const answer = await fetch(gateway.url + path, {
        method,
        headers: { cookie, ...headers },
        body: '{"name":"stolen"}',
      });
      expect([400, 401, 403, 415]).toContain(answer.status);
    }
    expect(gateway.engine.access.listKeys()).toHaveLength(before);
  });

  test("B-03: nobody is signed in from another site", async () => {
    const answer = await fetch(`${gateway.url}/api/auth/login`, {
      method: "POST",
      headers: { origin: "https://evil.test", "content-type": "text/plain" },
      body: JSON.stringify({ password: TEST_PASSWORD }),
    });
    expect([answer.status, answer.headers.get("set-cookie")]).toEqual([403, null]);
    const form = await fetch(`${gateway.url}/login?do=sign-in`, {
      method: "POST",
      headers: { origin: "https://evil.test", "content-type": "application/x-www-form-urlencoded" },
      body: `password=${encodeURIComponent(TEST_PASSWORD)}`,
      redirect: "manual",
    });
    expect(form.headers.get("set-cookie") ?? "").not.toContain("auth_token");
  });
});

describe("what pages carry", () => {
  const PAGES = [
    "/dashboard",
    "/dashboard/providers",
    "/dashboard/endpoint",
    "/dashboard/logs",
    "/dashboard/api",
    "/dashboard/settings",
    "/dashboard/health",
    "/login",
    "/nowhere",
  ];
  test.each(PAGES)("B-07: %s has a strict policy and loads nothing from elsewhere", async (path) => {
    const answer = await get(path, path === "/login" ? { cookie: "" } : {});
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("referrer-policy")).toMatch(/no-referrer|same-origin/);
    expect(await answer.text()).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?\/\//);
  });

  test("B-07: answers of the management API run nothing, stand in no frame and in no cache", async () => {
    for (const [path, status] of [
      ["/api/keys", 200],
      ["/api/nothing", 404],
      ["/api/auth/status", 200],
      ["/api/usage/report?format=csv", 200],
    ] as const) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers.get("content-security-policy")).toBe(
        "default-src 'none'; frame-ancestors 'none'",
      );
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
  });

  test("B-07: exports are attachments that no cache keeps", async () => {
    for (const path of ["/api/db-backups/export", "/api/db-backups/exportAll"]) {
      const { headers } = await get(path);
      expect(headers.get("content-disposition")).toStartWith("attachment;");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test("B-08: markup in names, models, agents, prompts and filters is shown, not run", async () => {
    gateway.engine.access.createKey({ name: MARKUP.slice(0, 100) });
    await chat({ model: MARKUP, messages: [{ role: "user", content: MARKUP }] }, { "user-agent": MARKUP });
    gateway.engine.manage.connections.create(
      { provider: "openai", name: MARKUP.slice(0, 100), apiKey: "sk-0123456789abcdef" },
      { name: "test" },
    );
    const id = gateway.lastRequest()!.id;
    const word = encodeURIComponent(MARKUP);
    for (const path of [
      "/dashboard",
      "/dashboard/endpoint",
      "/dashboard/providers",
      "/dashboard/providers/openai",
      "/dashboard/logs",
      `/dashboard/logs/${id}`,
      `/dashboard/logs?search=${word}&model=${word}`,
      "/dashboard/logs/audit",
      `/dashboard/find?q=${word}`,
      `/dashboard/api?q=${word}`,
      `/dashboard/providers?q=${word}`,
      `/login?error=${word}&next=${word}`,
    ]) {
      const text = await (await get(path)).text();
      expect([path, /<img src=x|<script>alert/.test(text)]).toEqual([path, false]);
    }
  });

  test("B-09: an answer of HTML never becomes a page of ours", async () => {
    upstream.script(() => ({
      type: "text",
      status: 200,
      body: "<html><script>alert(1)</script></html>",
      headers: { "content-type": "text/html" },
    }));
    for (const stream of [false, true]) {
      const answer = await chat({ stream });
      expect(answer.headers.get("content-type") ?? "").not.toContain("html");
      await answer.text();
    }
    upstream.script(() => ({ type: "json", body: chatReply("hello") }));
    gateway.engine.health.resetAll();
  });

  const PARAMETERS = ["next", "back", "redirect", "redirect_uri", "url", "return", "continue"];
  test.each(PARAMETERS)("B-10: ?%s= leads to no other site", async (name) => {
    for (const target of [
      "https://evil.test/",
      "//evil.test/",
      "/\\evil.test/",
      "javascript:alert(1)",
      "https:evil.test",
    ])
      for (const path of ["/", "/login", "/setup", "/callback", "/dashboard"]) {
        const answer = await get(`${path}?${name}=${encodeURIComponent(target)}`);
        const location = answer.headers.get("location");
        if (location !== null) expect(new URL(location, gateway.url).host).toBe(new URL(gateway.url).host);
      }
    const entered = await fetch(
      `${gateway.url}/login?do=sign-in&next=${encodeURIComponent("//evil.test/")}`,
      {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin: gateway.url },
        body: `password=${encodeURIComponent(TEST_PASSWORD)}`,
        redirect: "manual",
      },
    );
    const location = entered.headers.get("location") ?? "/";
    expect(new URL(location, gateway.url).host).toBe(new URL(gateway.url).host);
  });
});

describe("files and secrets", () => {
  const HEADERS: readonly { [name: string]: string }[] = [{}, { range: "bytes=0-100" }];
  const TRAVERSALS = [
    "/../secrets.json",
    "/..%2fsecrets.json",
    "/%2e%2e/secrets.json",
    "/assets/../../secrets.json",
    "/assets/..%2f..%2fsecrets.json",
    "/assets/%2e%2e%2f%2e%2e%2fsecrets.json",
    "/assets/..%5c..%5csecrets.json",
    "/assets/....//secrets.json",
    "/assets/%252e%252e%252fsecrets.json",
    "/assets/..%c0%afsecrets.json",
    "/assets//etc/passwd",
    "/assets/%00secrets.json",
    "/assets/app.css%00.json",
    "/assets/C:\\secrets.json",
    "/assets/secret~1.jso",
    "/dashboard/../secrets.json",
    "/v1/../secrets.json",
    "/api/../secrets.json",
    "/static/../secrets.json",
    "/omniroute.sqlite",
    "/logs/omniroute.log",
    "/backups/",
    "/.env",
    "/.git/config",
    "/cli-token",
    "/server.json",
  ];
  test.each(TRAVERSALS)("F-01, F-02: %s is no file", async (path) => {
    for (const headers of [{ cookie }, ...HEADERS]) {
      const answer = await fetch(gateway.url + path, { headers, redirect: "manual" });
      const text = await answer.text();
      expect(text).not.toMatch(/SQLite format|root:x:|"apiKey"|encryption/);
      expect(answer.headers.get("content-type") ?? "").not.toMatch(/octet-stream|sqlite/);
    }
  });

  test("F-14, F-15: a provider's key is in no listing, page or log, though the provider says it back", async () => {
    upstream.script(({ headers }) => ({
      type: "json",
      status: 401,
      body: { error: { message: `bad key ${headers["authorization"]}` } },
    }));
    gateway.node("echoing", `${upstream.url}/v1`, { apiKey: CANARY });
    const refused = await chat({ model: "echoing/m" });
    expect(await refused.text()).not.toContain(CANARY);
    upstream.script(() => ({ type: "json", body: chatReply("hello") }));
    const id = gateway.lastRequest()!.id;
    for (const path of [
      "/api/providers",
      "/api/providers/client",
      "/api/provider-nodes",
      "/api/settings",
      "/api/settings/proxy",
      "/api/usage/call-logs",
      `/api/usage/call-logs/${id}`,
      `/api/receipts/${id}`,
      "/api/compliance/audit-log",
      "/api/logs/console",
      "/api/monitoring/health",
      "/api/models/availability",
      "/dashboard/providers",
      `/dashboard/logs/${id}`,
    ]) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 200]);
      expect([path, (await answer.text()).includes(CANARY)]).toEqual([path, false]);
    }
    expect(gateway.log.join("\n")).not.toContain(CANARY);
    gateway.engine.health.resetAll();
  });
});

describe("what reaches a provider", () => {
  test("S-06: cookies, the client's own key and forwarded words stay here", async () => {
    upstream.seen.length = 0;
    const { key } = gateway.engine.access.createKey({ name: "client" });
    await chat(
      {},
      {
        authorization: `Bearer ${key}`,
        cookie: "auth_token=mine; other=1",
        "x-forwarded-for": "203.0.113.1",
        forwarded: "for=203.0.113.1",
        "x-real-ip": "203.0.113.1",
        "x-api-key": key,
        referer: "https://private.example/",
      },
    );
    const sent = upstream.seen[0]!;
    const text = JSON.stringify(sent.headers);
    expect(sent.headers["authorization"]).toBe(`Bearer ${CANARY}`);
    for (const secret of [key, "auth_token", "203.0.113.1", "private.example"])
      expect(text).not.toContain(secret);
  });

  test.each(["../../v2/x", "m?x=1", "m#x", "@evil.test/m", "%2e%2e/x", "m\\..\\x"])(
    "S-07: the model's name %j changes neither path nor query",
    async (name) => {
      upstream.seen.length = 0;
      await chat({ model: `up/${name}` });
      const [sent] = upstream.seen;
      expect([sent?.path, sent?.body.model]).toEqual(["/v1/chat/completions", name]);
    },
  );

  test("S-03: no field or header of a client becomes an address", async () => {
    const canary = startUpstream(() => ({ type: "json", body: {} }));
    const at = canary.url;
    const fields = [
      "base_url",
      "baseUrl",
      "api_base",
      "url",
      "endpoint",
      "proxy",
      "callback_url",
      "webhook",
      "host",
      "provider",
      "connection",
      "image_url",
    ];
    for (const field of fields)
      for (const value of [at, `${at}/v1`, { url: at }, [at]]) await (await chat({ [field]: value })).text();
    for (const header of [
      "x-omniroute-connection",
      "x-base-url",
      "x-forwarded-host",
      "x-original-url",
      "x-proxy",
      "x-upstream",
      "referer",
      "origin-url",
    ])
      await (await chat({}, { [header]: at })).text();
    await (
      await chat({
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: `${at}/a.png` } }] }],
      })
    ).text();
    expect(canary.seen).toEqual([]);
    await canary.stop();
  }, 30_000);
});
