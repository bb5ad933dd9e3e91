import type { Database } from "bun:sqlite";
import { readFileSync, statSync } from "node:fs";
import { GatewayError } from "../core/errors.ts";
import { isObject, type JsonObject, tryParseJson } from "../lib/json.ts";
import { importRefusal, LARGEST_IMPORT_BYTES } from "./import-check.ts";
import { inspect } from "./inspection.ts";
import { isDiskProblem, StoreError } from "./store-error.ts";

/**
 * What a file of an earlier program holds, in its own words: names in camel case, JSON taken apart, nothing checked.
 * Schemas: OmniRoute 1.0–3.8 (`storage.sqlite`, before that `db.json`) and 9router (`data.sqlite`, `db.json`).
 */
export type FormerFile = {
  program: "OmniRoute" | "9router";
  connections: JsonObject[];
  nodes: JsonObject[];
  combos: JsonObject[];
  keys: JsonObject[];
  budgets: JsonObject[];
  /** `{model, chain}` */
  chains: JsonObject[];
  /** Everything else by namespace and key. */
  values: { [namespace: string]: JsonObject };
  /** Sums by day, provider, model, connection and key. */
  usage: JsonObject[];
  /** The newest lines of its request log, without bodies. */
  calls: JsonObject[];
};

const MOST_ROWS = 20_000;
const MOST_SUMS = 500_000;
const MOST_CALLS = 100_000;

/**
 * Reads a private copy of an earlier program's file; undefined when it is none. Only plain tables are read, so nothing
 * in the file is run. Throws `bad_request` naming the failed check.
 */
export function readFormerFile(path: string): FormerFile | undefined {
  if (statSync(path).size > LARGEST_IMPORT_BYTES)
    throw new GatewayError("too_large", "The file is larger than 100 MB.");
  const start = readFileSync(path).subarray(0, 64).toString("latin1");
  if (/^(?:\u00ef\u00bb\u00bf)?\s*\{/.test(start)) return fromJson(readFileSync(path, "utf8"));
  if (!start.startsWith("SQLite format 3\u0000")) return undefined;
  try {
    return inspect(path, "whole", fromDatabase, (cause) => new StoreError("damaged", cause));
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    if (error instanceof StoreError)
      throw importRefusal("quick_check", `the database is damaged (${error.message.split("\n").at(-1)!}).`);
    if (isDiskProblem(error)) throw error;
    throw importRefusal("quick_check", "the database cannot be read.");
  }
}

function fromDatabase(database: Database): FormerFile | undefined {
  const has = (name: string) =>
    database.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name) !== null;
  if (has("migrations")) return undefined;
  if (has("provider_connections") && has("key_value")) return fromOmniRoute(database);
  if (has("providerConnections") && has("kv")) return from9router(database);
  return undefined;
}

function fromOmniRoute(database: Database): FormerFile {
  const values: FormerFile["values"] = {};
  for (const { namespace, key, value } of rowsOf(database, "key_value"))
    (values[String(namespace)] ??= {})[String(key)] = plain(value);
  return {
    program: "OmniRoute",
    connections: rowsOf(database, "provider_connections"),
    nodes: rowsOf(database, "provider_nodes"),
    combos: rowsOf(database, "combos").map(({ data, ...row }) => ({ ...fieldsOf(data), ...row })),
    keys: rowsOf(database, "api_keys"),
    budgets: rowsOf(database, "domain_budgets"),
    chains: rowsOf(database, "domain_fallback_chains").map(({ model, chain }) => ({
      model,
      chain: plain(chain),
    })),
    values,
    usage: sumsOf(database, "usage_history", {
      connectionId: "connection_id",
      keyId: "api_key_id",
      input: "tokens_input",
      output: "tokens_output",
      cacheRead: "tokens_cache_read",
      cacheWrite: "tokens_cache_creation",
      reasoning: "tokens_reasoning",
      cost: "cost",
    }),
    calls: newestCalls(database),
  };
}

function from9router(database: Database): FormerFile {
  const values: FormerFile["values"] = {};
  for (const { scope, key, value } of rowsOf(database, "kv"))
    (values[String(scope)] ??= {})[String(key)] = plain(value);
  const [settings] = rowsOf(database, "settings");
  values["settings"] = fieldsOf(settings?.data);
  // What is sealed as a whole stays as it is: whoever has the key takes it apart.
  const whole = (row: JsonObject) => ({ ...row, ...fieldsOf(row.data) });
  return {
    program: "9router",
    connections: rowsOf(database, "providerConnections").map(whole),
    nodes: rowsOf(database, "providerNodes").map(whole),
    combos: rowsOf(database, "combos").map((row) => ({ ...row, models: plain(row.models) })),
    keys: rowsOf(database, "apiKeys"),
    budgets: [],
    chains: [],
    values,
    usage: sumsOf(database, "usageHistory", {
      connectionId: "connectionId",
      input: "promptTokens",
      output: "completionTokens",
      cost: "cost",
    }),
    calls: [],
  };
}

function fromJson(text: string): FormerFile {
  const content = tryParseJson(text.replace(/^\uFEFF/, ""));
  if (!isObject(content)) throw importRefusal("json", "it is no JSON object.");
  const list = (name: string) => (Array.isArray(content[name]) ? content[name].filter(isObject) : []);
  if (!Array.isArray(content.providerConnections))
    throw importRefusal("tables", "the list providerConnections is missing.");
  const names = ["settings", "modelAliases", "customModels", "pricing", "proxyConfig"];
  const values = Object.fromEntries(names.map((name) => [name, keyed(content[name])]));
  return {
    program: "proxyConfig" in content ? "OmniRoute" : "9router",
    connections: list("providerConnections"),
    nodes: list("providerNodes"),
    combos: list("combos"),
    keys: list("apiKeys"),
    budgets: [],
    chains: [],
    values,
    usage: [],
    calls: [],
  };
}

/** A list becomes an object by position, so that both programs' files read alike. */
const keyed = (value: unknown): JsonObject =>
  isObject(value) ? value : Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};

/** The rows of a plain table, under names in camel case; none where there is no such table. */
function rowsOf(database: Database, table: string): JsonObject[] {
  const names = columnsOf(database, table);
  if (names.length === 0) return [];
  const rows = database
    .query<JsonObject, []>(`SELECT ${names.map(quoted).join(", ")} FROM ${table} LIMIT ${MOST_ROWS + 1}`)
    .all();
  if (rows.length > MOST_ROWS) throw importRefusal("rows", `${table} has more than ${MOST_ROWS} rows.`);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), value])),
  );
}

const CALL_COLUMNS = [
  "id",
  "timestamp",
  "path",
  "status",
  "model",
  "requested_model",
  "provider",
  "account",
  "connection_id",
  "duration",
  "tokens_in",
  "tokens_out",
  "tokens_cache_read",
  "tokens_cache_creation",
  "tokens_reasoning",
  "cost",
  "api_key_id",
  "api_key_name",
  "combo_name",
  "error_summary",
  "error",
];

function newestCalls(database: Database): JsonObject[] {
  const present = columnsOf(database, "call_logs").filter((name) => CALL_COLUMNS.includes(name));
  if (!present.includes("timestamp")) return [];
  return database
    .query<JsonObject, []>(
      `SELECT ${present.map(quoted).join(", ")} FROM call_logs ORDER BY timestamp DESC LIMIT ${MOST_CALLS}`,
    )
    .all()
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), value])));
}

/** Columns that hold values. Views and computed columns are code of the file's author, and refused. */
function columnsOf(database: Database, table: string): string[] {
  const entry = database
    .query<{ type: string; sql: string | null }, [string]>(
      "SELECT type, sql FROM sqlite_master WHERE name = ?",
    )
    .get(table);
  if (!entry) return [];
  if (entry.type !== "table" || /^\s*CREATE\s+VIRTUAL/i.test(entry.sql ?? ""))
    throw importRefusal("schema", `${table} is no plain table.`);
  const columns = database
    .query<{ name: string; hidden: number }, [string]>("SELECT name, hidden FROM pragma_table_xinfo(?)")
    .all(table);
  if (columns.some(({ hidden }) => hidden !== 0))
    throw importRefusal("schema", `${table} has computed columns.`);
  return columns.map(({ name }) => name);
}

/** Usage added up by day. `names`: what a sum's fields are called there. */
function sumsOf(database: Database, table: string, names: { [field: string]: string }): JsonObject[] {
  const present = new Set(columnsOf(database, table));
  if (!present.has("timestamp")) return [];
  const groups = {
    provider: "provider",
    model: "model",
    connectionId: names.connectionId,
    keyId: names.keyId,
  };
  const column = (name: string | undefined) =>
    name !== undefined && present.has(name) ? quoted(name) : "NULL";
  const sums = ["input", "output", "cacheRead", "cacheWrite", "reasoning", "cost"].map(
    (field) => `sum(coalesce(${column(names[field])}, 0)) AS ${field}`,
  );
  const failed = present.has("status")
    ? `sum(CASE WHEN status IS NULL OR status IN ('ok', 'success') OR status LIKE '2%' THEN 0 ELSE 1 END)`
    : "0";
  return database
    .query<JsonObject, []>(
      `SELECT substr(timestamp, 1, 10) AS day, ${Object.entries(groups)
        .map(([field, name]) => `${column(name)} AS ${field}`)
        .join(", ")}, count(*) AS requests, ${failed} AS errors, ${sums.join(", ")}
       FROM ${table} GROUP BY 1, 2, 3, 4, 5 LIMIT ${MOST_SUMS}`,
    )
    .all();
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const camelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** JSON taken apart; what is none stays text. */
function plain(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const parsed = tryParseJson(value);
  return parsed === undefined ? value : parsed;
}

function fieldsOf(text: unknown): JsonObject {
  const parsed = plain(text);
  return isObject(parsed) ? parsed : {};
}
