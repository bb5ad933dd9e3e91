import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnvFile } from "../lib/env-file.ts";

/** What earlier programs call their databases, the newest first. */
const FORMER_NAMES = ["storage.sqlite", "data.sqlite", "db/data.sqlite", "db.json"];
/** Where they keep what they seal credentials with. */
const ENV_FILES = ["server.env", ".env"];
const KEY_NAMES = ["STORAGE_ENCRYPTION_KEY", "DB_ENCRYPTION_KEY"];

/** The database of an earlier program in a directory; undefined when there is none. */
export const formerFileIn = (directory: string): string | undefined =>
  FORMER_NAMES.map((name) => join(directory, name)).find((path) => existsSync(path));

/** What an earlier program sealed with, where it lies beside its database as that program leaves it. */
export function keyBeside(path: string): string | undefined {
  for (const name of ENV_FILES) {
    const values = valuesOf(join(dirname(path), name));
    const key = KEY_NAMES.map((each) => values[each]).find((value) => value);
    if (key) return key;
  }
  return undefined;
}

function valuesOf(file: string): { [name: string]: string } {
  try {
    return parseEnvFile(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}
