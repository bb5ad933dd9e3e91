import { afterEach, beforeEach, expect, test } from "bun:test";
import { newId } from "../../src/lib/ids.ts";
import { findConnection, saveConnection } from "../../src/store/index.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

/** A vendor that changes the refresh token at each renewal and counts those that come a second time. */
let vendor: OAuthServer;
let upstream: Upstream;
const gateways: TestGateway[] = [];

beforeEach(() => {
  vendor = startOAuthServer();
  upstream = startUpstream(({ headers }) =>
    vendor.accepts((headers["authorization"] ?? "").replace("Bearer ", ""))
      ? { type: "json", body: chatReply("Hello") }
      : { type: "json", status: 401, body: { error: { message: "The token is over." } } },
  );
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.stop();
  await upstream.stop();
  await vendor.stop();
});

async function installation(): Promise<TestGateway> {
  const gateway = await startGateway({ oauth: vendor.settings("KIMI_CODING") });
  gateways.push(gateway);
  return gateway;
}

/** An account whose access token is over. */
function account(): Parameters<typeof saveConnection>[1] {
  const tokens = vendor.issue();
  return {
    id: newId(),
    provider: "kimi-coding",
    authType: "oauth",
    name: "plan",
    priority: 1,
    isActive: true,
    baseUrl: upstream.url,
    credentials: {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token!,
      lifetimeMs: 3_600_000,
      expiresAt: 1,
    },
    createdAt: 1,
    updatedAt: 1,
  };
}

const chat = (gateway: TestGateway) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "kmc/k3", messages: [{ role: "user", content: "Hi" }] }),
  });

test("by a crowd that comes at its end", async () => {
  const gateway = await installation();
  saveConnection(gateway.engine.store, account());
  const answers = await Promise.all(Array.from({ length: 60 }, () => chat(gateway)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(vendor.counts).toEqual({ refreshes: 1, replays: 0 });
});

test("by two installations that hold a copy of the same account", async () => {
  const [first, second] = [await installation(), await installation()];
  const { id } = saveConnection(first.engine.store, account());
  expect((await chat(first)).status).toBe(200);
  const held = findConnection(first.engine.store, id)!;
  expect(held.credentials.heldBy).toBeString();
  vendor.revoke(held.credentials.accessToken!);
  saveConnection(second.engine.store, { ...held, credentials: { ...held.credentials, expiresAt: 1 } });
  expect((await chat(second)).status).toBe(502);
  expect(vendor.counts).toEqual({ refreshes: 1, replays: 0 });
});
