import type { Clock } from "./clock.ts";

type Entry = { at: number; callback: () => void };

/** Turns of the event loop after which everything that can go on without time has gone on. */
const TURNS = 20;
const MOST_STEPS = 20_000;

/** A clock for what is only played through: time passes at once, and only where everything waits for it. */
export class SimulatedClock implements Clock {
  #elapsed = 0;
  readonly #waiting = new Set<Entry>();

  /** `start`: milliseconds since 1970. */
  constructor(readonly start: number) {}

  now = (): number => this.start + this.#elapsed;
  monotonic = (): number => this.#elapsed;

  after(ms: number, callback: () => void): () => void {
    const entry = { at: this.#elapsed + Math.max(0, ms), callback };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  /** Lets time pass until the work is done. Rejects as the work does, or when it hangs without waiting for time. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const settled = work.finally(() => (isDone = true));
    settled.catch(() => {});
    for (let step = 0; step < MOST_STEPS; step++) {
      for (let turn = 0; turn < TURNS; turn++) {
        if (isDone) return settled;
        await new Promise((resolve) => setImmediate(resolve));
      }
      const next = this.#next();
      if (next) this.#pass(next);
    }
    throw new Error("What was played through did not come to an end.");
  }

  #next(): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#waiting) if (!first || entry.at < first.at) first = entry;
    return first;
  }

  #pass(entry: Entry): void {
    this.#waiting.delete(entry);
    this.#elapsed = Math.max(this.#elapsed, entry.at);
    entry.callback();
  }
}
