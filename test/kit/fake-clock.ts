import type { Clock } from "../../src/lib/clock.ts";

/** A clock whose hands a test turns. Starts at a fixed time of day, so that hours and days are known. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  #waiting: { at: number; callback: () => void }[] = [];

  constructor(start = Date.UTC(2026, 10, 21, 9, 30)) {
    this.#now = start;
  }

  now = (): number => this.#now;
  monotonic = (): number => this.#monotonic;

  after(ms: number, callback: () => void): () => void {
    const entry = { at: this.#monotonic + ms, callback };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  /** Lets time pass; what falls due is called in order, each at its own time. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (;;) {
      const due = this.#waiting
        .filter((entry) => entry.at <= end)
        .sort((left, right) => left.at - right.at)[0];
      if (!due) break;
      this.#waiting = this.#waiting.filter((entry) => entry !== due);
      this.#pass(Math.max(0, due.at - this.#monotonic));
      due.callback();
    }
    this.#pass(end - this.#monotonic);
  }

  /** Lets time pass while promises go on: what they wait for and start anew is called in its turn too. */
  async run(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settled();
    for (;;) {
      const next = Math.min(...this.#waiting.map((entry) => entry.at));
      if (next > end) break;
      this.advance(Math.max(0, next - this.#monotonic));
      await settled();
    }
    this.advance(end - this.#monotonic);
    await settled();
  }

  /** When the next thing falls due, on the steady clock; undefined when nothing waits. */
  nextDue(): number | undefined {
    return this.#waiting.length === 0 ? undefined : Math.min(...this.#waiting.map((entry) => entry.at));
  }

  /** How many things wait for their time. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** Sets the wall clock as a person or a time server does; durations are not touched. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #pass(ms: number): void {
    this.#now += ms;
    this.#monotonic += ms;
  }
}

/** Lets every promise that can go on go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
