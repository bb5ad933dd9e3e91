import type { RequestRecord } from "../core/record.ts";
import { Lru } from "../lib/lru.ts";

type Counts = { requests: number; successes: number; failures: number; totalMs: number };

/** How a combo did since its numbers were last cleared. Times in milliseconds (since 1970 for `lastUsedAt`). */
export type ComboMetrics = {
  totalRequests: number;
  totalSuccesses: number;
  totalFailures: number;
  avgLatencyMs: number;
  /** By `prefix/id`; every attempt counts. */
  byModel: {
    [model: string]: { requests: number; successes: number; failures: number; avgLatencyMs: number };
  };
  lastUsedAt: number;
};

type Entry = Counts & { lastUsedAt: number; models: Map<string, Counts> };

const MOST_COMBOS = 1000;
const MOST_MODELS = 200;

/** Counts how combos and their models do. Calls that the client broke off count as neither good nor bad. */
export class ComboMeter {
  readonly #byName = new Lru<string, Entry>(MOST_COMBOS);

  record(record: RequestRecord): void {
    if (record.combo === undefined) return;
    const entry = this.#byName.get(record.combo) ?? { ...none(), lastUsedAt: 0, models: new Map() };
    const cancelled = record.status === 499;
    const good = record.status < 400 && record.errorCode === undefined;
    count(entry, cancelled ? undefined : good, record.durationMs);
    entry.lastUsedAt = record.at;
    for (const attempt of record.attempts) {
      const model = entry.models.get(attempt.model) ?? none();
      const outcome = attempt.outcome === "cancelled" ? undefined : attempt.outcome === "ok";
      count(model, outcome, attempt.firstContentMs ?? attempt.durationMs);
      if (entry.models.size < MOST_MODELS || entry.models.has(attempt.model))
        entry.models.set(attempt.model, model);
    }
    this.#byName.set(record.combo, entry);
  }

  /** All combos' numbers, or one's. */
  read(name?: string): { [combo: string]: ComboMetrics } {
    const entries = [...this.#byName.entries()].filter(([combo]) => name === undefined || combo === name);
    return Object.fromEntries(entries.map(([combo, entry]) => [combo, told(entry)]));
  }

  /** Starts all over, or one combo. */
  clear(name?: string): void {
    if (name === undefined) this.#byName.clear();
    else this.#byName.delete(name);
  }

  /** What must survive a restart. */
  snapshot(): unknown {
    return [...this.#byName.entries()].map(([name, { models, ...counts }]) => [
      name,
      { ...counts, models: [...models] },
    ]);
  }

  /** Takes a stored snapshot back; what is no snapshot is left out. */
  restore(snapshot: unknown): void {
    if (!Array.isArray(snapshot)) return;
    for (const [name, entry] of snapshot.filter(Array.isArray) as [unknown, unknown][]) {
      if (typeof name !== "string" || !isCounts(entry)) continue;
      const { models, lastUsedAt } = entry as { models?: unknown; lastUsedAt?: unknown };
      const rows: unknown[] = Array.isArray(models) ? models : [];
      const kept = rows.filter(
        (row): row is [string, Counts] =>
          Array.isArray(row) && typeof row[0] === "string" && isCounts(row[1]),
      );
      const at = typeof lastUsedAt === "number" ? lastUsedAt : 0;
      this.#byName.set(name, { ...countsOf(entry), lastUsedAt: at, models: new Map(kept) });
    }
  }
}

const none = (): Counts => ({ requests: 0, successes: 0, failures: 0, totalMs: 0 });

function count(counts: Counts, good: boolean | undefined, ms: number): void {
  counts.requests++;
  counts.totalMs += ms;
  if (good === true) counts.successes++;
  if (good === false) counts.failures++;
}

function told({ models, lastUsedAt, ...all }: Entry): ComboMetrics {
  return {
    totalRequests: all.requests,
    totalSuccesses: all.successes,
    totalFailures: all.failures,
    avgLatencyMs: average(all),
    byModel: Object.fromEntries(
      [...models].map(([model, { totalMs, ...counts }]) => [
        model,
        { ...counts, avgLatencyMs: average({ ...counts, totalMs }) },
      ]),
    ),
    lastUsedAt,
  };
}

const average = ({ totalMs, requests }: Counts): number =>
  requests === 0 ? 0 : Math.round(totalMs / requests);

const countsOf = ({ requests, successes, failures, totalMs }: Counts): Counts => ({
  requests,
  successes,
  failures,
  totalMs,
});

function isCounts(value: unknown): value is Counts {
  const { requests, successes, failures, totalMs } = (value ?? {}) as Partial<Counts>;
  return [requests, successes, failures, totalMs].every((number) => Number.isFinite(number));
}
