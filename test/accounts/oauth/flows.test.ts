import { afterEach, describe, expect, test } from "bun:test";
import { SIGN_IN_FLOWS } from "../../../src/accounts/oauth/flows/index.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { type OAuthRules, type OAuthServer, startOAuthServer } from "../../kit/oauth-server.ts";
import { deskAt, errorOf, INSTALLATION, waitFor } from "./kit.ts";

const vendors: OAuthServer[] = [];
afterEach(async () => {
  for (const vendor of vendors.splice(0)) await vendor.stop();
});

/** Kilo names no interval, so that ours of three seconds holds: its time runs faster here. */
const clock = { ...systemClock, monotonic: () => performance.now() * 40 };

function setUp(prefix: string, rules: Partial<OAuthRules> = {}) {
  const vendor = startOAuthServer(rules);
  vendors.push(vendor);
  return { vendor, ...deskAt(vendor.settings(prefix), prefix === "KILOCODE" ? { clock } : {}) };
}

const ACCOUNT = { id: "acc-0001", email: "person@example.org" };

/** What each browser sign-in asks for, and what it ends in. */
const BROWSER = [
  {
    provider: "claude",
    prefix: "CLAUDE",
    redirectUri: "http://localhost:20128/callback",
    asks: { code: "true", code_challenge_method: "S256" },
    exchange: { path: "/token", type: "json", fields: ["state", "code_verifier", "client_id"] },
    account: ACCOUNT,
    credentials: { accountId: "acc-0001", heldBy: INSTALLATION, lifetimeMs: 3_600_000 },
  },
  {
    provider: "codex",
    prefix: "CODEX",
    redirectUri: "http://localhost:1455/auth/callback",
    asks: { originator: "omniroute", scope: "openid profile email offline_access" },
    exchange: { path: "/token", type: "form", fields: ["code_verifier", "client_id"] },
    account: ACCOUNT,
    credentials: { accountId: "acc-0001", heldBy: INSTALLATION },
  },
  {
    provider: "openai",
    prefix: "OPENAI",
    redirectUri: "http://127.0.0.1:1455/auth/callback",
    asks: {
      client_id: "dynamic_agent_client",
      agent_name_hint: "OmniRoute",
      ext_agent_host_id: `urn:uuid:${INSTALLATION}`,
      resource: "https://api.openai.com/v1",
    },
    exchange: { path: "/token", type: "form", fields: ["code_verifier", "client_id"] },
    account: ACCOUNT,
    credentials: { clientId: expect.stringMatching(/^issued-/), accountId: "acc-0001" },
  },
  {
    provider: "gemini-cli",
    prefix: "GEMINI_CLI",
    rules: { clientSecret: "operators-secret", rotates: false },
    redirectUri: "http://localhost:20128/callback",
    asks: { access_type: "offline", prompt: "consent" },
    exchange: { path: "/token", type: "form", fields: ["client_secret", "code_verifier"] },
    account: ACCOUNT,
    credentials: { projectId: "project-4711" },
  },
  {
    provider: "antigravity",
    prefix: "ANTIGRAVITY",
    rules: { clientSecret: "operators-secret", rotates: false },
    redirectUri: "http://localhost:20128/callback",
    asks: { access_type: "offline" },
    exchange: { path: "/token", type: "form", fields: ["client_secret", "code_verifier"] },
    account: ACCOUNT,
    credentials: { projectId: "project-4711" },
  },
  {
    provider: "iflow",
    prefix: "IFLOW",
    rules: { clientSecret: "operators-secret" },
    redirectUri: "http://localhost:20128/callback",
    asks: { loginMethod: "phone" },
    exchange: { path: "/token", type: "form", fields: ["code"] },
    authType: "apikey",
    account: { id: "person@example.org", email: "person@example.org" },
    credentials: { apiKey: expect.stringMatching(/^iflow-/) },
  },
  {
    provider: "openrouter",
    prefix: "OPENROUTER",
    redirectUri: /^http:\/\/localhost:20128\/callback\?state=/,
    asks: { code_challenge_method: "S256" },
    exchange: { path: "/openrouter/keys", type: "json", fields: ["code_verifier"] },
    authType: "apikey",
    account: { id: "user_or_1" },
    credentials: { apiKey: expect.stringMatching(/^sk-or-v1-/) },
  },
  {
    provider: "cline",
    prefix: "CLINE",
    redirectUri: /^http:\/\/localhost:20128\/callback\?state=/,
    asks: { client_type: "extension" },
    account: { id: "person@example.org", email: "person@example.org" },
    credentials: { accessToken: expect.stringMatching(/^access-/) },
  },
  {
    provider: "kiro",
    prefix: "KIRO",
    redirectUri: "kiro://kiro.kiroAgent/authenticate-success",
    choices: { idp: "github" },
    asks: { idp: "Github" },
    exchange: { path: "/social/token", type: "json", fields: ["code_verifier"] },
    account: {},
    credentials: { profileArn: expect.stringContaining("arn:aws") },
  },
] as const;

describe("signing in through the browser", () => {
  test.each(BROWSER.map((row) => [row.provider, row] as const))("at %s", async (_name, row) => {
    const { vendor, desk, kept, begin } = setUp(row.prefix, "rules" in row ? row.rules : {});
    const view = await begin(row.provider, "browser", "choices" in row ? { choices: row.choices } : {});
    const asked = Object.fromEntries(new URL(view.authUrl!).searchParams);
    expect(asked).toMatchObject(row.asks);
    if (typeof row.redirectUri === "string") expect(view.redirectUri).toBe(row.redirectUri);
    else expect(view.redirectUri).toMatch(row.redirectUri);
    expect(JSON.stringify(view)).not.toMatch(/verifier/i);

    const outcome = await desk.paste("one", row.provider, await vendor.visit(view.authUrl!));
    expect(outcome).toMatchObject({ type: "done", connection: { provider: row.provider } });
    expect(kept).toHaveLength(1);
    expect(kept[0]!.account).toEqual(row.account);
    expect(kept[0]!.authType).toBe("authType" in row ? row.authType : "oauth");
    expect(kept[0]!.credentials).toMatchObject(row.credentials);
    if (kept[0]!.authType === "oauth") {
      expect(kept[0]!.credentials.refreshToken).toMatch(/^refresh-/);
      expect(kept[0]!.credentials.expiresAt).toBeGreaterThan(Date.now() + 3_500_000);
    }
    if ("exchange" in row) {
      const [call] = vendor.callsTo(row.exchange.path);
      expect(call?.type).toBe(row.exchange.type);
      expect(Object.keys(call!.fields)).toEqual(expect.arrayContaining([...row.exchange.fields]));
    }
    desk.close();
  });

  test("a client that OpenAI issued once is used from then on", async () => {
    const { vendor, desk, kept, issued, begin } = setUp("OPENAI");
    for (let round = 0; round < 2; round++) {
      const view = await begin("openai", "browser");
      await desk.paste("one", "openai", await vendor.visit(view.authUrl!));
    }
    expect(kept).toHaveLength(2);
    expect(kept[1]!.credentials.clientId).toBe(issued.get("openai"));
    const asked = vendor.callsTo("/authorize").map(({ fields }) => fields.client_id);
    expect(asked).toEqual(["dynamic_agent_client", issued.get("openai")]);
    desk.close();
  });

  test("a bare code is not enough where the address tells the client", async () => {
    const { vendor, desk, begin } = setUp("OPENAI");
    const view = await begin("openai", "browser");
    const code = new URL(await vendor.visit(view.authUrl!)).searchParams.get("code")!;
    expect(await desk.paste("one", "openai", code)).toMatchObject({
      type: "failed",
      description: expect.stringContaining("whole address"),
    });
    desk.close();
  });

  test("an account without a project at Google is connected with a warning", async () => {
    const { vendor, desk, kept, begin } = setUp("GEMINI_CLI", { clientSecret: "operators-secret" });
    vendor.fail("/v1internal:loadCodeAssist", {
      status: 403,
      body: { error: { code: 403, message: "This client is no longer supported for individuals." } },
    });
    const view = await begin("gemini-cli", "browser");
    const outcome = await desk.paste("one", "gemini-cli", await vendor.visit(view.authUrl!));
    expect(outcome).toMatchObject({ type: "done" });
    expect(kept[0]!.warnings[0]).toContain("no longer supported for individuals");
  });
});

/** Where device codes come from, and where they are asked about. */
const DEVICE = [
  { provider: "codex", prefix: "CODEX", account: ACCOUNT, credentials: { accountId: "acc-0001" } },
  { provider: "qwen", prefix: "QWEN", account: {}, credentials: {} },
  { provider: "kimi-coding", prefix: "KIMI_CODING", account: {}, credentials: {} },
  {
    provider: "github",
    prefix: "GITHUB",
    account: { id: "4711", name: "octo-person", email: ACCOUNT.email },
    credentials: {
      accessToken: expect.stringMatching(/^copilot-/),
      refreshToken: expect.stringMatching(/^access-/),
    },
  },
  {
    provider: "kilocode",
    prefix: "KILOCODE",
    account: { id: ACCOUNT.email, email: ACCOUNT.email },
    credentials: { accessToken: expect.stringMatching(/^access-/) },
  },
  {
    provider: "kiro",
    prefix: "KIRO",
    choices: { startUrl: "https://d-1234567890.awsapps.com/start", region: "eu-central-1" },
    account: {},
    credentials: {
      region: "eu-central-1",
      clientId: expect.stringMatching(/^aws-client-/),
      clientSecret: expect.stringMatching(/^aws-secret-/),
    },
  },
] as const;

describe("signing in with a code on another device", () => {
  const start = async (row: (typeof DEVICE)[number], rules: Partial<OAuthRules> = {}) => {
    const all = setUp(row.prefix, rules);
    const view = await all.begin(row.provider, "device", "choices" in row ? { choices: row.choices } : {});
    return { ...all, view };
  };
  const rows = DEVICE.map((row) => [row.provider, row] as const);

  test.each(rows)("at %s", async (_name, row) => {
    const { vendor, desk, kept, view } = await start(row);
    expect(view.userCode).toMatch(/^USER-/);
    expect(view.verificationUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/verify/);
    expect(JSON.stringify(view)).not.toMatch(/device-\d/);
    expect(await desk.poll("one", view.handle)).toEqual({ type: "pending" });
    await Bun.sleep(80);
    expect(await desk.poll("one", view.handle)).toEqual({ type: "pending" });
    vendor.approve(view.userCode!);
    expect(await waitFor(desk, view)).toMatchObject({ type: "done", connection: { provider: row.provider } });
    expect(kept[0]!.account).toEqual(row.account);
    expect(kept[0]!.credentials).toMatchObject({ heldBy: INSTALLATION, ...row.credentials });
  });

  test.each(rows)("that is refused at %s ends", async (_name, row) => {
    const { vendor, desk, kept, view } = await start(row);
    vendor.deny(view.userCode!);
    expect(await waitFor(desk, view)).toMatchObject({ type: "failed" });
    expect(kept).toEqual([]);
  });

  test.each(rows)("that has expired at %s ends", async (_name, row) => {
    const { vendor, desk, view } = await start(row);
    vendor.expire(view.userCode!);
    expect(await waitFor(desk, view)).toMatchObject({ type: "failed" });
  });

  test.each(rows)("asks %s no more often than allowed", async (_name, row) => {
    const { vendor, desk, view } = await start(row, { interval: 0.2 });
    const before = vendor.calls.length;
    for (let tries = 0; tries < 20; tries++) await desk.poll("one", view.handle);
    expect(vendor.calls.length).toBe(before);
    await Bun.sleep(250);
    await Promise.all([1, 2, 3].map(() => desk.poll("one", view.handle)));
    expect(vendor.calls.length).toBe(before + 1);
  });

  test("waits longer when the vendor says so, by any status", async () => {
    for (const status of [400, 429]) {
      const { vendor, desk, view } = await start(DEVICE[1]);
      vendor.fail("/token", { status, body: { error: "slow_down" } });
      await Bun.sleep(80);
      expect(await desk.poll("one", view.handle)).toEqual({ type: "pending" });
      const asked = vendor.callsTo("/token").length;
      await Bun.sleep(80);
      expect(await desk.poll("one", view.handle)).toEqual({ type: "pending" });
      expect(vendor.callsTo("/token").length).toBe(asked);
    }
  });

  test("outlives a vendor that is out of order for a moment", async () => {
    for (const [index, fault] of [{ status: 503 }, "reset"].entries()) {
      const { vendor, desk, view } = await start(DEVICE[index === 0 ? 1 : 0]);
      vendor.fail(index === 0 ? "/token" : "/deviceauth/token", fault as "reset");
      vendor.approve(view.userCode!);
      expect(await waitFor(desk, view)).toMatchObject({ type: "done" });
    }
  });

  test("binds the code of Qwen to this attempt", async () => {
    const { vendor, desk, view } = await start(DEVICE[1]);
    vendor.approve(view.userCode!);
    await waitFor(desk, view);
    expect(vendor.callsTo("/device")[0]?.fields).toMatchObject({ code_challenge_method: "S256" });
    expect(vendor.callsTo("/token").at(-1)?.fields).toHaveProperty("code_verifier");
  });

  test("takes only addresses that AWS could mean", async () => {
    const { begin, vendor } = setUp("KIRO");
    for (const choices of [{ region: "evil.example/x#" }, { startUrl: "javascript:alert(1)" }])
      expect(await errorOf(begin("kiro", "device", { choices }))).toMatchObject({ code: "bad_request" });
    expect(vendor.calls).toEqual([]);
  });

  test("uses GitHub's own token where there is no exchange", async () => {
    const { vendor, desk, kept, view } = await start(DEVICE[3]);
    vendor.fail("/copilot/token", { status: 404, body: { message: "Not Found" } });
    vendor.approve(view.userCode!);
    expect(await waitFor(desk, view)).toMatchObject({ type: "done" });
    const { accessToken, refreshToken, expiresAt } = kept[0]!.credentials;
    expect([accessToken, expiresAt]).toEqual([refreshToken!, undefined]);
  });
});

test("every flow has its facts, and ends at an address of its vendor", () => {
  expect(new Set(SIGN_IN_FLOWS.map(({ provider }) => provider)).size).toBe(SIGN_IN_FLOWS.length);
  for (const flow of SIGN_IN_FLOWS) {
    expect(flow.browser ?? flow.device, flow.provider).toBeDefined();
    for (const address of Object.values(flow.endpoints)) expect(address).toMatch(/^https:\/\//);
  }
});

test("no client secret is in the program", () => {
  for (const flow of SIGN_IN_FLOWS) expect(JSON.stringify(flow)).not.toMatch(/GOCSPX|secret"/i);
});
