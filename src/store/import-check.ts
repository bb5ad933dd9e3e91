import { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { CONFIG_MIGRATIONS, type Migration } from "../../drizzle/index.ts";
import { GatewayError } from "../core/errors.ts";
import { openDatabase, openForReading } from "./database.ts";
import { inspect } from "./inspection.ts";
import { applyMigrations, inOrder, pendingMigrations } from "./migrator.ts";
import { isDiskProblem, StoreError } from "./store-error.ts";

/** Largest file that is taken in. */
export const LARGEST_IMPORT_BYTES = 100 * 1024 * 1024;
const SMALLEST_BYTES = 4096;
const MOST_TABLES = 200;
/** The tables that every configuration has. */
const REQUIRED = ["provider_connections", "provider_nodes", "combos", "api_keys"];

/** Refuses a file and names the check that it failed. */
export function importRefusal(check: string, message: string): GatewayError {
  return new GatewayError("bad_request", `The file was refused (${check}): ${message} Nothing was changed.`, {
    details: [{ field: check, message }],
  });
}

/**
 * Looks whether a private copy of a file is a configuration of ours that can be taken over, and brings the copy up to
 * date. Nothing in it is run: a file with triggers, views or any table not made by us is refused. Throws
 * `bad_request` naming the failed check.
 */
export function checkImport(path: string, version: string, now: number): void {
  const { size } = statSync(path);
  if (size > LARGEST_IMPORT_BYTES) throw new GatewayError("too_large", "The file is larger than 100 MB.");
  if (size < SMALLEST_BYTES) throw importRefusal("size", "it is too small to be a database.");
  let pending: Migration[];
  try {
    pending = inspect(
      path,
      "whole",
      (database) => {
        checkTables(database);
        const missing = pendingMigrations(database, "The file", CONFIG_MIGRATIONS, version);
        checkSchema(database, missing);
        return missing;
      },
      (cause) => new StoreError("damaged", `the database is damaged (${cause.split("\n").at(-1)!}).`),
    );
    if (pending.length === 0) return;
    const database = openDatabase(path, "logs");
    try {
      database.run("PRAGMA journal_mode = DELETE");
      applyMigrations(database, pending, { now, version });
    } finally {
      database.close(true);
    }
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    if (error instanceof StoreError) throw importRefusal(error.problem, error.message);
    if (isDiskProblem(error)) throw error;
    throw importRefusal("quick_check", "the database cannot be read.");
  }
}

function checkTables(database: Database): void {
  const encoding = database.query<{ encoding: string }, []>("PRAGMA encoding").get()?.encoding;
  if (encoding !== "UTF-8") throw importRefusal("encoding", "its text is not UTF-8.");
  const entries = database
    .query<{ type: string; name: string; sql: string | null }, [number]>(
      "SELECT type, name, sql FROM sqlite_master LIMIT ?",
    )
    .all(2 * MOST_TABLES);
  if (entries.length > MOST_TABLES) throw importRefusal("schema", "it has too many tables.");
  for (const { type, sql } of entries) {
    if (type === "trigger" || type === "view") throw importRefusal("schema", `it holds a ${type}.`);
    if (/^\s*CREATE\s+VIRTUAL/i.test(sql ?? "")) throw importRefusal("schema", "it holds a virtual table.");
  }
  const tables = new Set(entries.filter(({ type }) => type === "table").map(({ name }) => name));
  const missing = REQUIRED.find((name) => !tables.has(name));
  if (missing) throw importRefusal("tables", `the table ${missing} is missing.`);
  if (!tables.has("migrations")) {
    throw importRefusal("schema", "it is no configuration of this OmniRoute.");
  }
}

/** The tables must be, letter for letter, those that our own steps make. */
function checkSchema(database: Database, missing: readonly Migration[]): void {
  const own = new Database(":memory:", { strict: true });
  try {
    const applied = inOrder(CONFIG_MIGRATIONS).filter((migration) => !missing.includes(migration));
    applyMigrations(own, applied, { now: 0, version: "" });
    if (JSON.stringify(schemaOf(own)) !== JSON.stringify(schemaOf(database))) {
      throw importRefusal("schema", "its tables are not those of any release.");
    }
  } finally {
    own.close(true);
  }
}

function schemaOf(database: Database) {
  return database
    .query(
      "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all();
}

/** How many connections a copy holds; undefined when it cannot be read. */
export function connectionsIn(path: string): number | undefined {
  try {
    const database = openForReading(path);
    try {
      return database.query<{ count: number }, []>("SELECT count(*) AS count FROM provider_connections").get()
        ?.count;
    } finally {
      database.close(true);
    }
  } catch {
    return undefined;
  }
}
