import { Database } from "bun:sqlite";
import { createCipheriv, createHash, randomBytes, scryptSync } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Files as earlier OmniRoutes and 9router leave them, written from their schemas. */

const SECRET = "the key an earlier OmniRoute sealed with";
export const FORMER_SECRET = SECRET;

/** Seals as OmniRoute did: `salt` is its constant, or for a time the key's own hash. */
export function sealedByOmniRoute(text: string, salt: "constant" | "own" = "constant"): string {
  const grain =
    salt === "constant"
      ? "omniroute-field-encryption-v1"
      : createHash("sha256").update(SECRET).digest().subarray(0, 16);
  const nonce = randomBytes(16);
  const cipher = createCipheriv("aes-256-gcm", scryptSync(SECRET, grain, 32), nonce);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return `enc:v1:${[nonce, body, cipher.getAuthTag()].map((part) => part.toString("hex")).join(":")}`;
}

export function sealedBy9router(text: string, secret = SECRET): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", createHash("sha256").update(secret).digest(), nonce);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return `enc1:${[nonce, cipher.getAuthTag(), body].map((part) => part.toString("hex")).join(":")}`;
}

/** A database as bytes, made by statements and rows. */
export function databaseFile(make: (database: Database) => void): Uint8Array {
  const path = join(tmpdir(), `omniroute-former-${crypto.randomUUID()}.sqlite`);
  const database = new Database(path, { strict: true, create: true });
  try {
    make(database);
  } finally {
    database.close(true);
  }
  const bytes = new Uint8Array(readFileSync(path));
  rmSync(path);
  return bytes;
}

export function fill(
  database: Database,
  table: string,
  rows: readonly { [column: string]: unknown }[],
): void {
  for (const row of rows) {
    const names = Object.keys(row);
    database.run(
      `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
      Object.values(row) as string[],
    );
  }
}

const AT = "2026-02-03T04:05:06.000Z";
const stamps = { created_at: AT, updated_at: AT };

const OMNIROUTE_1_0 = `
  CREATE TABLE provider_connections (id TEXT PRIMARY KEY, provider TEXT NOT NULL, auth_type TEXT, name TEXT, email TEXT,
    priority INTEGER DEFAULT 0, is_active INTEGER DEFAULT 1, access_token TEXT, refresh_token TEXT, expires_at TEXT,
    token_expires_at TEXT, scope TEXT, project_id TEXT, test_status TEXT, error_code TEXT, last_error TEXT,
    rate_limited_until TEXT, api_key TEXT, id_token TEXT, provider_specific_data TEXT, expires_in INTEGER,
    display_name TEXT, global_priority INTEGER, default_model TEXT, token_type TEXT, rate_limit_protection INTEGER DEFAULT 0,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
  CREATE INDEX idx_pc_provider ON provider_connections(provider);
  CREATE TABLE provider_nodes (id TEXT PRIMARY KEY, type TEXT NOT NULL, name TEXT NOT NULL, prefix TEXT, api_type TEXT,
    base_url TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
  CREATE TABLE key_value (namespace TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (namespace, key));
  CREATE TABLE combos (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, data TEXT NOT NULL, created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL);
  CREATE TABLE api_keys (id TEXT PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, machine_id TEXT,
    created_at TEXT NOT NULL);
  CREATE TABLE db_meta (key TEXT PRIMARY KEY, value TEXT);
  CREATE TABLE usage_history (id INTEGER PRIMARY KEY AUTOINCREMENT, provider TEXT, model TEXT, connection_id TEXT,
    api_key_id TEXT, api_key_name TEXT, tokens_input INTEGER DEFAULT 0, tokens_output INTEGER DEFAULT 0,
    tokens_cache_read INTEGER DEFAULT 0, tokens_cache_creation INTEGER DEFAULT 0, tokens_reasoning INTEGER DEFAULT 0,
    status TEXT, timestamp TEXT NOT NULL);`;

/** Columns and tables that came up to 3.8, with the triggers and virtual tables of its memory. */
const UP_TO_3_8 = `
  ALTER TABLE provider_connections ADD COLUMN last_used_at TEXT;
  ALTER TABLE provider_connections ADD COLUMN "group" TEXT;
  ALTER TABLE provider_connections ADD COLUMN max_concurrent INTEGER;
  ALTER TABLE provider_nodes ADD COLUMN chat_path TEXT;
  ALTER TABLE provider_nodes ADD COLUMN models_path TEXT;
  ALTER TABLE combos ADD COLUMN sort_order INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE api_keys ADD COLUMN allowed_models TEXT DEFAULT '[]';
  ALTER TABLE api_keys ADD COLUMN no_log INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE api_keys ADD COLUMN is_active INTEGER DEFAULT 1;
  ALTER TABLE api_keys ADD COLUMN expires_at TEXT;
  ALTER TABLE api_keys ADD COLUMN scopes TEXT DEFAULT '[]';
  ALTER TABLE api_keys ADD COLUMN max_requests_per_minute INTEGER;
  CREATE TABLE call_logs (id TEXT PRIMARY KEY, timestamp TEXT NOT NULL, method TEXT, path TEXT, status INTEGER,
    model TEXT, requested_model TEXT, provider TEXT, account TEXT, connection_id TEXT, duration INTEGER DEFAULT 0,
    tokens_in INTEGER DEFAULT 0, tokens_out INTEGER DEFAULT 0, tokens_cache_read INTEGER, api_key_id TEXT,
    api_key_name TEXT, combo_name TEXT, error_summary TEXT, request_body TEXT);
  CREATE TABLE domain_fallback_chains (model TEXT PRIMARY KEY, chain TEXT NOT NULL);
  CREATE TABLE domain_budgets (api_key_id TEXT PRIMARY KEY, daily_limit_usd REAL NOT NULL, weekly_limit_usd REAL DEFAULT 0,
    monthly_limit_usd REAL DEFAULT 0, warning_threshold REAL DEFAULT 0.8, reset_interval TEXT DEFAULT 'daily',
    reset_time TEXT DEFAULT '00:00');
  CREATE TABLE memories (id TEXT PRIMARY KEY, content TEXT);
  CREATE VIRTUAL TABLE memory_fts USING fts5(content);
  CREATE TRIGGER memory_fts_ai AFTER INSERT ON memories BEGIN INSERT INTO memory_fts(content) VALUES (new.content); END;
  CREATE VIEW everything AS SELECT * FROM combos;`;

const json = (value: unknown) => JSON.stringify(value);

/** As 1.0 wrote it: nothing sealed. */
export const omniRoute1 = (): Uint8Array =>
  databaseFile((database) => {
    database.run(OMNIROUTE_1_0);
    fillOmniRoute(database, (text) => text);
  });

/** As 3.8 wrote it, with credentials sealed. */
export const omniRoute38 = (change: (database: Database) => void = () => {}): Uint8Array =>
  databaseFile((database) => {
    database.run(OMNIROUTE_1_0);
    database.run(UP_TO_3_8);
    fillOmniRoute(database, sealedByOmniRoute);
    database.run(`UPDATE provider_connections SET "group" = 'work' WHERE id = 'conn-openai'`);
    database.run(
      "UPDATE api_keys SET allowed_models = '[\"one/*\"]', no_log = 1, max_requests_per_minute = 7 WHERE id = 'key-laptop'",
    );
    fill(database, "domain_budgets", [
      { api_key_id: "key-laptop", daily_limit_usd: 5, monthly_limit_usd: 50, warning_threshold: 0.9 },
    ]);
    fill(database, "domain_fallback_chains", [
      { model: "gpt-5", chain: json([{ provider: "openai", priority: 1, enabled: true }]) },
    ]);
    const call = {
      path: "/v1/chat/completions",
      status: 200,
      model: "gpt-5",
      requested_model: "fast",
      provider: "openai",
      account: "Work",
      connection_id: "conn-openai",
      duration: 1200,
      tokens_in: 100,
      tokens_cache_read: 40,
      tokens_out: 10,
      api_key_id: "key-laptop",
      api_key_name: "laptop",
      request_body: "canary-former-body",
    };
    fill(database, "call_logs", [
      { ...call, id: "former-call-1", timestamp: new Date(Date.now() - 3_600_000).toISOString() },
      { ...call, id: "former-call-2", timestamp: "2020-01-01T00:00:00.000Z" },
    ]);
    fill(database, "memories", [{ id: "m", content: "remembered" }]);
    change(database);
  });

function fillOmniRoute(database: Database, seal: (text: string) => string): void {
  fill(database, "provider_connections", [
    {
      id: "conn-openai",
      provider: "openai",
      auth_type: "apikey",
      name: "Work",
      priority: 2,
      api_key: seal("sk-former-openai-key"),
      rate_limited_until: "2030-01-01T00:00:00Z",
      ...stamps,
    },
    {
      id: "conn-claude",
      provider: "claude",
      auth_type: "oauth",
      email: "me@example.org",
      access_token: seal("former-access"),
      refresh_token: seal("former-refresh"),
      expires_at: "2026-02-03T05:05:06.000Z",
      expires_in: 3600,
      ...stamps,
    },
    {
      id: "conn-github",
      provider: "github",
      auth_type: "oauth",
      name: "octo",
      access_token: seal("gho-former"),
      provider_specific_data: json({ copilotToken: "copilot-former", copilotTokenExpiresAt: 1_800_000_000 }),
      ...stamps,
    },
    {
      id: "conn-node",
      provider: "openai-compatible-chat-0001",
      auth_type: "apikey",
      name: "own server",
      is_active: 0,
      api_key: seal("node-former-key"),
      provider_specific_data: json({ prefix: "one", baseUrl: "http://127.0.0.1:9/v1" }),
      ...stamps,
    },
    {
      id: "conn-odd",
      provider: "a-provider-of-tomorrow",
      auth_type: "apikey",
      api_key: seal("odd-key"),
      ...stamps,
    },
  ]);
  fill(database, "provider_nodes", [
    {
      id: "openai-compatible-chat-0001",
      type: "openai-compatible",
      name: "Own",
      prefix: "one",
      api_type: "chat",
      base_url: "http://127.0.0.1:9/v1",
      ...stamps,
    },
  ]);
  fill(database, "combos", [
    {
      id: "combo-1",
      name: "openai/smart",
      data: json({
        models: ["openai/gpt-5", { model: "one/a", weight: 30 }, { kind: "combo-ref", comboName: "plain" }],
        strategy: "weighted",
        config: { maxRetries: 2, timeoutMs: 120_000, concurrencyPerModel: 3, compressionMode: "lite" },
      }),
      ...stamps,
    },
    {
      id: "combo-2",
      name: "plain",
      data: json({ models: ["one/a"], strategy: "headroom" }),
      ...stamps,
    },
  ]);
  fill(database, "api_keys", [
    {
      id: "key-laptop",
      name: "laptop",
      key: "sk-0a1b2c3d-laptop-9f9f",
      machine_id: "0a1b2c3d",
      created_at: AT,
    },
  ]);
  const values: [string, string, unknown][] = [
    ["settings", "fallbackStrategy", "round-robin"],
    ["settings", "requireLogin", false],
    ["settings", "password", "$2b$10$former"],
    ["settings", "stickyRoundRobinLimit", 5],
    ["modelAliases", "fast", "one/a"],
    ["customModels", "openai", [{ id: "gpt-own", name: "Own" }]],
    ["pricing", "openai", { "gpt-5": { input: 1.5, output: 2.5, cached: 0.1 } }],
    [
      "proxyConfig",
      "global",
      { type: "socks5", host: "10.1.2.3", port: "1080", username: "u", password: "proxy-former" },
    ],
    ["proxyConfig", "keys", { "conn-openai": { type: "http", host: "10.1.2.4", port: 3128 } }],
  ];
  fill(
    database,
    "key_value",
    values.map(([namespace, key, value]) => ({ namespace, key, value: json(value) })),
  );
  const used = {
    provider: "openai",
    model: "gpt-5",
    connection_id: "conn-openai",
    api_key_id: "key-laptop",
    tokens_input: 100,
    tokens_output: 10,
    tokens_cache_read: 40,
    status: "ok",
  };
  fill(database, "usage_history", [
    { ...used, timestamp: "2026-02-01T10:00:00.000Z" },
    { ...used, timestamp: "2026-02-01T11:00:00.000Z", status: "error" },
    { ...used, timestamp: "2026-02-02T10:00:00.000Z" },
  ]);
}

/** `db.json`, as both wrote it before SQLite. */
export const jsonFile = (): Uint8Array =>
  Buffer.from(
    json({
      providerConnections: [
        {
          id: "conn-json",
          provider: "glm",
          authType: "apikey",
          name: "GLM",
          priority: 1,
          isActive: true,
          apiKey: "glm-former-key",
          createdAt: AT,
        },
      ],
      providerNodes: [],
      modelAliases: { quick: "glm/glm-4.7" },
      combos: [{ id: "combo-json", name: "cheap", models: ["glm/glm-4.7"] }],
      apiKeys: [{ id: "key-json", name: "cli", key: "sk-abcdef12", createdAt: AT }],
      settings: { fallbackStrategy: "an-invention", stickyRoundRobinLimit: 4, requireLogin: false },
      pricing: {},
    }),
  );

/** 9router's database: rows with their details in one sealed column. */
export const nineRouter = (): Uint8Array =>
  databaseFile((database) => {
    database.run(`
      CREATE TABLE settings (id INTEGER PRIMARY KEY CHECK (id = 1), data TEXT NOT NULL);
      CREATE TABLE providerConnections (id TEXT PRIMARY KEY, provider TEXT NOT NULL, authType TEXT NOT NULL, name TEXT,
        email TEXT, priority INTEGER, isActive INTEGER DEFAULT 1, data TEXT NOT NULL, createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL);
      CREATE TABLE providerNodes (id TEXT PRIMARY KEY, type TEXT, name TEXT, data TEXT NOT NULL, createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL);
      CREATE TABLE apiKeys (id TEXT PRIMARY KEY, key TEXT UNIQUE NOT NULL, name TEXT, machineId TEXT, isActive INTEGER DEFAULT 1, createdAt TEXT NOT NULL);
      CREATE TABLE combos (id TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL, kind TEXT, models TEXT NOT NULL, createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL);
      CREATE TABLE kv (scope TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (scope, key));
      CREATE TABLE usageHistory (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL, provider TEXT, model TEXT,
        connectionId TEXT, apiKey TEXT, promptTokens INTEGER DEFAULT 0, completionTokens INTEGER DEFAULT 0, cost REAL DEFAULT 0, status TEXT);`);
    const times = { createdAt: AT, updatedAt: AT };
    fill(database, "settings", [
      {
        id: 1,
        data: json({
          fallbackStrategy: "fill-first",
          comboStrategies: { nine: { fallbackStrategy: "round-robin" } },
        }),
      },
    ]);
    fill(database, "providerConnections", [
      {
        id: "nine-1",
        provider: "openrouter",
        authType: "apikey",
        name: "OR",
        priority: 1,
        data: json({ apiKey: "or-former-key" }),
        ...times,
      },
      {
        id: "nine-2",
        provider: "openai",
        authType: "apikey",
        name: "Sealed",
        priority: 1,
        data: sealedBy9router(json({ apiKey: "nine-sealed-key" })),
        ...times,
      },
    ]);
    fill(database, "apiKeys", [
      { id: "nine-key", key: "sk-nine-key-0001", name: "cli", isActive: 1, createdAt: AT },
      { id: "nine-ended", key: "sk-nine-key-0002", name: "old", isActive: 0, createdAt: AT },
    ]);
    fill(database, "combos", [
      { id: "nine-combo", name: "nine", kind: "llm", models: json(["openrouter/a"]), ...times },
    ]);
    fill(database, "kv", [
      { scope: "modelAliases", key: "n", value: json("openrouter/a") },
      {
        scope: "customModels",
        key: "openrouter|own|llm",
        value: json({ providerAlias: "openrouter", id: "own", type: "llm", name: "Own" }),
      },
    ]);
    fill(database, "usageHistory", [
      {
        timestamp: "2026-01-01T00:00:00Z",
        provider: "openrouter",
        model: "a",
        connectionId: "nine-1",
        promptTokens: 5,
        completionTokens: 6,
        cost: 0.25,
        status: "ok",
      },
    ]);
  });
