import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { EvalResult, EvalRun, EvalSummary } from "../core/eval-run.ts";
import type { CacheOutcome } from "../core/record.ts";
import type { Units } from "../core/reply.ts";
import { bytes, flag, formatNumber, json, packedId, packedRequestId } from "./columns.ts";

/**
 * The tables of `logs.sqlite`, what happened, as the code sees them. The database gets them from `drizzle/*.sql`; a
 * test compares the two. Times are milliseconds since 1970.
 */

export const requests = sqliteTable(
  "requests",
  {
    /** Time and number in one, so that the rows lie in time order without a further index: see `request-rows.ts`. */
    seq: integer("seq").primaryKey(),
    id: packedRequestId("id").notNull(),
    path: text("path").notNull(),
    keyId: packedId("key_id").notNull(),
    keyName: text("key_name"),
    /** Left out when it equals `model`. */
    requestedModel: text("requested_model"),
    model: text("model"),
    provider: text("provider"),
    connectionId: packedId("connection_id"),
    connectionName: text("connection_name"),
    combo: text("combo"),
    sourceFormat: formatNumber("source_format").notNull(),
    targetFormat: formatNumber("target_format"),
    stream: flag("stream").notNull(),
    status: integer("status").notNull(),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    input: integer("input"),
    output: integer("output"),
    cacheRead: integer("cache_read"),
    cacheWrite: integer("cache_write"),
    cacheWrite1h: integer("cache_write_1h"),
    reasoning: integer("reasoning"),
    estimated: flag("estimated"),
    cost: real("cost"),
    costKind: text("cost_kind"),
    durationMs: integer("duration_ms").notNull(),
    firstContentMs: integer("first_content_ms"),
    /** See `packed-attempts.ts`. */
    attempts: text("attempts"),
    warnings: json<string[]>("warnings"),
    /** What was used of things that are not sold by tokens. */
    units: json<Units>("units"),
    /** See `packed-story.ts`. */
    story: text("story"),
    /** The program that called, as it names itself. */
    client: text("client"),
    cache: text("cache").$type<CacheOutcome>(),
    keyGroupId: packedId("key_group_id"),
  },
  (table) => [index("requests_by_id").on(table.id)],
);

const usageColumns = {
  /** Hours or days since 1970. */
  bucket: integer("bucket").notNull(),
  provider: text("provider").notNull(),
  model: text("model").notNull(),
  keyId: packedId("key_id").notNull(),
  /** Empty where the key was in no group. */
  keyGroupId: packedId("key_group_id").notNull(),
  connectionId: packedId("connection_id").notNull(),
  requests: integer("requests").notNull(),
  errors: integer("errors").notNull(),
  cancelled: integer("cancelled").notNull(),
  input: integer("input").notNull(),
  output: integer("output").notNull(),
  cacheRead: integer("cache_read").notNull(),
  cacheWrite: integer("cache_write").notNull(),
  reasoning: integer("reasoning").notNull(),
  estimated: integer("estimated").notNull(),
  cost: real("cost").notNull(),
  shadowCost: real("shadow_cost").notNull(),
  unknownPrice: integer("unknown_price").notNull(),
  durationMs: integer("duration_ms").notNull(),
  firstContentMs: integer("first_content_ms").notNull(),
  firstContentCount: integer("first_content_count").notNull(),
};
export const usageHourly = sqliteTable("usage_hourly", usageColumns, (table) => [
  primaryKey({
    columns: [table.bucket, table.provider, table.model, table.keyId, table.keyGroupId, table.connectionId],
  }),
]);
export const usageDaily = sqliteTable("usage_daily", usageColumns, (table) => [
  primaryKey({
    columns: [table.bucket, table.provider, table.model, table.keyId, table.keyGroupId, table.connectionId],
  }),
]);

/** How long answered calls took; see `latency-rows.ts`. */
export const latencyHourly = sqliteTable(
  "latency_hourly",
  {
    /** Hours since 1970. */
    bucket: integer("bucket").notNull(),
    provider: text("provider").notNull(),
    model: text("model").notNull(),
    requests: integer("requests").notNull(),
    durationMs: integer("duration_ms").notNull(),
    waitedMs: integer("waited_ms").notNull(),
    retriedMs: integer("retried_ms").notNull(),
    firstContentMs: integer("first_content_ms").notNull(),
    durations: text("durations").notNull(),
    firstContents: text("first_contents").notNull(),
  },
  (table) => [primaryKey({ columns: [table.bucket, table.provider, table.model] })],
);

/** The same by days, without where the time went: kept as long as the log. */
export const latencyDaily = sqliteTable(
  "latency_daily",
  {
    /** Days since 1970. */
    bucket: integer("bucket").notNull(),
    provider: text("provider").notNull(),
    model: text("model").notNull(),
    requests: integer("requests").notNull(),
    durations: text("durations").notNull(),
    firstContents: text("first_contents").notNull(),
  },
  (table) => [primaryKey({ columns: [table.bucket, table.provider, table.model] })],
);

export const proofs = sqliteTable(
  "proofs",
  {
    hash: bytes("hash").primaryKey(),
    /** Sealed. */
    value: text("value").notNull(),
    expiresAt: integer("expires_at").notNull(),
  },
  (table) => [index("proofs_by_expiry").on(table.expiresAt)],
);

/** Calls byte for byte, sealed; see `recordings.ts`. */
export const recordings = sqliteTable(
  "recordings",
  {
    seq: integer("seq").primaryKey(),
    id: packedRequestId("id").notNull(),
    at: integer("at").notNull(),
    size: integer("size").notNull(),
    /** Are all parts written? */
    isWhole: flag("is_whole").notNull(),
    /** What a list tells of it, as JSON. */
    facts: text("facts").notNull(),
  },
  (table) => [index("recordings_by_id").on(table.id)],
);

export const recordingParts = sqliteTable(
  "recording_parts",
  {
    recording: integer("recording")
      .notNull()
      .references(() => recordings.seq, { onDelete: "cascade" }),
    part: integer("part").notNull(),
    sealed: text("sealed").notNull(),
  },
  (table) => [primaryKey({ columns: [table.recording, table.part] })],
);

export const answers = sqliteTable(
  "answers",
  {
    hash: bytes("hash").primaryKey(),
    keyId: text("key_id").notNull(),
    expiresAt: integer("expires_at").notNull(),
    size: integer("size").notNull(),
    /** Sealed. */
    value: text("value").notNull(),
    /** Everything but the last question, hashed; where answers are also found by similarity. */
    context: bytes("context"),
    vector: bytes("vector"),
    /** Sealed. */
    question: text("question"),
  },
  (table) => [
    index("answers_by_expiry").on(table.expiresAt),
    index("answers_by_context")
      .on(table.context)
      .where(sql`context IS NOT NULL`),
  ],
);

export const proxyLog = sqliteTable("proxy_log", {
  id: integer("id").primaryKey(),
  at: integer("at").notNull(),
  level: text("level").notNull(),
  type: text("type").notNull(),
  host: text("host").notNull(),
  target: text("target").notNull(),
  provider: text("provider"),
  connectionId: packedId("connection_id"),
  status: text("status").notNull(),
  durationMs: integer("duration_ms").notNull(),
  error: text("error"),
  levelId: text("level_id"),
  comboId: text("combo_id"),
  exitAddress: text("exit_address"),
  exitSeenAt: integer("exit_seen_at"),
});

export const evalRuns = sqliteTable(
  "eval_runs",
  {
    id: text("id").primaryKey(),
    at: integer("at").notNull(),
    finishedAt: integer("finished_at").notNull(),
    suiteId: text("suite_id").notNull(),
    suiteName: text("suite_name").notNull(),
    status: text("status").$type<EvalRun["status"]>().notNull(),
    models: json<string[]>("models").notNull(),
    summary: json<EvalSummary>("summary").notNull(),
    results: json<EvalResult[]>("results").notNull(),
  },
  (table) => [index("eval_runs_by_time").on(table.at)],
);
