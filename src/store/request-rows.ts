import type { Database, SQLQueryBindings } from "bun:sqlite";
import { and, Column, getTableColumns, gte, lt, max } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import type { CostKind, RequestRecord } from "../core/record.ts";
import type { Usage } from "../core/reply.ts";
import type { LogDatabase } from "./database.ts";
import { packAttempts, unpackAttempts } from "./packed-attempts.ts";
import { packStory, unpackStory } from "./packed-story.ts";
import { requests } from "./log-schema.ts";
import { isDuplicate } from "./store-error.ts";

export type RequestRow = typeof requests.$inferSelect;

/** A row's number is its time × 1024 plus a running number: rows lie in time order and need no further index. */
const ROWS_PER_MS = 1024;

/** The first number a row of that time (milliseconds since 1970) can have. */
export const firstSeq = (at: number): number => Math.floor(at) * ROWS_PER_MS;

/** Gives a function that writes requests; to be called inside a transaction. */
export function requestAdder(database: Database, logs: LogDatabase): (records: RequestRecord[]) => void {
  const insert = database.prepare(INSERT);
  let turn =
    (logs
      .select({ last: max(requests.seq) })
      .from(requests)
      .get()?.last ?? 0) + 1;

  return (records) => {
    for (const record of records) {
      const first = firstSeq(record.at);
      try {
        insert.run(...valuesOf(toRow(record, first + (turn++ % ROWS_PER_MS))));
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        insert.run(...valuesOf(toRow(record, freeSeq(logs, first))));
      }
    }
  };
}

/**
 * A number that is not taken, in the same second: for when the clock was set back onto a time that has rows, or stands
 * still.
 */
function freeSeq(logs: LogDatabase, first: number): number {
  const within = and(gte(requests.seq, first), lt(requests.seq, first + 1000 * ROWS_PER_MS));
  const last = logs
    .select({ last: max(requests.seq) })
    .from(requests)
    .where(within)
    .get()?.last;
  return (last ?? first) + 1;
}

/** One request as core tells it. */
export function fromRow(row: RequestRow): RequestRecord {
  const record: RequestRecord = {
    id: row.id,
    at: Math.floor(row.seq / ROWS_PER_MS),
    path: row.path,
    keyId: row.keyId,
    keyName: row.keyName ?? row.keyId,
    requestedModel: row.requestedModel ?? row.model ?? "",
    sourceFormat: row.sourceFormat === "kiro" ? "other" : row.sourceFormat,
    stream: row.stream,
    status: row.status,
    durationMs: row.durationMs,
    attempts: [],
  };
  if (row.model !== null) record.model = row.model;
  if (row.provider !== null) record.provider = row.provider;
  if (row.connectionId !== null) record.connectionId = row.connectionId;
  if (row.connectionName !== null) record.connectionName = row.connectionName;
  if (row.combo !== null) record.combo = row.combo;
  if (row.targetFormat !== null && row.targetFormat !== "other") record.targetFormat = row.targetFormat;
  if (row.errorCode !== null) record.errorCode = row.errorCode;
  if (row.errorMessage !== null) record.errorMessage = row.errorMessage;
  const usage = usageOf(row);
  if (usage) record.usage = usage;
  if (row.cost !== null) record.cost = row.cost;
  if (row.costKind !== null) record.costKind = row.costKind as CostKind;
  if (row.firstContentMs !== null) record.firstContentMs = row.firstContentMs;
  if (row.warnings !== null) record.warnings = row.warnings;
  record.attempts = unpackAttempts(row.attempts, record);
  const story = unpackStory(row.story, record.at);
  if (story) record.story = story;
  if (row.client !== null) record.client = row.client;
  if (row.cache !== null) record.cache = row.cache;
  if (row.keyGroupId !== null) record.keyGroupId = row.keyGroupId;
  return record;
}

function usageOf(row: RequestRow): Usage | undefined {
  if (row.input === null || row.output === null) return undefined;
  const usage: Usage = { input: row.input, output: row.output };
  if (row.cacheRead !== null) usage.cacheRead = row.cacheRead;
  if (row.cacheWrite !== null) usage.cacheWrite = row.cacheWrite;
  if (row.cacheWrite1h !== null) usage.cacheWrite1h = row.cacheWrite1h;
  if (row.reasoning !== null) usage.reasoning = row.reasoning;
  if (row.units !== null) usage.units = row.units;
  if (row.estimated) usage.estimated = true;
  return usage;
}

function toRow(record: RequestRecord, seq: number): RequestRow {
  const { usage } = record;
  return {
    seq,
    id: record.id,
    path: record.path,
    keyId: record.keyId,
    keyName: record.keyName === record.keyId ? null : record.keyName,
    requestedModel: record.requestedModel === record.model ? null : record.requestedModel,
    model: record.model ?? null,
    provider: record.provider ?? null,
    connectionId: record.connectionId ?? null,
    connectionName: record.connectionName ?? null,
    combo: record.combo ?? null,
    sourceFormat: record.sourceFormat,
    targetFormat: record.targetFormat ?? null,
    stream: record.stream,
    status: record.status,
    errorCode: record.errorCode ?? null,
    errorMessage: record.errorMessage ?? null,
    input: usage?.input ?? null,
    output: usage?.output ?? null,
    cacheRead: usage?.cacheRead ?? null,
    cacheWrite: usage?.cacheWrite ?? null,
    cacheWrite1h: usage?.cacheWrite1h ?? null,
    reasoning: usage?.reasoning ?? null,
    estimated: usage?.estimated ? true : null,
    cost: record.cost ?? null,
    costKind: record.costKind ?? null,
    durationMs: Math.round(record.durationMs),
    firstContentMs: record.firstContentMs === undefined ? null : Math.round(record.firstContentMs),
    attempts: packAttempts(record),
    warnings: record.warnings?.length ? record.warnings : null,
    units: usage?.units && Object.keys(usage.units).length > 0 ? usage.units : null,
    story: packStory(record),
    client: record.client ?? null,
    cache: record.cache ?? null,
    keyGroupId: record.keyGroupId ?? null,
  };
}

const COLUMNS = Object.entries(getTableColumns(requests)).map(([name, column]: [string, SQLiteColumn]) => ({
  name: name as keyof RequestRow,
  column,
  /** Goes to the database as it is. */
  isPlain: column.mapToDriverValue === Column.prototype.mapToDriverValue,
}));

/** Drizzle's own prepared insert takes three times as long, and this one runs for every call. */
const INSERT = `INSERT INTO requests (${COLUMNS.map(({ column }) => column.name).join(", ")})
  VALUES (${COLUMNS.map(() => "?").join(", ")})`;

/** A row as the database takes it, in the order of `INSERT`. */
function valuesOf(row: RequestRow): SQLQueryBindings[] {
  return COLUMNS.map(({ name, column, isPlain }) => {
    const value = row[name];
    return (value === null || isPlain ? value : column.mapToDriverValue(value)) as SQLQueryBindings;
  });
}
