import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Migration } from "../../drizzle/index.ts";
import { prepareDataDir, dataPaths } from "../../src/store/data-dir.ts";
import { examine, openExamined, type DatabaseFile } from "../../src/store/open-file.ts";
import { StoreError } from "../../src/store/index.ts";
import { freshDirectory } from "../kit/data-dir.ts";

const FIRST: Migration = {
  tag: "0001_first",
  sql: `CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parents (id) ON DELETE CASCADE);`,
};
/** A table made anew, the way schema tools write it. */
const REBUILD: Migration = {
  tag: "0003_rebuild",
  sql: `CREATE TABLE parents_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '');
        INSERT INTO parents_new SELECT id, coalesce(name, '') FROM parents;
        DROP TABLE parents;
        ALTER TABLE parents_new RENAME TO parents;`,
};
const LATE: Migration = { tag: "0002_merged_late", sql: "ALTER TABLE children ADD COLUMN age INTEGER;" };
const BROKEN: Migration = {
  tag: "0004_broken",
  sql: "CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1);",
};
const ORPHANS: Migration = { tag: "0005_orphans", sql: "DELETE FROM parents;" };

function fileIn(dataDir: string, migrations: Migration[], version = "1.2.0", now = 1000): DatabaseFile {
  const paths = dataPaths(dataDir);
  prepareDataDir(paths);
  return {
    path: paths.config,
    backups: paths.backups,
    family: "omniroute",
    durability: "config",
    care: "whole",
    migrations,
    version,
    now,
  };
}

function migrate(dataDir: string, migrations: Migration[], version?: string, now?: number): Database {
  const file = fileIn(dataDir, migrations, version, now);
  return openExamined(file, examine(file));
}

function filled(): string {
  const dataDir = freshDirectory();
  const database = migrate(dataDir, [FIRST]);
  database.run("INSERT INTO parents VALUES (1, NULL), (2, 'b')");
  database.run("INSERT INTO children VALUES (10, 1), (11, 2)");
  database.close(true);
  return dataDir;
}

function refusal(work: () => unknown): StoreError {
  try {
    work();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error("It was opened.");
}

const tagsOf = (database: Database) =>
  database
    .query<{ tag: string }, []>("SELECT tag FROM migrations ORDER BY rowid")
    .all()
    .map((row) => row.tag);

describe("migrations", () => {
  test("rebuilding a table keeps the rows that refer to it, and foreign keys hold afterwards", () => {
    const database = migrate(filled(), [FIRST, REBUILD]);
    expect(database.query("SELECT id, parent FROM children ORDER BY id").all()).toEqual([
      { id: 10, parent: 1 },
      { id: 11, parent: 2 },
    ]);
    expect(() => database.run("INSERT INTO children VALUES (12, 99)")).toThrow("FOREIGN KEY");
    database.close(true);
  });

  test("one merged late under an older name is applied too, and each only once", () => {
    const dataDir = filled();
    migrate(dataDir, [FIRST, REBUILD]).close(true);
    const database = migrate(dataDir, [REBUILD, LATE, FIRST]);
    expect(tagsOf(database)).toEqual(["0001_first", "0003_rebuild", "0002_merged_late"]);
    expect(database.query("SELECT count(age) AS aged FROM children").get()).toEqual({ aged: 0 });
    database.close(true);
    migrate(dataDir, [FIRST, LATE, REBUILD]).close(true);
    expect(readdirSync(join(dataDir, "backups"))).toHaveLength(1);
  });

  test.each([
    ["whose words do not run", BROKEN],
    ["that leaves rows referring to nothing", ORPHANS],
  ])("one %s changes nothing, nor do those before it", (_, bad) => {
    const dataDir = filled();
    const error = refusal(() => migrate(dataDir, [FIRST, LATE, bad]));
    expect(error.exitCode).toBe(5);
    expect(error.message).toContain(bad.tag);
    const database = migrate(dataDir, [FIRST]);
    expect(tagsOf(database)).toEqual(["0001_first"]);
    expect(database.query("SELECT count(*) AS count FROM parents").get()).toEqual({ count: 2 });
    expect(database.query("SELECT * FROM pragma_table_info('children')").all()).toHaveLength(2);
    expect(database.query("SELECT name FROM sqlite_master WHERE name = 'half'").get()).toBeNull();
    database.close(true);
  });

  test("a copy is put aside before, with what was there", () => {
    const dataDir = filled();
    migrate(dataDir, [FIRST, REBUILD], "1.3.0", Date.UTC(2026, 0, 2, 3, 4, 5, 6)).close(true);
    const [name] = readdirSync(join(dataDir, "backups"));
    expect(name).toBe("omniroute-20260102T030405006Z-migration.sqlite");
    const copy = new Database(join(dataDir, "backups", name!), { readonly: true });
    expect(tagsOf(copy)).toEqual(["0001_first"]);
    expect(copy.query("SELECT count(*) AS count FROM children").get()).toEqual({ count: 2 });
    copy.close(true);
  });

  test("a first start makes no copy", () => {
    const dataDir = freshDirectory();
    migrate(dataDir, [FIRST, REBUILD]).close(true);
    expect(readdirSync(join(dataDir, "backups"))).toEqual([]);
  });
});

describe("a database that is not for this program", () => {
  test("from a newer version is refused, and that version named", () => {
    const dataDir = filled();
    migrate(dataDir, [FIRST, REBUILD], "1.4.0").close(true);
    const path = join(dataDir, "omniroute.sqlite");
    const before = readFileSync(path);
    const error = refusal(() => migrate(dataDir, [FIRST], "1.2.0"));
    expect([error.problem, error.exitCode]).toEqual(["newer", 5]);
    expect(error.message).toContain("written by OmniRoute 1.4.0; this is 1.2.0");
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("with a version number far ahead is refused", () => {
    const dataDir = filled();
    const database = new Database(join(dataDir, "omniroute.sqlite"));
    database.run("PRAGMA user_version = 4711");
    database.close(true);
    expect(refusal(() => migrate(dataDir, [FIRST])).problem).toBe("newer");
  });

  test("made by a build whose step reads differently is refused", () => {
    const dataDir = filled();
    const edited = { tag: FIRST.tag, sql: `${FIRST.sql} -- edited after release` };
    const error = refusal(() => migrate(dataDir, [edited]));
    expect([error.problem, error.exitCode]).toEqual(["other-build", 5]);
  });

  test("but other line ends make no difference", () => {
    const dataDir = filled();
    migrate(dataDir, [{ tag: FIRST.tag, sql: FIRST.sql.replaceAll("\n", "\r\n") }]).close(true);
  });
});
