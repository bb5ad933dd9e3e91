import { Database } from "bun:sqlite";
import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { openForReading } from "./database.ts";
import { isDamage, StoreError } from "./store-error.ts";

/** How closely to look: `whole` reads every page; `after-crash` does so only when a journal was left behind. */
export type Care = "whole" | "after-crash";

/**
 * Looks at a database without changing it: is it one, is it whole? Then lets `look` read from it. Throws what `look`
 * throws, and for damage what `damaged` makes of the cause.
 */
export function inspect<T>(
  path: string,
  care: Care,
  look: (database: Database) => T,
  damaged: (cause: string) => StoreError,
): T {
  const crashed = sizeOf(`${path}-wal`) > 0;
  const fault = headerFault(path, crashed);
  if (fault) throw damaged(fault);
  try {
    if (sizeOf(`${path}-journal`) > 0) rollBack(path);
    const database = openForReading(path);
    try {
      const found = care === "whole" || crashed ? quickCheck(database) : undefined;
      if (found) throw damaged(found);
      return look(database);
    } finally {
      database.close(true);
    }
  } catch (error) {
    if (isDamage(error)) throw damaged((error as Error).message);
    throw error;
  } finally {
    if (!crashed) removeCompanions(path);
  }
}

/** The journal and its index beside a database. */
export function removeCompanions(path: string): void {
  rmSync(`${path}-wal`, { force: true });
  rmSync(`${path}-shm`, { force: true });
}

/** Is there a journal although its database is gone? */
export const isOrphaned = (path: string): boolean => !existsSync(path) && sizeOf(`${path}-wal`) > 0;

/**
 * Takes back a change that a kill left half done, as SQLite itself would at the first use; a reader may not. Such a
 * journal stands only in the moment when a new file is switched to write-ahead logging.
 */
function rollBack(path: string): void {
  const database = new Database(path, { readwrite: true, create: false });
  try {
    database.query("SELECT count(*) FROM sqlite_master").get();
  } finally {
    database.close(true);
  }
}

/** The first thing wrong with a database's pages; undefined when nothing is. */
function quickCheck(database: Database): string | undefined {
  const found = database.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get()?.quick_check;
  return found === "ok" ? undefined : (found ?? "the check gave no result");
}

/**
 * What the first page says against the file. An empty file would count as a new database to SQLite, and a shortened
 * one is noticed only when a missing page is asked for.
 */
function headerFault(path: string, crashed: boolean): string | undefined {
  const size = statSync(path).size;
  if (size === 0) return "the file is empty";
  const header = Buffer.alloc(100);
  const file = openSync(path, "r");
  try {
    readSync(file, header, 0, 100, 0);
  } finally {
    closeSync(file);
  }
  if (header.toString("latin1", 0, 16) !== "SQLite format 3\u0000") return "the file is no SQLite database";
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const pages = header.readUInt32BE(28);
  if (!crashed && size < pages * pageSize) return "the end of the file is missing";
  return undefined;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
