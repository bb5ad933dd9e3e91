import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Admin, createAdmin } from "../../src/admin/index.ts";
import { methodsOf } from "../../src/admin/route-table.ts";
import { DocumentCheck } from "../kit/document-check.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

let gateway: InProcess;
let admin: Admin;
let check: DocumentCheck;
const ids: { [name: string]: string } = {};

/** Calls the management API and holds the answer against the document. */
async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
  const answer = await gateway.admin(method, path, body);
  check.look(method, path, answer);
  return answer;
}

beforeAll(async () => {
  gateway = await startInProcess({ script: () => ({ type: "answer", body: chatReply("hello") }) });
  admin = createAdmin(gateway.engine);
  check = new DocumentCheck(admin.document());
  const [connection = "", spare = ""] = gateway.node("one", { connections: 2 });
  const combo = gateway.combo("both", ["one/a", { model: "mock/echo", weight: 3 }]);
  const { body: key } = await call("POST", "/api/keys", {
    name: "app",
    limits: { requestsPerMinute: 9 },
    budget: { dailyLimitUsd: 5, timeZone: "Europe/Berlin" },
    expiresAt: "2030-01-01",
  });
  const { body: team } = await call("POST", "/api/key-groups", {
    name: "team",
    limits: { requestsPerMinute: 9 },
    budget: { monthlyLimitUsd: 5 },
  });
  await call("PATCH", `/api/keys/${key.id}`, { groupId: team.group.id });
  const headers = { authorization: `Bearer ${key.key}` };
  const chat = { model: "both", messages: [{ role: "user", content: "hi" }] };
  await gateway.call("/v1/chat/completions", chat, { headers });
  await gateway.call("/v1/chat/completions", { ...chat, model: "none/such" }, { headers });
  const nodeId = gateway.engine.manage.nodes.list()[0]!.id;
  const request = gateway.lastRequest().id;
  Object.assign(ids, {
    connection,
    spare,
    combo: combo.id,
    key: key.id,
    group: team.group.id,
    request,
    node: nodeId,
  });
});
afterAll(() => gateway.stop());

/** Changes in the order in which a person might make them. `NAME` in a path stands for the thing of that name. */
const CHANGES: [method: string, path: string, body?: unknown][] = [
  ["PATCH", "/api/key-groups/GROUP", { note: "all of us", allowedProviders: ["one", "mock"] }],
  ["PUT", "/api/models/alias", { alias: "fast", model: "one/a" }],
  ["PUT", "/api/models/alias", { pattern: "gpt-*", target: "one/a" }],
  ["PUT", "/api/models", { alias: "best", model: "one/a" }],
  ["DELETE", "/api/models/alias?alias=best"],
  ["POST", "/api/fallback/chains", { name: "spare", models: ["mock/echo"] }],
  ["POST", "/api/fallback/chains", { model: "a", chain: [{ provider: "openai" }] }],
  ["DELETE", "/api/fallback/chains", { name: "spare" }],
  ["POST", "/api/fallback/chains", { name: "spare", models: ["mock/echo"] }],
  ["POST", "/api/provider-models", { provider: "openai", modelId: "m", modelName: "M" }],
  ["POST", "/api/provider-models", { provider: "openai", modelId: "n", modelName: "N" }],
  ["DELETE", "/api/provider-models?provider=openai&model=n"],
  ["PATCH", "/api/pricing", { one: { a: { input: 1, output: 2, cached: 0.1 } } }],
  ["DELETE", "/api/pricing?provider=openai&model=gpt-5"],
  ["PUT", "/api/settings/proxy", { global: { type: "http", host: "10.0.0.1", port: "8080" } }],
  ["PUT", "/api/settings/proxy", { level: "connection", id: "SPARE", proxy: { type: "direct" } }],
  ["DELETE", "/api/settings/proxy?level=connection&id=SPARE"],
  ["PUT", "/api/settings/ip-filter", { tempBan: { ip: "203.0.113.7", durationMs: 60_000 } }],
  ["PUT", "/api/db-backups", {}],
  ["PUT", "/api/db-backups", {}],
  ["POST", "/api/providers", { provider: "openai", apiKey: "sk-1234567890abcdef", name: "second" }],
  ["PUT", "/api/providers/CONNECTION", { name: "renamed", limits: { requestsPerMinute: 60 } }],
  ["POST", "/api/providers/CONNECTION/test"],
  ["POST", "/api/providers/test-batch", { mode: "compatible" }],
  ["POST", "/api/providers/validate", { provider: "openai", apiKey: "sk-1234567890abcdef" }],
  [
    "POST",
    "/api/provider-nodes",
    {
      name: "two",
      prefix: "two",
      type: "openai-compatible",
      apiType: "chat",
      baseUrl: "http://two.invalid/v1",
    },
  ],
  [
    "POST",
    "/api/provider-nodes/validate",
    { type: "openai-compatible", baseUrl: "http://two.invalid/v1", apiKey: "k" },
  ],
  ["PUT", "/api/provider-nodes/NODE", { name: "the first" }],
  ["POST", "/api/combos", { name: "third", models: ["one/a"] }],
  ["PUT", "/api/combos/COMBO", { strategy: "weighted" }],
  ["POST", "/api/combos/test", { comboName: "both" }],
  ["DELETE", "/api/combos/metrics?combo=both"],
  ["PATCH", "/api/settings/combo-defaults", { comboDefaults: { maxRetries: 2 } }],
  ["PATCH", "/api/keys/KEY", { name: "app 2" }],
  ["POST", "/api/keys/KEY/rotate", { graceSeconds: 60 }],
  ["POST", "/api/usage/budget", { keyId: "KEY", limit: 3, period: "weekly" }],
  ["POST", "/api/usage/budget", { apiKeyId: "KEY", monthlyLimitUsd: 20, warningThreshold: 0.5 }],
  ["PATCH", "/api/settings", { theme: "dark", logRetentionDays: "30" }],
  ["POST", "/api/settings/require-login", { requireLogin: true }],
  ["PUT", "/api/settings/system-prompt", { enabled: false }],
  ["PUT", "/api/settings/thinking-budget", { mode: "auto" }],
  ["PATCH", "/api/resilience", { profiles: { oauth: { circuitBreakerThreshold: "4" } } }],
  ["POST", "/api/resilience/reset"],
  ["DELETE", "/api/monitoring/health"],
  ["POST", "/api/rate-limits", { connectionId: "CONNECTION", enabled: true }],
  ["POST", "/api/models/availability", { provider: "one", model: "a" }],
  ["DELETE", "/api/cache"],
  ["DELETE", "/api/usage/proxy-logs"],
  ["POST", "/api/compliance/audit-log/undo"],
  ["POST", "/api/evals/check", { strategy: "exact", expected: "4", output: "4" }],
  ["POST", "/api/evals", { suiteId: "golden-set", outputs: { greeting: "Good morning to you." } }],
  ["POST", "/api/translator/detect", { body: { messages: [{ role: "user", content: "hi" }] } }],
  ["POST", "/api/sync/cloud", { action: "disable" }],
];

/** What must be refused, in the one shape of errors. */
const REFUSALS: [status: number, method: string, path: string, body?: unknown][] = [
  [400, "POST", "/api/providers", {}],
  [400, "POST", "/api/providers", { provider: "none", name: "a", apiKey: "k" }],
  [404, "POST", "/api/providers", { provider: "openai-compatible-none", name: "a", apiKey: "k" }],
  [404, "GET", "/api/providers/none"],
  [409, "POST", "/api/combos", { name: "both", models: ["one/a"] }],
  [409, "DELETE", "/api/provider-nodes/NODE"],
  [404, "POST", "/api/keys/none/rotate", {}],
  [404, "POST", "/api/combos/test", { comboName: "none" }],
  [400, "POST", "/api/keys/KEY/rotate", { graceSeconds: 604_801 }],
  [404, "POST", "/api/usage/budget", { keyId: "none", limit: 1, period: "daily" }],
  [400, "POST", "/api/usage/budget", { keyId: "KEY", limit: 1 }],
  [400, "PATCH", "/api/pricing", { openai: { "gpt-5": { input: -1 } } }],
  [400, "GET", "/api/usage/report?month=2026-13"],
  [400, "GET", "/api/usage/call-logs?cursor=junk"],
  [400, "GET", "/api/keys?limit=1001"],
  [404, "POST", "/api/policies", { action: "unlock", identifier: "203.0.113.9" }],
  [404, "POST", "/api/db-backups", { backupId: "../../etc/passwd" }],
  [400, "POST", "/api/sync/cloud", { action: "dance" }],
  [400, "POST", "/api/translator/detect", {}],
  [404, "GET", "/api/translator/load?file=none"],
  [410, "GET", "/api/cli-tools/antigravity-mitm"],
];

const named = (text: string): string =>
  text.replace(/\b[A-Z]{3,}\b/g, (name) => ids[name.toLowerCase()] ?? name);
const filled = (body: unknown): unknown =>
  body === undefined ? undefined : JSON.parse(named(JSON.stringify(body)));

describe("what is answered is what the document says, nothing more and nothing less", () => {
  test("when something is changed", async () => {
    for (const [method, path, body] of CHANGES) {
      const { status, body: answer } = await call(method, named(path), filled(body));
      if (status > 201) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    }
    expect([...check.faults]).toEqual([]);
  });

  test("when something is refused, in the one shape but for the translator's own", async () => {
    for (const [wanted, method, path, body] of REFUSALS) {
      const { status, body: answer } = await call(method, named(path), filled(body));
      expect([path, status]).toEqual([path, wanted]);
      if (path.startsWith("/api/translator/")) continue;
      expect(answer).toEqual({
        error: expect.objectContaining({
          message: expect.any(String),
          type: expect.any(String),
          code: expect.any(String),
        }),
        requestId: expect.any(String),
      });
    }
    expect([...check.faults]).toEqual([]);
  });

  test("when something is read, which leaves the configuration as it was", async () => {
    const before = configuration();
    for (const facts of admin.facts) {
      const address = addressOf(facts.path);
      if (!methodsOf(facts).has("GET") || typeof facts.answer !== "function" || !address) continue;
      await call("GET", address);
    }
    expect([...check.faults]).toEqual([]);
    expect([...check.seen].filter((each) => each.startsWith("GET ")).length).toBeGreaterThan(55);
    expect({ ...configuration(), audit_log: [] }).toEqual({ ...before, audit_log: [] });
  });

  test("when something is removed", async () => {
    for (const path of [
      "/api/keys/KEY",
      "/api/combos/COMBO?force=true",
      "/api/providers/SPARE",
      "/api/provider-nodes/NODE?force=true",
    ])
      expect([path, (await call("DELETE", named(path))).status]).toEqual([path, 200]);
    expect([...check.faults]).toEqual([]);
  });
});

test("lists give the part that is asked for", async () => {
  for (const name of ["a", "b", "c"]) await call("POST", "/api/keys", { name });
  const whole: { id: string }[] = (await call("GET", "/api/keys")).body.keys;
  const part: { id: string }[] = (await call("GET", "/api/keys?limit=2&offset=1")).body.keys;
  expect(part).toEqual(whole.slice(1, 3));
  for (const path of ["providers", "combos", "provider-nodes", "db-backups"]) {
    const [list] = Object.values<unknown[]>((await call("GET", `/api/${path}?limit=1&offset=1000`)).body);
    expect(list).toEqual([]);
  }
});

/** Every row of the configuration's database, by table. */
function configuration(): { [table: string]: unknown[] } {
  using database = new Database(join(gateway.dataDir, "omniroute.sqlite"), { readonly: true });
  const tables = database
    .query<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all();
  return Object.fromEntries(
    tables.map(({ name }) => [name, database.query(`SELECT * FROM "${name}"`).all()]),
  );
}

/** What a path's name stands for in this installation; calls for other things are left out. */
function addressOf(path: string): string | undefined {
  const known: { [path: string]: string | undefined } = {
    "/api/providers/:id": ids["connection"],
    "/api/providers/:id/models": ids["connection"],
    "/api/combos/:id": ids["combo"],
    "/api/usage/call-logs/:id": ids["request"],
    "/api/receipts/:id": ids["request"],
    "/api/usage/:connectionId": ids["connection"],
    "/api/evals/:suiteId": "golden-set",
    "/api/cli-tools/runtime/:tool": "codex",
  };
  if (!/[:*]/.test(path)) return path;
  return known[path] === undefined ? undefined : path.replace(/:\w+/, known[path]);
}

test("an account is tested by itself as often as its owner says", async () => {
  const [id = ""] = gateway.node("checked");
  const put = await call("PUT", `/api/providers/${id}`, { healthCheckInterval: "5" });
  expect([put.body.connection.healthCheckInterval, put.body.connection.lastTested]).toEqual([5, null]);
  await gateway.clock.run(90_000);
  const first = (await call("GET", `/api/providers/${id}`)).body.connection.lastTested;
  expect(first).not.toBeNull();
  await gateway.clock.run(6 * 60_000);
  expect((await call("GET", `/api/providers/${id}`)).body.connection.lastTested > first).toBe(true);
  const off = await call("PUT", `/api/providers/${id}`, { healthCheckInterval: null });
  expect(off.body.connection.healthCheckInterval).toBeNull();
  expect((await call("PUT", `/api/providers/${id}`, { healthCheckInterval: 20_000 })).status).toBe(400);
});
