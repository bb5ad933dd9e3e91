import type { Database } from "bun:sqlite";
import type { RequestRecord } from "../core/record.ts";
import { type Phases, phasesOf } from "../core/timing.ts";
import { Histogram } from "../lib/histogram.ts";
import type { Store } from "./store.ts";
import { HOUR_MS, isError } from "./usage-rows.ts";

type Row = {
  provider: string;
  model: string;
  requests: number;
  duration_ms: number;
  waited_ms: number;
  retried_ms: number;
  first_content_ms: number;
  durations: string;
  first_contents: string;
};

/** How long answered calls took; durations in milliseconds, percentiles within 5 %. */
export type LatencyGroup = {
  provider: string;
  model: string;
  requests: number;
  durationMs: number;
  phases: Phases;
  durations: Histogram;
  firstContents: Histogram;
};

/** Gives a function that adds answered requests to the hourly distributions; to be called inside a transaction. */
export function latencyAdder(database: Database): (records: RequestRecord[]) => void {
  const find = database.prepare<Row, [number, string, string]>(
    "SELECT * FROM latency_hourly WHERE bucket = ? AND provider = ? AND model = ?",
  );
  const save = database.prepare(
    "INSERT OR REPLACE INTO latency_hourly VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  return (records) => {
    const groups = Map.groupBy(records.filter(isTimed), ({ at, provider, model }) =>
      [Math.floor(at / HOUR_MS), provider, model ?? ""].join("\u0000"),
    );
    for (const group of groups.values()) {
      const { at, provider = "", model = "" } = group[0]!;
      const bucket = Math.floor(at / HOUR_MS);
      const { requests, durationMs, phases, durations, firstContents } = added(
        fromRow(find.get(bucket, provider, model) ?? { ...EMPTY, provider, model }),
        group,
      );
      const { waitedMs, retriedMs, firstContentMs } = phases;
      const sums = [requests, durationMs, waitedMs, retriedMs, firstContentMs].map(Math.round);
      save.run(bucket, provider, model, ...sums, durations.pack(), firstContents.pack());
    }
  };
}

/** The distributions of whole hours, one group for each model at each provider. `to` is out. */
export function listLatencies(store: Store, { from, to }: { from: number; to: number }): LatencyGroup[] {
  store.requestLog.flush();
  const rows = store.files.logs
    .query<Row, [number, number]>("SELECT * FROM latency_hourly WHERE bucket >= ? AND bucket < ?")
    .all(Math.floor(from / HOUR_MS), Math.ceil(to / HOUR_MS));
  const groups = Map.groupBy(rows, ({ provider, model }) => `${provider}\u0000${model}`);
  return [...groups.values()].map((hours) => hours.slice(1).reduce(merged, fromRow(hours[0]!)));
}

/** Answered by a provider, as opposed to a cache. */
const isTimed = (record: RequestRecord): boolean =>
  record.provider !== undefined && record.cache === undefined && record.status < 400 && !isError(record);

const EMPTY = {
  requests: 0,
  duration_ms: 0,
  waited_ms: 0,
  retried_ms: 0,
  first_content_ms: 0,
  durations: "",
  first_contents: "",
};

function fromRow(row: Row): LatencyGroup {
  const { provider, model, requests, duration_ms: durationMs } = row;
  const [waitedMs, retriedMs, firstContentMs] = [row.waited_ms, row.retried_ms, row.first_content_ms];
  return {
    provider,
    model,
    requests,
    durationMs,
    phases: {
      waitedMs,
      retriedMs,
      firstContentMs,
      restMs: durationMs - waitedMs - retriedMs - firstContentMs,
    },
    durations: Histogram.unpack(row.durations),
    firstContents: Histogram.unpack(row.first_contents),
  };
}

function added(group: LatencyGroup, records: readonly RequestRecord[]): LatencyGroup {
  for (const record of records) {
    group.requests++;
    group.durationMs += record.durationMs;
    group.durations.add(record.durationMs);
    if (record.firstContentMs !== undefined) group.firstContents.add(record.firstContentMs);
    addPhases(group, phasesOf(record));
  }
  return group;
}

function addPhases(group: LatencyGroup, phases: Phases): void {
  for (const [phase, ms] of Object.entries(phases)) group.phases[phase as keyof Phases] += ms;
}

function merged(group: LatencyGroup, row: Row): LatencyGroup {
  group.requests += row.requests;
  group.durationMs += row.duration_ms;
  const hour = fromRow(row);
  group.durations.merge(hour.durations);
  group.firstContents.merge(hour.firstContents);
  addPhases(group, hour.phases);
  return group;
}
