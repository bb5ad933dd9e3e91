import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { groupUsage, listConnections, readSecretValue } from "../../src/store/index.ts";
import {
  databaseFile,
  FORMER_SECRET,
  jsonFile,
  nineRouter,
  omniRoute1,
  omniRoute38,
  sealedByOmniRoute,
} from "../kit/former-files.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

let gateway: TestGateway;
let owner: string;
beforeEach(async () => {
  gateway = await startGateway();
  owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
});
afterEach(() => gateway.stop());

const bring = async (bytes: Uint8Array, fields: { [name: string]: string } = {}, name = "storage.sqlite") => {
  const form = new FormData();
  form.set("file", new File([Buffer.from(bytes)], name));
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  const response = await fetch(`${gateway.url}/api/db-backups/import`, {
    method: "POST",
    headers: { authorization: `Bearer ${owner}` },
    body: form,
  });
  return { status: response.status, body: (await response.json()) as any };
};
const api = async (path: string) =>
  (await (await fetch(gateway.url + path, { headers: { authorization: `Bearer ${owner}` } })).json()) as any;
const credentials = () =>
  Object.fromEntries(listConnections(gateway.engine.store).map(({ id, credentials: held }) => [id, held]));
const leftovers = () => readdirSync(gateway.dataDir).filter((name) => /^(?:export|import)-/.test(name));
const state = () => {
  const database = gateway.engine.store.files.config;
  const all = (table: string) => database.query(`SELECT * FROM ${table} ORDER BY 1, 2`).all();
  return JSON.stringify(
    ["provider_connections", "provider_nodes", "combos", "api_keys", "key_value"].map(all),
  );
};

describe("a database of OmniRoute", () => {
  for (const [version, file, fields] of [
    ["1.0, nothing sealed", omniRoute1, {}],
    ["3.8, sealed, with its key", () => omniRoute38(), { storageEncryptionKey: FORMER_SECRET }],
  ] as const) {
    test(`${version}: accounts, nodes, combos, keys and settings come along`, async () => {
      const { status, body } = await bring(file(), fields);
      expect([status, body]).toMatchObject([
        200,
        { imported: true, connectionCount: 4, nodeCount: 1, comboCount: 2, apiKeyCount: 1 },
      ]);
      expect(credentials()).toMatchObject({
        "conn-openai": { apiKey: "sk-former-openai-key" },
        "conn-claude": {
          accessToken: "former-access",
          refreshToken: "former-refresh",
          lifetimeMs: 3_600_000,
        },
        "conn-github": {
          accessToken: "copilot-former",
          refreshToken: "gho-former",
          expiresAt: 1_800_000_000_000,
        },
        "conn-node": { apiKey: "node-former-key" },
      });
      const { connections } = await api("/api/providers");
      const openai = connections.find((each: any) => each.id === "conn-openai");
      expect(openai).toMatchObject({ provider: "openai", name: "Work", priority: 2, isActive: true });
      expect(connections.find((each: any) => each.id === "conn-node")).toMatchObject({ isActive: false });
      const { combos } = await api("/api/combos");
      expect(combos.find((each: any) => each.name === "openai/smart")).toMatchObject({
        strategy: "weighted",
        models: [{ model: "openai/gpt-5" }, { model: "one/a", weight: 30 }, { model: "plain" }],
        config: { maxRetries: 2 },
      });
      expect(combos.find((each: any) => each.name === "openai/smart").config).not.toHaveProperty("timeoutMs");
      expect(combos.find((each: any) => each.name === "plain").strategy).toBe("priority");
      expect(gateway.engine.settings()).toMatchObject({
        requireLogin: true,
        fallbackStrategy: "round-robin",
        stickyRoundRobinLimit: 5,
      });
      expect(JSON.parse(readSecretValue(gateway.engine.store, "proxy", "map")!)).toMatchObject({
        global: { type: "socks5", host: "10.1.2.3", port: 1080, password: "proxy-former" },
        connections: { "conn-openai": { type: "http", host: "10.1.2.4", port: 3128 } },
      });
      const told = body.warnings.join("\n");
      for (const word of [
        "a-provider-of-tomorrow",
        "headroom",
        "compressionMode",
        "use them in one installation",
      ])
        expect(told).toContain(word);
      expect(leftovers()).toEqual([]);
      expect(existsSync(join(gateway.dataDir, "backups", body.backup))).toBe(true);
    });
  }

  test("client keys work on as they are; what they may use comes with them", async () => {
    await bring(omniRoute38(), { storageEncryptionKey: FORMER_SECRET });
    const models = await fetch(`${gateway.url}/v1/models`, {
      headers: { authorization: "Bearer sk-0a1b2c3d-laptop-9f9f" },
    });
    expect(models.status).toBe(200);
    const { keys } = await api("/api/keys");
    expect(keys[0]).toMatchObject({
      name: "laptop",
      noLog: true,
      allowedModels: ["one/*"],
      limits: { requestsPerMinute: 7 },
      budget: { dailyLimitUsd: 5, monthlyLimitUsd: 50, warningThreshold: 0.9 },
    });
  });

  test("usage comes as daily sums, and bringing it in twice counts it once", async () => {
    for (let turn = 0; turn < 2; turn++) {
      await bring(omniRoute38(), { storageEncryptionKey: FORMER_SECRET });
      const days = groupUsage(gateway.engine.store, { from: 0, to: Date.UTC(2027, 0), per: "day" }, ["time"]);
      expect(days).toMatchObject([
        {
          time: Date.UTC(2026, 1, 1),
          requests: 2,
          errors: 1,
          input: 120,
          cacheRead: 80,
          output: 20,
          unknownPrice: 0,
          shadowCost: 0,
        },
        { time: Date.UTC(2026, 1, 2), requests: 1, errors: 0, input: 60 },
      ]);
      // At the file's own prices: 60 of input, 40 from the cache, 10 of output.
      expect(days.map(({ cost }) => cost)).toEqual([
        expect.closeTo(0.000238, 9),
        expect.closeTo(0.000119, 9),
      ]);
    }
  });

  test("usage whose price nobody knows is counted as such, and a subscription's is no bill", async () => {
    const used = "(connection_id, tokens_input, tokens_output, status, timestamp, provider, model)";
    await bring(
      omniRoute38((db) => {
        db.run("DELETE FROM usage_history");
        db.run(`INSERT INTO usage_history ${used} VALUES
          ('conn-claude', 1000000, 0, 'ok', '2026-03-01T10:00:00Z', 'claude', 'claude-opus-4-6'),
          ('conn-openai', 1000000, 0, 'ok', '2026-03-01T10:00:00Z', 'openai', 'a-model-of-tomorrow')`);
      }),
    );
    const { summary } = await api("/api/usage/analytics?range=all");
    expect(summary).toMatchObject({ totalRequests: 2, totalCost: 0, unknownPriceRequests: 1 });
    expect(summary.shadowCost).toBeGreaterThan(0);
  });

  const filter = (mode: string, list: string) =>
    omniRoute38((db) => {
      const rules = { enabled: true, mode, [mode]: [list, "no address"], tempBans: [] };
      db.run("INSERT INTO key_value VALUES ('settings', 'ipFilter', ?)", [JSON.stringify(rules)]);
    });

  test("its address filter comes along and is in force", async () => {
    const { body } = await bring(filter("blacklist", "203.0.113.0/24"));
    expect(body.warnings).toContain("The address filter came along.");
    expect(await api("/api/settings/ip-filter")).toMatchObject({
      enabled: true,
      mode: "blacklist",
      blacklist: ["203.0.113.0/24"],
      whitelist: [],
    });
  });

  test("a filter that would keep out who brings it is switched off; one of our own stays", async () => {
    const { body } = await bring(filter("whitelist", "10.0.0.0/8"));
    expect(body.warnings.join("\n")).toContain("switched off");
    const off = { enabled: false, mode: "whitelist", whitelist: ["10.0.0.0/8"] };
    expect(await api("/api/settings/ip-filter")).toMatchObject(off);
    const entries = await api("/api/compliance/audit-log?limit=10");
    expect(entries.find(({ action }: { action: string }) => action === "settings.ip-filter")).toMatchObject({
      details: { to: { enabled: false } },
    });
    const again = await bring(filter("blacklist", "203.0.113.0/24"));
    expect(again.body.warnings.join("\n")).toContain("one of its own");
    expect(await api("/api/settings/ip-filter")).toMatchObject({ ...off, blacklist: [] });
  });

  test("looking into a file takes over no address filter", async () => {
    await bring(filter("blacklist", "203.0.113.0/24"), { dryRun: "true" });
    expect(await api("/api/settings/ip-filter")).toMatchObject({ enabled: false, blacklist: [] });
  });

  test("its request log comes along, as far as it is young enough, once and without bodies", async () => {
    for (let turn = 0; turn < 2; turn++) await bring(omniRoute38(), { storageEncryptionKey: FORMER_SECRET });
    const { logs } = await api("/api/usage/call-logs");
    expect(logs).toMatchObject([
      {
        id: "former-call-1",
        status: 200,
        model: "openai/gpt-5",
        requestedModel: "fast",
        apiKeyName: "laptop",
        duration: 1200,
        tokens: { in: 60, out: 10, cacheRead: 40 },
        cost: expect.closeTo(0.000119, 9),
        costKind: "billed",
      },
    ]);
    expect(JSON.stringify(await api("/api/usage/call-logs/former-call-1"))).not.toContain(
      "canary-former-body",
    );
  });

  test("without its key, accounts ask for a sign-in and no sealed text is taken for a key", async () => {
    const { status, body } = await bring(omniRoute38());
    expect(status).toBe(200);
    expect(body.warnings.join("\n")).toContain("STORAGE_ENCRYPTION_KEY");
    expect(JSON.stringify(credentials())).not.toContain("enc:v1");
    const { connections } = await api("/api/providers");
    expect(connections.map(({ id, status: now }: any) => [id, now]).toSorted()).toMatchObject([
      ["conn-claude", "sign in again"],
      ["conn-github", "sign in again"],
      ["conn-node", "off"],
      ["conn-openai", "sign in again"],
    ]);
  });

  test("a key of the time when the salt was its own hash opens too", async () => {
    const file = omniRoute38((database) => {
      database.run("UPDATE provider_connections SET api_key = ? WHERE id = 'conn-openai'", [
        sealedByOmniRoute("own-salt-key", "own"),
      ]);
    });
    await bring(file, { storageEncryptionKey: FORMER_SECRET });
    expect(credentials()["conn-openai"]).toMatchObject({ apiKey: "own-salt-key" });
  });

  test("a dry run tells the same and changes nothing", async () => {
    const before = state();
    const { body } = await bring(omniRoute38(), { dryRun: "true", storageEncryptionKey: FORMER_SECRET });
    expect(body).toMatchObject({ imported: false, dryRun: true, connectionCount: 4, comboCount: 2 });
    expect(body.warnings.join("\n")).toContain("2 days would come");
    expect([state(), readdirSync(join(gateway.dataDir, "backups")), leftovers()]).toEqual([before, [], []]);
    expect(
      groupUsage(gateway.engine.store, { from: 0, to: Date.UTC(2027, 0), per: "day" }, ["time"]),
    ).toEqual([]);
  });
});

describe("a file of 9router", () => {
  test("db.json comes in; an unknown account strategy becomes fill-first", async () => {
    const { status, body } = await bring(jsonFile(), {}, "db.json");
    expect([status, body.connectionCount, body.apiKeyCount]).toEqual([200, 1, 1]);
    expect(body.warnings.join("\n")).toContain("an-invention");
    expect(gateway.engine.settings().fallbackStrategy).toBe("fill-first");
    expect(credentials()["conn-json"]).toEqual({ apiKey: "glm-former-key" });
  });

  test("its database comes in, sealed rows with their key", async () => {
    const { status, body } = await bring(
      nineRouter(),
      { storageEncryptionKey: FORMER_SECRET },
      "data.sqlite",
    );
    expect([status, body.connectionCount, body.comboCount, body.apiKeyCount]).toEqual([200, 2, 1, 2]);
    expect(credentials()).toMatchObject({
      "nine-1": { apiKey: "or-former-key" },
      "nine-2": { apiKey: "nine-sealed-key" },
    });
    const [combo] = (await api("/api/combos")).combos;
    expect(combo).toMatchObject({
      name: "nine",
      strategy: "round-robin",
      models: [{ model: "openrouter/a" }],
    });
    const { keys } = await api("/api/keys");
    expect(keys.find((key: any) => key.id === "nine-ended").revokedAt).not.toBeNull();
    // It wrote down what calls cost.
    expect((await api("/api/usage/analytics?range=all")).summary.totalCost).toBe(0.25);
  });
});

describe("hostile files of earlier programs are refused with nothing changed", () => {
  const files: [string, () => Uint8Array][] = [
    [
      "a view in a table's place",
      () =>
        omniRoute38((db) => {
          db.run("ALTER TABLE combos RENAME TO hidden");
          db.run("CREATE VIEW combos AS SELECT * FROM hidden");
          db.run("DROP VIEW everything");
        }),
    ],
    [
      "a virtual table in a table's place",
      () =>
        omniRoute38((db) => {
          db.run("DROP VIEW everything");
          db.run("DROP TABLE combos");
          db.run("CREATE VIRTUAL TABLE combos USING fts5(id, name, data)");
        }),
    ],
    [
      "a computed column",
      () =>
        omniRoute38(
          (db) => void db.run("ALTER TABLE api_keys ADD COLUMN bomb TEXT AS (hex(zeroblob(1000000)))"),
        ),
    ],
    [
      "a recursive view for usage",
      () =>
        omniRoute38((db) => {
          db.run("DROP TABLE usage_history");
          db.run(
            "CREATE VIEW usage_history AS WITH RECURSIVE n(timestamp) AS (SELECT '2026-01-01' UNION ALL SELECT timestamp FROM n) SELECT timestamp FROM n",
          );
        }),
    ],
    [
      "more rows than anybody has",
      () =>
        databaseFile((db) => {
          db.run(
            "CREATE TABLE provider_connections (id TEXT); CREATE TABLE key_value (namespace TEXT, key TEXT, value TEXT)",
          );
          db.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) INSERT INTO provider_connections SELECT i FROM n",
          );
        }),
    ],
    ["half a database", () => omniRoute38().slice(0, 20_000)],
    [
      "flipped pages",
      () => {
        const bytes = omniRoute38();
        for (let at = 4096; at < bytes.length; at += 3) bytes[at]! ^= 0xff;
        return bytes;
      },
    ],
    ["broken JSON", () => Buffer.from('{"providerConnections": [')],
    ["JSON of something else", () => Buffer.from(JSON.stringify({ users: [] }).padEnd(5000))],
    [
      "JSON nested beyond sense",
      () => Buffer.from(`{"providerConnections":${"[".repeat(100_000)}${"]".repeat(100_000)}}`),
    ],
  ];
  for (const [name, make] of files) {
    test(name, async () => {
      const bytes = make();
      const before = state();
      const { status, body } = await bring(bytes);
      expect([name, status, body.error?.code]).toEqual([name, 400, "bad_request"]);
      expect([state(), readdirSync(join(gateway.dataDir, "backups")), leftovers()]).toEqual([before, [], []]);
    });
  }

  test("strange values in every field are no error of ours", async () => {
    const odd = [null, 1, "text", [], {}, true, -1, 1e308, "\u0000", "x".repeat(20_000)];
    for (const value of odd) {
      const row = Object.fromEntries(
        [
          "id",
          "provider",
          "authType",
          "name",
          "priority",
          "isActive",
          "apiKey",
          "accessToken",
          "providerSpecificData",
          "createdAt",
          "models",
          "strategy",
          "config",
          "key",
          "type",
          "baseUrl",
          "prefix",
        ].map((field) => [field, value]),
      );
      const lists = Object.fromEntries(
        ["providerConnections", "providerNodes", "combos", "apiKeys"].map((list) => [
          list,
          [row, { ...row, provider: "openai", id: "a", name: "b", key: "sk-odd" }],
        ]),
      );
      const values = {
        settings: row,
        modelAliases: row,
        customModels: row,
        pricing: { openai: row },
        proxyConfig: row,
      };
      const { status, body } = await bring(Buffer.from(JSON.stringify({ ...lists, ...values })));
      expect([value, [200, 400].includes(status), body.error?.code ?? "bad_request"]).toEqual([
        value,
        true,
        "bad_request",
      ]);
    }
  });
});
