import type { Database } from "bun:sqlite";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { makePrivateFile } from "./data-dir.ts";
import { inspect } from "./inspection.ts";
import { StoreError } from "./store-error.ts";

/** Why a copy was put aside. */
export type BackupReason = "migration" | "daily" | "manual" | "point" | "import" | "restore";

/** A copy in `backups/`. `at` in milliseconds since 1970, `size` in bytes. */
export type BackupFile = {
  filename: string;
  path: string;
  at: number;
  size: number;
  reason: string;
  /** What a person called it: such a copy stays until somebody removes it. */
  label?: string;
};

/** Which database: the copies of each are counted and named apart. */
export type BackupFamily = "omniroute" | "logs";

/**
 * Copies an open database as it stands, in one file, then drops the oldest copies beyond `kept`; without it none goes.
 */
export function copyDatabase(
  database: Database,
  directory: string,
  family: BackupFamily,
  reason: BackupReason,
  now: number,
  { kept, label }: { kept?: number; label?: string } = {},
): BackupFile {
  const time = new Date(now).toISOString().replace(/[-:.]/g, "");
  const filename = `${family}-${time}-${reason}${label === undefined ? "" : `-${label}`}.sqlite`;
  const path = join(directory, filename);
  rmSync(path, { force: true });
  try {
    makePrivateFile(path);
    database.query("VACUUM INTO ?").run(path);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  if (kept !== undefined) dropOldest(directory, family, kept);
  const size = statSync(path).size;
  return { filename, path, at: now, size, reason, ...(label !== undefined && { label }) };
}

/** The copies of a database, newest first. */
export function backupFiles(directory: string, family: BackupFamily): BackupFile[] {
  const files: BackupFile[] = [];
  for (const filename of readdirSync(directory)) {
    const [, of, time, reason, label] = NAME.exec(filename) ?? [];
    if (of !== family || time === undefined || reason === undefined) continue;
    const path = join(directory, filename);
    const { size } = statSync(path);
    files.push({ filename, path, at: timeOf(time), size, reason, ...(label !== undefined && { label }) });
  }
  return files.sort((left, right) => right.at - left.at);
}

/** The newest copy that opens and is whole; undefined when none is. */
export function newestGoodBackup(directory: string, family: BackupFamily): BackupFile | undefined {
  return backupFiles(directory, family).find((file) => isWhole(file.path));
}

/** Can this copy be used: is it a database, and is every page in order? */
export function isWhole(path: string): boolean {
  try {
    return inspect(path, "whole", hasTables, (cause) => new StoreError("damaged", cause));
  } catch {
    return false;
  }
}

function hasTables(database: Database): boolean {
  return database.query("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").get() !== null;
}

/** Never drops the newest copy that opens: with all newer ones broken it is all that is left. */
function dropOldest(directory: string, family: BackupFamily, kept: number): void {
  const surplus = backupFiles(directory, family)
    .filter(({ label }) => label === undefined)
    .slice(kept);
  if (surplus.length === 0) return;
  const good = newestGoodBackup(directory, family)?.path;
  for (const file of surplus) if (file.path !== good) rmSync(file.path, { force: true });
}

const NAME = /^(omniroute|logs)-(\d{8}T\d{9}Z)-([a-z]+)(?:-([\w.-]{1,64}))?\.sqlite$/;

function timeOf(compact: string): number {
  return Date.parse(
    compact.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/, "$1-$2-$3T$4:$5:$6.$7Z"),
  );
}
