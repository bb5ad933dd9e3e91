import { Database } from "bun:sqlite";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkpoint } from "./database.ts";

/**
 * A file's bytes, which is only read. A database keeps its newest rows in a journal beside it: both are then copied to
 * a private place and joined there.
 */
export function readWithJournal(path: string): Uint8Array {
  const journal = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (!journal || journal.size === 0) return readFileSync(path);
  const folder = mkdtempSync(join(tmpdir(), "omniroute-import-"));
  const copy = join(folder, "copy.sqlite");
  try {
    for (const ending of ["", "-wal"]) copyFileSync(path + ending, copy + ending);
    const database = new Database(copy, { strict: true, readwrite: true, create: false });
    try {
      database.run("PRAGMA trusted_schema = OFF");
      checkpoint(database);
    } finally {
      database.close(true);
    }
    return readFileSync(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
