import { Database } from "bun:sqlite";
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Migration } from "../../drizzle/index.ts";
import { copyDatabase, newestGoodBackup, type BackupFamily } from "./backups.ts";
import { openDatabase, type Durability } from "./database.ts";
import { makePrivateFile, syncDirectory } from "./data-dir.ts";
import { inspect, isOrphaned, removeCompanions, type Care } from "./inspection.ts";
import { applyMigrations, inOrder, pendingMigrations } from "./migrator.ts";
import { StoreError } from "./store-error.ts";

/** One of our two database files, and what is done to bring it up to date. */
export type DatabaseFile = {
  path: string;
  backups: string;
  family: BackupFamily;
  durability: Durability;
  care: Care;
  migrations: readonly Migration[];
  /** Program version and time (milliseconds since 1970), kept beside each migration. */
  version: string;
  now: number;
};

/** A database found fit to be opened, or found missing; nothing has been changed yet. */
export type Findings = { exists: boolean; pending: readonly Migration[] };

/**
 * Looks whether a file can be opened, and lets `look` read what else must be known before anything is changed.
 * Throws `StoreError` when it is damaged, newer than this program, or refused by `look`.
 */
export function examine(file: DatabaseFile, look: (database: Database) => void = () => {}): Findings {
  if (!existsSync(file.path)) {
    if (file.family === "omniroute" && isOrphaned(file.path))
      throw damaged(file, "the file is gone, its journal is there");
    return { exists: false, pending: inOrder(file.migrations) };
  }
  return inspect(
    file.path,
    file.care,
    (database) => {
      const pending = pendingMigrations(database, file.path, file.migrations, file.version);
      look(database);
      return { exists: true, pending };
    },
    (cause) => damaged(file, cause),
  );
}

const LOG_COPIES = 2;

/** Opens an examined file, making it first when it is missing; a copy is put aside before it is migrated. */
export function openExamined(file: DatabaseFile, findings: Findings): Database {
  if (!findings.exists) makeFile(file, findings.pending);
  const database = openDatabase(file.path, file.durability);
  try {
    if (findings.exists && findings.pending.length > 0) {
      // Those of the configuration are dropped by the next copy, when the settings can be read.
      const limit = file.family === "logs" ? { kept: LOG_COPIES } : {};
      copyDatabase(database, file.backups, file.family, "migration", file.now, limit);
      applyMigrations(database, findings.pending, file);
    }
    return database;
  } catch (error) {
    database.close(true);
    throw error;
  }
}

/**
 * Makes a new database beside its place and moves it there whole. So an empty file under the final name is never an
 * unfinished start, always damage.
 */
function makeFile(file: DatabaseFile, migrations: readonly Migration[]): void {
  const draft = `${file.path}.new`;
  rmSync(draft, { force: true });
  rmSync(`${draft}-journal`, { force: true });
  removeCompanions(file.path);
  makePrivateFile(draft);
  const database = new Database(draft, { strict: true, readwrite: true, create: false });
  try {
    // Space freed by trimming goes back to the disk in small steps. Can only be chosen while there are no tables.
    database.run("PRAGMA auto_vacuum = INCREMENTAL");
    // Nothing is lost if this start is cut short: the draft is made anew. One wait for the disk at the end is enough.
    database.run("PRAGMA synchronous = OFF");
    database.run("PRAGMA journal_mode = MEMORY");
    applyMigrations(database, migrations, file);
  } finally {
    database.close(true);
  }
  syncFile(draft);
  renameSync(draft, file.path);
  syncDirectory(dirname(file.path));
}

function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function damaged(file: DatabaseFile, found: string): StoreError {
  // SQLite tells in several lines, the first of which is a headline.
  const cause = found.split("\n").at(-1)!;
  return new StoreError(
    "damaged",
    `${file.path} is damaged (${cause}). ${cure(file)} The file was left as it is.`,
  );
}

/** The journal must go too: SQLite would play it into whatever lies beside it. */
function cure(file: DatabaseFile): string {
  const names = [file.path, `${file.path}-wal`, `${file.path}-shm`]
    .filter((path) => existsSync(path))
    .map((path) => basename(path));
  const away = `move ${names.join(" and ")} away`;
  const good = newestGoodBackup(file.backups, file.family);
  if (file.family === "logs") {
    return good
      ? `The newest good copy is ${good.path}: ${away} and copy it to ${file.path}.`
      : `There is no copy: ${away} to start with an empty log.`;
  }
  return good
    ? `The newest good copy is ${good.path}: put it back with "omniroute restore ${good.path}".`
    : `There is no good copy in ${file.backups}: bring one from elsewhere, or ${away} to start anew.`;
}
