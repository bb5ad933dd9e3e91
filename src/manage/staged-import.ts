import { readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { GatewayError } from "../core/errors.ts";
import { newId } from "../lib/ids.ts";
import { type Imported, keyBeside, readWithJournal, writePrivateFile } from "../store/index.ts";
import type { Actor } from "./actor.ts";
import { importFile, nearbyFile, type TakeIn } from "./copies.ts";
import type { ManageDeps } from "./deps.ts";

/** A file that somebody has looked into and not yet taken over. */
type Staged = { id: string; name: string; path: string; options: Omit<TakeIn, "dryRun"> };
export type LookedInto = { id: string; name: string; found: Imported };

const KEPT_MS = 15 * 60_000;

/**
 * Looks into a file first and takes it over when that was confirmed, without sending it twice. One file at a time is
 * kept, for a quarter of an hour, in a private place on the disk.
 */
export class StagedImport {
  #staged: Staged | undefined;
  #cancel = () => {};

  constructor(readonly deps: ManageDeps) {}

  /** Says what would come. Throws `bad_request` naming the failed check; then nothing is kept. */
  look(file: { name: string; bytes: Uint8Array }, options: Staged["options"], actor: Actor): LookedInto {
    this.drop();
    const found = importFile(this.deps, file, { ...options, dryRun: true }, actor);
    const id = newId();
    const path = join(this.deps.store.dataDir, `import-${id}.tmp`);
    writePrivateFile(path, file.bytes);
    this.#staged = { id, name: file.name, path, options };
    this.#cancel = this.deps.clock.after(KEPT_MS, () => this.drop());
    return { id, name: file.name, found };
  }

  /** The same with what an earlier OmniRoute left in the data directory, and its key. Throws `not_found`. */
  lookNearby(actor: Actor): LookedInto {
    const path = nearbyFile(this.deps);
    if (path === undefined)
      throw new GatewayError("not_found", "There is no database of an earlier OmniRoute.");
    const storageKey = keyBeside(path);
    const file = { name: basename(path), bytes: readWithJournal(path) };
    return this.look(file, { mode: "replace", ...(storageKey !== undefined && { storageKey }) }, actor);
  }

  /** Takes over what was looked into. Throws `not_found` when it is not kept any more. */
  bring(id: string, actor: Actor): Imported {
    const staged = this.#staged;
    if (staged?.id !== id)
      throw new GatewayError("not_found", "The file is not kept any more: choose it again.");
    try {
      const file = { name: staged.name, bytes: readFileSync(staged.path) };
      return importFile(this.deps, file, staged.options, actor);
    } finally {
      this.drop();
    }
  }

  drop(): void {
    this.#cancel();
    if (this.#staged) rmSync(this.#staged.path, { force: true });
    this.#staged = undefined;
  }
}
