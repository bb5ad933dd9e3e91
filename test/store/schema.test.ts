import { expect, test } from "bun:test";
import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import * as configTables from "../../src/store/config-schema.ts";
import * as logTables from "../../src/store/log-schema.ts";
import { freshStore } from "./kit.ts";

type Column = { name: string; type: string; notnull: number; pk: number };

const tables = Object.values<unknown>({ ...configTables, ...logTables }).filter((value) =>
  is(value, SQLiteTable),
);

test.each(tables.map((table) => [getTableConfig(table).name, table] as const))(
  "the table %s has the columns the code expects",
  (name, table) => {
    const { store } = freshStore();
    const found = [store.files.config, store.files.logs].flatMap((database) =>
      database.query<Column, [string]>("SELECT * FROM pragma_table_info(?)").all(name),
    );
    const config = getTableConfig(table);
    const keys = new Set(config.primaryKeys.flatMap((key) => key.columns.map((column) => column.name)));
    const expected = config.columns.map((column) => ({
      name: column.name,
      type: column.getSQLType().toUpperCase(),
      notnull: column.notNull,
      key: column.primary || keys.has(column.name),
    }));
    expect(
      found.map((column) => ({
        name: column.name,
        type: column.type,
        notnull: column.notnull === 1,
        key: column.pk > 0,
      })),
    ).toEqual(expected);
    store.close();
  },
);

test("every table of the databases is known to the code", () => {
  const { store } = freshStore();
  const names = [store.files.config, store.files.logs].flatMap((database) =>
    database
      .query<{ name: string }, []>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations'",
      )
      .all()
      .map((row) => row.name),
  );
  expect(names.sort()).toEqual(tables.map((table) => getTableConfig(table).name).sort());
  store.close();
});
