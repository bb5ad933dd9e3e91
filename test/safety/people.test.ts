import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

let gateway: TestGateway;
let upstream: Upstream;
beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "json", body: chatReply("hello") }));
  gateway = await startGateway({ requireApiKey: true });
  gateway.node("up", `${upstream.url}/v1`);
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const MESSAGES = [{ role: "user", content: "hi" }];
const logIn = (body: unknown, headers: { [name: string]: string } = {}, url = gateway.url) =>
  fetch(`${url}/api/auth/login`, {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const cookieOf = (answer: Response) => answer.headers.get("set-cookie")?.split(";")[0] ?? "";
const keysWith = (cookie: string, url = gateway.url) => fetch(`${url}/api/keys`, { headers: { cookie } });
const FORMS: readonly [string, (key: string) => { [name: string]: string }][] = [
  ["Bearer", (key) => ({ authorization: `Bearer ${key}` })],
  ["x-api-key", (key) => ({ "x-api-key": key })],
  ["x-goog-api-key", (key) => ({ "x-goog-api-key": key })],
];

describe("the password", () => {
  const PUBLISHED = [
    "123456",
    "CHANGEME",
    "changeme",
    "admin",
    "password",
    "omniroute",
    "endpoint-proxy",
    "12345678",
    "letmein",
  ];
  test("A-05: no published one opens the door", async () => {
    const other = await startGateway();
    for (const [index, password] of PUBLISHED.entries()) {
      const answer = await logIn({ password }, {}, other.url);
      expect([index, answer.status >= 400 && answer.status < 500]).toEqual([index, true]);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    await other.stop();
  });

  const ODD: readonly unknown[] = [
    {},
    [],
    null,
    "",
    "not json",
    { password: null },
    { password: 7 },
    { password: true },
    { password: [] },
    { password: {} },
    { password: { $ne: "" } },
    { password: [TEST_PASSWORD] },
    { PASSWORD: TEST_PASSWORD },
    { password: "x".repeat(1_000_000) },
  ];
  test("A-06: odd bodies and a password of a megabyte open nothing", async () => {
    for (const body of ODD) {
      const answer = await logIn(body);
      expect([answer.status >= 400 && answer.status < 500, answer.headers.get("set-cookie")]).toEqual([
        true,
        null,
      ]);
    }
  });

  test("A-10, A-13: the cookie keeps to itself, and no id of the client's choice is taken up", async () => {
    const chosen = "auth_token=chosen-by-me";
    const answer = await logIn({ password: TEST_PASSWORD }, { cookie: chosen });
    const set = answer.headers.get("set-cookie") ?? "";
    expect(set).toContain("HttpOnly");
    expect(set).toContain("SameSite=Lax");
    expect(set).toContain("Path=/");
    expect(set).not.toMatch(/domain=|secure/i);
    expect(cookieOf(answer)).not.toBe(chosen);
    expect((await keysWith(chosen)).status).toBe(401);
    const secured = await startGateway({ cookieSecure: true });
    expect((await logIn({ password: TEST_PASSWORD }, {}, secured.url)).headers.get("set-cookie")).toContain(
      "Secure",
    );
    await secured.stop();
  });

  test("A-11: a cookie that was tampered with is none", async () => {
    const cookie = cookieOf(await logIn({ password: TEST_PASSWORD }));
    const token = cookie.slice("auth_token=".length);
    expect((await keysWith(cookie)).status).toBe(200);
    const middle = Math.floor(token.length / 4);
    for (const changed of [
      token.slice(0, -1),
      `${token}x`,
      token.toUpperCase(),
      token.split(".")[0]!,
      `.${token.split(".")[1]}`,
      token.slice(0, middle) + (token[middle] === "a" ? "b" : "a") + token.slice(middle + 1),
    ])
      expect((await keysWith(`auth_token=${changed}`)).status).toBe(401);
  });

  test("A-12: after signing out the cookie is worth nothing", async () => {
    const cookie = cookieOf(await logIn({ password: TEST_PASSWORD }));
    await fetch(`${gateway.url}/api/auth/logout`, { method: "POST", headers: { cookie } });
    expect((await keysWith(cookie)).status).toBe(401);
  });

  test("A-15, A-16, A-18: wrong guesses are stopped, whatever address headers claim, and nobody signed in notices", async () => {
    const other = await startGateway();
    const cookie = cookieOf(await logIn({ password: TEST_PASSWORD }, {}, other.url));
    const statuses: number[] = [];
    let wait: string | null = null;
    for (let guess = 0; guess < 16; guess++) {
      const claims = {
        "x-forwarded-for": `203.0.113.${guess}`,
        "x-real-ip": `198.51.100.${guess}`,
        forwarded: `for=192.0.2.${guess}`,
      };
      const answer = await logIn({ password: `wrong ${guess}` }, claims, other.url);
      statuses.push(answer.status);
      wait = answer.headers.get("retry-after");
    }
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.slice(5).every((status) => status === 429)).toBe(true);
    expect(Number(wait)).toBeGreaterThan(0);
    expect((await keysWith(cookie, other.url)).status).toBe(200);
    await other.stop();
  });

  test("A-19: changing it asks for the old one and ends the other sign-ins", async () => {
    const other = await startGateway();
    const [mine, theirs] = await Promise.all([
      logIn({ password: TEST_PASSWORD }, {}, other.url),
      logIn({ password: TEST_PASSWORD }, {}, other.url),
    ]);
    const change = (currentPassword: string) =>
      fetch(`${other.url}/api/auth/change-password`, {
        method: "POST",
        headers: { cookie: cookieOf(mine), "content-type": "application/json" },
        body: JSON.stringify({ currentPassword, newPassword: "another long password" }),
      });
    expect((await change("not it")).status).toBe(400);
    expect((await change(TEST_PASSWORD)).status).toBe(200);
    expect((await keysWith(cookieOf(mine), other.url)).status).toBe(200);
    expect((await keysWith(cookieOf(theirs), other.url)).status).toBe(401);
    expect((await logIn({ password: TEST_PASSWORD }, {}, other.url)).status).toBe(401);
    await other.stop();
  });

  test("sign-ins are listed, and one can be ended from afar", async () => {
    const [mine, lost] = [
      cookieOf(await logIn({ password: TEST_PASSWORD })),
      cookieOf(await logIn({ password: TEST_PASSWORD })),
    ];
    const list = async (cookie: string) =>
      (
        (await (await fetch(`${gateway.url}/api/auth/sessions`, { headers: { cookie } })).json()) as {
          sessions: { id: string; current: boolean }[];
        }
      ).sessions;
    const id = (await list(lost)).find(({ current }) => current)!.id;
    const answer = await fetch(`${gateway.url}/api/auth/sessions/${id}`, {
      method: "DELETE",
      headers: { cookie: mine, "content-type": "application/json" },
    });
    expect(answer.status).toBe(200);
    expect((await keysWith(lost)).status).toBe(401);
    expect((await list(mine)).filter(({ current }) => current)).toHaveLength(1);
  });
});

describe("keys of clients", () => {
  const CALLS: readonly [path: string, body: object][] = [
    ["/v1/chat/completions", { model: "up/m", messages: MESSAGES }],
    ["/v1/messages", { model: "up/m", messages: MESSAGES, max_tokens: 9 }],
    ["/v1/responses", { model: "up/m", input: "hi" }],
    ["/v1/embeddings", { model: "up/m", input: "hi" }],
    ["/v1beta/models/up/m:generateContent", { contents: [{ parts: [{ text: "hi" }] }] }],
  ];
  const send = ([path, body]: (typeof CALLS)[number], headers: { [name: string]: string }) =>
    fetch(gateway.url + path, { method: "POST", headers, body: JSON.stringify(body) });

  const WRONG = [
    "",
    "x",
    "sk_omniroute",
    "sk-omni-",
    "sk-1234",
    "' OR 1=1 --",
    "null",
    "undefined",
    "Bearer",
    "*",
    "%",
    "sk-omni-%",
    "../../x",
    "admin",
    "x".repeat(4000),
  ];
  test("A-07: without a right key every door is shut, and nothing is sent or given back", async () => {
    upstream.seen.length = 0;
    for (const call of CALLS)
      for (const wrong of WRONG)
        for (const [form, header] of FORMS) {
          const answer = await send(call, header(wrong));
          expect([call[0], form, wrong, answer.status]).toEqual([call[0], form, wrong, 401]);
          if (wrong.length > 8) expect(await answer.text()).not.toContain(wrong);
        }
    expect(upstream.seen).toEqual([]);
  });

  test("A-08: a revoked key is refused at once, in every form", async () => {
    const { key, record } = gateway.engine.access.createKey({ name: "short-lived" });
    for (const [, header] of FORMS) expect((await send(CALLS[0]!, header(key))).status).toBe(200);
    gateway.engine.access.revokeKey(record.id);
    for (const [, header] of FORMS) expect((await send(CALLS[0]!, header(key))).status).toBe(401);
  });

  test("A-09: keys are random, different, and in no list", async () => {
    const made = Array.from(
      { length: 5 },
      (_, index) => gateway.engine.access.createKey({ name: `k${index}` }).key,
    );
    expect(new Set(made).size).toBe(5);
    for (const key of made) expect(key).toMatch(/^sk-omni-[A-Za-z0-9_-]{43}$/);
    const { key: admin } = gateway.engine.access.createKey({ name: "reader", scopes: ["read"] });
    const list = await (await fetch(`${gateway.url}/api/keys`, { headers: FORMS[0]![1](admin) })).text();
    for (const key of made) expect(list).not.toContain(key);
  });

  test("A-20, A-21, A-22: scope, expiry, empty budgets and rotation hold before anything is sent", async () => {
    const { access } = gateway.engine;
    const make = (rules: object) => access.createKey({ name: "ruled", ...rules });
    gateway.combo("of-up", ["up/x"]);
    gateway.combo("of-of-up", ["of-up"]);
    gateway.combo("of-both", ["mock/echo", "of-up"]);
    const namesFor = async (rules: object) => {
      const headers = FORMS[0]![1](make(rules).key);
      const { data } = (await (await fetch(`${gateway.url}/v1/models`, { headers })).json()) as {
        data: { id: string }[];
      };
      return data.map(({ id }) => id).filter((id) => id.startsWith("of-"));
    };
    expect(await namesFor({ allowedProviders: ["openai"] })).toEqual([]);
    expect(await namesFor({ allowedModels: ["mock/*"] })).toEqual(["of-both"]);
    expect(await namesFor({ allowedModels: ["up/x"] })).toHaveLength(3);
    expect(await namesFor({})).toHaveLength(3);
    upstream.seen.length = 0;
    const scoped = make({ allowedProviders: ["openai"] }).key;
    expect((await send(CALLS[0]!, FORMS[0]![1](scoped))).status).toBe(403);
    const listed = (await (
      await fetch(`${gateway.url}/v1/models`, { headers: FORMS[0]![1](scoped) })
    ).json()) as { data: { id: string }[] };
    expect(listed.data.filter(({ id }) => id.startsWith("up/") || id.startsWith("mock/"))).toEqual([]);
    const past = make({ expiresAt: "2020-01-01T00:00:00Z" }).key;
    expect((await send(CALLS[0]!, FORMS[0]![1](past))).status).toBe(401);
    const poor = make({ budget: { dailyLimitUsd: 0 } }).key;
    expect((await send(CALLS[0]!, FORMS[0]![1](poor))).status).toBe(402);
    expect(upstream.seen).toEqual([]);
    const before = make({});
    const { key: after } = access.rotateKey(before.record.id, 60);
    expect((await send(CALLS[0]!, FORMS[0]![1](before.key))).status).toBe(200);
    expect((await send(CALLS[0]!, FORMS[0]![1](after))).status).toBe(200);
    const { key: last } = access.rotateKey(before.record.id, 0);
    expect((await send(CALLS[0]!, FORMS[0]![1](after))).status).toBe(401);
    expect((await send(CALLS[0]!, FORMS[0]![1](last))).status).toBe(200);
  });
});
