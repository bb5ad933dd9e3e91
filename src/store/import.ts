import type { Database, SQLQueryBindings } from "bun:sqlite";
import { z } from "zod";
import { chainInput } from "../core/chain.ts";
import { comboConfig, comboEntry } from "../core/combo.ts";
import { KEY_SCOPES } from "../core/key.ts";
import { listAliases } from "./aliases.ts";
import type { BackupReason } from "./backups.ts";
import { listChains } from "./chains.ts";
import { listCombos } from "./combos.ts";
import { listConnections } from "./connections.ts";
import { listCustomModels } from "./custom-models.ts";
import { openForReading } from "./database.ts";
import { checkImport, importRefusal } from "./import-check.ts";
import { listKeyGroups } from "./key-groups.ts";
import { listKeys } from "./keys.ts";
import { groupNames, regroupKeys } from "./regroup-keys.ts";
import { listNodes } from "./nodes.ts";
import { listPrices } from "./prices.ts";
import { passphraseSealer, readPassphraseMark } from "./passphrase.ts";
import { sealAnew } from "./reseal.ts";
import { createSealer, type Sealer } from "./sealer.ts";
import { readSettings } from "./settings.ts";
import { makeBackup } from "./storage.ts";
import { isDiskProblem } from "./store-error.ts";
import type { Store, StoreChange } from "./store.ts";

/** What is taken over. Sessions, health and history are of the running installation alone. */
const TABLES = [
  "provider_connections",
  "provider_nodes",
  "combos",
  "key_groups",
  "api_keys",
  "key_value",
  "aliases",
  "fallback_chains",
  "custom_models",
  "prices",
] as const;
const CHANGES: readonly StoreChange[] = [
  "nodes",
  "combos",
  "key-groups",
  "keys",
  "settings",
  "aliases",
  "chains",
  "custom-models",
  "prices",
  "values",
  "connections",
];
/** Who may come in stays as it is: password, address rules, the login switch; so do the marks of our own keys. */
const STAYS = "(namespace IN ('access', 'store') OR (namespace = 'settings' AND key = 'requireLogin'))";

export type ImportOptions = {
  mode: "replace" | "merge";
  reason: BackupReason;
  /** Opens the credentials of a file sealed elsewhere. */
  storageKey?: string;
  /** Opens the credentials of a file that was exported under one. */
  passphrase?: string;
  /** Say what would happen, and change nothing. */
  dryRun?: boolean;
};

/** What was taken over. */
export type Imported = {
  connectionCount: number;
  nodeCount: number;
  comboCount: number;
  apiKeyCount: number;
  keyGroupCount: number;
  warnings: string[];
  /** The copy that was put aside before; absent after a dry run. */
  backup?: string;
};

/**
 * Takes over the configuration in a file, all or nothing, after putting a copy of the present one aside. The file must
 * be a private copy: an older one is brought up to date in place. Throws `bad_request` naming the failed check.
 */
export function importDatabase(store: Store, path: string, options: ImportOptions): Imported {
  checkImport(path, store.version, store.clock.now());
  const source = openForReading(path);
  const warnings: string[] = [];
  try {
    const other = otherSealer(source, options, warnings);
    const backup = options.dryRun ? undefined : makeBackup(store, options.reason).filename;
    let closed = 0;
    takeOver(store, options.dryRun === true, () => {
      const groups = new Map([...groupNames(source), ...groupNames(store.files.config)]);
      for (const table of TABLES) copyTable(source, store.files.config, table, options.mode, warnings);
      regroupKeys(store.files.config, groups);
      if (other) sealAnew(store.files.config, other, store.sealer);
      checkRows(store);
      closed = shutConnections(store, source);
    });
    const connections = countIn(source, "provider_connections");
    if (closed > 0) {
      warnings.push(
        `${closed} connections need a key or a sign-in anew: their credentials are not in the file, or were sealed with another key.`,
      );
    }
    if (foreignKeys(source, store)) {
      warnings.push("The client keys were made with another API_KEY_SECRET: they work only with that one.");
    }
    return {
      connectionCount: connections,
      nodeCount: countIn(source, "provider_nodes"),
      comboCount: countIn(source, "combos"),
      apiKeyCount: countIn(source, "api_keys"),
      keyGroupCount: countIn(source, "key_groups"),
      warnings,
      ...(backup !== undefined && { backup }),
    };
  } finally {
    source.close(true);
  }
}

/** What opens the file's seals, where it is not our own key. Throws for a wrong passphrase. */
function otherSealer(source: Database, options: ImportOptions, warnings: string[]): Sealer | undefined {
  const mark = readPassphraseMark(source);
  if (mark === undefined)
    return options.storageKey === undefined ? undefined : createSealer(options.storageKey);
  if (options.passphrase === undefined) {
    warnings.push("The credentials of the file are sealed under a passphrase: give it to bring them along.");
    return undefined;
  }
  const sealer = passphraseSealer(options.passphrase, mark);
  if (!sealer) throw importRefusal("passphrase", "the passphrase is wrong.");
  return sealer;
}

/** How many of the connections that came cannot be used before somebody signs in. */
function shutConnections(store: Store, source: Database): number {
  const came = new Set(
    source
      .query<{ id: string }, []>("SELECT id FROM provider_connections")
      .all()
      .map(({ id }) => id),
  );
  return listConnections(store).filter(({ id, needsSignIn }) => needsSignIn && came.has(id)).length;
}

class DryRun extends Error {}

function takeOver(store: Store, dryRun: boolean, work: () => void): void {
  try {
    store.change(undefined, () =>
      store.files.config
        .transaction(() => {
          work();
          if (dryRun) throw new DryRun();
        })
        .immediate(),
    );
  } catch (error) {
    if (error instanceof DryRun) return;
    throw error;
  }
  for (const change of CHANGES) store.change(change, () => {});
}

function copyTable(
  source: Database,
  target: Database,
  table: string,
  mode: ImportOptions["mode"],
  warnings: string[],
): void {
  const limits = table === "key_value" ? ` WHERE NOT ${STAYS}` : "";
  if (mode === "replace") target.run(`DELETE FROM ${table}${limits}`);
  const columns = target
    .query<{ name: string; type: string }, [string]>("SELECT name, type FROM pragma_table_info(?)")
    .all(table);
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  const insert = target.prepare(
    `INSERT OR ${mode === "merge" ? "REPLACE" : "ABORT"} INTO ${table} (${names}) VALUES (${columns.map(() => "?").join(", ")})`,
  );
  let refused = 0;
  const rows = source.query<Record<string, unknown>, []>(`SELECT ${names} FROM ${table}${limits}`);
  for (const row of rows.iterate()) {
    for (const { name, type } of columns) checkType(table, name, type, row[name]);
    try {
      insert.run(...columns.map(({ name }) => row[name] as SQLQueryBindings));
    } catch (error) {
      if (isDiskProblem(error)) throw error;
      if (mode === "replace") throw importRefusal("rows", `a row of ${table} does not fit.`);
      refused++;
    }
  }
  if (refused > 0) warnings.push(`${refused} rows of ${table} were left out: others hold their names.`);
}

/** SQLite lets any column hold anything. */
function checkType(table: string, column: string, type: string, value: unknown): void {
  if (value === null) return;
  if (type === "INTEGER" || type === "REAL" ? typeof value === "number" : typeof value === "string") return;
  throw importRefusal("rows", `${table}.${column} holds a value of another kind.`);
}

const TEXT = z.string().max(10_000);
const nodeShape = z.object({
  type: z.enum(["openai-compatible", "anthropic-compatible"]),
  apiType: z.enum(["chat", "responses"]),
});
const comboShape = z.object({ name: TEXT, models: z.array(comboEntry).max(100), config: comboConfig });
const rulesShape = z.object({
  allowedModels: z.array(TEXT).optional(),
  allowedCombos: z.array(TEXT).optional(),
  allowedProviders: z.array(TEXT).optional(),
  allowedConnections: z.array(TEXT).optional(),
  allowedEndpoints: z.array(TEXT).optional(),
  limits: z.record(z.string(), z.number()).optional(),
  budget: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).optional(),
});
const keyShape = rulesShape.extend({
  scopes: z.array(z.enum(KEY_SCOPES)),
  former: z.array(z.object({ hash: TEXT, until: z.number() })).optional(),
  groupId: TEXT.optional(),
});
const keyGroupShape = rulesShape.extend({ name: TEXT, note: TEXT.optional(), isActive: z.boolean() });
const connectionShape = z.object({
  provider: TEXT,
  name: TEXT,
  authType: z.enum(["apikey", "oauth", "none"]),
});
const priceShape = z.object({ price: z.record(z.string(), z.number()) });

/** Everything that was taken over must read like what we write ourselves; else nothing is taken over. */
function checkRows(store: Store): void {
  const lists: [string, () => readonly unknown[], z.ZodType][] = [
    ["provider_connections", () => listConnections(store), connectionShape],
    ["provider_nodes", () => listNodes(store), nodeShape],
    ["combos", () => listCombos(store), comboShape],
    ["key_groups", () => listKeyGroups(store), keyGroupShape],
    ["api_keys", () => listKeys(store), keyShape],
    ["aliases", () => listAliases(store), z.object({ pattern: TEXT, target: TEXT })],
    ["fallback_chains", () => listChains(store), chainInput],
    ["custom_models", () => listCustomModels(store), z.object({ provider: TEXT, id: TEXT, type: TEXT })],
    ["prices", () => listPrices(store), priceShape],
    ["key_value", () => [readSettings(store)], z.object({})],
  ];
  for (const [table, list, shape] of lists) {
    let rows: readonly unknown[];
    try {
      rows = list();
    } catch (error) {
      if (isDiskProblem(error)) throw error;
      throw importRefusal("rows", `${table} holds a value that cannot be read.`);
    }
    if (!rows.every((row) => shape.safeParse(row).success)) {
      throw importRefusal("rows", `${table} holds a value of another shape.`);
    }
  }
}

function countIn(database: Database, table: (typeof TABLES)[number]): number {
  return database.query<{ count: number }, []>(`SELECT count(*) AS count FROM ${table}`).get()?.count ?? 0;
}

/** Were the keys in the file hashed with another secret than ours? */
function foreignKeys(source: Database, store: Store): boolean {
  const mark = (database: Database) =>
    database
      .query<{ value: string }, []>(
        "SELECT value FROM key_value WHERE namespace = 'access' AND key = 'api-key-check'",
      )
      .get()?.value;
  const theirs = mark(source);
  return countIn(source, "api_keys") > 0 && theirs !== mark(store.files.config);
}
