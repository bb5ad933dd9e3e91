import { afterEach, describe, expect, test } from "bun:test";
import { GatewayError } from "../../../src/core/errors.ts";
import { FakeClock } from "../../kit/fake-clock.ts";
import { type OAuthServer, startOAuthServer } from "../../kit/oauth-server.ts";
import { closedPort } from "../../kit/upstream.ts";
import { deskAt, errorOf, waitFor } from "./kit.ts";

let vendor: OAuthServer;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function setUp(prefix = "CLAUDE", settings: { [variable: string]: string } = {}, changes = {}) {
  vendor = startOAuthServer();
  const all = deskAt({ ...vendor.settings(prefix), ...settings }, changes);
  closing.push(
    () => all.desk.close(),
    () => vendor.stop(),
  );
  return all;
}

const callbackOf = async (authUrl: string) => new URL(await vendor.visit(authUrl));

describe("the paste box", () => {
  test.each([
    ["the whole address", (url: URL) => url.href],
    ["code#state", (url: URL) => `${url.searchParams.get("code")}#${url.searchParams.get("state")}`],
    ["the query", (url: URL) => url.search],
    ["the code", (url: URL) => url.searchParams.get("code")!],
  ])("takes %s", async (_name, spell) => {
    const { desk, begin, kept } = setUp();
    const view = await begin("claude", "browser");
    const outcome = await desk.paste("one", "claude", spell(await callbackOf(view.authUrl!)));
    expect(outcome.type).toBe("done");
    expect(kept).toHaveLength(1);
  });

  test("refuses another state, and goes on waiting", async () => {
    const { desk, begin, kept } = setUp();
    const view = await begin("claude", "browser");
    const url = await callbackOf(view.authUrl!);
    const code = url.searchParams.get("code")!;
    for (const text of [`${code}#someone-elses-state`, `code=${code}&state=${view.state}x`]) {
      expect(await desk.paste("one", "claude", text)).toMatchObject({ type: "failed", error: "wrong_state" });
    }
    expect(await desk.paste("one", "claude", code, "stated-beside")).toMatchObject({ error: "wrong_state" });
    expect(vendor.callsTo("/token")).toEqual([]);
    expect(await desk.paste("one", "claude", url.href)).toMatchObject({ type: "done" });
    expect(kept).toHaveLength(1);
  });

  test("takes another try after a code that was not right", async () => {
    const { desk, begin } = setUp();
    const view = await begin("claude", "browser");
    expect(await desk.paste("one", "claude", "not-the-code")).toMatchObject({
      type: "failed",
      error: "invalid_grant",
    });
    expect(await desk.paste("one", "claude", (await callbackOf(view.authUrl!)).href)).toMatchObject({
      type: "done",
    });
  });

  test("is there for the session and provider that began, and nobody else", async () => {
    const { desk, begin } = setUp();
    const view = await begin("claude", "browser");
    const url = await callbackOf(view.authUrl!);
    for (const [session, provider] of [
      ["two", "claude"],
      ["one", "codex"],
    ] as const)
      expect(await desk.paste(session, provider, url.href)).toMatchObject({ error: "no_pending_sign_in" });
    expect(vendor.callsTo("/token")).toEqual([]);
  });

  test("says what a text that holds no code should have held", async () => {
    const { desk, begin } = setUp();
    await begin("claude", "browser");
    expect(await desk.paste("one", "claude", "hello there")).toMatchObject({ error: "unreadable" });
  });
});

describe("a sign-in that waits", () => {
  test("gives way to the session's next one", async () => {
    const { desk, begin } = setUp();
    const first = await begin("claude", "browser");
    const old = await callbackOf(first.authUrl!);
    await begin("claude", "browser");
    expect(await desk.paste("one", "claude", old.href)).toMatchObject({ error: "wrong_state" });
    expect((await desk.callback(old.href)).outcome).toMatchObject({ error: "no_pending_sign_in" });
  });

  test("stands beside those of other sessions", async () => {
    const { desk, begin, kept } = setUp();
    const views = await Promise.all(["one", "two"].map((session) => begin("claude", "browser", { session })));
    for (const view of views.toReversed())
      expect((await desk.callback((await callbackOf(view.authUrl!)).href)).outcome.type).toBe("done");
    expect(kept).toHaveLength(2);
  });

  test("ends after ten minutes", async () => {
    const clock = new FakeClock();
    const { desk, begin } = setUp("CLAUDE", {}, { clock });
    const view = await begin("claude", "browser");
    const url = await callbackOf(view.authUrl!);
    expect(view.expiresAt - clock.now()).toBe(600_000);
    clock.advance(599_000);
    expect(desk.pending("one")).toMatchObject({ handle: view.handle });
    clock.advance(1001);
    expect(desk.pending("one")).toBeUndefined();
    expect(await desk.paste("one", "claude", url.href)).toMatchObject({ error: "no_pending_sign_in" });
    expect((await desk.callback(url.href)).outcome).toMatchObject({ error: "no_pending_sign_in" });
    expect(await desk.poll("one", view.handle)).toMatchObject({ error: "no_pending_sign_in" });
    expect(vendor.callsTo("/token")).toEqual([]);
  });

  test("exchanges its code once, however often the answer comes in", async () => {
    const { desk, begin, kept } = setUp();
    const view = await begin("claude", "browser");
    const { href } = await callbackOf(view.authUrl!);
    const outcomes = await Promise.all([
      desk.callback(href),
      desk.callback(href),
      desk.paste("one", "claude", href),
    ]);
    expect(outcomes.map((each) => ("outcome" in each ? each.outcome : each).type)).toEqual([
      "done",
      "done",
      "done",
    ]);
    expect((await desk.callback(href)).outcome).toMatchObject({ type: "failed", error: "wrong_state" });
    expect(vendor.callsTo("/token")).toHaveLength(1);
    expect(kept).toHaveLength(1);
  });

  test("tells its dialog how it went", async () => {
    const { desk, begin } = setUp();
    const view = await begin("claude", "browser");
    expect(await desk.poll("one", view.handle)).toEqual({ type: "pending" });
    await desk.callback((await callbackOf(view.authUrl!)).href);
    expect(await desk.poll("one", view.handle)).toMatchObject({ type: "done" });
    expect(desk.outcome(view.handle)).toMatchObject({ type: "done" });
    expect(await desk.poll("one", "another-handle")).toMatchObject({ error: "no_pending_sign_in" });
  });

  test("ends when the person says no at the vendor", async () => {
    const { desk, begin } = setUp();
    vendor.rules.denies = true;
    const view = await begin("claude", "browser");
    await desk.callback((await callbackOf(view.authUrl!)).href);
    expect(await desk.poll("one", view.handle)).toMatchObject({ type: "failed", error: "access_denied" });
  });

  test("explains an address that the vendor does not know", async () => {
    const { desk, begin } = setUp();
    const view = await begin("claude", "browser");
    const url = await callbackOf(view.authUrl!);
    vendor.fail("/token", { status: 400, body: { error: "redirect_uri_mismatch" } });
    expect(await desk.paste("one", "claude", url.href)).toMatchObject({
      description: expect.stringContaining("http://localhost:20128/callback"),
    });
  });

  test("says nothing of what the vendor answered beyond its words", async () => {
    const { desk, begin } = setUp();
    const view = await begin("claude", "browser");
    const { href } = await callbackOf(view.authUrl!);
    vendor.fail(
      "/token",
      { status: 200, body: { access_token: 7, secret: "sk-ant-0123456789abcdef" } },
      {
        status: 500,
        body: { error: "server_error", error_description: "failed for sk-ant-0123456789abcdef" },
      },
      { status: 200, body: ["sk-ant-0123456789abcdef"] },
    );
    for (let tries = 0; tries < 3; tries++) {
      const outcome = await desk.paste("one", "claude", href);
      expect(outcome.type).toBe("failed");
      expect(JSON.stringify(outcome)).not.toContain("0123456789abcdef");
    }
  });

  test("cannot begin where the vendor is out of order", async () => {
    const { begin } = setUp("CODEX");
    vendor.fail("/deviceauth/usercode", { status: 503 });
    expect(await errorOf(begin("codex", "device"))).toMatchObject({ code: "bad_gateway" });
  });

  test("survives a keeper that refuses", async () => {
    const keep = () => {
      throw new GatewayError("storage_full", "The disk is full.");
    };
    const { desk, begin } = setUp("CLAUDE", {}, { keep });
    const view = await begin("claude", "browser");
    const { href } = await callbackOf(view.authUrl!);
    expect(await desk.paste("one", "claude", href)).toMatchObject({ error: "storage_full" });
  });
});

describe("the address a browser is sent back to", () => {
  const asked = async (settings: { [variable: string]: string }, more: object = {}, changes = {}) => {
    const { begin } = setUp("CLAUDE", settings, changes);
    return (await begin("claude", "browser", more)).redirectUri;
  };

  test.each([
    ["of a gateway on this machine is its own", {}, {}, {}, "http://localhost:20128/callback"],
    [
      "has the port at which the gateway is reached",
      {},
      { origin: "http://127.0.0.1:4321" },
      {},
      "http://localhost:4321/callback",
    ],
    [
      "of a gateway elsewhere is the vendor's page that shows the code",
      {},
      {},
      { baseUrl: "https://ai.example.org" },
      "https://platform.claude.com/oauth/code/callback",
    ],
    [
      "can be set",
      { CLAUDE_OAUTH_REDIRECT_URI: "https://ai.example.org/callback/claude" },
      {},
      {},
      "https://ai.example.org/callback/claude",
    ],
  ])("%s", async (_name, settings, more, changes, expected) =>
    expect(await asked(settings as { [variable: string]: string }, more, changes)).toBe(expected),
  );

  test("may be any under the gateway's own callback where the operator owns the client", async () => {
    const { begin } = setUp(
      "GEMINI_CLI",
      { GEMINI_CLI_OAUTH_CLIENT_SECRET: "s" },
      { baseUrl: "https://ai.example.org/llm" },
    );
    expect((await begin("gemini-cli", "browser")).redirectUri).toBe("https://ai.example.org/llm/callback");
    const redirectUri = "https://ai.example.org/callback/google";
    expect((await begin("gemini-cli", "browser", { redirectUri })).redirectUri).toBe(redirectUri);
  });

  test.each([
    "https://evil.example/callback",
    "https://ai.example.org.evil.example/callback",
    "https://ai.example.org@evil.example/callback",
    "https://ai.example.org/other",
    "javascript:alert(1)//callback",
    "not an address",
  ])("is never %s", async (redirectUri) => {
    const { begin } = setUp("GEMINI_CLI", {}, { baseUrl: "https://ai.example.org" });
    expect(await errorOf(begin("gemini-cli", "browser", { redirectUri }))).toMatchObject({
      code: "bad_request",
    });
  });

  test("on a fixed port is listened to while somebody waits, and no longer", async () => {
    const port = await closedPort();
    const place = `http://localhost:${port}/auth/callback`;
    const { desk, begin } = setUp("CODEX", { CODEX_OAUTH_REDIRECT_URI: place });
    const view = await begin("codex", "browser");
    expect(view).toMatchObject({ redirectUri: place, listening: true });
    const elsewhere = await fetch(`http://127.0.0.1:${port}/other`, { redirect: "manual" });
    expect(elsewhere.status).toBe(404);
    const answer = await fetch(await vendor.visit(view.authUrl!), { redirect: "manual" });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(`http://localhost:20128/callback/result?of=${view.handle}`);
    expect(await waitFor(desk, view)).toMatchObject({ type: "done" });
    expect(await errorOf(fetch(`http://127.0.0.1:${port}/auth/callback`))).toBeInstanceOf(Error);
  });

  test("on a port that another program has can still be pasted", async () => {
    const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    closing.push(() => other.stop(true));
    const { desk, begin } = setUp("CODEX", {
      CODEX_OAUTH_REDIRECT_URI: `http://localhost:${other.port}/auth/callback`,
    });
    const view = await begin("codex", "browser");
    expect(view.listening).toBe(false);
    const { href } = await callbackOf(view.authUrl!);
    expect(await desk.paste("one", "codex", href)).toMatchObject({ type: "done" });
  });

  test("is free again when two sessions have waited for it", async () => {
    const port = await closedPort();
    const { desk, begin } = setUp("CODEX", {
      CODEX_OAUTH_REDIRECT_URI: `http://localhost:${port}/auth/callback`,
    });
    const views = await Promise.all(["one", "two"].map((session) => begin("codex", "browser", { session })));
    for (const view of views) {
      expect(view.listening).toBe(true);
      const answer = await fetch(await vendor.visit(view.authUrl!), { redirect: "manual" });
      expect(answer.headers.get("location")).toContain(view.handle);
    }
    expect(await errorOf(fetch(`http://127.0.0.1:${port}/auth/callback`))).toBeInstanceOf(Error);
    desk.close();
  });
});

test("of two that a session begins at once one is left, and nothing waits for the other", async () => {
  const clock = new FakeClock();
  const { desk, begin } = setUp("CODEX", {}, { clock });
  const views = await Promise.all([begin("codex", "device"), begin("codex", "device")]);
  const left = views.filter(({ handle }) => desk.outcome(handle) !== undefined);
  expect(left).toHaveLength(1);
  desk.cancel("one");
  expect(clock.pending).toBe(0);
});
