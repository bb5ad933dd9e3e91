import type { Database } from "bun:sqlite";
import type { RequestRecord } from "../core/record.ts";
import { packId } from "./packed-ids.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Everything that is counted, in the order of the columns. */
const COUNTS = [
  "requests",
  "errors",
  "cancelled",
  "input",
  "output",
  "cache_read",
  "cache_write",
  "reasoning",
  "estimated",
  "cost",
  "shadow_cost",
  "unknown_price",
  "duration_ms",
  "first_content_ms",
  "first_content_count",
] as const;

type Sum = {
  at: number;
  provider: string;
  model: string;
  keyId: string;
  keyGroupId: string;
  connectionId: string;
  counts: number[];
};

/** Gives a function that adds requests to the hourly and daily sums; to be called inside a transaction. */
export function usageAdder(database: Database): (records: RequestRecord[]) => void {
  const hourly = database.prepare(upsert("usage_hourly"));
  const daily = database.prepare(upsert("usage_daily"));
  return (records) => {
    for (const sum of addUp(records)) {
      const { provider, model, counts } = sum;
      const ids = [packId(sum.keyId), packId(sum.keyGroupId), packId(sum.connectionId)];
      hourly.run(Math.floor(sum.at / HOUR_MS), provider, model, ...ids, ...counts);
      daily.run(Math.floor(sum.at / DAY_MS), provider, model, ...ids, ...counts);
    }
  };
}

/** A call the client saw go wrong. One it broke off itself (499) is told apart. */
export function isError(record: Pick<RequestRecord, "status" | "errorCode">): boolean {
  return record.status !== 499 && (record.status >= 400 || record.errorCode !== undefined);
}

/** Many records of one hour usually share provider, model, key, its group and connection: one row is then written for all. */
function addUp(records: RequestRecord[]): Iterable<Sum> {
  const sums = new Map<string, Sum>();
  for (const record of records) {
    const { keyId, keyGroupId = "", provider = "", model = "", connectionId = "" } = record;
    const hour = Math.floor(record.at / HOUR_MS);
    const key = [hour, provider, model, keyId, keyGroupId, connectionId].join("\u0000");
    const counts = countsOf(record);
    const sum = sums.get(key);
    if (sum) for (const [index, count] of counts.entries()) sum.counts[index]! += count;
    else sums.set(key, { at: record.at, provider, model, keyId, keyGroupId, connectionId, counts });
  }
  return sums.values();
}

function countsOf(record: RequestRecord): number[] {
  const { usage, cost, costKind } = record;
  return [
    1,
    isError(record) ? 1 : 0,
    record.status === 499 ? 1 : 0,
    count(usage?.input),
    count(usage?.output),
    count(usage?.cacheRead),
    count(usage?.cacheWrite),
    count(usage?.reasoning),
    usage?.estimated ? 1 : 0,
    costKind === "billed" ? count(cost) : 0,
    costKind === "billed" ? 0 : count(cost),
    usage && cost === undefined ? 1 : 0,
    Math.round(count(record.durationMs)),
    Math.round(count(record.firstContentMs)),
    record.firstContentMs === undefined ? 0 : 1,
  ];
}

/** A provider may say anything; what is no number must not spoil a sum. */
function count(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : 0;
}

function upsert(table: string): string {
  const columns = ["bucket", "provider", "model", "key_id", "key_group_id", "connection_id", ...COUNTS];
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})
    ON CONFLICT DO UPDATE SET ${COUNTS.map((count) => `${count} = ${count} + excluded.${count}`).join(", ")}`;
}
