import type { Database } from "bun:sqlite";
import type { JsonObject } from "../lib/json.ts";
import type { StoreChange } from "./store.ts";

/** What a change did to one row: its columns before (null: it was not there) and after (null: it is gone). */
export type RowChange = {
  /** The table. */
  entity: string;
  /** The primary key. */
  key: string[];
  before: JsonObject | null;
  after: JsonObject | null;
};

type Tracked = {
  key: readonly string[];
  /** Learned in use rather than changed by somebody. */
  learned?: readonly string[];
  /** Rows that are nobody's settings. */
  except?: string;
  tells: (key: readonly string[]) => StoreChange;
};

/** The tables of what people change. */
export const TRACKED: { readonly [table: string]: Tracked } = {
  provider_connections: {
    key: ["id"],
    learned: ["last_used_at", "last_test", "last_error", "needs_sign_in", "updated_at"],
    tells: () => "connections",
  },
  provider_nodes: { key: ["id"], learned: ["updated_at"], tells: () => "nodes" },
  combos: { key: ["id"], learned: ["updated_at"], tells: () => "combos" },
  api_keys: { key: ["id"], learned: ["last_used_at"], tells: () => "keys" },
  key_groups: { key: ["id"], learned: ["updated_at"], tells: () => "key-groups" },
  key_value: {
    key: ["namespace", "key"],
    except:
      "ROW.namespace IN ('store', 'refresh-leases') OR (ROW.namespace = 'access' AND ROW.key <> 'ip-filter')",
    tells: ([namespace]) =>
      namespace === "settings" ? "settings" : namespace === "model-chains" ? "chains" : "values",
  },
  aliases: { key: ["pattern"], learned: ["created_at"], tells: () => "aliases" },
  fallback_chains: { key: ["name"], learned: ["updated_at"], tells: () => "chains" },
  custom_models: { key: ["provider", "id"], learned: ["created_at"], tells: () => "custom-models" },
  prices: { key: ["provider", "model"], learned: ["updated_at"], tells: () => "prices" },
};

/** Columns that a change of theirs alone does not make a change. */
export const learnedColumns = (entity: string): readonly string[] => TRACKED[entity]?.learned ?? [];

/**
 * Sees every change to those tables while it is asked to, whoever makes it. Triggers of this connection alone: they
 * stand in no file, and nothing is seen of imports and of what is learned in use.
 */
export class ChangeTracker {
  constructor(readonly database: Database) {
    database.run("PRAGMA temp_store = MEMORY");
    database.run(
      "CREATE TEMP TABLE row_changes (id INTEGER PRIMARY KEY, entity TEXT, key TEXT, before TEXT, after TEXT)",
    );
    database.run("CREATE TEMP TABLE row_tracking (active INTEGER)");
    for (const [table, tracked] of Object.entries(TRACKED)) this.#watch(table, tracked);
  }

  /** Does some work inside a transaction and gives what it changed, to be looked at before it is committed. */
  watch<T>(work: () => T, look: (changes: RowChange[]) => void): T {
    return this.database.transaction(() => {
      this.database.run("INSERT INTO temp.row_tracking VALUES (1)");
      try {
        const result = work();
        look(this.#taken());
        return result;
      } finally {
        this.database.run("DELETE FROM temp.row_tracking");
        this.database.run("DELETE FROM temp.row_changes");
      }
    })();
  }

  #taken(): RowChange[] {
    const rows = this.database
      .query<{ entity: string; key: string; before: string | null; after: string | null }, []>(
        "SELECT entity, key, before, after FROM temp.row_changes ORDER BY id",
      )
      .all();
    return rows.map(({ entity, key, before, after }) => ({
      entity,
      key: (JSON.parse(key) as unknown[]).map(String),
      before: before === null ? null : (JSON.parse(before) as JsonObject),
      after: after === null ? null : (JSON.parse(after) as JsonObject),
    }));
  }

  #watch(table: string, { key, learned = [], except }: Tracked): void {
    const columns = this.database
      .query<{ name: string }, [string]>("SELECT name FROM pragma_table_info(?)")
      .all(table)
      .map(({ name }) => name);
    const row = (name: string) =>
      `json_object(${columns.map((column) => `'${column}', ${name}."${column}"`).join(", ")})`;
    const keyOf = (name: string) => `json_array(${key.map((column) => `${name}."${column}"`).join(", ")})`;
    const watched = columns.filter((column) => !learned.includes(column));
    const differs = watched.map((column) => `OLD."${column}" IS NOT NEW."${column}"`).join(" OR ");
    const trigger = (event: string, name: "OLD" | "NEW", condition: string, before: string, after: string) =>
      this.database.run(
        `CREATE TEMP TRIGGER tracked_${table}_${event} AFTER ${event} ON main.${table}
         WHEN EXISTS (SELECT 1 FROM row_tracking)${except === undefined ? "" : ` AND NOT (${except.replaceAll("ROW.", `${name}.`)})`}${condition}
         BEGIN
           INSERT INTO row_changes (entity, key, before, after) VALUES ('${table}', ${keyOf(name)}, ${before}, ${after});
         END`,
      );
    trigger("INSERT", "NEW", "", "NULL", row("NEW"));
    trigger("DELETE", "OLD", "", row("OLD"), "NULL");
    trigger("UPDATE", "NEW", ` AND (${differs})`, row("OLD"), row("NEW"));
  }
}
