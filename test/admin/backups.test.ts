import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listConnections, readSecretValue } from "../../src/store/index.ts";
import { packTar, readTar } from "../../src/lib/tar.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

const CANARIES = {
  provider: "canary-provider-key-0001",
  lastError: "canary-in-an-error-0002",
  userinfo: "canary-user-info-0003",
};
let gateway: TestGateway;
let owner: string;
let clientKey: string;

beforeAll(async () => {
  gateway = await startGateway();
  owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  const id = gateway.node("one", "http://127.0.0.1:9/v1", { apiKey: CANARIES.provider });
  gateway.combo("pair", ["one/a", "one/b"]);
  const made = await api("POST", "/api/keys", { name: "client", allowedModels: ["one/*"] });
  clientKey = made.body.key;
  const store = gateway.engine.store;
  store.files.config.run("UPDATE provider_connections SET base_url = ?, last_error = ? WHERE id = ?", [
    `http://user:${CANARIES.userinfo}@127.0.0.1:9/v1`,
    JSON.stringify({ at: 1, kind: "credentials", message: CANARIES.lastError }),
    id,
  ]);
  await gateway.engine.access.login("a long enough test password", "127.0.0.1");
});
afterAll(() => gateway.stop());

const send = (method: string, path: string, body?: BodyInit, headers: { [name: string]: string } = {}) =>
  fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${owner}`, ...headers },
    ...(body !== undefined && { body }),
  });
const api = async (method: string, path: string, body?: object) => {
  const response = await send(method, path, body && JSON.stringify(body));
  return { status: response.status, body: (await response.json()) as any };
};
const bring = async (bytes: Uint8Array, fields: { [name: string]: string } = {}, name = "copy.sqlite") => {
  const form = new FormData();
  form.set("file", new File([Buffer.from(bytes)], name));
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  const response = await send("POST", "/api/db-backups/import", form);
  return { status: response.status, body: (await response.json()) as any };
};
const exported = async () =>
  new Uint8Array(await (await send("GET", "/api/db-backups/export")).arrayBuffer());
const archived = async () =>
  new Uint8Array(await (await send("GET", "/api/db-backups/exportAll")).arrayBuffer());

/** All that matters of the configuration, to see that nothing changed. */
const state = () => {
  const database = gateway.engine.store.files.config;
  const all = (table: string) => database.query(`SELECT * FROM ${table} ORDER BY 1, 2`).all();
  return JSON.stringify(
    ["provider_connections", "provider_nodes", "combos", "api_keys", "key_value", "aliases"].map(all),
  );
};
/** A file made of the export by some statements. */
const changed = async (...statements: string[]) => {
  const path = join(gateway.dataDir, "scratch.tmp");
  writeFileSync(path, await exported());
  const database = new Database(path);
  database.run("PRAGMA writable_schema = ON");
  database.transaction(() => statements.forEach((statement) => void database.run(statement)))();
  database.close(true);
  return new Uint8Array(readFileSync(path));
};

describe("exports", () => {
  test("F-08: the export opens, is whole and has the documented tables", async () => {
    const answer = await send("GET", "/api/db-backups/export");
    expect(answer.headers.get("content-disposition")).toMatch(
      /^attachment; filename="omniroute-backup-.*\.sqlite"$/,
    );
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const path = join(gateway.dataDir, "look.tmp");
    writeFileSync(path, new Uint8Array(await answer.arrayBuffer()));
    const database = new Database(path, { readonly: true });
    expect(database.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    for (const table of ["provider_connections", "provider_nodes", "combos", "api_keys"]) {
      expect(database.query(`SELECT count(*) AS n FROM ${table}`).get()).toEqual({ n: 1 });
    }
    database.close(true);
  });

  test("F-12: no planted secret stands in plain text in either export", async () => {
    const archive = Buffer.from(Bun.gunzipSync(Buffer.from(await archived())));
    const { lastError, ...secrets } = CANARIES;
    const found = (bytes: Buffer, words: string[]) => words.filter((word) => bytes.includes(word));
    const words = [...Object.values(secrets), clientKey, "argon2"];
    expect(found(Buffer.from(await exported()), words)).toEqual([]);
    expect(found(archive, [...words, lastError])).toEqual([]);
  });

  test("exportAll holds no credential, not even sealed, no hash, and nothing of who may come in", async () => {
    const files = readTar(Bun.gunzipSync(Buffer.from(await archived())));
    expect(files.map(({ name }) => name)).toEqual([
      "storage.sqlite",
      "settings.json",
      "combos.json",
      "providers.json",
      "api-keys.json",
      "key-groups.json",
      "metadata.json",
    ]);
    const database = gateway.engine.store.files.config;
    const hashes = database.query<{ hash: string }, []>("SELECT hash FROM api_keys").all();
    for (const { name, bytes } of files) {
      const text = Buffer.from(bytes).toString("latin1");
      for (const word of ["omni:v1:", "$argon2", "sk-omni-", ...hashes.map(({ hash }) => hash)]) {
        expect([name, word, text.includes(word)]).toEqual([name, word, false]);
      }
    }
    const metadata = JSON.parse(Buffer.from(files.at(-1)!.bytes).toString());
    expect(metadata.format).toBe("omniroute-full-backup-v1");
  });

  test("no draft stays behind in the data directory", () => {
    expect(readdirSync(gateway.dataDir).filter((name) => /^(export|import)-/.test(name))).toEqual([]);
  });
});

describe("imports", () => {
  test("F-11: the own export comes in, also twice and five times at once", async () => {
    const bytes = await exported();
    const first = await bring(bytes);
    const before = state();
    expect([first.status, first.body]).toEqual([
      200,
      {
        imported: true,
        filename: "copy.sqlite",
        connectionCount: 1,
        nodeCount: 1,
        comboCount: 1,
        apiKeyCount: 1,
        keyGroupCount: 0,
        warnings: [],
        backup: expect.stringMatching(/-import\.sqlite$/),
      },
    ]);
    expect(
      (await Promise.all(Array.from({ length: 5 }, () => bring(bytes)))).map(({ status }) => status),
    ).toEqual(Array(5).fill(200));
    expect(state()).toBe(before);
    expect((await fetch(`${gateway.url}/v1/models`, { headers: { "x-api-key": clientKey } })).status).toBe(
      200,
    );
  });

  test("an archive comes in without credentials: connections ask for a sign-in", async () => {
    const bytes = await exported();
    const { status, body } = await bring(await archived(), {}, "all.tar.gz");
    expect([status, body.connectionCount]).toEqual([200, 1]);
    expect(body.warnings.join(" ")).toContain("a key or a sign-in anew");
    expect((await bring(bytes)).status).toBe(200);
  });

  test("a dry run says what would come and changes nothing", async () => {
    const bytes = await changed("DELETE FROM combos");
    const before = state();
    const copies = readdirSync(join(gateway.dataDir, "backups")).length;
    const { body } = await bring(bytes, { dryRun: "true" });
    expect(body).toMatchObject({ imported: false, dryRun: true, comboCount: 0 });
    expect(state()).toBe(before);
    expect(readdirSync(join(gateway.dataDir, "backups")).length).toBe(copies);
  });

  test("settings that switch the login off, and passwords, are not taken over", async () => {
    const bytes = await changed(
      `INSERT OR REPLACE INTO key_value VALUES ('settings', 'requireLogin', 'false')`,
      `INSERT OR REPLACE INTO key_value VALUES ('access', 'password', '"x"')`,
      `INSERT OR REPLACE INTO key_value VALUES ('settings', 'instanceName', '"taken over"')`,
    );
    expect((await bring(bytes)).status).toBe(200);
    expect(gateway.engine.settings()).toMatchObject({ requireLogin: true, instanceName: "taken over" });
    expect(gateway.engine.access.needsSetup()).toBe(false);
    await gateway.engine.access.login("a long enough test password", "127.0.0.1");
  });

  const HOSTILE: [string, () => Promise<Uint8Array> | Uint8Array][] = [
    ["nothing", () => new Uint8Array(0)],
    ["text", () => Buffer.from("not a database ".repeat(1000))],
    ["gzip of nothing", () => Bun.gzipSync(Buffer.alloc(100))],
    ["gzip cut short", async () => (await archived()).slice(0, 500)],
    ["a bomb", () => Bun.gzipSync(Buffer.alloc(150 * 1024 * 1024))],
    ["only a header", async () => Buffer.concat([(await exported()).slice(0, 100), Buffer.alloc(8000)])],
    [
      "half",
      async () => {
        const b = await exported();
        return b.slice(0, b.length / 2);
      },
    ],
    [
      "flipped pages",
      async () => {
        const b = await exported();
        for (let i = 4096; i < b.length; i += 3) b[i]! ^= 0xff;
        return b;
      },
    ],
    [
      "a lying page size",
      async () => {
        const b = await exported();
        b[16] = 0x7f;
        return b;
      },
    ],
    [
      "a lying page count",
      async () => {
        const b = await exported();
        b[28] = 0x7f;
        return b;
      },
    ],
    [
      "a lying freelist",
      async () => {
        const b = await exported();
        b.set([0, 0, 0, 2, 0, 0, 0, 9], 32);
        return b;
      },
    ],
    ["a missing table", () => changed("DROP TABLE combos")],
    ["another table", () => changed("CREATE TABLE extra (x)")],
    ["a trigger", () => changed("CREATE TRIGGER t AFTER INSERT ON combos BEGIN DELETE FROM api_keys; END")],
    ["a view", () => changed("CREATE VIEW v AS SELECT * FROM api_keys")],
    [
      "a view in the place of a table",
      () => changed("ALTER TABLE combos RENAME TO c2", "CREATE VIEW combos AS SELECT * FROM c2"),
    ],
    [
      "a recursive view",
      () =>
        changed(
          "CREATE VIEW r AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
        ),
    ],
    ["full-text tables", () => changed("CREATE VIRTUAL TABLE f USING fts5(x)")],
    ["3000 tables", () => changed(...Array.from({ length: 3000 }, (_, i) => `CREATE TABLE "t${i}" (x)`))],
    ["an expensive check", () => changed("CREATE TABLE x (a CHECK (length(randomblob(1000000)) > 0))")],
    ["columns of another kind", () => changed("ALTER TABLE combos ADD COLUMN more TEXT")],
    ["a number for a text", () => changed("UPDATE combos SET models = x'00ff'")],
    ["text that is no JSON", () => changed("UPDATE combos SET models = '{'")],
    ["JSON of another shape", () => changed(`UPDATE api_keys SET scopes = '"admin"'`)],
    ["an unknown sign-in kind", () => changed("UPDATE provider_connections SET auth_type = 'magic'")],
    ["F-10: a version far ahead", () => changed("PRAGMA user_version = 9999")],
    ["a newer step", () => changed("INSERT INTO migrations VALUES ('9999_far', 'x', 1, '99.0.0')")],
    ["a step of another build", () => changed("UPDATE migrations SET sha256 = 'x'")],
    [
      "UTF-16",
      () => {
        const path = join(gateway.dataDir, "utf16.tmp");
        const d = new Database(path, { create: true });
        d.run("PRAGMA encoding = 'UTF-16le'");
        for (let i = 0; i < 4; i++)
          d.run(`CREATE TABLE ${["provider_connections", "provider_nodes", "combos", "api_keys"][i]!} (x)`);
        d.close(true);
        return readFileSync(path);
      },
    ],
    [
      "F-18: a path upwards",
      () => Bun.gzipSync(Buffer.from(packTar([{ name: "../../evil", bytes: Buffer.from("x") }], 0))),
    ],
    [
      "F-18: an absolute path",
      () => Bun.gzipSync(Buffer.from(packTar([{ name: "/etc/evil", bytes: Buffer.from("x") }], 0))),
    ],
    [
      "F-18: a link",
      () => {
        const tar = Buffer.from(packTar([{ name: "storage.sqlite", bytes: Buffer.alloc(0) }], 0));
        tar[156] = 0x32;
        return Bun.gzipSync(tar);
      },
    ],
  ];
  test.each(HOSTILE)(
    "F-05, F-09: %s is refused with the failed check, and nothing changes",
    async (_name, make) => {
      const bytes = await make();
      const before = state();
      const { status, body } = await bring(bytes);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(body.error.message).toContain("refused");
      expect(body.error.details[0].field).toMatch(/^[\w-]+$/);
      expect(state()).toBe(before);
      expect((await fetch(`${gateway.url}/v1/models`, { headers: { "x-api-key": clientKey } })).status).toBe(
        200,
      );
    },
  );

  test("F-06: no file, another type, too much", async () => {
    expect(
      (await send("POST", "/api/db-backups/import", "{}", { "content-type": "application/json" })).status,
    ).toBe(400);
    expect((await send("POST", "/api/db-backups/import", new FormData())).status).toBe(400);
    const { port } = gateway;
    const answer = await fetch(`http://127.0.0.1:${port}/api/db-backups/import`, {
      method: "POST",
      headers: { authorization: `Bearer ${owner}`, "content-type": "multipart/form-data; boundary=x" },
      body: Buffer.alloc(101 * 1024 * 1024),
    });
    expect(answer.status).toBe(413);
  });

  test.each(["../../evil.sqlite", "/etc/passwd", "a\u0000b", "..", "x".repeat(500), "<b>", "con\r\nx"])(
    "F-07: the upload name %j is not used",
    async (name) => {
      const before = readdirSync(gateway.dataDir).sort();
      const { status, body } = await bring(await exported(), {}, name);
      expect(status).toBe(200);
      expect(body.filename).toMatch(/^[\w.-]{1,100}$/);
      expect(readdirSync(gateway.dataDir).sort()).toEqual(before);
    },
  );

  test("X-01: imports and refused imports stand in the audit log", async () => {
    await bring(await exported());
    await bring(Buffer.from("x".repeat(5000)));
    const { body } = await api("GET", "/api/compliance/audit-log?action=import&limit=2");
    expect(body).toMatchObject([
      { actor: "cli", result: "failed" },
      { actor: "cli", result: "ok" },
    ]);
  });
});

describe("F-16: an export for another machine", () => {
  const PASSPHRASE = "a passphrase for moving house";
  const sealed = async () =>
    new Uint8Array(
      await (
        await send("POST", "/api/db-backups/export", JSON.stringify({ passphrase: PASSPHRASE }))
      ).arrayBuffer(),
    );
  const elsewhere = async (fields: { [name: string]: string }) => {
    const other = await startGateway();
    try {
      const form = new FormData();
      form.set("file", new File([Buffer.from(await sealed())], "moved.sqlite"));
      for (const [field, value] of Object.entries(fields)) form.set(field, value);
      const token = readFileSync(join(other.dataDir, "cli-token"), "utf8").trim();
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`${other.url}/api/db-backups/import`, {
        method: "POST",
        headers,
        body: form,
      });
      const body = (await answer.json()) as any;
      const { connections } = (await (await fetch(`${other.url}/api/providers`, { headers })).json()) as any;
      return {
        status: answer.status,
        body,
        states: connections.map(({ status }: any) => status),
        keys: listConnections(other.engine.store).map(({ credentials }) => credentials.apiKey),
        proxy: readSecretValue(other.engine.store, "proxy", "map"),
      };
    } finally {
      await other.stop();
    }
  };

  beforeAll(async () => {
    const global = {
      type: "http",
      host: "10.0.0.9",
      port: 3128,
      username: "u",
      password: "canary-proxy-0004",
    };
    await api("PUT", "/api/settings/proxy", { global });
  });
  afterAll(() => api("PUT", "/api/settings/proxy", { global: null }));

  test("works there with the passphrase: credentials and everything else that is sealed", async () => {
    const moved = await elsewhere({ passphrase: PASSPHRASE });
    expect(moved).toMatchObject({ status: 200, keys: [CANARIES.provider] });
    expect(moved.proxy).toContain("canary-proxy-0004");
  });

  test("without it every connection says that somebody must sign in, and why", async () => {
    const moved = await elsewhere({});
    expect(moved).toMatchObject({ status: 200, keys: [undefined], states: ["sign in again"] });
    expect(moved.body.warnings.join(" ")).toContain("under a passphrase");
  });

  test("a wrong one is refused, and nothing comes", async () => {
    const moved = await elsewhere({ passphrase: "another passphrase" });
    expect(moved).toMatchObject({ status: 400, states: [] });
    expect(moved.body.error.message).toContain("passphrase");
  });

  test("holds nothing in plain text, and a short passphrase makes none", async () => {
    const bytes = Buffer.from(await sealed());
    for (const word of [CANARIES.provider, "canary-proxy-0004", PASSPHRASE])
      expect(bytes.includes(word)).toBe(false);
    expect((await api("POST", "/api/db-backups/export", { passphrase: "short" })).status).toBe(400);
  });
});

describe("copies", () => {
  test("made, listed, tried, put back, removed", async () => {
    const made = await api("PUT", "/api/db-backups");
    expect(made.body).toMatchObject({ created: true });
    expect((await api("PUT", "/api/db-backups")).body.created).toBe(false);
    const { backups } = (await api("GET", "/api/db-backups")).body;
    const mine = backups.find((backup: { id: string }) => backup.id === made.body.filename);
    expect(mine).toMatchObject({ reason: "manual", connectionCount: 1 });
    expect(statSync(join(gateway.dataDir, "backups", mine.filename)).mode & 0o777).toBe(0o600);

    const added = gateway.combo("later", ["one/a"]);
    const tried = await api("POST", "/api/db-backups", { backupId: mine.id, dryRun: true });
    expect(tried.body).toMatchObject({ restored: false, comboCount: 1 });
    expect(gateway.engine.manage.combos.find(added.id)?.name).toBe("later");
    const restored = await api("POST", "/api/db-backups", { backupId: mine.id });
    expect(restored.body).toMatchObject({ restored: true, connectionCount: 1 });
    expect(gateway.engine.manage.combos.list().map(({ name }) => name)).toEqual(["pair"]);

    expect((await api("DELETE", `/api/db-backups?id=${mine.id}`)).body).toEqual({ success: true });
    expect((await api("DELETE", `/api/db-backups?id=${mine.id}`)).status).toBe(404);
    expect((await api("POST", "/api/db-backups", { backupId: "../../etc/passwd" })).status).toBe(404);
  });

  test("F-17: of many automatic copies 20 are kept", async () => {
    const bytes = await exported();
    for (let turn = 0; turn < 25; turn++) await bring(bytes);
    expect(readdirSync(join(gateway.dataDir, "backups")).length).toBeLessThanOrEqual(20);
  });
});
