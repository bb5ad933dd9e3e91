import { Database } from "bun:sqlite";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { newId } from "../lib/ids.ts";
import { packTar } from "../lib/tar.ts";
import { listCombos } from "./combos.ts";
import { listConnections } from "./connections.ts";
import { makePrivateFile } from "./data-dir.ts";
import { listKeyGroups } from "./key-groups.ts";
import { listKeys } from "./keys.ts";
import { listNodes } from "./nodes.ts";
import { keepPassphraseMark, newPassphrase } from "./passphrase.ts";
import { sealAnew } from "./reseal.ts";
import { readSettings } from "./settings.ts";
import type { Store } from "./store.ts";

/**
 * The configuration as one database file; no password, sign-in or history is in it. Credentials stay sealed with our
 * key, or with `passphrase`, to be opened on another machine.
 */
export function exportDatabase(store: Store, passphrase?: string): Uint8Array {
  const statements = [
    "DELETE FROM sessions",
    "DELETE FROM health",
    "DELETE FROM audit_log",
    "DELETE FROM changes",
    "DELETE FROM key_value WHERE namespace = 'sync' OR (namespace = 'access' AND key <> 'api-key-check')",
  ];
  return scrubbed(store, statements, (copy) => {
    if (passphrase === undefined) return;
    const { mark, sealer } = newPassphrase(passphrase);
    sealAnew(copy, store.sealer, sealer);
    keepPassphraseMark(copy, mark);
  });
}

/** Everything that may be shown to others, as tar.gz: no credential, key, hash or password, also not in the database. */
export function exportAll(store: Store): Uint8Array {
  const database = scrubbed(store, [
    "DELETE FROM sessions",
    "DELETE FROM health",
    "DELETE FROM audit_log",
    "DELETE FROM changes",
    "DELETE FROM key_value WHERE namespace IN ('access', 'store', 'sync') OR instr(value, 'omni:v1:') > 0",
    "UPDATE provider_connections SET credentials = '', needs_sign_in = auth_type <> 'none', last_error = NULL, last_test = NULL",
    "UPDATE api_keys SET hash = 'removed ' || id, masked = '', former = NULL",
  ]);
  const now = store.clock.now();
  const json = (name: string, value: unknown) => ({
    name,
    bytes: new TextEncoder().encode(JSON.stringify(value, null, 2)),
  });
  const connections = listConnections(store);
  const keys = listKeys(store);
  const combos = listCombos(store);
  const keyGroups = listKeyGroups(store);
  const archive = packTar(
    [
      { name: "storage.sqlite", bytes: database },
      json("settings.json", readSettings(store)),
      json("combos.json", combos),
      json("providers.json", {
        connections: connections.map(
          ({ credentials: _sealed, lastError: _error, lastTest: _test, baseUrl, ...shown }) => ({
            ...shown,
            ...(baseUrl !== undefined && { baseUrl: bareUrl(baseUrl) }),
          }),
        ),
        nodes: listNodes(store).map((node) => ({ ...node, baseUrl: bareUrl(node.baseUrl) })),
      }),
      json(
        "api-keys.json",
        keys.map(({ hash: _hash, masked: _masked, former: _former, ...shown }) => shown),
      ),
      json("key-groups.json", keyGroups),
      json("metadata.json", {
        format: "omniroute-full-backup-v1",
        version: store.version,
        createdAt: new Date(now).toISOString(),
        counts: {
          connections: connections.length,
          combos: combos.length,
          apiKeys: keys.length,
          keyGroups: keyGroups.length,
        },
      }),
    ],
    now,
  );
  return Bun.gzipSync(new Uint8Array(archive));
}

/** A copy of the configuration after some statements, without a trace of what they took out. */
function scrubbed(
  store: Store,
  statements: readonly string[],
  change: (copy: Database) => void = () => {},
): Uint8Array {
  const path = join(store.dataDir, `export-${newId()}.tmp`);
  makePrivateFile(path);
  try {
    store.change(undefined, () => store.files.config.query("VACUUM INTO ?").run(path));
    const copy = new Database(path, { strict: true, readwrite: true, create: false });
    try {
      copy.run("PRAGMA secure_delete = ON");
      for (const statement of statements) copy.run(statement);
      for (const table of ["provider_connections", "provider_nodes"]) bareUrls(copy, table);
      change(copy);
      copy.run("VACUUM");
    } finally {
      copy.close(true);
    }
    return readFileSync(path);
  } finally {
    for (const ending of ["", "-journal", "-wal", "-shm"]) rmSync(path + ending, { force: true });
  }
}

function bareUrls(database: Database, table: string): void {
  const rows = database
    .query<{ id: string; url: string }, []>(
      `SELECT id, base_url AS url FROM ${table} WHERE base_url IS NOT NULL`,
    )
    .all();
  for (const { id, url } of rows)
    database.run(`UPDATE ${table} SET base_url = ? WHERE id = ?`, [bareUrl(url), id]);
}

/** An address may carry a name, a password or a key. */
function bareUrl(address: string): string {
  const url = URL.parse(address);
  if (!url || (url.username === "" && url.password === "" && url.search === "")) return address;
  url.username = url.password = url.search = "";
  return url.href.replace(/\/$/, "");
}
