import type { Database } from "bun:sqlite";
import type { RequestRecord } from "../core/record.ts";
import { type Phases, phasesOf } from "../core/timing.ts";
import { Histogram } from "../lib/histogram.ts";
import type { Store } from "./store.ts";
import { DAY_MS, HOUR_MS, isError } from "./usage-rows.ts";

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

/** Gives a function that adds answered requests to the distributions of hours and days, inside a transaction. */
export function latencyAdder(database: Database): (records: RequestRecord[]) => void {
  const find = database.prepare<Row, [number, string, string]>(
    "SELECT * FROM latency_hourly WHERE bucket = ? AND provider = ? AND model = ?",
  );
  const save = database.prepare(
    "INSERT OR REPLACE INTO latency_hourly VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const addToDay = dayAdder(database);
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
      addToDay(Math.floor(at / DAY_MS), provider, model, group);
    }
  };
}

type DayRow = Pick<Row, "requests" | "durations" | "first_contents">;

function dayAdder(database: Database) {
  const find = database.prepare<DayRow, [number, string, string]>(
    "SELECT requests, durations, first_contents FROM latency_daily WHERE bucket = ? AND provider = ? AND model = ?",
  );
  const save = database.prepare("INSERT OR REPLACE INTO latency_daily VALUES (?, ?, ?, ?, ?, ?)");
  return (bucket: number, provider: string, model: string, records: readonly RequestRecord[]) => {
    const row = find.get(bucket, provider, model) ?? EMPTY;
    const durations = Histogram.unpack(row.durations);
    const firstContents = Histogram.unpack(row.first_contents);
    for (const { durationMs, firstContentMs } of records) {
      durations.add(durationMs);
      if (firstContentMs !== undefined) firstContents.add(firstContentMs);
    }
    const requests = row.requests + records.length;
    save.run(bucket, provider, model, requests, durations.pack(), firstContents.pack());
  };
}

/** What is asked of the distributions over time; `to` is out. */
export type LatencyQuery = {
  from: number;
  to: number;
  /** Hours are kept for a week, days as long as the log. */
  per: "hour" | "day";
  of: "duration" | "first-content";
  provider?: string;
  model?: string;
};

/** The distribution of each hour or day in which something was answered; `time` in milliseconds since 1970. */
export function latenciesOverTime(
  store: Store,
  { from, to, per, of, provider = "", model = "" }: LatencyQuery,
): { time: number; times: Histogram }[] {
  store.requestLog.flush();
  const [table, length] = per === "hour" ? ["latency_hourly", HOUR_MS] : ["latency_daily", DAY_MS];
  const column = of === "duration" ? "durations" : "first_contents";
  const rows = store.files.logs
    .query<{ bucket: number; packed: string }, [number, number, string, string]>(
      `SELECT bucket, ${column} AS packed FROM ${table} WHERE bucket >= ?1 AND bucket < ?2 AND (?3 = '' OR provider = ?3) AND (?4 = '' OR model = ?4) ORDER BY bucket`,
    )
    .all(Math.floor(from / length), Math.ceil(to / length), provider, model);
  const times = new Map<number, Histogram>();
  for (const { bucket, packed } of rows) {
    const histogram = times.get(bucket) ?? new Histogram();
    times.set(bucket, histogram.mergePacked(packed));
  }
  return [...times]
    .filter(([, histogram]) => histogram.total > 0)
    .map(([bucket, histogram]) => ({ time: bucket * length, times: histogram }));
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
