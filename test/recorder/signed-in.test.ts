import { afterEach, beforeEach, expect, test } from "bun:test";
import { newId } from "../../src/lib/ids.ts";
import { replay } from "../../src/recorder/index.ts";
import { saveConnection } from "../../src/store/index.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

/** Accounts of a sign-in: their tokens are renewed beside the call, and what comes of that is a part of its story. */
let vendor: OAuthServer;
let upstream: Upstream;
let gateway: TestGateway;
let tokens: { access_token: string; refresh_token?: string };

beforeEach(async () => {
  vendor = startOAuthServer();
  upstream = startUpstream((seen) =>
    vendor.accepts((seen.headers["authorization"] ?? "").replace(/^Bearer /, ""))
      ? { type: "json", body: chatReply("Hello") }
      : { type: "json", status: 401, body: { error: { message: "No such token.", code: "invalid_token" } } },
  );
  gateway = await startGateway({ oauth: vendor.settings("KIMI_CODING") });
});
afterEach(async () => {
  await gateway.stop();
  await upstream.stop();
  await vendor.stop();
});

function account(changes: { accessToken?: string; refreshToken?: string; expiresAt?: number }): void {
  tokens = vendor.issue();
  saveConnection(gateway.engine.store, {
    id: newId(),
    provider: "kimi-coding",
    authType: "oauth",
    name: "mine",
    priority: 1,
    isActive: true,
    baseUrl: upstream.url,
    credentials: {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token!,
      lifetimeMs: 3_600_000,
      expiresAt: Date.now() + 3_600_000,
      ...changes,
    },
    createdAt: Date.now(),
    updatedAt: Date.now(),
  });
}

test.each<[string, Parameters<typeof account>[0], number]>([
  ["a token that is good", {}, 200],
  ["one that is refused and renewed", { accessToken: "a-token-of-yesterday" }, 200],
  ["one that is over and renewed first", { expiresAt: 1 }, 200],
  ["one that is over and cannot be renewed", { expiresAt: 1, refreshToken: "a-canary-of-a-token" }, 502],
  [
    "one that is refused and cannot be renewed",
    { accessToken: "a-token-of-yesterday", refreshToken: "a-canary-of-a-token" },
    502,
  ],
])("%s: the same comes of it again, and no token is kept", async (_what, changes, status) => {
  account(changes);
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "x-omniroute-debug": "true" },
    body: JSON.stringify({ model: "kmc/k3", messages: [{ role: "user", content: "Hi" }] }),
  });
  await response.text();
  const id = response.headers.get("x-request-id")!;
  for (let wait = 0; wait < 2000 && !gateway.engine.recorder.find(id); wait++) await Bun.sleep(5);
  const bundle = gateway.engine.recorder.bundle(id, { name: "test" });
  expect(response.status).toBe(status);
  for (const secret of [tokens.access_token, tokens.refresh_token!, "a-canary-of-a-token", "of-yesterday"])
    expect(bundle.includes(secret)).toBe(false);
  const { now, then, sameAnswer, departures } = await replay(gateway.engine.recorder.find(id)!);
  expect({ now, sameAnswer, departures }).toEqual({ now: then, sameAnswer: true, departures: [] });
});
