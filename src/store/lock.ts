import { Database } from "bun:sqlite";
import { makePrivateFile } from "./data-dir.ts";
import { sqliteCode, StoreError } from "./store-error.ts";

/** Held for the life of the process; `release` gives the data directory free. */
export type Lock = { release(): void };

/**
 * Makes this process the only one on a data directory: an exclusive transaction on a database of its own, which the
 * system itself drops when the process dies in whatever way. The result must be kept: SQLite handles that nobody
 * holds are closed by the collector, and their locks vanish.
 *
 * Nothing else may open the lock file: POSIX drops all locks of a process on a file when any handle to it is closed.
 */
export function takeLock(path: string, dataDir: string): Lock {
  makePrivateFile(path);
  const database = new Database(path, { strict: true, readwrite: true, create: false });
  try {
    database.run("PRAGMA busy_timeout = 0");
    database.run("PRAGMA journal_mode = MEMORY");
    database.run("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close(true);
    if (sqliteCode(error)?.startsWith("SQLITE_BUSY")) {
      throw new StoreError(
        "locked",
        `Another OmniRoute is running on ${dataDir}: stop it, or name another directory with --data-dir.`,
        error,
      );
    }
    if (sqliteCode(error)?.startsWith("SQLITE_NOTADB")) {
      throw new StoreError("unusable", `${path} is not our lock file: remove it and start again.`, error);
    }
    throw error;
  }
  return {
    release() {
      database.run("ROLLBACK");
      database.close(true);
    },
  };
}
