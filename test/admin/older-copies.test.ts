import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_MIGRATIONS } from "../../drizzle/index.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";

let gateway: InProcess;
beforeAll(async () => {
  gateway = await startInProcess();
});
afterAll(() => gateway.stop());

/** A configuration as it was written when only the first steps of the database's history had been taken. */
function writtenAfter(steps: number): Uint8Array {
  const path = join(gateway.dataDir, `older-${steps}.tmp`);
  const { config } = gateway.engine.store.files;
  using database = new Database(path, { create: true, strict: true });
  const { sql } = config
    .query<{ sql: string }, []>("SELECT sql FROM sqlite_schema WHERE name = 'migrations'")
    .get()!;
  database.run(sql);
  for (const { tag, sql: step } of CONFIG_MIGRATIONS.slice(0, steps)) {
    database.run(step);
    const row = Object.values(config.query("SELECT * FROM migrations WHERE tag = ?").get(tag) as object);
    database.query(`INSERT INTO migrations VALUES (${row.map(() => "?").join(", ")})`).run(...row);
  }
  database.run(`INSERT INTO combos (id, name, models, strategy, config, is_active, created_at, updated_at)
    VALUES ('old', 'from step ${steps}', '[{"model":"mock/echo"}]', 'priority', '{}', 1, 1, 1)`);
  database.run(`PRAGMA user_version = ${steps}`);
  database.close(true);
  const bytes = new Uint8Array(readFileSync(path));
  rmSync(path);
  return bytes;
}

test.each(CONFIG_MIGRATIONS.map(({ tag }, index) => [tag, index + 1] as const))(
  "a copy that an earlier version made after %s comes in",
  (_tag, steps) => {
    const file = { name: "old.sqlite", bytes: writtenAfter(steps) };
    gateway.engine.manage.copies.import(file, { mode: "replace" }, { name: "test" });
    expect(gateway.engine.manage.combos.list()).toMatchObject([
      { name: `from step ${steps}`, models: [{ model: "mock/echo" }] },
    ]);
  },
);
