import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findConnection, saveConnection } from "../../src/store/index.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

/** A hub and devices that sync through it, each a whole gateway on a socket of its own. */
let hub: TestGateway;
let laptop: TestGateway;
let desktop: TestGateway;
let token: string;
const ACTOR = { name: "test" };
const PASSPHRASE = "correct horse battery";

beforeEach(async () => {
  [hub, laptop, desktop] = await Promise.all([startGateway(), startGateway(), startGateway()]);
  hub.engine.manage.settings.change({ syncHub: true }, ACTOR);
  token = hub.engine.access.createKey({ name: "sync", scopes: ["sync"] }).key;
});
afterEach(async () => {
  await Promise.all([hub, laptop, desktop].map((gateway) => gateway.stop()));
});

const admin = async (gateway: TestGateway, method: string, path: string, body?: object) => {
  const owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${owner}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as any };
};
const act = (gateway: TestGateway, body: object) => admin(gateway, "POST", "/api/sync/cloud", body);
const enter = (gateway: TestGateway, more: object = {}) =>
  act(gateway, {
    action: "enable",
    target: { kind: "omniroute", url: hub.url, token },
    passphrase: PASSPHRASE,
    ...more,
  });
const sync = async (...gateways: TestGateway[]) => {
  for (const gateway of gateways) expect((await act(gateway, { action: "sync" })).status).toBe(200);
};
const combosOf = (gateway: TestGateway) =>
  Object.fromEntries(
    gateway.engine.manage.combos.list().map(({ name, models }) => [name, models.map(({ model }) => model)]),
  );
const bundlesOf = () => join(hub.dataDir, "sync");

describe("two devices through a hub", () => {
  test("come to hold the same, whoever made it", async () => {
    laptop.node("lan", "http://127.0.0.1:9/v1", { apiKey: "key-of-the-laptop" });
    laptop.combo("work", ["lan/a"]);
    desktop.combo("play", ["mock/echo"]);
    desktop.engine.manage.aliases.save({ alias: "gpt-4", model: "play" }, ACTOR);
    expect((await enter(laptop)).body).toMatchObject({ enabled: true, connected: true });
    expect((await enter(desktop)).body.devices).toHaveLength(1);
    await sync(laptop);
    const both = { work: ["lan/a"], play: ["mock/echo"] };
    expect(combosOf(laptop)).toEqual(both);
    expect(combosOf(desktop)).toEqual(both);
    expect(laptop.engine.manage.aliases.list().exact.map(({ pattern }) => pattern)).toEqual(["gpt-4"]);
    // The account came without its key, and says so.
    const [account] = desktop.engine.manage.connections.list().filter(({ name }) => name === "lan");
    expect(account).toMatchObject({ needsSignIn: true, hasCredentials: false });
  });

  test("the later change wins, deletions travel, and what was replaced can be looked up", async () => {
    laptop.combo("work", ["mock/echo"]);
    await enter(laptop);
    await enter(desktop);
    const [combo] = desktop.engine.manage.combos.list();
    desktop.engine.manage.combos.update(combo!.id, { models: ["mock/think"] }, ACTOR);
    await sync(desktop, laptop);
    expect(combosOf(laptop)).toEqual({ work: ["mock/think"] });
    const audit = await admin(laptop, "GET", "/api/compliance/audit-log?action=sync.replace");
    expect(JSON.stringify(audit.body)).toContain("mock/echo");
    laptop.engine.manage.combos.remove(laptop.engine.manage.combos.list()[0]!.id, false, ACTOR);
    await sync(laptop, desktop);
    expect(combosOf(desktop)).toEqual({});
  });

  test("rounds without a change write nothing", async () => {
    laptop.combo("work", ["mock/echo"]);
    await enter(laptop);
    await enter(desktop);
    await sync(laptop, desktop);
    const before = readdirSync(bundlesOf()).map((name) => readFileSync(join(bundlesOf(), name), "base64"));
    await sync(laptop, desktop, laptop, desktop);
    expect(readdirSync(bundlesOf()).map((name) => readFileSync(join(bundlesOf(), name), "base64"))).toEqual(
      before,
    );
  });

  test("keys travel only between those who ticked it, and stay where it is not ticked any more", async () => {
    laptop.node("lan", "http://127.0.0.1:9/v1", { apiKey: "key-of-the-laptop" });
    await enter(laptop, { includeApiKeys: true });
    await enter(desktop, { includeApiKeys: true });
    const keyed = () => desktop.engine.manage.connections.list().find(({ name }) => name === "lan");
    expect(keyed()).toMatchObject({ hasCredentials: true });
    expect(keyed()?.needsSignIn).toBeUndefined();
    await act(laptop, { action: "disable" });
    await enter(laptop);
    await sync(laptop, desktop);
    expect(keyed()).toMatchObject({ hasCredentials: true });
  });

  test("groups of keys travel with their rules, and do not leave keys that are in them", async () => {
    laptop.node("lan", "http://127.0.0.1:9/v1", { apiKey: "key-of-the-laptop" });
    const [node] = laptop.engine.manage.nodes.list();
    const rules = { limits: { requestsPerMinute: 5 }, budget: { dailyLimitUsd: 2 }, note: "interns" };
    const { groups } = laptop.engine.access;
    const { id } = groups.create({ name: "team", ...rules, allowedProviders: [node!.id, "groq"] }, ACTOR);
    await enter(laptop);
    await enter(desktop);
    const there = desktop.engine.access;
    const [own] = desktop.engine.manage.nodes.list();
    expect(there.groups.list()).toMatchObject([
      { name: "team", isActive: true, allowedProviders: [own!.id, "groq"], ...rules },
    ]);
    groups.update(id, { isActive: false, limits: null }, ACTOR);
    await sync(laptop, desktop);
    const [team] = there.groups.list();
    expect(team).toMatchObject({ isActive: false, budget: { dailyLimitUsd: 2 } });
    expect(team!.limits).toBeUndefined();
    const key = there.createKey({ name: "a client", groupId: team!.id }).record;
    groups.remove(id, {}, ACTOR);
    await sync(laptop, desktop);
    expect(there.groups.list()).toHaveLength(1);
    expect((await admin(desktop, "GET", "/api/sync/cloud")).body.problems.join()).toContain(
      "move them first",
    );
    there.updateKey(key.id, { groupId: null });
    await sync(desktop);
    expect(there.groups.list()).toEqual([]);
  });

  test("people, clients' keys and what concerns one machine stay on it", async () => {
    laptop.engine.access.createKey({ name: "a client" });
    laptop.engine.manage.settings.change({ instanceName: "laptop", stickyRoundRobinLimit: 9 }, ACTOR);
    await enter(laptop);
    await enter(desktop);
    expect(desktop.engine.access.listKeys()).toEqual([]);
    expect(desktop.engine.settings()).toMatchObject({ stickyRoundRobinLimit: 9 });
    expect(desktop.engine.settings().instanceName).not.toBe("laptop");
  });
});

describe("the target is trusted with nothing", () => {
  test("it holds no word in plain text, and neither does a device hold the passphrase", async () => {
    laptop.node("lan", "http://127.0.0.1:9/v1", { apiKey: "key-of-the-laptop" });
    laptop.combo("a-telling-name", ["lan/a"]);
    await enter(laptop, { includeApiKeys: true });
    for (const name of readdirSync(bundlesOf())) {
      const bytes = readFileSync(join(bundlesOf(), name)).toString("latin1");
      for (const word of ["key-of-the-laptop", "a-telling-name", "lan/a", PASSPHRASE])
        expect(bytes).not.toContain(word);
    }
    for (const name of readdirSync(laptop.dataDir).filter(
      (file) => file.endsWith(".sqlite") || file.endsWith("-wal"),
    ))
      for (const secret of [PASSPHRASE, token])
        expect(readFileSync(join(laptop.dataDir, name)).toString("latin1")).not.toContain(secret);
    const { body } = await admin(laptop, "GET", "/api/sync/cloud");
    expect(JSON.stringify(body)).not.toContain(token);
  });

  test("altered, replayed and foreign bundles are refused and shown, and change nothing", async () => {
    laptop.combo("work", ["mock/echo"]);
    await enter(laptop);
    await enter(desktop);
    const name = `${laptop.engine.sync.state().deviceId}.bundle`;
    const path = join(bundlesOf(), name);
    const old = readFileSync(path);
    laptop.combo("more", ["mock/think"]);
    await sync(laptop, desktop);
    const both = combosOf(desktop);
    const good = readFileSync(path);
    const altered = Buffer.from(good);
    altered[altered.length - 1]! ^= 1;
    const other = readFileSync(join(bundlesOf(), `${desktop.engine.sync.state().deviceId}.bundle`));
    for (const [bytes, why] of [
      [altered, "was altered"],
      [other, "was altered"],
      [old, "is older"],
    ] as const) {
      writeFileSync(path, bytes);
      const { body } = await act(desktop, { action: "sync" });
      expect(body.problems).toEqual([expect.stringContaining(why)]);
      expect(combosOf(desktop)).toEqual(both);
    }
  });

  test("a wrong passphrase does not join, and leaves no trace", async () => {
    await enter(laptop);
    const refused = await enter(desktop, { passphrase: "another passphrase" });
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain("passphrase");
    expect((await admin(desktop, "GET", "/api/sync/cloud")).body).toMatchObject({ enabled: false });
  });

  test("a target that is away fails fast with its reason, and calls are served all the while", async () => {
    await enter(laptop);
    await hub.stop();
    const failed = await act(laptop, { action: "sync" });
    expect(failed.status).toBe(502);
    expect((await admin(laptop, "GET", "/api/sync/cloud")).body.lastError).toContain("did not answer");
    const open = async () => (await admin(laptop, "GET", "/api/alerts?state=open")).body.alerts;
    expect(await open()).toMatchObject([
      { kind: "sync", message: expect.stringContaining("did not answer") },
    ]);
    const answer = await fetch(`${laptop.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "mock/echo", messages: [{ role: "user", content: "hi" }] }),
    });
    expect(answer.status).toBe(200);
    await act(laptop, { action: "disable" });
    expect(await open()).toEqual([]);
    hub = await startGateway();
  });
});

describe("a sign-in", () => {
  const CREDENTIALS = { accessToken: "an access token", refreshToken: "a refresh token", expiresAt: 4e12 };
  const signIn = () => {
    const now = Date.now();
    saveConnection(laptop.engine.store, {
      id: "plan",
      provider: "codex",
      authType: "oauth",
      name: "my plan",
      priority: 1,
      isActive: true,
      credentials: { ...CREDENTIALS, heldBy: "the laptop" },
      createdAt: now,
      updatedAt: now,
    });
  };
  const heldAt = (gateway: TestGateway) => findConnection(gateway.engine.store, "plan")?.credentials;
  const deviceOf = (gateway: TestGateway) => gateway.engine.sync.state().deviceId;

  beforeEach(async () => {
    signIn();
    await enter(laptop);
    await enter(desktop);
    await sync(laptop);
  });

  test("is never copied", async () => {
    await sync(laptop, desktop);
    expect(heldAt(desktop)).toBeUndefined();
  });

  test("moves: from one it goes before the other has it, once", async () => {
    const wish = { action: "move", connectionId: "plan", toDevice: deviceOf(desktop) };
    expect((await act(laptop, wish)).body.moving).toEqual([{ connectionId: "plan", to: deviceOf(desktop) }]);
    expect(heldAt(laptop)).toEqual({});
    const left = laptop.engine.manage.connections.find("plan");
    expect(left).toMatchObject({
      isActive: false,
      lastError: { message: expect.stringMatching(/^Moved to /) },
    });
    await sync(desktop, laptop, desktop);
    expect(heldAt(desktop)).toMatchObject(CREDENTIALS);
    expect(heldAt(desktop)?.heldBy).not.toBe("the laptop");
    expect(laptop.engine.sync.state().moving).toEqual([]);
    desktop.engine.manage.connections.remove("plan", ACTOR);
    await sync(desktop, laptop, desktop);
    expect(heldAt(desktop)).toBeUndefined();
  });

  test("that nobody has taken over comes back", async () => {
    await act(laptop, { action: "move", connectionId: "plan", toDevice: deviceOf(desktop) });
    expect((await act(laptop, { action: "disable" })).status).toBe(409);
    await act(laptop, { action: "move", connectionId: "plan", toDevice: deviceOf(laptop) });
    expect(heldAt(laptop)).toMatchObject(CREDENTIALS);
    await sync(desktop);
    expect(heldAt(desktop)).toBeUndefined();
  });
});

describe("the hub", () => {
  test("takes only keys with the scope, only when it is switched on, and guards against races", async () => {
    const at = `${hub.url}/api/sync/bundles/a.bundle`;
    const put = (headers: { [name: string]: string }) =>
      fetch(at, { method: "PUT", headers, body: "sealed" });
    const client = hub.engine.access.createKey({ name: "client" }).key;
    expect((await put({ authorization: `Bearer ${client}` })).status).toBe(403);
    const authorization = `Bearer ${token}`;
    const first = await put({ authorization, "if-none-match": "*" });
    expect(first.status).toBe(200);
    expect((await put({ authorization, "if-none-match": "*" })).status).toBe(412);
    expect((await put({ authorization, "if-match": '"other"' })).status).toBe(412);
    expect((await put({ authorization, "if-match": first.headers.get("etag")! })).status).toBe(200);
    for (const path of ["/api/settings", "/api/sync/cloud", "/api/keys"])
      expect((await fetch(hub.url + path, { headers: { authorization } })).status).toBe(403);
    for (const name of ["..%2fsecrets.json", ".hidden", "a b"])
      expect(
        (await fetch(`${hub.url}/api/sync/bundles/${name}`, { headers: { authorization } })).status,
      ).toBe(400);
    hub.engine.manage.settings.change({ syncHub: false }, ACTOR);
    expect((await put({ authorization })).status).toBe(403);
  });
});

test("an S3 bucket serves as well", async () => {
  const files = new Map<string, Uint8Array>();
  const bucket = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const bytes = await request.bytes();
      const signed =
        /^AWS4-HMAC-SHA256 Credential=the-id\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/;
      if (!signed.test(request.headers.get("authorization") ?? ""))
        return new Response("no", { status: 403 });
      const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
      if (request.headers.get("x-amz-content-sha256") !== hash) return new Response("hash", { status: 400 });
      if (searchParams.get("list-type") === "2") {
        const keys = [...files.keys()].map((key) => `<Contents><Key>${key}</Key></Contents>`);
        return new Response(`<ListBucketResult>${keys.join("")}</ListBucketResult>`);
      }
      const key = pathname.replace(/^\/my-bucket\//, "");
      if (request.method === "PUT") {
        if (request.headers.get("if-none-match") === "*" && files.has(key))
          return new Response("", { status: 412 });
        files.set(key, bytes);
      } else if (request.method === "DELETE") files.delete(key);
      const found = files.get(key);
      return request.method === "GET"
        ? new Response((found ?? "none") as Uint8Array<ArrayBuffer>, { status: found ? 200 : 404 })
        : new Response();
    },
  });
  const target = {
    kind: "s3",
    endpoint: `http://127.0.0.1:${bucket.port}`,
    region: "eu-central-1",
    bucket: "my-bucket",
    prefix: "omni/route",
    accessKeyId: "the-id",
    secretAccessKey: "the-secret",
  };
  laptop.combo("work", ["mock/echo"]);
  expect((await enter(laptop, { target })).body).toMatchObject({ connected: true, problems: [] });
  expect((await enter(desktop, { target })).body).toMatchObject({ connected: true, problems: [] });
  expect(combosOf(desktop)).toEqual({ work: ["mock/echo"] });
  expect([...files.keys()].every((key) => key.startsWith("omni/route/"))).toBe(true);
  expect((await act(desktop, { action: "disable", deleteRemote: true })).body).toMatchObject({
    enabled: false,
  });
  expect(files.size).toBe(2);
  await bucket.stop(true);
});
