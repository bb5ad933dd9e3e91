import { expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "../../src/store/inspection.ts";

test("a change that a kill left half done is taken back before a database is looked at", () => {
  const directory = mkdtempSync(join(tmpdir(), "omniroute-journal-"));
  const origin = join(directory, "origin.sqlite");
  const killed = join(directory, "killed.sqlite");
  const database = new Database(origin);
  database.run("PRAGMA journal_mode = DELETE");
  database.run("PRAGMA cache_size = 2");
  database.run("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
  database.run("INSERT INTO t (text) VALUES ('kept')");
  database.run("BEGIN IMMEDIATE");
  // More than the cache holds, so that changed pages and the journal to undo them both reach the disk.
  for (let i = 0; i < 200; i++) database.run("INSERT INTO t (text) VALUES (?)", ["lost ".repeat(500)]);
  copyFileSync(origin, killed);
  copyFileSync(`${origin}-journal`, `${killed}-journal`);
  database.close();

  const rows = inspect(
    killed,
    "whole",
    (found) => found.query("SELECT text FROM t").values(),
    (cause) => new Error(cause) as never,
  );
  expect(rows).toEqual([["kept"]]);
  rmSync(directory, { recursive: true });
});
