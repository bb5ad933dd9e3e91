import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ComboConfig, ComboEntry } from "../core/combo.ts";
import type { Connection } from "../core/connection.ts";
import type { ApiKey, KeyRules } from "../core/key.ts";
import type { Price } from "../core/provider.ts";
import type { JsonObject } from "../lib/json.ts";
import { flag, json } from "./columns.ts";

/**
 * The tables of `omniroute.sqlite`, what people configured, as the code sees them. The database gets them from
 * `drizzle/*.sql`; a test compares the two. Times are milliseconds since 1970.
 */

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
