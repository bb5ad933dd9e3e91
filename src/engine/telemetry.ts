import type { Phases } from "../core/timing.ts";
import type { Clock } from "../lib/clock.ts";
import { Histogram } from "../lib/histogram.ts";
import { LatencyMeter, type LatencySummary, type Percentiles, type Timed } from "../metering/index.ts";
import {
  latenciesOverTime,
  type LatencyGroup,
  type LatencyQuery,
  listLatencies,
  type Store,
} from "../store/index.ts";

/** How long answered calls took: all together, by provider, and by `prefix/model`. */
export type TelemetrySummary = {
  overall: LatencySummary | undefined;
  byProvider: Record<string, LatencySummary>;
  byModel: Record<string, LatencySummary>;
};

/** Up to here the latest calls are remembered one by one; beyond it whole hours are looked up. */
const REMEMBERED_MS = 15 * 60_000;
const CALLS_OF_A_MODEL = 300;

/** How long calls take, exactly for the last minutes and within 5 % for the last days. */
export class Telemetry {
  readonly #byProvider: LatencyMeter;
  readonly #byModel: LatencyMeter;

  constructor(
    readonly store: Store,
    readonly clock: Clock,
  ) {
    this.#byProvider = new LatencyMeter(clock);
    this.#byModel = new LatencyMeter(clock, undefined, CALLS_OF_A_MODEL);
  }

  /** Adds one answered call. */
  record(provider: string, model: string | undefined, call: Timed): void {
    this.#byProvider.record(provider, call);
    if (model !== undefined) this.#byModel.record(model, call);
  }

  /** By provider, of the last five minutes. */
  lately(): Record<string, LatencySummary> {
    return this.#byProvider.byProvider();
  }

  /** Each hour or day by itself, within 5 %, of all calls or of one provider or model; those without calls are left out. */
  overTime(query: LatencyQuery): LatencyPoint[] {
    return latenciesOverTime(this.store, query).map(({ time, times }) => ({
      time,
      count: times.total,
      ...percentilesOf(times),
    }));
  }

  /** The last `windowMs`; more than a quarter of an hour is rounded up to whole hours. */
  summary(windowMs: number): TelemetrySummary {
    if (windowMs <= REMEMBERED_MS) {
      return {
        overall: this.#byProvider.overall(windowMs),
        byProvider: this.#byProvider.byProvider(windowMs),
        byModel: this.#byModel.byProvider(windowMs),
      };
    }
    const now = this.clock.now();
    const groups = listLatencies(this.store, { from: now - windowMs, to: now + 1 });
    return {
      overall: groups.length === 0 ? undefined : summaryOf(groups),
      byProvider: summaries(groups, ({ provider }) => provider),
      byModel: summaries(groups, ({ model }) => model),
    };
  }
}

/** One hour or day: how many calls, and under what half, 95 and 99 of a hundred stayed. Times in milliseconds. */
export type LatencyPoint = Percentiles & { time: number; count: number };

function summaries(
  groups: readonly LatencyGroup[],
  nameOf: (group: LatencyGroup) => string,
): Record<string, LatencySummary> {
  const named = [...Map.groupBy(groups, nameOf)].filter(([name]) => name !== "");
  return Object.fromEntries(named.map(([name, of]) => [name, summaryOf(of)]));
}

function summaryOf(groups: readonly LatencyGroup[]): LatencySummary {
  const count = groups.reduce((sum, { requests }) => sum + requests, 0);
  const average = (of: (group: LatencyGroup) => number) =>
    Math.round(groups.reduce((sum, group) => sum + of(group), 0) / count);
  const phase = (name: keyof Phases) => average(({ phases }) => phases[name]);
  const firsts = merged(groups, ({ firstContents }) => firstContents);
  return {
    count,
    avg: average(({ durationMs }) => durationMs),
    ...percentilesOf(merged(groups, ({ durations }) => durations)),
    ...(firsts.total > 0 && { ttft: percentilesOf(firsts) }),
    phases: {
      waitedMs: phase("waitedMs"),
      retriedMs: phase("retriedMs"),
      firstContentMs: phase("firstContentMs"),
      restMs: phase("restMs"),
    },
  };
}

function merged(groups: readonly LatencyGroup[], of: (group: LatencyGroup) => Histogram): Histogram {
  return groups.reduce((all, group) => all.merge(of(group)), new Histogram());
}

const percentilesOf = (histogram: Histogram): Percentiles => ({
  p50: histogram.quantile(0.5),
  p95: histogram.quantile(0.95),
  p99: histogram.quantile(0.99),
});
