import type { Database } from "bun:sqlite";
import type { Clock } from "../lib/clock.ts";
import type { Sealer } from "./sealer.ts";
import { WriteQueue, type QueueLosses } from "./write-queue.ts";

type Row = {
  hash: string;
  keyId: string;
  value: string;
  expiresAt: number;
  context?: string;
  vector?: Float32Array;
  question?: string;
};

const MOST_BYTES = 256 * 1024 * 1024;
const MOST_SIMILAR = 200;
/** How many waiting answers a full disk may hold back. */
const MOST_WAITING = 500;

/** Answers of the cache in the log database, sealed, and those on their way there. Bounded by number, bytes and time. */
export class AnswerShelf {
  readonly #queue: WriteQueue<Row>;
  readonly #waiting = new Map<string, Row>();
  readonly #statements;
  #rows: number;
  #bytes: number;

  /** `maxRows` is asked on every write. */
  constructor(
    readonly database: Database,
    readonly clock: Clock,
    readonly sealer: Sealer,
    readonly maxRows: () => number,
  ) {
    this.#statements = prepare(database);
    const { rows, bytes } = this.#statements.sizes.get() ?? { rows: 0, bytes: 0 };
    this.#rows = rows;
    this.#bytes = bytes ?? 0;
    this.#queue = new WriteQueue(database, clock, (batch) => {
      for (const row of batch) this.#write(row);
      this.#trim();
    });
  }

  get losses(): QueueLosses {
    return this.#queue.losses;
  }

  /** Keeps an answer, in place of an earlier one of its hash. Never waits for the disk. */
  save(row: Row): void {
    if (this.#waiting.size >= MOST_WAITING) return;
    this.#waiting.set(row.hash, row);
    this.#queue.add(row);
  }

  find(hash: string): { value: string; expiresAt: number } | undefined {
    const waiting = this.#waiting.get(hash);
    if (waiting) return { value: waiting.value, expiresAt: waiting.expiresAt };
    const row = this.#statements.find.get(bytesOf(hash));
    if (!row) return undefined;
    const value = this.sealer.open(row.value, placeOf(hash));
    return value === undefined ? undefined : { value, expiresAt: row.expires_at };
  }

  /** Answers to questions asked in the same surroundings that still hold, the newest first, at most 200. */
  similar(context: string): { hash: string; vector: Float32Array; question: string }[] {
    const waiting = [...this.#waiting.values()].flatMap(({ hash, context: own, vector, question }) =>
      own === context && vector && question !== undefined ? [{ hash, vector, question }] : [],
    );
    const rows = this.#statements.similar.all(bytesOf(context), this.clock.now(), MOST_SIMILAR);
    const stored = rows.flatMap((row) => {
      const hash = Buffer.from(row.hash).toString("hex");
      const question = row.question === null ? undefined : this.sealer.open(row.question, placeOf(hash));
      if (question === undefined || row.vector === null) return [];
      // A copy: the database's own bytes may lie at any address.
      const vector = new Float32Array(new Uint8Array(row.vector).buffer);
      return [{ hash, vector, question }];
    });
    return [...waiting.toReversed(), ...stored];
  }

  remove(hash: string): boolean {
    this.#queue.flush();
    return this.#statements.remove.run(bytesOf(hash)).changes > 0 && this.#count();
  }

  /** Removes all answers, or those of one API key; gives how many. */
  clear(keyId?: string): number {
    this.#queue.flush();
    const { changes } =
      keyId === undefined ? this.#statements.clear.run() : this.#statements.clearKey.run(keyId);
    this.#count();
    return changes;
  }

  count(): number {
    return this.#rows + this.#waiting.size;
  }

  close(): void {
    this.#queue.close();
  }

  #write(row: Row): void {
    this.#waiting.delete(row.hash);
    const hash = bytesOf(row.hash);
    const value = this.sealer.seal(row.value, placeOf(row.hash));
    const question = row.question === undefined ? null : this.sealer.seal(row.question, placeOf(row.hash));
    const vector = row.vector ? new Uint8Array(row.vector.slice().buffer) : null;
    const size = value.length + (question?.length ?? 0) + (vector?.length ?? 0);
    const context = row.context === undefined ? null : bytesOf(row.context);
    this.#statements.insert.run(hash, row.keyId, row.expiresAt, size, value, context, vector, question);
    this.#rows++;
    this.#bytes += size;
  }

  /** Counted from what was added, so that a look at the whole table is rarely needed. */
  #trim(): void {
    if (this.#rows <= this.maxRows() && this.#bytes <= MOST_BYTES) return;
    this.#statements.expired.run(this.clock.now());
    this.#count();
    while (this.#rows > this.maxRows() || this.#bytes > MOST_BYTES) {
      const tooMany = Math.max(1, this.#rows - this.maxRows(), Math.ceil(this.#rows / 10));
      if (this.#statements.oldest.run(tooMany).changes === 0) return;
      this.#count();
    }
  }

  #count(): true {
    const { rows, bytes } = this.#statements.sizes.get() ?? { rows: 0, bytes: 0 };
    this.#rows = rows;
    this.#bytes = bytes ?? 0;
    return true;
  }
}

function prepare(database: Database) {
  return {
    insert: database.prepare(
      "INSERT OR REPLACE INTO answers (hash, key_id, expires_at, size, value, context, vector, question) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    find: database.prepare<{ value: string; expires_at: number }, [Uint8Array]>(
      "SELECT value, expires_at FROM answers WHERE hash = ?",
    ),
    similar: database.prepare<
      { hash: Uint8Array; vector: Uint8Array | null; question: string | null },
      [Uint8Array, number, number]
    >(
      "SELECT hash, vector, question FROM answers WHERE context = ? AND expires_at > ? ORDER BY expires_at DESC LIMIT ?",
    ),
    remove: database.prepare<unknown, [Uint8Array]>("DELETE FROM answers WHERE hash = ?"),
    clear: database.prepare<unknown, []>("DELETE FROM answers"),
    clearKey: database.prepare<unknown, [string]>("DELETE FROM answers WHERE key_id = ?"),
    expired: database.prepare<unknown, [number]>("DELETE FROM answers WHERE expires_at <= ?"),
    oldest: database.prepare<unknown, [number]>(
      "DELETE FROM answers WHERE hash IN (SELECT hash FROM answers ORDER BY expires_at LIMIT ?)",
    ),
    sizes: database.prepare<{ rows: number; bytes: number | null }, []>(
      "SELECT count(*) AS rows, sum(size) AS bytes FROM answers",
    ),
  };
}

const bytesOf = (hash: string): Buffer => Buffer.from(hash, "hex");

const placeOf = (hash: string) => `answer ${hash}`;
