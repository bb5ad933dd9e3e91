import { type Phases, phasesOf } from "../core/timing.ts";
import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";

/** Milliseconds under which half, 95 % and 99 % of the calls stayed. */
export type Percentiles = { p50: number; p95: number; p99: number };

export type LatencySummary = Percentiles & {
  count: number;
  avg: number;
  /** Time to the first content, over the calls that told it. */
  ttft?: Percentiles;
  /** Where the time went, on average. */
  phases: Phases;
};

type Sample = { at: number; durationMs: number; firstContentMs: number | undefined; phases: Phases };
/** The latest samples in a ring; `next` is the place of the one to come. */
type Ring = { samples: Sample[]; next: number };

/** What a call tells of its time. */
export type Timed = Parameters<typeof phasesOf>[0];

/** Calls remembered per provider, and providers remembered. */
const CAPACITY = 1000;
const MAX_PROVIDERS = 500;

/** Remembers how long the latest calls took, provider by provider (or by whatever else names them). */
export class LatencyMeter {
  readonly #rings = new Lru<string, Ring>(MAX_PROVIDERS);

  /** `windowMs`: how far back a summary looks unless told otherwise; `capacity`: calls remembered of each. */
  constructor(
    readonly clock: Clock,
    readonly windowMs: number = 300_000,
    readonly capacity: number = CAPACITY,
  ) {}

  /** Adds one answered call. */
  record(provider: string, call: Timed): void {
    const { durationMs, firstContentMs } = call;
    const ring = this.#rings.get(provider) ?? { samples: [], next: 0 };
    ring.samples[ring.next] = {
      at: this.clock.now(),
      durationMs,
      firstContentMs,
      phases: phasesOf(call),
    };
    ring.next = (ring.next + 1) % this.capacity;
    this.#rings.set(provider, ring);
  }

  /** All calls of the window together; undefined when there were none. */
  overall(windowMs = this.windowMs): LatencySummary | undefined {
    return summaryOf([...this.#rings.entries()].flatMap(([, ring]) => this.#recent(ring, windowMs)));
  }

  /** By provider, for those with calls in the window. */
  byProvider(windowMs = this.windowMs): Record<string, LatencySummary> {
    const summaries: Record<string, LatencySummary> = {};
    for (const [provider, ring] of this.#rings.entries()) {
      const summary = summaryOf(this.#recent(ring, windowMs));
      if (summary) summaries[provider] = summary;
    }
    return summaries;
  }

  #recent({ samples }: Ring, windowMs: number): Sample[] {
    const since = this.clock.now() - windowMs;
    return samples.filter((sample) => sample.at >= since);
  }
}

function summaryOf(samples: readonly Sample[]): LatencySummary | undefined {
  if (samples.length === 0) return undefined;
  const durations = samples.map((sample) => sample.durationMs);
  const firsts = samples.flatMap((sample) => sample.firstContentMs ?? []);
  return {
    count: samples.length,
    avg: durations.reduce((sum, duration) => sum + duration, 0) / samples.length,
    ...percentilesOf(durations),
    ...(firsts.length > 0 && { ttft: percentilesOf(firsts) }),
    phases: averageOf(samples.map(({ phases }) => phases)),
  };
}

function averageOf(all: readonly Phases[]): Phases {
  const average = (phase: keyof Phases) =>
    Math.round(all.reduce((sum, phases) => sum + phases[phase], 0) / all.length);
  return {
    waitedMs: average("waitedMs"),
    retriedMs: average("retriedMs"),
    firstContentMs: average("firstContentMs"),
    restMs: average("restMs"),
  };
}

/** Nearest-rank percentiles; zeros for an empty list. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
