import type { Database } from "bun:sqlite";
import type { Clock } from "../lib/clock.ts";
import { isDiskProblem } from "./store-error.ts";

const FLUSH_EVERY_MS = 200;
const FLUSH_AT_ROWS = 500;
const CAPACITY = 10_000;
/** How long to leave a full or failing disk alone. */
const RETRY_AFTER_MS = 1000;

/** What a queue could not keep, since the start. */
export type QueueLosses = {
  /** Rows that waited while the disk refused and then had to give way, or that the database would not take. */
  dropped: number;
  /** Batches the disk refused; their rows are tried again. */
  refused: number;
  /** SQLite's word for the last refusal; undefined once a write went well again. */
  trouble: string | undefined;
};

/**
 * Rows on their way to a database. Adding never waits for the disk: rows are written behind the caller's back, many
 * in one transaction, at most 200 ms later. While the disk refuses they wait, up to 10,000; beyond that the oldest
 * are dropped and counted.
 */
export class WriteQueue<Row> {
  #rows: Row[] = [];
  #cancelTimer: (() => void) | undefined;
  #closed = false;
  readonly #writeAll: (rows: Row[]) => void;
  readonly losses: QueueLosses = { dropped: 0, refused: 0, trouble: undefined };

  /** `write` puts rows into the database; it runs inside a transaction of its own. */
  constructor(
    database: Database,
    readonly clock: Clock,
    write: (rows: Row[]) => void,
  ) {
    const transaction = database.transaction(write);
    this.#writeAll = (rows) => transaction.immediate(rows);
  }

  /** How many rows wait. */
  get size(): number {
    return this.#rows.length;
  }

  add(row: Row): void {
    if (this.#closed) return;
    this.#rows.push(row);
    if (this.#rows.length > CAPACITY) {
      this.#rows.shift();
      this.losses.dropped++;
    }
    if (this.#cancelTimer === undefined) this.#schedule(FLUSH_EVERY_MS);
    else if (this.#rows.length === FLUSH_AT_ROWS && this.losses.trouble === undefined) this.#schedule(0);
  }

  /** Writes what waits, now. True when nothing is left. */
  flush(): boolean {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    while (this.#rows.length > 0) if (!this.#writeBatch()) return false;
    return true;
  }

  /** Writes what waits and takes no more. */
  close(): void {
    this.flush();
    this.#closed = true;
    this.#cancelTimer?.();
    this.losses.dropped += this.#rows.length;
    this.#rows = [];
  }

  #schedule(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.clock.after(ms, () => {
      this.#cancelTimer = undefined;
      // One batch a turn, so that a long queue does not hold up the answers that stream meanwhile.
      if (this.#writeBatch() && this.#rows.length > 0) this.#schedule(0);
    });
  }

  #writeBatch(): boolean {
    const batch = this.#rows.slice(0, FLUSH_AT_ROWS);
    try {
      this.#writeAll(batch);
      this.losses.trouble = undefined;
    } catch (error) {
      if (isDiskProblem(error)) {
        this.losses.refused++;
        this.losses.trouble = (error as { code?: string }).code ?? "unknown";
        this.#schedule(RETRY_AFTER_MS);
        return false;
      }
      this.losses.dropped += batch.length;
      this.losses.trouble = (error as { code?: string }).code ?? "unknown";
    }
    this.#rows.splice(0, batch.length);
    return true;
  }
}
