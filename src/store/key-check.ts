import type { Database } from "bun:sqlite";
import { createSealer, type Sealer } from "./sealer.ts";
import { StoreError } from "./store-error.ts";

/** The key that credentials are sealed with, and where it comes from. */
export type StorageKey = { value: string; source: KeySource };
export type KeySource = "environment" | "file";

/** A sealed value of known content: it opens only with the key that everything else was sealed with. */
export type KeyCheck = { sealed: string; source: KeySource };

const CONTENT = "omniroute";
const PLACE = "key-check";

/** The sealed value of a database; undefined while nothing was ever sealed there. Works before migrations. */
export function findKeyCheck(database: Database): KeyCheck | undefined {
  const table = database
    .query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'key_value'")
    .get();
  if (!table) return undefined;
  const row = database
    .query<{ value: string }, [string, string]>("SELECT value FROM key_value WHERE namespace = ? AND key = ?")
    .get("store", PLACE);
  return row ? (JSON.parse(row.value) as KeyCheck) : undefined;
}

/** Throws `StoreError` when `key` is missing or is not the one that the data was sealed with. */
export function checkKey(check: KeyCheck, key: StorageKey | undefined, secretsPath: string): void {
  if (key === undefined) {
    throw new StoreError(
      "key-missing",
      check.source === "environment"
        ? `The credentials are sealed with STORAGE_ENCRYPTION_KEY, which is not set, and ${secretsPath} is gone: set it and start again.`
        : `${secretsPath} is gone, and with it the key to the stored credentials: put the file back from a copy. No new key is made over old data.`,
    );
  }
  if (createSealer(key.value).open(check.sealed, PLACE) === CONTENT) return;
  throw new StoreError("key-wrong", wrongKey(check.source, key.source, secretsPath));
}

/** Leaves the value by which a later start knows the key. */
export function saveKeyCheck(database: Database, sealer: Sealer, source: KeySource): void {
  const check: KeyCheck = { sealed: sealer.seal(CONTENT, PLACE), source };
  database.run("INSERT OR REPLACE INTO key_value (namespace, key, value) VALUES (?, ?, ?)", [
    "store",
    PLACE,
    JSON.stringify(check),
  ]);
}

function wrongKey(made: KeySource, given: KeySource, secretsPath: string): string {
  if (made === "file" && given === "environment") {
    return `STORAGE_ENCRYPTION_KEY is not the key the stored credentials are sealed with, which is in ${secretsPath}: unset it and start again.`;
  }
  if (made === "environment" && given === "file") {
    return "The credentials are sealed with STORAGE_ENCRYPTION_KEY, which is not set: set it to its former value and start again.";
  }
  const where = given === "environment" ? "STORAGE_ENCRYPTION_KEY" : secretsPath;
  return `${where} does not fit the stored credentials: put back the one they were sealed with.`;
}
