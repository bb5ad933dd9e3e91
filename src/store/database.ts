import { Database } from "bun:sqlite";
import { drizzle } from "drizzle-orm/bun-sqlite";

/** `omniroute.sqlite` with its tables. */
export type ConfigDatabase = ReturnType<typeof withTables>;
/** `logs.sqlite` with its tables. */
export type LogDatabase = ReturnType<typeof withTables>;

/** Drizzle over an open database. */
export const withTables = (database: Database) => drizzle(database);

/**
 * How much is lost when the power goes: nothing of `config` that was acknowledged (a key is shown once, a rotated
 * refresh token cannot be had again), the last moments of `logs` (a wait for the disk would stall every stream).
 * When only the process dies, neither loses what was written.
 */
export type Durability = "config" | "logs";

/** Opens an existing database for reading and writing, with the settings all our connections have. */
export function openDatabase(path: string, durability: Durability): Database {
  const database = new Database(path, { strict: true, readwrite: true, create: false });
  database.run("PRAGMA busy_timeout = 5000");
  database.run("PRAGMA trusted_schema = OFF");
  database.run("PRAGMA cell_size_check = ON");
  database.run("PRAGMA journal_mode = WAL");
  database.run(`PRAGMA synchronous = ${durability === "config" ? "FULL" : "NORMAL"}`);
  database.run("PRAGMA foreign_keys = ON");
  // A journal of at most 1 MB: it counts as disk used, and is read whole after a crash.
  database.run("PRAGMA wal_autocheckpoint = 256");
  database.run("PRAGMA journal_size_limit = 1048576");
  return database;
}

/** Opens a database only to look at it; its file stays byte for byte. */
export function openForReading(path: string): Database {
  const database = new Database(path, { strict: true, readonly: true });
  database.run("PRAGMA trusted_schema = OFF");
  database.run("PRAGMA cell_size_check = ON");
  database.run("PRAGMA mmap_size = 0");
  return database;
}

/** Moves the journal into the file and makes it empty. False when the disk refused. */
export function checkpoint(database: Database): boolean {
  try {
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    return true;
  } catch {
    return false;
  }
}
