import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";

let gateway: TestGateway;
let vendor: OAuthServer;
const logins: { [name: string]: string } = {};

beforeAll(async () => {
  vendor = startOAuthServer();
  gateway = await startGateway({
    oauth: vendor.settings("OPENROUTER", "KIMI_CODING", "OPENAI", "CLAUDE"),
  });
  for (const name of ["one", "two"]) {
    const response = await send("POST", "/api/auth/login", { password: TEST_PASSWORD });
    logins[name] = response.headers.get("set-cookie")!.split(";")[0]!;
  }
});
afterAll(async () => {
  await gateway.stop();
  await vendor.stop();
});

const send = (method: string, path: string, body?: object, login?: string) =>
  fetch(gateway.url + path, {
    method,
    redirect: "manual",
    headers: { "content-type": "application/json", ...(login && { cookie: logins[login]! }) },
    ...(body && { body: JSON.stringify(body) }),
  });
const api = async (method: string, path: string, body?: object, login = "one") => {
  const response = await send(method, path, body, login);
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) as any };
};
const open = (address: string) => {
  const url = new URL(address);
  return fetch(gateway.url + url.pathname + url.search, { redirect: "manual" });
};

describe("through the browser", () => {
  test("the dialog asks, the browser comes back to the gateway, and the dialog is told", async () => {
    const begun = await api("GET", "/api/oauth/openrouter/authorize");
    expect(begun.status).toBe(200);
    expect(begun.body).toMatchObject({
      codeVerifier: "",
      flowType: "authorization_code_pkce",
      listening: true,
    });
    expect(begun.body.redirectUri).toStartWith(`http://localhost:${gateway.port}/callback?state=`);
    expect((await api("POST", "/api/oauth/openrouter/poll-callback", {})).body).toEqual({
      success: false,
      pending: true,
    });
    const back = await open(await vendor.visit(begun.body.authUrl));
    expect(back.status).toBe(303);
    const { status, headers } = await open(`http://x${back.headers.get("location")}`);
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const done = await api("POST", "/api/oauth/openrouter/poll-callback", {});
    expect(done.body).toMatchObject({ success: true, connection: { provider: "openrouter", email: null } });
    const { connections } = (await api("GET", "/api/providers")).body;
    expect(connections.find((each: any) => each.id === done.body.connection.id)).toMatchObject({
      provider: "openrouter",
      authType: "apikey",
      hasCredentials: true,
    });
  });

  test("what the browser came back to may be pasted as a whole, or as a code with its state", async () => {
    for (const form of ["url", "code"]) {
      const begun = await api("GET", "/api/oauth/openai/authorize");
      const address = await vendor.visit(begun.body.authUrl);
      const done = await api("POST", "/api/oauth/openai/exchange", { [form]: address, codeVerifier: "x" });
      expect(done.body).toMatchObject({ success: true, connection: { email: "person@example.org" } });
    }
    const own = (await api("GET", "/api/providers")).body.connections.filter(
      (each: any) => each.provider === "openai",
    );
    // The second sign-in renewed what the first had made.
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({ authType: "oauth", name: "person@example.org", status: "never tested" });
  });

  test("the older name for a listening sign-in tells its port", async () => {
    const { body } = await api("GET", "/api/oauth/openai/start-callback-server");
    expect(body).toMatchObject({ port: 1455, redirectUri: "http://127.0.0.1:1455/auth/callback" });
    await api("DELETE", "/api/oauth/openai/pending");
  });

  test.each([
    ["a state nobody waits for", "/callback?code=abcd&state=nobodys"],
    ["no state", "/callback?code=abcd"],
    ["no answer", "/callback"],
    ["nothing below it", "/callback/openrouter/x"],
    ["a result nobody has", "/callback/result?of=nobodys"],
  ])("the callback does nothing for %s", async (_name, path) => {
    const response = await fetch(gateway.url + path, { redirect: "manual" });
    expect(response.status).toBe(400);
    const page = await response.text();
    expect(page).toContain("The sign-in did not work.");
    expect(page).not.toContain("abcd");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("the callback works under any path below it, speaks Portuguese, and only once", async () => {
    const { authUrl } = (await api("GET", "/api/oauth/openrouter/authorize")).body;
    const address = new URL(await vendor.visit(authUrl));
    const path = `/callback/openrouter${address.search}`;
    const back = await fetch(gateway.url + path, { redirect: "manual" });
    expect(back.status).toBe(303);
    const page = await fetch(gateway.url + back.headers.get("location"), {
      headers: { "accept-language": "pt-BR,pt;q=0.9,en;q=0.8" },
    });
    expect(await page.text()).toContain("Acesso concedido.");
    const calls = vendor.callsTo("/openrouter/keys").length;
    expect((await fetch(gateway.url + path, { redirect: "manual" })).status).toBe(303);
    expect(vendor.callsTo("/openrouter/keys")).toHaveLength(calls);
    expect((await fetch(gateway.url + path, { method: "POST" })).status).toBe(405);
  });

  test("a vendor's words are shown as words", async () => {
    const { authUrl } = (await api("GET", "/api/oauth/openrouter/authorize")).body;
    const address = new URL(new URL(authUrl).searchParams.get("callback_url")!);
    address.searchParams.set("error", "access_denied");
    address.searchParams.set("error_description", "<script>alert(1)</script>");
    const back = await open(address.href);
    const page = await (await open(`http://x${back.headers.get("location")}`)).text();
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toContain("<script>");
  });
});

describe("with a code on another device", () => {
  test("in both spellings, and with a handle in place of the vendor's own code", async () => {
    const { body } = await api("GET", "/api/oauth/kimi-coding/device-code");
    expect(body.userCode).toMatch(/^USER-/);
    expect(body).toMatchObject({
      user_code: body.userCode,
      device_code: body.deviceCode,
      verification_uri: body.verificationUri,
      interval: 1,
      expires_in: body.expiresIn,
    });
    expect(vendor.callsTo("/device")).toHaveLength(1);
    expect(JSON.stringify(body)).not.toContain("device-");
    const poll = () => api("POST", "/api/oauth/kimi-coding/poll", { deviceCode: body.deviceCode });
    expect((await poll()).body).toEqual({ success: false, pending: true });
    vendor.approve(body.userCode);
    await Bun.sleep(120);
    expect((await poll()).body).toMatchObject({ success: true, connection: { provider: "kimi-coding" } });
  });

  test("that is refused", async () => {
    const { body } = await api("GET", "/api/oauth/kimi-coding/device-code");
    vendor.deny(body.userCode);
    await Bun.sleep(60);
    expect(
      (await api("POST", "/api/oauth/kimi-coding/poll", { deviceCode: body.deviceCode })).body,
    ).toMatchObject({
      success: false,
      error: "access_denied",
      errorDescription: expect.any(String),
    });
  });
});

describe("nobody else", () => {
  test("takes part in a login's sign-in", async () => {
    const { authUrl, handle } = (await api("GET", "/api/oauth/openai/authorize")).body;
    const url = await vendor.visit(authUrl);
    const before = vendor.callsTo("/token").length;
    for (const call of [
      () => api("POST", "/api/oauth/openai/exchange", { url }, "two"),
      () => api("POST", "/api/oauth/openai/poll", { deviceCode: handle }, "two"),
      () => api("POST", "/api/oauth/openai/poll-callback", {}, "two"),
    ])
      expect((await call()).body).toMatchObject({ success: false, error: "no_pending_sign_in" });
    expect(vendor.callsTo("/token")).toHaveLength(before);
    await api("DELETE", "/api/oauth/openai/pending");
  });

  test.each([
    ["GET", "/api/oauth/providers"],
    ["GET", "/api/oauth/openai/authorize"],
    ["GET", "/api/oauth/kimi-coding/device-code"],
    ["POST", "/api/oauth/openai/exchange"],
    ["POST", "/api/oauth/openai/poll"],
    ["GET", "/api/token-health"],
  ])("comes in without a login: %s %s", async (method, path) => {
    expect((await send(method, path, method === "POST" ? {} : undefined)).status).toBe(401);
  });

  test("begins one from another site", async () => {
    const response = await fetch(`${gateway.url}/api/oauth/openai/authorize`, {
      headers: { cookie: logins["one"]!, "sec-fetch-site": "cross-site" },
    });
    expect(response.status).toBe(403);
  });

  test("has the browser sent elsewhere", async () => {
    for (const address of ["https://evil.example/callback", "http://evil.example:20128/callback"]) {
      const path = `/api/oauth/openrouter/authorize?redirect_uri=${encodeURIComponent(address)}`;
      expect(await api("GET", path)).toMatchObject({ status: 400, body: { error: { code: "bad_request" } } });
    }
  });
});

describe("what cannot begin says why", () => {
  test.each([
    ["/api/oauth/qwen/device-code", 410, "2026-04-15"],
    ["/api/oauth/iflow/authorize", 410, "2026-04-17"],
    ["/api/oauth/cursor/authorize", 410, "private"],
    ["/api/oauth/cursor/import", 410, "private"],
    ["/api/oauth/groq/authorize", 400, "API key"],
    ["/api/oauth/nobody/authorize", 404, "nobody"],
    ["/api/oauth/openai/device-code", 400, "device code"],
    ["/api/oauth/kimi-coding/authorize", 400, "device code"],
    ["/api/oauth/openai/authorize?connectionId=nobody", 404, "no such connection"],
  ])("%s", async (path, status, words) => {
    const answer = await api("GET", path);
    expect(answer.status).toBe(status);
    expect(answer.body.error.message).toContain(words);
  });
});

describe("a vendor that limits this use", () => {
  test("is connected only by somebody who has read its rule", async () => {
    const refused = await api("GET", "/api/oauth/claude/authorize");
    expect(refused.status).toBe(409);
    expect(refused.body.error.message).toContain("Anthropic's terms");
    expect(refused.body.error.message).toContain("https://code.claude.com/docs/en/legal-and-compliance");
    expect(refused.body.error.details).toEqual([{ field: "acceptTerms", message: expect.any(String) }]);
    const begun = await api("GET", "/api/oauth/claude/authorize?acceptTerms=true");
    expect(begun.status).toBe(200);
    const url = await vendor.visit(begun.body.authUrl);
    expect((await api("POST", "/api/oauth/claude/exchange", { url })).body.success).toBe(true);
    const { body } = await api("GET", "/api/compliance/audit-log?action=sign-in.begin&limit=1");
    expect(body[0]).toMatchObject({ target: "claude", details: { acceptedTerms: true } });
  });

  test("says so among the offers", async () => {
    const { providers } = (await api("GET", "/api/oauth/providers")).body;
    const claude = providers.find((each: any) => each.provider === "claude");
    expect(claude).toMatchObject({ status: "restricted", needsAcceptance: true, source: expect.any(String) });
  });
});

test("a client that has to be made first is named, with how to make it", async () => {
  const google = await api("GET", "/api/oauth/gemini-cli/authorize?acceptTerms=true");
  expect(google.status).toBe(409);
  expect(google.body.error.details.map((each: any) => each.field)).toEqual([
    "GEMINI_CLI_OAUTH_CLIENT_ID",
    "GEMINI_CLI_OAUTH_CLIENT_SECRET",
  ]);
  expect(google.body.error.message).toContain("Authorized redirect URIs");
  const github = await api("GET", "/api/oauth/github/device-code");
  expect(github.status).toBe(409);
  expect(github.body.error.message).toContain("GITHUB_OAUTH_CLIENT_ID");
});

describe("signing in again", () => {
  const signIn = async (query = "") => {
    const { authUrl } = (await api("GET", `/api/oauth/openai/authorize${query}`)).body;
    const url = await vendor.visit(authUrl);
    return (await api("POST", "/api/oauth/openai/exchange", { url })).body.connection;
  };

  test("renews the account's connection, which keeps its name, place and limits", async () => {
    const { id } = await signIn();
    await api("PUT", `/api/providers/${id}`, { name: "mine", priority: 7, isActive: false });
    expect((await signIn()).id).toBe(id);
    expect((await signIn(`?connectionId=${id}`)).id).toBe(id);
    expect((await api("GET", `/api/providers/${id}`)).body.connection).toMatchObject({
      name: "mine",
      priority: 7,
      isActive: false,
      email: "person@example.org",
    });
  });

  test("as somebody else makes a connection of its own, also where another was to be renewed", async () => {
    const { id } = await signIn();
    vendor.rules.account = { id: "acc-0002", email: "another@example.org" };
    const another = await signIn(`?connectionId=${id}`);
    expect(another.id).not.toBe(id);
    expect(another.displayName).toBe("another@example.org");
    vendor.rules.account = { id: "acc-0003", email: "another@example.org" };
    expect((await signIn()).displayName).toBe("another@example.org 2");
    vendor.rules.account = { id: "acc-0001", email: "person@example.org" };
  });
});

test("the offers say what one needs to know before connecting", async () => {
  const { providers } = (await api("GET", "/api/oauth/providers")).body;
  const by = Object.fromEntries(providers.map((each: any) => [each.provider, each]));
  expect(by.qwen).toMatchObject({ status: "shut-down", since: "2026-04-15", ways: ["device"] });
  expect(by.openai).toMatchObject({
    status: "works",
    ways: ["browser"],
    missing: null,
    needsAcceptance: false,
  });
  expect(by["kimi-coding"]).toMatchObject({ ways: ["device"] });
});

test("tokens are healthy, and the audit log tells of sign-ins without secrets", async () => {
  const { body } = await api("GET", "/api/token-health");
  expect(body).toMatchObject({ errored: 0, warning: 0, status: "healthy", lastCheckAt: expect.any(String) });
  expect(body.total).toBe(body.healthy);
  const log = await api("GET", "/api/compliance/audit-log?limit=100");
  const actions = log.body.map((entry: any) => entry.action);
  for (const action of ["sign-in.begin", "connection.create", "connection.sign-in"])
    expect(actions).toContain(action);
  expect(log.text).not.toMatch(/access-\d|refresh-\d|sk-or-v1/);
});

test("the owner's commands have a sign-in of their own", async () => {
  const owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  const headers = { authorization: `Bearer ${owner}` };
  const begun: any = await (await fetch(`${gateway.url}/api/oauth/openai/authorize`, { headers })).json();
  const url = await vendor.visit(begun.authUrl);
  const done: any = await (
    await fetch(`${gateway.url}/api/oauth/openai/exchange`, {
      method: "POST",
      headers,
      body: JSON.stringify({ url }),
    })
  ).json();
  expect(done).toMatchObject({ success: true });
});
