import type { Database } from "bun:sqlite";
import { randomBytes, scryptSync } from "node:crypto";
import { z } from "zod";
import { createSealer, type Sealer } from "./sealer.ts";

/** How the key of a file was made from a passphrase, and a sealed text of known content to know the right one by. */
const markShape = z.object({
  kdf: z.literal("scrypt"),
  salt: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  /** Bounded, since whoever made the file chose it: 2^18 takes 256 MB and about a second. */
  cost: z
    .int()
    .min(2 ** 14)
    .max(2 ** 18),
  sealed: z.string().max(1000),
});
export type PassphraseMark = z.infer<typeof markShape>;

const COST = 2 ** 17;
const BLOCK_SIZE = 8;
const PLACE = "passphrase";
const CONTENT = "omniroute";

/** A key for a new file. */
export function newPassphrase(passphrase: string): { mark: PassphraseMark; sealer: Sealer } {
  const salt = randomBytes(16).toString("base64url");
  const sealer = sealerOf(passphrase, salt, COST);
  return { mark: { kdf: "scrypt", salt, cost: COST, sealed: sealer.seal(CONTENT, PLACE) }, sealer };
}

/** What opens a file under a passphrase; undefined when it is not the right one. */
export function passphraseSealer(passphrase: string, mark: PassphraseMark): Sealer | undefined {
  const sealer = sealerOf(passphrase, mark.salt, mark.cost);
  return sealer.open(mark.sealed, PLACE) === CONTENT ? sealer : undefined;
}

export function keepPassphraseMark(database: Database, mark: PassphraseMark): void {
  database.run("INSERT OR REPLACE INTO key_value (namespace, key, value) VALUES ('store', 'passphrase', ?)", [
    JSON.stringify(mark),
  ]);
}

/** The mark of a file that was exported under a passphrase; undefined for all others. */
export function readPassphraseMark(database: Database): PassphraseMark | undefined {
  const row = database
    .query<{ value: string }, []>(
      "SELECT value FROM key_value WHERE namespace = 'store' AND key = 'passphrase'",
    )
    .get();
  if (!row) return undefined;
  try {
    return markShape.parse(JSON.parse(row.value));
  } catch {
    return undefined;
  }
}

function sealerOf(passphrase: string, salt: string, cost: number): Sealer {
  const maxmem = 256 * cost * BLOCK_SIZE;
  const key = scryptSync(passphrase.normalize("NFC"), salt, 32, { N: cost, r: BLOCK_SIZE, p: 1, maxmem });
  return createSealer(key.toString("base64url"));
}
