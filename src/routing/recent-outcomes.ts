import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";

type Outcome = { at: number; ok: boolean; firstContentMs: number | undefined };

const WINDOW_MS = 300_000;
const MOST_OUTCOMES = 50;

/** The last outcomes of each target, for strategies that look at health. */
export class RecentOutcomes {
  readonly #byKey = new Lru<string, Outcome[]>(5000);

  constructor(readonly clock: Clock) {}

  /** Notes one outcome; `firstContentMs` for good ones. */
  add(key: string, ok: boolean, firstContentMs?: number): void {
    const outcomes = this.#byKey.get(key) ?? [];
    outcomes.push({ at: this.clock.monotonic(), ok, firstContentMs });
    if (outcomes.length > MOST_OUTCOMES) outcomes.shift();
    this.#byKey.set(key, outcomes);
  }

  /** Share of failures in the last 5 minutes (0 when nothing happened) and the median time to the first content. */
  read(key: string): { failureShare: number; p50?: number } {
    const outcomes = this.#recent(key);
    if (outcomes.length === 0) return { failureShare: 0 };
    const failures = outcomes.filter((outcome) => !outcome.ok).length;
    const times = outcomes.flatMap((outcome) => outcome.firstContentMs ?? []).toSorted((a, b) => a - b);
    const p50 = times[Math.floor((times.length - 1) / 2)];
    return { failureShare: failures / outcomes.length, ...(p50 !== undefined && { p50 }) };
  }

  clear(): void {
    this.#byKey.clear();
  }

  #recent(key: string): Outcome[] {
    const oldest = this.clock.monotonic() - WINDOW_MS;
    return (this.#byKey.get(key) ?? []).filter((outcome) => outcome.at >= oldest);
  }
}
