import type { Database } from "bun:sqlite";
import { eq, sql } from "drizzle-orm";
import type { Clock } from "../lib/clock.ts";
import { sha256 } from "../lib/ids.ts";
import type { LogDatabase } from "./database.ts";
import { proofs } from "./log-schema.ts";
import type { Sealer } from "./sealer.ts";
import type { Store } from "./store.ts";
import { WriteQueue, type QueueLosses } from "./write-queue.ts";

/** A longer proof is not kept: the client's own copy is then the only one. */
const LONGEST_PROOF = 256 * 1024;

/**
 * Keeps a proof that a client of another format cannot carry, under the key that made the call and the id of the tool
 * call or answer it belongs to. Never waits for the disk. `expiresAt` in milliseconds since 1970.
 */
export function saveProof(
  store: Store,
  proof: { keyId: string; id: string; value: string; expiresAt: number },
): void {
  store.vault.save(proof);
}

/** The proof kept under a client key and an id; undefined when there is none or its time is over. */
export function findProof(store: Store, keyId: string, id: string): string | undefined {
  return store.vault.find(keyId, id);
}

type Waiting = { hash: Buffer; value: string; expiresAt: number };

/** The proofs in the log database and those on their way there. They are sealed, and bounded by `retention.ts`. */
export class Vault {
  readonly #queue: WriteQueue<Waiting>;
  /** What a read must find before it is written: hash in hex → proof. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #find;

  constructor(
    database: Database,
    logs: LogDatabase,
    readonly clock: Clock,
    readonly sealer: Sealer,
  ) {
    const upsert = database.prepare(
      "INSERT INTO proofs (hash, value, expires_at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
    );
    const select = logs
      .select()
      .from(proofs)
      .where(eq(proofs.hash, sql.placeholder("hash")))
      .prepare();
    this.#find = (hash: Buffer) => select.get({ hash });
    this.#queue = new WriteQueue(database, clock, (rows) => {
      for (const row of rows) {
        upsert.run(row.hash, this.sealer.seal(row.value, placeOf(row.hash)), row.expiresAt);
        this.#waiting.delete(row.hash.toString("hex"));
      }
    });
  }

  get losses(): QueueLosses {
    return this.#queue.losses;
  }

  save(proof: { keyId: string; id: string; value: string; expiresAt: number }): void {
    if (proof.value.length > LONGEST_PROOF) return;
    if (this.losses.trouble !== undefined && this.#queue.size >= MOST_WHILE_REFUSED) {
      this.losses.dropped++;
      return;
    }
    const hash = hashOf(proof.keyId, proof.id);
    const row = { hash, value: proof.value, expiresAt: proof.expiresAt };
    this.#waiting.set(hash.toString("hex"), row);
    this.#queue.add(row);
    while (this.#waiting.size > MOST_WAITING) this.#forgetOldest();
  }

  find(keyId: string, id: string): string | undefined {
    const hash = hashOf(keyId, id);
    const waiting = this.#waiting.get(hash.toString("hex"));
    const row = waiting ?? this.#find(hash);
    if (!row || row.expiresAt <= this.clock.now()) return undefined;
    return waiting ? waiting.value : this.sealer.open(row.value, placeOf(hash));
  }

  /** Writes what waits, now. */
  flush(): boolean {
    return this.#queue.flush();
  }

  close(): void {
    this.#queue.close();
  }

  #forgetOldest(): void {
    for (const hash of this.#waiting.keys()) {
      this.#waiting.delete(hash);
      return;
    }
  }
}

const MOST_WAITING = 10_000;
/** Proofs can be large: only so many wait in memory for a disk that refuses. */
const MOST_WHILE_REFUSED = 100;

/** Client keys cannot ask for each other's proofs, nor guess them: the key's id is part of the name. */
const hashOf = (keyId: string, id: string) => Buffer.from(sha256(`${keyId}\u0000${id}`).slice(0, 32), "hex");

const placeOf = (hash: Buffer) => `proof ${hash.toString("hex")}`;
