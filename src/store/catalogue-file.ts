import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDiskProblem, storageFull } from "./store-error.ts";
import type { Store } from "./store.ts";

const NAME = "catalogue.json";
const MAX_BYTES = 32 * 1024 * 1024;

/** Newer facts on providers and models, as a person put them there; undefined when there are none. */
export function readCatalogueFile(store: Store): string | undefined {
  try {
    const bytes = readFileSync(pathOf(store));
    return bytes.length > MAX_BYTES ? undefined : bytes.toString();
  } catch {
    return undefined;
  }
}

/** Puts new facts in place of the old, all or none. Throws `storage_full`. */
export function writeCatalogueFile(store: Store, text: string): void {
  const path = pathOf(store);
  try {
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    chmodSync(`${path}.new`, 0o600);
    renameSync(`${path}.new`, path);
  } catch (error) {
    rmSync(`${path}.new`, { force: true });
    throw isDiskProblem(error) ? storageFull(error) : error;
  }
}

/** True when there was one. */
export function removeCatalogueFile(store: Store): boolean {
  if (readCatalogueFile(store) === undefined) return false;
  rmSync(pathOf(store), { force: true });
  return true;
}

const pathOf = (store: Store): string => join(store.paths.root, NAME);
