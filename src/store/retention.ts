import type { Database } from "bun:sqlite";
import { sleep } from "../lib/clock.ts";
import { checkpoint } from "./database.ts";
import { firstSeq } from "./request-rows.ts";
import { readSettings } from "./settings.ts";
import { sqliteCode } from "./store-error.ts";
import type { Store } from "./store.ts";
import { DAY_MS, HOUR_MS } from "./usage-rows.ts";

/** Row caps; whichever comes first with the age of `logRetentionDays`. */
const MOST = {
  requests: 100_000,
  usageHourly: 500_000,
  usageDaily: 1_000_000,
  latencies: 200_000,
  latencyDays: 50_000,
  proxyLog: 20_000,
  audit: 50_000,
  changes: 20_000,
  proofs: 20_000,
  evalRuns: 500,
};
const MOST_LATENCY_DAYS = 7;
const MOST_PROOF_BYTES = 64 * 1024 * 1024;

/** Rows taken out in one go (a few milliseconds), and the pause after it for everybody else. */
const STEP_ROWS = 500;
const PAUSE_MS = 20;
/** Pages given back to the disk in one go. */
const STEP_PAGES = 200;

const FIRST_AFTER_MS = 60_000;

/** How many rows were taken out. */
export type Trimmed = {
  requests: number;
  usage: number;
  latencies: number;
  recordings: number;
  proxyLog: number;
  audit: number;
  changes: number;
  proofs: number;
  evalRuns: number;
  answers: number;
};

/** One kind of row to take out: a DELETE that takes a bound and a number of rows. */
type Job = { what: keyof Trimmed; database: Database; sql: string; bound: () => number };

/**
 * Takes out what is too old or too much, in small steps with pauses, so that it can run while the gateway serves.
 * Daily sums have no age, only a number that a household never reaches. Stops quietly when the database refuses (the next turn is in an hour) or `signal` aborts.
 */
export async function trimLogs(store: Store, signal?: AbortSignal): Promise<Trimmed> {
  const trimmed: Trimmed = {
    requests: 0,
    usage: 0,
    latencies: 0,
    recordings: 0,
    proxyLog: 0,
    audit: 0,
    changes: 0,
    proofs: 0,
    evalRuns: 0,
    answers: 0,
  };
  try {
    for (const job of signal?.aborted ? [] : jobsOf(store)) {
      if (signal?.aborted) break;
      trimmed[job.what] += await trimSteps(store, job, signal);
    }
    await giveBack(store, signal);
  } catch (error) {
    if (sqliteCode(error) === undefined) throw error;
  }
  return trimmed;
}

function jobsOf(store: Store): Job[] {
  const { config, logs } = store.files;
  const now = store.clock.now();
  const oldest = now - readSettings(store).logRetentionDays * DAY_MS;
  return [
    { what: "requests", database: logs, sql: below("requests", "seq"), bound: () => firstSeq(oldest) },
    {
      what: "requests",
      database: logs,
      sql: below("requests", "seq"),
      bound: () => newest(logs, "requests", "seq", MOST.requests),
    },
    {
      what: "usage",
      database: logs,
      sql: oldSums("usage_hourly"),
      bound: () =>
        Math.max(Math.floor(oldest / HOUR_MS), newest(logs, "usage_hourly", "bucket", MOST.usageHourly)),
    },
    {
      what: "usage",
      database: logs,
      sql: oldSums("usage_daily"),
      bound: () => newest(logs, "usage_daily", "bucket", MOST.usageDaily),
    },
    {
      what: "latencies",
      database: logs,
      sql: oldLatencies("latency_hourly"),
      bound: () =>
        Math.max(
          Math.floor(Math.max(oldest, now - MOST_LATENCY_DAYS * DAY_MS) / HOUR_MS),
          newest(logs, "latency_hourly", "bucket", MOST.latencies),
        ),
    },
    {
      what: "latencies",
      database: logs,
      sql: oldLatencies("latency_daily"),
      bound: () =>
        Math.max(Math.floor(oldest / DAY_MS), newest(logs, "latency_daily", "bucket", MOST.latencyDays)),
    },
    { what: "recordings", database: logs, sql: OLD_RECORDINGS, bound: () => oldest },
    { what: "proxyLog", database: logs, sql: older("proxy_log"), bound: () => oldest },
    {
      what: "proxyLog",
      database: logs,
      sql: below("proxy_log", "id"),
      bound: () => newest(logs, "proxy_log", "id", MOST.proxyLog),
    },
    { what: "audit", database: config, sql: older("audit_log"), bound: () => oldest },
    {
      what: "audit",
      database: config,
      sql: below("audit_log", "id"),
      bound: () => newest(config, "audit_log", "id", MOST.audit),
    },
    { what: "changes", database: config, sql: older("changes"), bound: () => oldest },
    {
      what: "changes",
      database: config,
      sql: below("changes", "id"),
      bound: () => newest(config, "changes", "id", MOST.changes),
    },
    {
      what: "evalRuns",
      database: logs,
      sql: OLD_RUNS,
      bound: () => Math.max(oldest, newest(logs, "eval_runs", "at", MOST.evalRuns)),
    },
    { what: "answers", database: logs, sql: OLD_ANSWERS, bound: () => now },
    { what: "proofs", database: logs, sql: EXPIRED, bound: () => Math.max(now, proofBound(logs)) },
  ];
}

/** Trims a minute after the start and then each hour, until the result is called. */
export function keepTrimmed(store: Store): () => void {
  const stop = new AbortController();
  const run = async () => {
    await trimLogs(store, stop.signal);
    if (!stop.signal.aborted) cancel = store.clock.after(HOUR_MS, () => void run());
  };
  let cancel = store.clock.after(FIRST_AFTER_MS, () => void run());
  return () => {
    stop.abort();
    cancel();
  };
}

/** Repeats the DELETE until it finds no more. */
async function trimSteps(store: Store, job: Job, signal: AbortSignal | undefined): Promise<number> {
  const bound = job.bound();
  let count = 0;
  for (;;) {
    const { changes } = job.database.query(job.sql).run(bound, STEP_ROWS);
    count += changes;
    if (changes < STEP_ROWS || !(await sleep(store.clock, PAUSE_MS, signal))) return count;
  }
}

const below = (table: string, key: string) =>
  `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${key} < ? ORDER BY ${key} LIMIT ?)`;
const older = (table: string) =>
  `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE at < ? ORDER BY id LIMIT ?)`;
const oldSums = (table: string) =>
  `DELETE FROM ${table} WHERE (bucket, provider, model, key_id, connection_id) IN (SELECT bucket, provider, model, key_id, connection_id FROM ${table} WHERE bucket < ? LIMIT ?)`;
const OLD_RECORDINGS =
  "DELETE FROM recordings WHERE seq IN (SELECT seq FROM recordings WHERE at < ? ORDER BY seq LIMIT ?)";
const oldLatencies = (table: string) =>
  `DELETE FROM ${table} WHERE (bucket, provider, model) IN (SELECT bucket, provider, model FROM ${table} WHERE bucket < ? LIMIT ?)`;
const OLD_RUNS = "DELETE FROM eval_runs WHERE id IN (SELECT id FROM eval_runs WHERE at < ? LIMIT ?)";
const OLD_ANSWERS =
  "DELETE FROM answers WHERE hash IN (SELECT hash FROM answers WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)";
const EXPIRED =
  "DELETE FROM proofs WHERE rowid IN (SELECT rowid FROM proofs WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)";

/** The key of the `most`-th newest row; 0 while there are fewer. */
function newest(database: Database, table: string, key: string, most: number): number {
  const row = database
    .query<{ key: number }, [number]>(
      `SELECT ${key} AS key FROM ${table} ORDER BY ${key} DESC LIMIT 1 OFFSET ?`,
    )
    .get(most - 1);
  return row?.key ?? 0;
}

/** The time up to which proofs must go so that their number and size keep within bounds. */
function proofBound(database: Database): number {
  const rows = database
    .query<{ expires_at: number; size: number }, []>(
      "SELECT expires_at, length(value) AS size FROM proofs ORDER BY expires_at DESC",
    )
    .iterate();
  let count = 0;
  let size = 0;
  for (const row of rows) {
    count++;
    size += row.size;
    if (count > MOST.proofs || size > MOST_PROOF_BYTES) return row.expires_at;
  }
  return 0;
}

/** Gives freed pages back to the disk and empties the journals. */
async function giveBack(store: Store, signal: AbortSignal | undefined): Promise<void> {
  for (const database of [store.files.logs, store.files.config]) {
    if (signal?.aborted) return;
    while (freePages(database) > STEP_PAGES) {
      database.run(`PRAGMA incremental_vacuum(${STEP_PAGES})`);
      if (!(await sleep(store.clock, PAUSE_MS, signal))) return;
    }
    checkpoint(database);
  }
}

function freePages(database: Database): number {
  return database.query<{ freelist_count: number }, []>("PRAGMA freelist_count").get()?.freelist_count ?? 0;
}
