import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listConnections, settleRefresh } from "../../src/store/index.ts";
import { omniRoute1 } from "../kit/former-files.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

let gateway: TestGateway;
let owner: string;
beforeEach(async () => {
  gateway = await startGateway();
  owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
});
afterEach(() => gateway.stop());

const api = async (method: string, path: string, body?: object | FormData) => {
  const answer = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${owner}` },
    ...(body && { body: body instanceof FormData ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as any };
};
const log = async () => (await api("GET", "/api/compliance/audit-log?limit=200")).body as any[];
const newest = async () => (await log())[0];
const undo = (id?: number) => api("POST", "/api/compliance/audit-log/undo", id === undefined ? {} : { id });
/** The whole configuration, but for times. */
const state = () => {
  const database = gateway.engine.store.files.config;
  const tables = {
    provider_connections: "id, provider, name, priority, is_active, base_url, credentials",
    provider_nodes: "id, name, prefix, base_url",
    combos: "id, name, models, strategy, config, is_active",
    api_keys: "id, name, hash, scopes, no_log, revoked_at, rules, former, group_id",
    key_groups: "id, name, note, is_active, rules",
    key_value: "namespace, key, value",
    aliases: "pattern, target",
    fallback_chains: "name, models, match, is_enabled, priority",
    custom_models: "provider, id, name, type",
    prices: "provider, model, price",
  };
  return Object.entries(tables).map(([table, columns]) =>
    database.query(`SELECT ${columns} FROM ${table} ORDER BY 1, 2`).all(),
  );
};
const connectionId = () => listConnections(gateway.engine.store)[0]!.id;
const groupId = async () => (await api("GET", "/api/key-groups")).body.groups[0].id as string;
const keyId = async () => (await api("GET", "/api/keys")).body.keys[0].id as string;

/** Fields under an id, without it. */
const plain = (field: string) => field.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/, "*");

const SECRETS = ["sk-canary-history-1", "sk-canary-history-2", "canary-proxy-history"];

beforeEach(async () => {
  await api("POST", "/api/providers", { provider: "openai", name: "Work", apiKey: SECRETS[0] });
  await api("POST", "/api/combos", { name: "pair", models: ["openai/a", "openai/b"] });
  const { group } = (await api("POST", "/api/key-groups", { name: "team" })).body;
  await api("POST", "/api/keys", { name: "laptop", groupId: group.id });
});

/** Every kind of change a person can make, and a field its entry must name. */
const CHANGES: [string, string, () => Promise<unknown>][] = [
  [
    "connection.create",
    "provider",
    () => api("POST", "/api/providers", { provider: "groq", name: "G", apiKey: SECRETS[1] }),
  ],
  ["connection.update", "priority", () => api("PUT", `/api/providers/${connectionId()}`, { priority: 7 })],
  [
    "connection.update",
    "credentials",
    () => api("PUT", `/api/providers/${connectionId()}`, { apiKey: SECRETS[1] }),
  ],
  ["connection.delete", "name", () => api("DELETE", `/api/providers/${connectionId()}`)],
  [
    "node.create",
    "prefix",
    () =>
      api("POST", "/api/provider-nodes", {
        name: "N",
        prefix: "nn",
        type: "openai-compatible",
        baseUrl: "http://127.0.0.1:9/v1",
      }),
  ],
  ["combo.create", "models", () => api("POST", "/api/combos", { name: "new", models: ["openai/a"] })],
  [
    "combo.update",
    "strategy",
    async () =>
      api("PUT", `/api/combos/${(await api("GET", "/api/combos")).body.combos[0].id}`, {
        strategy: "random",
      }),
  ],
  [
    "combo.delete",
    "name",
    async () => api("DELETE", `/api/combos/${(await api("GET", "/api/combos")).body.combos[0].id}`),
  ],
  ["key.create", "name", () => api("POST", "/api/keys", { name: "second" })],
  [
    "key.update",
    "rules.allowedModels",
    async () => api("PATCH", `/api/keys/${await keyId()}`, { allowedModels: ["openai/*"] }),
  ],
  ["key.rotate", "hash", async () => api("POST", `/api/keys/${await keyId()}/rotate`, { graceSeconds: 60 })],
  ["key.revoke", "revoked_at", async () => api("DELETE", `/api/keys/${await keyId()}`)],
  ["key-group.create", "name", () => api("POST", "/api/key-groups", { name: "crew" })],
  [
    "key-group.update",
    "rules.budget",
    async () => api("PATCH", `/api/key-groups/${await groupId()}`, { budget: { dailyLimitUsd: 2 } }),
  ],
  [
    "key-group.remove",
    "group_id",
    async () => api("DELETE", `/api/key-groups/${await groupId()}?keys=detach`),
  ],
  ["key.update", "group_id", async () => api("PATCH", `/api/keys/${await keyId()}`, { groupId: null })],
  [
    "key.budget",
    "rules.budget",
    async () => api("POST", "/api/usage/budget", { keyId: await keyId(), limit: 5, period: "daily" }),
  ],
  ["settings.update", "value", () => api("PATCH", "/api/settings", { logRetentionDays: 12 })],
  [
    "settings.update",
    "value.prompt",
    () => api("PUT", "/api/settings/system-prompt", { enabled: true, prompt: "Be kind." }),
  ],
  [
    "settings.ip-filter",
    "value.blacklist",
    () => api("PUT", "/api/settings/ip-filter", { addBlacklist: "203.0.113.7" }),
  ],
  [
    "settings.proxy",
    "value",
    () =>
      api("PUT", "/api/settings/proxy", {
        global: { type: "http", host: "10.0.0.1", port: 3128, username: "u", password: SECRETS[2] },
      }),
  ],
  [
    "resilience.update",
    "value.apikey",
    () => api("PATCH", "/api/resilience", { profiles: { apikey: { circuitBreakerThreshold: 9 } } }),
  ],
  [
    "combo-defaults.update",
    "value.maxRetries",
    () => api("PATCH", "/api/settings/combo-defaults", { comboDefaults: { maxRetries: 3 } }),
  ],
  ["alias.save", "target", () => api("PUT", "/api/models/alias", { alias: "quick", model: "openai/a" })],
  ["chain.save", "models", () => api("POST", "/api/fallback/chains", { name: "c", models: ["openai/a"] })],
  [
    "chain.save",
    "value.chain",
    () => api("POST", "/api/fallback/chains", { model: "gpt", chain: [{ provider: "openai" }] }),
  ],
  [
    "model.add",
    "name",
    () => api("POST", "/api/provider-models", { provider: "openai", modelId: "own-model", modelName: "Own" }),
  ],
  [
    "prices.update",
    "price.input",
    () => api("PATCH", "/api/pricing", { openai: { a: { input: 1, output: 2 } } }),
  ],
  [
    "connection.update",
    "value.*",
    () => api("PUT", `/api/providers/${connectionId()}`, { limits: { requestsPerMinute: 7 } }),
  ],
];

/** Changes to what must be there first. */
const TAKING_AWAY: [string, string, () => Promise<unknown>, () => Promise<unknown>][] = [
  [
    "alias.delete",
    "target",
    () => api("PUT", "/api/models/alias", { alias: "old", model: "openai/a" }),
    () => api("DELETE", "/api/models/alias?alias=old"),
  ],
  [
    "chain.delete",
    "models",
    () => api("POST", "/api/fallback/chains", { name: "old", models: ["openai/a"] }),
    () => api("DELETE", "/api/fallback/chains", { name: "old" }),
  ],
  [
    "model.remove",
    "name",
    () => api("POST", "/api/provider-models", { provider: "openai", modelId: "old", modelName: "Old" }),
    () => api("DELETE", "/api/provider-models?provider=openai&model=old"),
  ],
  [
    "prices.reset",
    "price.input",
    () => api("PATCH", "/api/pricing", { openai: { a: { input: 1, output: 2 } } }),
    () => api("DELETE", "/api/pricing?provider=openai&model=a"),
  ],
  [
    "node.update",
    "base_url",
    makeNode,
    async () => api("PUT", `/api/provider-nodes/${await nodeId()}`, { baseUrl: "http://127.0.0.1:10/v1" }),
  ],
  [
    "node.delete",
    "prefix",
    makeNode,
    async () => api("DELETE", `/api/provider-nodes/${await nodeId()}?force=true`),
  ],
  [
    "settings.proxy",
    "value",
    () => api("PUT", "/api/settings/proxy", { global: { type: "http", host: "10.0.0.1", port: 3128 } }),
    () => api("DELETE", "/api/settings/proxy?level=global"),
  ],
];

async function makeNode(): Promise<void> {
  await api("POST", "/api/provider-nodes", {
    name: "N",
    prefix: "nn",
    type: "openai-compatible",
    baseUrl: "http://127.0.0.1:9/v1",
  });
  await api("POST", "/api/providers", { provider: await nodeId(), name: "there", apiKey: SECRETS[1] });
}
const nodeId = async (): Promise<string> => (await api("GET", "/api/provider-nodes")).body.nodes[0].id;

describe("what was taken away or put otherwise comes back", () => {
  for (const [action, field, make, change] of TAKING_AWAY)
    test(`${action}: ${field}`, async () => {
      await make();
      const before = state();
      await change();
      const entry = await newest();
      expect(entry).toMatchObject({ action, undo: "possible" });
      expect(entry.changes.map((each: any) => plain(each.field))).toContain(field);
      expect(state()).not.toEqual(before);
      expect(await undo()).toMatchObject({ status: 200, body: { undone: true, action } });
      expect(state()).toEqual(before);
    });
});

describe("every change is an entry with who, what, before and after; and can be undone", () => {
  for (const [action, field, change] of CHANGES) {
    test(`${action}: ${field}`, async () => {
      const before = state();
      await change();
      const entry = await newest();
      expect(entry).toMatchObject({ action, actor: "cli", result: "ok", undo: "possible" });
      expect(entry.changes.map((each: any) => plain(each.field))).toContain(field);
      const after = state();
      expect(after).not.toEqual(before);
      for (const secret of SECRETS) expect(JSON.stringify(await log())).not.toContain(secret);

      expect(await undo()).toMatchObject({ status: 200, body: { undone: true, action } });
      expect(state()).toEqual(before);
      const [undoing, undone] = await log();
      expect([undoing.action, undoing.actor, undone.undo]).toEqual(["undo", "cli", "done"]);

      // An undoing is a change like any other.
      expect((await undo(undoing.id)).status).toBe(200);
      expect(state()).toEqual(after);
    });
  }
});

test("undoing goes back step by step, and says when there is nothing left", async () => {
  await api("PATCH", "/api/settings", { logRetentionDays: 10 });
  await api("PATCH", "/api/settings", { logRetentionDays: 20 });
  const days = () => gateway.engine.settings().logRetentionDays;
  await undo();
  expect(days()).toBe(10);
  await undo();
  expect(days()).toBe(90);
  for (let step = 0; step < 4; step++) expect((await undo()).status).toBe(200);
  expect((await undo()).status).toBe(404);
  expect([listConnections(gateway.engine.store), (await api("GET", "/api/combos")).body.combos]).toEqual([
    [],
    [],
  ]);
});

test("what was changed again since is not overwritten", async () => {
  await api("PATCH", "/api/settings", { logRetentionDays: 10 });
  const { id } = await newest();
  await api("PATCH", "/api/settings", { logRetentionDays: 20 });
  expect(await undo(id)).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
  expect(gateway.engine.settings().logRetentionDays).toBe(20);
  expect((await undo(999_999)).status).toBe(404);
});

test("a renewed sign-in is no change of anybody's, and undoing another field leaves it alone", async () => {
  const id = connectionId();
  gateway.engine.store.files.config.run("UPDATE provider_connections SET auth_type = 'oauth'");
  await api("PUT", `/api/providers/${id}`, { priority: 9 });
  settleRefresh(gateway.engine.store, id, (stored) => ({
    ...stored,
    credentials: { refreshToken: "rotated" },
  }));
  const entries = (await log()).length;
  await undo();
  expect((await log()).length).toBe(entries + 1);
  expect(listConnections(gateway.engine.store)[0]).toMatchObject({
    priority: 1,
    credentials: { refreshToken: "rotated" },
  });
});

test("what is learned in use is no change", async () => {
  const { engine } = gateway;
  const before = await log();
  engine.store.note(() => engine.store.files.config.run("UPDATE provider_connections SET last_used_at = 5"));
  await api("PATCH", "/api/settings", { theme: "dark" });
  const [entry, ...rest] = await log();
  expect(entry.changes).toEqual([{ what: "settings", name: "theme", field: "value", to: "dark" }]);
  expect(rest).toEqual(before);
});

test("an import is undone by the copy made before it", async () => {
  const before = state();
  const form = new FormData();
  form.set("file", new File([Buffer.from(omniRoute1())], "storage.sqlite"));
  expect((await api("POST", "/api/db-backups/import", form)).status).toBe(200);
  expect(listConnections(gateway.engine.store)).toHaveLength(4);
  expect(await undo()).toMatchObject({ status: 200, body: { action: "import" } });
  expect(state()).toEqual(before);
  // The next one is the change before the import.
  expect((await undo()).body.action).toBe("key.create");
});
