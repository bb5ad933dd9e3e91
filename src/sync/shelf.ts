import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { badRequest, GatewayError } from "../core/errors.ts";
import { newId, sha256 } from "../lib/ids.ts";
import { MOST_BUNDLE_BYTES } from "./bundle.ts";

export type ShelvedBundle = { name: string; etag: string; size: number; updatedAt: number };

/** As headers `If-Match` and `If-None-Match` say it. */
export type Conditions = { ifMatch?: string | undefined; ifNoneMatch?: string | undefined };

const MOST_BUNDLES = 100;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Where this installation, as a hub, keeps the sealed bundles of others: files of one folder. It cannot read them. */
export class Shelf {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, "sync");
  }

  list(): ShelvedBundle[] {
    return this.#names().map((name) => this.#facts(name, readFileSync(join(this.#folder, name))));
  }

  /** Throws `not_found`. */
  read(name: string): ShelvedBundle & { bytes: Uint8Array } {
    const bytes = this.#bytes(name);
    if (!bytes) throw new GatewayError("not_found", "There is no such bundle.");
    return { ...this.#facts(name, bytes), bytes };
  }

  /** Throws `precondition_failed` when somebody else was faster, `too_large`, or `conflict` when the shelf is full. */
  write(name: string, bytes: Uint8Array, conditions: Conditions): ShelvedBundle {
    if (bytes.length > MOST_BUNDLE_BYTES) throw new GatewayError("too_large", "A bundle has at most 10 MB.");
    const present = this.#checked(name, conditions);
    if (!present && this.#names().length >= MOST_BUNDLES)
      throw new GatewayError("conflict", `There are ${MOST_BUNDLES} bundles already; remove one first.`);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const draft = join(this.#folder, `.${newId()}`);
    writeFileSync(draft, bytes, { mode: 0o600 });
    renameSync(draft, join(this.#folder, name));
    return this.#facts(name, bytes);
  }

  /** Throws as `write` does, and `not_found`. */
  remove(name: string, conditions: Conditions): void {
    if (!this.#checked(name, conditions)) throw new GatewayError("not_found", "There is no such bundle.");
    rmSync(join(this.#folder, name));
  }

  #checked(name: string, { ifMatch, ifNoneMatch }: Conditions): Uint8Array | undefined {
    const present = this.#bytes(name);
    const etag = present && etagOf(present);
    const fits =
      (ifNoneMatch !== "*" || !present) &&
      (ifMatch === undefined || (ifMatch === "*" ? present !== undefined : ifMatch === etag));
    if (!fits)
      throw new GatewayError("precondition_failed", "The bundle is not what you think it is: read it again.");
    return present;
  }

  #bytes(name: string): Uint8Array | undefined {
    if (!NAME.test(name)) throw badRequest("A bundle's name has letters, digits and . _ - only.", "name");
    return this.#names().includes(name) ? readFileSync(join(this.#folder, name)) : undefined;
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => NAME.test(name));
    } catch {
      return [];
    }
  }

  #facts(name: string, bytes: Uint8Array): ShelvedBundle {
    const { mtimeMs } = statSync(join(this.#folder, name));
    return { name, etag: etagOf(bytes), size: bytes.length, updatedAt: Math.round(mtimeMs) };
  }
}

const etagOf = (bytes: Uint8Array) => `"${sha256(bytes).slice(0, 32)}"`;
