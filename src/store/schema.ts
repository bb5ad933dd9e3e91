import { sql } from "drizzle-orm";
import { customType, index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ComboConfig, ComboEntry } from "../core/combo.ts";
import type { Connection } from "../core/connection.ts";
import type { ApiKey, KeyRules } from "../core/key.ts";
import type { Price } from "../core/provider.ts";
import type { EvalResult, EvalRun, EvalSummary } from "../core/eval-run.ts";
import type { CacheOutcome } from "../core/record.ts";
import type { ProviderFormatId, Units } from "../core/reply.ts";
import type { JsonObject } from "../lib/json.ts";
import { packId, packRequestId, unpackId, unpackRequestId } from "./packed-ids.ts";

/**
 * The tables as the code sees them. The database gets them from `drizzle/*.sql`; a test compares the two. Times are
 * milliseconds since 1970.
 */

const flag = (name: string) => integer(name, { mode: "boolean" });
const json = <T>(name: string) => text(name, { mode: "json" }).$type<T>();

/** A UUID as 16 bytes; other ids as text. */
const packedId = customType<{ data: string; driverData: string | Uint8Array }>({
  dataType: () => "blob",
  toDriver: packId,
  fromDriver: unpackId,
});
/** A request id of our own making as 16 bytes; a client's own as text. */
const packedRequestId = customType<{ data: string; driverData: string | Uint8Array }>({
  dataType: () => "blob",
  toDriver: packRequestId,
  fromDriver: unpackRequestId,
});
/** The formats by number; a number once given is never given to another. */
const FORMAT_NUMBERS: Record<ProviderFormatId | "other", number> = {
  other: 0,
  "openai-chat": 1,
  "openai-responses": 2,
  anthropic: 3,
  gemini: 4,
  kiro: 5,
};
const formatNumber = customType<{ data: ProviderFormatId | "other"; driverData: number }>({
  dataType: () => "integer",
  toDriver: (format) => FORMAT_NUMBERS[format],
  fromDriver: (stored) => FORMAT_NAMES.get(stored) ?? "other",
});
const FORMAT_NAMES = new Map(
  Object.entries(FORMAT_NUMBERS).map(([name, number]) => [number, name as ProviderFormatId | "other"]),
);
const bytes = customType<{ data: Uint8Array }>({ dataType: () => "blob" });

// omniroute.sqlite

export const providerConnections = sqliteTable("provider_connections", {
  id: text("id").primaryKey(),
  provider: text("provider").notNull(),
  authType: text("auth_type").$type<Connection["authType"]>().notNull(),
  name: text("name").notNull(),
  email: text("email"),
  priority: integer("priority").notNull(),
  globalPriority: integer("global_priority"),
  defaultModel: text("default_model"),
  isActive: flag("is_active").notNull(),
  baseUrl: text("base_url"),
  group: text("group_name"),
  /** Sealed JSON. */
  credentials: text("credentials").notNull(),
  needsSignIn: flag("needs_sign_in").notNull(),
  lastTest: json<NonNullable<Connection["lastTest"]>>("last_test"),
  lastError: json<NonNullable<Connection["lastError"]>>("last_error"),
  lastUsedAt: integer("last_used_at"),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
  healthCheckMinutes: integer("health_check_minutes"),
});

export const providerNodes = sqliteTable("provider_nodes", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  prefix: text("prefix").notNull().unique(),
  type: text("type").$type<"openai-compatible" | "anthropic-compatible">().notNull(),
  apiType: text("api_type").$type<"chat" | "responses">().notNull(),
  baseUrl: text("base_url").notNull(),
  chatPath: text("chat_path"),
  modelsPath: text("models_path"),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});

export const combos = sqliteTable("combos", {
  id: text("id").primaryKey(),
  name: text("name").notNull().unique(),
  models: json<ComboEntry[]>("models").notNull(),
  strategy: text("strategy").notNull(),
  config: json<ComboConfig>("config").notNull(),
  isActive: flag("is_active").notNull(),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});

export const apiKeys = sqliteTable("api_keys", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  hash: text("hash").notNull().unique(),
  masked: text("masked").notNull(),
  scopes: json<ApiKey["scopes"]>("scopes").notNull(),
  noLog: flag("no_log").notNull(),
  former: json<NonNullable<ApiKey["former"]>>("former"),
  expiresAt: integer("expires_at"),
  revokedAt: integer("revoked_at"),
  lastUsedAt: integer("last_used_at"),
  createdAt: integer("created_at").notNull(),
  rules: json<KeyRules>("rules"),
  groupId: text("group_id"),
});

export const keyGroups = sqliteTable("key_groups", {
  id: text("id").primaryKey(),
  name: text("name").notNull().unique(),
  note: text("note"),
  isActive: flag("is_active").notNull(),
  rules: json<KeyRules>("rules"),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});

export const keyValue = sqliteTable(
  "key_value",
  {
    namespace: text("namespace").notNull(),
    key: text("key").notNull(),
    value: json<unknown>("value").notNull(),
  },
  (table) => [primaryKey({ columns: [table.namespace, table.key] })],
);

export const sessions = sqliteTable("sessions", {
  /** SHA-256 of the token. */
  hash: text("hash").primaryKey(),
  id: text("id").notNull().unique(),
  peer: text("peer").notNull(),
  createdAt: integer("created_at").notNull(),
  lastSeenAt: integer("last_seen_at").notNull(),
});

export const health = sqliteTable("health", {
  key: text("key").primaryKey(),
  state: json<unknown>("state").notNull(),
  savedAt: integer("saved_at").notNull(),
});

export const aliases = sqliteTable("aliases", {
  pattern: text("pattern").primaryKey(),
  target: text("target").notNull(),
  createdAt: integer("created_at").notNull(),
});

export const fallbackChains = sqliteTable("fallback_chains", {
  name: text("name").primaryKey(),
  models: json<string[]>("models").notNull(),
  match: text("match").notNull(),
  enabled: flag("is_enabled").notNull(),
  priority: integer("priority").notNull(),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});

export const customModels = sqliteTable(
  "custom_models",
  {
    provider: text("provider").notNull(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    type: text("type").notNull(),
    context: integer("context"),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.provider, table.id] })],
);

export const prices = sqliteTable(
  "prices",
  {
    provider: text("provider").notNull(),
    model: text("model").notNull(),
    price: json<Price>("price").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.provider, table.model] })],
);

export const auditLog = sqliteTable("audit_log", {
  id: integer("id").primaryKey(),
  at: integer("at").notNull(),
  action: text("action").notNull(),
  actor: text("actor").notNull(),
  target: text("target"),
  ip: text("ip"),
  result: text("result").$type<"ok" | "failed">().notNull(),
  details: json<{ [field: string]: unknown }>("details"),
  /** It took back another one. */
  isUndo: flag("is_undo").notNull().default(false),
});

export const changes = sqliteTable(
  "changes",
  {
    id: integer("id").primaryKey(),
    auditId: integer("audit_id").notNull(),
    at: integer("at").notNull(),
    /** The table of the row. */
    entity: text("entity").notNull(),
    /** JSON of the primary key's values. */
    key: text("key").notNull(),
    before: json<JsonObject>("before"),
    after: json<JsonObject>("after"),
    undoneAt: integer("undone_at"),
  },
  (table) => [index("changes_by_audit").on(table.auditId)],
);

// logs.sqlite

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
