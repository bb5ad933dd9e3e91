import type { Database } from "bun:sqlite";
import type { Migration } from "../../drizzle/index.ts";
import { sha256 } from "../lib/ids.ts";
import { isDiskProblem, StoreError } from "./store-error.ts";

/** A migration a database says it has had. `version` is the program that applied it. */
type Applied = { tag: string; sha256: string; version: string };

/**
 * Which migrations a database has yet to get, in the order of their names; also one that was merged late under an
 * older name. Throws `StoreError` for a database from a newer version or another build. Only reads.
 */
export function pendingMigrations(
  database: Database,
  path: string,
  migrations: readonly Migration[],
  version: string,
): Migration[] {
  const applied = appliedMigrations(database);
  const known = new Map(migrations.map((migration) => [migration.tag, migration]));
  const unknown = applied.filter((row) => !known.has(row.tag)).at(-1);
  if (unknown || userVersion(database) > migrations.length) {
    const needed = unknown ? `OmniRoute ${unknown.version}` : "a newer OmniRoute";
    throw new StoreError(
      "newer",
      `${path} was written by ${needed}; this is ${version}. Start ${needed} or later, or restore a copy made before the upgrade.`,
    );
  }
  for (const row of applied) {
    if (row.sha256 === fingerprint(known.get(row.tag)!)) continue;
    throw new StoreError(
      "other-build",
      `${path} was made by a different build (its step ${row.tag} is not the one of ${version}): start the release ${row.version} that made it.`,
    );
  }
  const done = new Set(applied.map((row) => row.tag));
  return inOrder(migrations).filter((migration) => !done.has(migration.tag));
}

/** Migrations in the order they are applied: by name. */
export const inOrder = (migrations: readonly Migration[]): Migration[] =>
  migrations.toSorted((left, right) => (left.tag < right.tag ? -1 : 1));

/**
 * Applies migrations, all or none. Foreign keys are off meanwhile, since rebuilding a table that others refer to would
 * otherwise delete their rows, and are checked as a whole before the end. Throws `StoreError` when the data does not
 * fit them.
 */
export function applyMigrations(
  database: Database,
  pending: readonly Migration[],
  stamp: { now: number; version: string },
): void {
  if (pending.length === 0) return;
  database.run("PRAGMA foreign_keys = OFF");
  try {
    database.transaction(() => applyAll(database, pending, stamp)).immediate();
  } catch (error) {
    if (isDiskProblem(error)) throw error;
    throw notApplied(database, pending, error);
  } finally {
    database.run("PRAGMA foreign_keys = ON");
  }
}

function applyAll(
  database: Database,
  pending: readonly Migration[],
  stamp: { now: number; version: string },
): void {
  database.run(
    "CREATE TABLE IF NOT EXISTS migrations (tag TEXT PRIMARY KEY NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL, version TEXT NOT NULL)",
  );
  for (const migration of pending) {
    database.run(migration.sql);
    database.run("INSERT INTO migrations (tag, sha256, applied_at, version) VALUES (?, ?, ?, ?)", [
      migration.tag,
      fingerprint(migration),
      stamp.now,
      stamp.version,
    ]);
  }
  const broken = database.query("PRAGMA foreign_key_check").all();
  if (broken.length > 0) throw new Error(`${broken.length} rows would refer to nothing`);
  database.run(`PRAGMA user_version = ${appliedMigrations(database).length}`);
}

function notApplied(database: Database, pending: readonly Migration[], cause: unknown): StoreError {
  const tags = pending.map((migration) => migration.tag).join(", ");
  return new StoreError(
    "damaged",
    `${database.filename} could not be brought up to date (${tags}: ${(cause as Error).message}). Nothing was changed: start the version that made it, or restore a copy.`,
    cause,
  );
}

function appliedMigrations(database: Database): Applied[] {
  const table = database
    .query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'")
    .get();
  if (!table) return [];
  return database
    .query<Applied, []>("SELECT tag, sha256, version FROM migrations ORDER BY applied_at, rowid")
    .all();
}

function userVersion(database: Database): number {
  return database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
}

/** Line ends are evened out: a checkout on Windows may have changed them. */
const fingerprint = (migration: Migration) => sha256(migration.sql.replaceAll("\r\n", "\n"));
