import { afterEach, describe, expect, test } from "bun:test";
import { TokenKeeper } from "../../src/accounts/refresh.ts";
import { pauseAfter, renewalTime } from "../../src/accounts/refresh-rules.ts";
import type { Connection, Credentials } from "../../src/core/connection.ts";
import { type ErrorCode, FAILURES, TargetFailure } from "../../src/core/errors.ts";
import { createLog } from "../../src/lib/log.ts";
import {
  findConnection,
  listConnections,
  listRefreshLeases,
  removeConnection,
  saveConnection,
  takeRefreshLease,
} from "../../src/store/index.ts";
import { type OAuthRules, type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";
import type { Outbound } from "../../src/net/index.ts";
import { testOutbound } from "../net/kit.ts";
import { connection, freshStore } from "../store/kit.ts";
import { errorOf, INSTALLATION } from "./oauth/kit.ts";

const MINUTE = 60_000;
/** Shorter than the pause between two looks of the keeper. */
const SLICE = 3900;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A keeper with a store, a vendor and a clock of its own, and one account that signed in an hour's token ago. */
function setUp(
  options: {
    rules?: Partial<OAuthRules>;
    provider?: string;
    credentials?: (vendor: OAuthServer) => Credentials;
    start?: boolean;
  } = {},
) {
  const { store, clock } = freshStore();
  const vendor = startOAuthServer(options.rules);
  const provider = options.provider ?? "claude";
  const prefix = provider.toUpperCase().replaceAll("-", "_");
  const tokens = vendor.issue();
  const account = connection({
    provider,
    authType: "oauth",
    name: "mine",
    credentials: {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token!,
      lifetimeMs: 60 * MINUTE,
      expiresAt: clock.now() + 60 * MINUTE,
      heldBy: INSTALLATION,
      ...options.credentials?.(vendor),
    },
  });
  saveConnection(store, account);
  const log: string[] = [];
  const needed: string[] = [];
  const renewed: string[] = [];
  const network = testOutbound({ ownPort: 1 });
  const inFlight = new Set<object>();
  const outbound: Outbound = {
    async send(request) {
      inFlight.add(request);
      try {
        const response = await network.send(request);
        const text = await response.text(1e6);
        return { ...response, text: () => Promise.resolve(text) };
      } finally {
        inFlight.delete(request);
      }
    },
  };
  const keeper = new TokenKeeper({
    store,
    clock,
    random: () => 0.5,
    log: createLog({ level: "debug", format: "text", write: (line) => void log.push(line), clock }),
    settings: vendor.settings(prefix),
    outbound,
    version: "9.9.9",
    installationId: INSTALLATION,
    issuedClient: { find: () => undefined, save: () => {} },
    connections: () => listConnections(store),
    onRenewed: (id) => void renewed.push(id),
    onSignInNeeded: (_connection, why) => void needed.push(why),
  });
  closing.push(
    () => store.close(),
    () => vendor.stop(),
    () => keeper.close(),
  );
  if (options.start !== false) keeper.start();
  const stored = () => findConnection(store, account.id)!;
  /** Lets time pass, but not while a call is on its way: the network has a clock of its own. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= SLICE) {
      await clock.run(Math.min(SLICE, left));
      while (inFlight.size > 0) await Bun.sleep(1);
      await clock.run(0);
    }
  };
  return { pass, store, clock, vendor, keeper, account, log, needed, renewed, stored };
}

/** Lets work that was begun beside come to its end. */
async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000 && !done(); tries++) await Bun.sleep(5);
  expect(done()).toBe(true);
}

describe("an access token", () => {
  test("that is good is given at once, and nobody is asked", async () => {
    const { keeper, account, vendor } = setUp();
    const given = keeper.ready(account);
    expect(given).not.toBeInstanceOf(Promise);
    expect((given as Connection).credentials.accessToken).toBe(account.credentials.accessToken);
    await Bun.sleep(20);
    expect(vendor.calls).toEqual([]);
  });

  test("is renewed five minutes ahead, without anybody waiting", async () => {
    const { pass, keeper, account, vendor, clock, stored } = setUp();
    await pass(54 * MINUTE);
    expect(vendor.counts.refreshes).toBe(0);
    await pass(1.5 * MINUTE);
    expect(vendor.counts.refreshes).toBe(1);
    const { accessToken, refreshToken, expiresAt, heldBy } = stored().credentials;
    expect(vendor.accepts(accessToken!)).toBe(true);
    expect(refreshToken).not.toBe(account.credentials.refreshToken);
    expect(expiresAt! - clock.now()).toBeGreaterThan(59 * MINUTE);
    expect(heldBy).toBe(INSTALLATION);
    expect((keeper.ready(account) as Connection).credentials.accessToken).toBe(accessToken);
    await pass(MINUTE);
    expect(vendor.counts.refreshes).toBe(1);
  });

  test("of a short life is renewed at half of it", async () => {
    const { clock } = setUp({ start: false });
    const credentials = { lifetimeMs: 4 * MINUTE, expiresAt: clock.now() + 4 * MINUTE };
    const due = renewalTime("id", credentials)! - clock.now();
    expect(due).toBeGreaterThanOrEqual(1.8 * MINUTE);
    expect(due).toBeLessThanOrEqual(2 * MINUTE);
  });

  test("G-01: that is over is renewed once, however many want it", async () => {
    const { keeper, account, vendor, clock } = setUp({ start: false });
    clock.advance(61 * MINUTE);
    const given = await Promise.all(Array.from({ length: 200 }, async () => keeper.ready(account)));
    expect(vendor.counts).toEqual({ refreshes: 1, replays: 0 });
    expect(new Set(given.map(({ credentials }) => credentials.accessToken)).size).toBe(1);
    expect(vendor.accepts(given[0]!.credentials.accessToken!)).toBe(true);
  });

  test("that a provider refused is renewed once for all who were refused", async () => {
    const { keeper, account, vendor } = setUp({ start: false });
    const given = await Promise.all(Array.from({ length: 100 }, () => keeper.renew(account)));
    expect(vendor.counts.refreshes).toBe(1);
    expect(given.every((each) => vendor.accepts(each!.credentials.accessToken!))).toBe(true);
    // Those who come late with the old one get the new one without a call.
    expect((await keeper.renew(account))?.credentials.accessToken).toBe(given[0]!.credentials.accessToken);
    // A fresh token that is refused as well is not renewed again and again.
    expect(await keeper.renew(given[0]!)).toBeUndefined();
    expect(vendor.counts.refreshes).toBe(1);
  });

  test("is in the database before anybody gets it", async () => {
    const { keeper, account, clock, vendor, store } = setUp({ start: false });
    clock.advance(61 * MINUTE);
    let leased: number | undefined;
    vendor.hooks.beforeAnswer = () => {
      leased = listRefreshLeases(store).length;
    };
    const given = await keeper.ready(account);
    expect(leased).toBe(1);
    expect(listRefreshLeases(store)).toEqual([]);
    expect(findConnection(store, account.id)!.credentials).toEqual(given.credentials);
  });

  test.each([
    ["claude", "/token", "json"],
    ["codex", "/token", "form"],
    ["openai", "/token", "form"],
    ["qwen", "/token", "form"],
    ["kimi-coding", "/token", "form"],
    ["cline", "/cline/refresh", "json"],
    ["kiro", "/social/refresh", "json"],
  ])("of %s is renewed in the vendor's own way", async (provider, path, type) => {
    const { keeper, account, vendor, clock } = setUp({
      provider,
      start: false,
      ...(provider === "openai" && { credentials: () => ({ clientId: "kit-client" }) }),
    });
    clock.advance(61 * MINUTE);
    const { credentials } = await keeper.ready(account);
    expect(vendor.accepts(credentials.accessToken!)).toBe(true);
    expect(credentials.refreshToken).not.toBe(account.credentials.refreshToken);
    expect(vendor.callsTo(path)[0]).toMatchObject({ method: "POST", type });
    expect(credentials.expiresAt! - clock.now()).toBeGreaterThan(50 * MINUTE);
  });

  test("of Google keeps its refresh token", async () => {
    const { keeper, account, clock } = setUp({
      provider: "gemini-cli",
      rules: { rotates: false, clientSecret: "operators-secret" },
      credentials: () => ({ projectId: "project-4711" }),
      start: false,
    });
    clock.advance(61 * MINUTE);
    const { credentials } = await keeper.ready(account);
    expect(credentials).toMatchObject({
      refreshToken: account.credentials.refreshToken,
      projectId: "project-4711",
    });
  });

  test("of Copilot is exchanged anew for GitHub's, and leads to the host it names", async () => {
    const { keeper, account, vendor, clock } = setUp({
      provider: "github",
      credentials: (github) => ({ refreshToken: github.issue().access_token }),
      start: false,
    });
    clock.advance(61 * MINUTE);
    const given = await keeper.ready(account);
    expect(given.credentials.accessToken).toMatch(/^copilot-/);
    expect(given.credentials.refreshToken).toBe(account.credentials.refreshToken);
    expect(given.baseUrl).toBe(vendor.url);
  });

  test("without a known end is used until somebody refuses it", async () => {
    const { pass, keeper, account, vendor } = setUp({
      credentials: () => ({ expiresAt: undefined, lifetimeMs: undefined }),
    });
    await pass(3 * 60 * MINUTE);
    expect(keeper.ready(account)).not.toBeInstanceOf(Promise);
    expect(vendor.calls).toEqual([]);
    expect((await keeper.renew(account))?.credentials.accessToken).toMatch(/^access-/);
  });

  test.each([-10, 10])(
    "lives as long as its vendor says when our clock is %d minutes off",
    async (minutes) => {
      // Copilot names a moment of its own clock.
      const { keeper, account, clock } = setUp({
        provider: "github",
        rules: { skewMs: minutes * MINUTE, expiresIn: 1500 },
        credentials: (github) => ({ refreshToken: github.issue().access_token, expiresAt: 1 }),
        start: false,
      });
      const { credentials } = await keeper.ready(account);
      const life = credentials.expiresAt! - clock.now();
      expect(life).toBeGreaterThan(1490_000);
      expect(life).toBeLessThan(1510_000);
    },
  );

  test.each([-10, 10])("outlives our clock being set by %d minutes", async (minutes) => {
    const { pass, keeper, account, clock, vendor } = setUp();
    clock.jump(minutes * MINUTE);
    await pass(58 * MINUTE);
    const given = await keeper.ready(account);
    const good = vendor.accepts(given.credentials.accessToken!) ? given : await keeper.renew(given);
    expect(vendor.accepts(good!.credentials.accessToken!)).toBe(true);
    expect(vendor.counts.refreshes).toBeLessThanOrEqual(1);
    expect(vendor.counts.replays).toBe(0);
  });
});

describe("a renewal that fails", () => {
  test.each([
    ["invalid_grant", { status: 400, body: { error: "invalid_grant" } }],
    ["401", { status: 401, body: { error: { message: "no" } } }],
    ["403", { status: 403, body: {} }],
  ])("G-03: for good (%s) sets only that account aside, after one try", async (_name, fault) => {
    const { pass, keeper, account, vendor, clock, needed, stored, store } = setUp({ start: false });
    clock.advance(61 * MINUTE);
    vendor.fail("/token", fault, fault, fault);
    const errors = await Promise.all(
      Array.from({ length: 50 }, () => errorOf(keeper.ready(account) as Promise<unknown>)),
    );
    expect(vendor.callsTo("/token")).toHaveLength(1);
    for (const error of errors) {
      expect(error).toBeInstanceOf(TargetFailure);
      expect(FAILURES[(error as TargetFailure).kind].code).toBe("credentials_failed" satisfies ErrorCode);
    }
    expect(stored()).toMatchObject({ needsSignIn: true, credentials: { refreshEnded: { why: "refused" } } });
    expect(needed).toHaveLength(1);
    expect(listRefreshLeases(store)).toEqual([]);
    // Nothing is tried any more, whoever asks.
    keeper.start();
    await pass(60 * MINUTE);
    expect(await keeper.renew(stored())).toBeUndefined();
    expect(vendor.callsTo("/token")).toHaveLength(1);
    expect(keeper.health()).toMatchObject({ total: 1, errored: 1, status: "error" });
  });

  test.each([
    ["429 with a wish", { status: 429, headers: { "retry-after": "90" } }, 90_000],
    ["429 with a wish in milliseconds", { status: 429, headers: { "retry-after-ms": "45000" } }, 45_000],
    ["500", { status: 500 }, 5000],
    [
      "a web page of something in between",
      { status: 403, headers: { "content-type": "text/html" }, body: "<p>Are you a robot?</p>" },
      5000,
    ],
    ["a broken connection", "reset", 5000],
    ["something else than tokens", { status: 200, body: { ok: true } }, 5000],
  ] as const)("in passing (%s) is tried again after a pause", async (_name, fault, pauseMs) => {
    const { pass, keeper, account, vendor, clock, needed, stored } = setUp({ start: false });
    vendor.fail("/token", fault);
    // There is still time: the old token serves on.
    clock.advance(56 * MINUTE);
    keeper.start();
    await pass(1);
    expect(keeper.health()).toMatchObject({ warning: 1, status: "warning" });
    expect((keeper.ready(account) as Connection).credentials.accessToken).toBe(
      account.credentials.accessToken,
    );
    await pass(pauseMs - 1000);
    expect(vendor.callsTo("/token")).toHaveLength(1);
    await pass(15_000);
    expect(keeper.health()).toMatchObject({ healthy: 1, status: "healthy" });
    expect(vendor.callsTo("/token")).toHaveLength(2);
    expect(vendor.accepts(stored().credentials.accessToken!)).toBe(true);
    expect(needed).toEqual([]);
  });

  test("in passing when there is no time left is the account's limit for a while, and no wait", async () => {
    const { keeper, account, vendor, clock, needed } = setUp({ start: false });
    clock.advance(61 * MINUTE);
    vendor.fail("/token", { status: 503 });
    const first = (await errorOf(keeper.ready(account) as Promise<unknown>)) as TargetFailure;
    expect(first).toMatchObject({ kind: "rate-limited", scope: "connection" });
    expect(first.until! - clock.now()).toBe(5000);
    const second = (await errorOf(keeper.ready(account) as Promise<unknown>)) as TargetFailure;
    expect(second.kind).toBe("rate-limited");
    expect(vendor.callsTo("/token")).toHaveLength(1);
    expect(needed).toEqual([]);
    clock.advance(5001);
    expect((await keeper.ready(account)).credentials.accessToken).not.toBe(account.credentials.accessToken);
  });

  test("G-04: by silence is given up after ten seconds", async () => {
    const { keeper, account, vendor, clock } = setUp({ start: false });
    clock.advance(61 * MINUTE);
    vendor.fail("/token", "hang");
    const error = errorOf(keeper.ready(account) as Promise<unknown>);
    await until(() => vendor.callsTo("/token").length === 1);
    await clock.run(10_000);
    expect(((await error) as TargetFailure).message).toContain("10 s");
  });

  test("again and again leaves longer and longer pauses", () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 20].map((failures) => pauseAfter(failures, undefined, () => 0.5));
    expect(pauses).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
    expect(pauseAfter(1, 1e12, () => 0.5)).toBe(60 * MINUTE);
    expect(pauseAfter(1, undefined, () => 0)).toBe(4000);
  });

  test("says nothing of any token", async () => {
    const { keeper, account, vendor, clock, log, needed, stored } = setUp({ start: false });
    clock.advance(61 * MINUTE);
    const { accessToken, refreshToken } = account.credentials;
    const body = { error: "invalid_grant", error_description: `bad token Bearer ${refreshToken}` };
    vendor.fail("/token", { status: 500, body }, { status: 400, body });
    const errors = [await errorOf(keeper.ready(account) as Promise<unknown>)];
    clock.advance(6000);
    errors.push(await errorOf(keeper.ready(account) as Promise<unknown>));
    const said = [...errors.map(String), ...log, ...needed, stored().lastError?.message].join("\n");
    expect(said).toContain("bad token");
    for (const secret of [accessToken!, refreshToken!]) expect(said).not.toContain(secret);
  });
});

describe("a refresh token is never used twice", () => {
  test("after a crash in the middle: the account waits for a person, and nothing is sent", async () => {
    const { pass, store, account, keeper, clock, vendor, needed, stored } = setUp({ start: false });
    const tokenHash = new Bun.CryptoHasher("sha256").update(account.credentials.refreshToken!).digest("hex");
    takeRefreshLease(store, { connectionId: account.id, tokenHash, at: clock.now() });
    keeper.start();
    expect(stored()).toMatchObject({
      needsSignIn: true,
      credentials: { refreshEnded: { why: "interrupted" } },
    });
    expect(needed).toHaveLength(1);
    expect(listRefreshLeases(store)).toEqual([]);
    await pass(120 * MINUTE);
    expect(await keeper.renew(stored())).toBeUndefined();
    expect(vendor.calls).toEqual([]);
  });

  test("a lease whose token was replaced is only tidied up", () => {
    const { store, account, keeper, clock, needed, stored } = setUp({ start: false });
    takeRefreshLease(store, { connectionId: account.id, tokenHash: "of-an-older-token", at: clock.now() });
    takeRefreshLease(store, { connectionId: "gone", tokenHash: "x", at: clock.now() });
    keeper.start();
    expect(stored().needsSignIn).toBeUndefined();
    expect(needed).toEqual([]);
    expect(listRefreshLeases(store)).toEqual([]);
  });

  test("one that was signed in anew meanwhile is not overwritten", async () => {
    const { store, account, keeper, clock, vendor, stored } = setUp({ start: false });
    clock.advance(61 * MINUTE);
    const fresh = { ...account.credentials, accessToken: "by-hand", refreshToken: "by-hand-too" };
    vendor.hooks.beforeAnswer = () =>
      void saveConnection(store, { ...account, credentials: { ...fresh, expiresAt: clock.now() + MINUTE } });
    expect((await keeper.ready(account)).credentials.accessToken).toBe("by-hand");
    expect(stored().credentials.refreshToken).toBe("by-hand-too");
  });

  test("a connection that was removed meanwhile stays removed", async () => {
    const { store, account, keeper, clock, vendor } = setUp({ start: false });
    clock.advance(61 * MINUTE);
    vendor.hooks.beforeAnswer = () => void removeConnection(store, account.id);
    expect(await errorOf(keeper.ready(account) as Promise<unknown>)).toMatchObject({ kind: "credentials" });
    expect(listConnections(store)).toEqual([]);
  });

  test("one that another installation holds is left to it until a person takes it over", async () => {
    const { pass, account, keeper, vendor, stored, needed } = setUp({
      credentials: () => ({ heldBy: "another-installation" }),
    });
    await pass(59 * MINUTE);
    expect((keeper.ready(account) as Connection).credentials).toEqual(account.credentials);
    expect(await keeper.renew(account)).toBeUndefined();
    await pass(2 * MINUTE);
    expect(stored().needsSignIn).toBe(true);
    expect(needed[0]).toContain("another installation");
    expect(vendor.calls).toEqual([]);

    await keeper.takeOver(account.id);
    expect(vendor.counts.refreshes).toBe(1);
    expect(stored()).toMatchObject({ credentials: { heldBy: INSTALLATION } });
    expect(stored().needsSignIn).toBeUndefined();
  });

  test("a renewal on its way is waited for at the end", async () => {
    const { account, keeper, clock, vendor, stored } = setUp({ start: false });
    clock.advance(61 * MINUTE);
    let answer = () => {};
    vendor.hooks.beforeAnswer = () => new Promise<void>((resolve) => (answer = resolve));
    const given = keeper.ready(account);
    await until(() => vendor.counts.refreshes === 1);
    const closed = keeper.close();
    answer();
    await Promise.all([given, closed]);
    expect(vendor.accepts(stored().credentials.accessToken!)).toBe(true);
  });
});
