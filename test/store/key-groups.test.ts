import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_MIGRATIONS, LOG_MIGRATIONS, type Migration } from "../../drizzle/index.ts";
import type { ApiKey } from "../../src/core/key.ts";
import type { KeyGroup } from "../../src/core/key-group.ts";
import { dataPaths, prepareDataDir } from "../../src/store/data-dir.ts";
import {
  exportDatabase,
  importDatabase,
  listKeyGroups,
  listKeys,
  openStore,
  saveKey,
  saveKeyGroup,
  totalUsage,
} from "../../src/store/index.ts";
import { examine, openExamined } from "../../src/store/open-file.ts";
import { freshDirectory } from "../kit/data-dir.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { freshStore, VERSION } from "./kit.ts";

const group = (id: string, more: Partial<KeyGroup> = {}): KeyGroup => ({
  id,
  name: "team",
  isActive: true,
  createdAt: 1,
  updatedAt: 1,
  ...more,
});
const key = (id: string, more: Partial<ApiKey> = {}): ApiKey => ({
  id,
  name: id,
  hash: `hash of ${id}`,
  masked: "sk-omni-…",
  scopes: ["inference"],
  noLog: false,
  createdAt: 1,
  ...more,
});
const groupsByKey = (store: Parameters<typeof listKeys>[0]) =>
  Object.fromEntries(listKeys(store).map(({ id, groupId }) => [id, groupId]));

test("keys and sums of the release before groups are kept", () => {
  const dataDir = freshDirectory();
  const paths = dataPaths(dataDir);
  prepareDataDir(paths);
  const old = (path: string, family: "omniroute" | "logs", migrations: readonly Migration[], sql: string) => {
    const file = {
      path,
      backups: paths.backups,
      family,
      durability: family === "logs" ? ("logs" as const) : ("config" as const),
      care: "whole" as const,
      migrations: migrations.filter(({ tag }) => !tag.endsWith("key_groups")),
      version: "1.1.0",
      now: 1000,
    };
    const database: Database = openExamined(file, examine(file));
    database.run(sql);
    database.close(true);
  };
  old(
    paths.config,
    "omniroute",
    CONFIG_MIGRATIONS,
    `INSERT INTO api_keys (id, name, hash, masked, scopes, no_log, created_at, rules)
     VALUES ('k', 'laptop', 'h', 'sk', '["inference"]', 0, 1, '{"budget":{"dailyLimitUsd":2}}')`,
  );
  const counts = "3, 1, 0, 10, 20, 0, 0, 0, 0, 1.5, 0.5, 0, 100, 10, 1";
  old(
    paths.logs,
    "logs",
    LOG_MIGRATIONS,
    `INSERT INTO usage_hourly VALUES (10, 'groq', 'groq/a', 'k', 'c', ${counts});
     INSERT INTO usage_daily VALUES (0, 'groq', 'groq/a', 'k', 'c', ${counts})`,
  );
  const store = openStore({ dataDir, clock: new FakeClock(), version: VERSION });
  expect(listKeys(store)).toMatchObject([{ id: "k", name: "laptop", budget: { dailyLimitUsd: 2 } }]);
  expect(listKeys(store)[0]!.groupId).toBeUndefined();
  for (const per of ["hour", "day"] as const)
    expect(totalUsage(store, { from: 0, to: 1e12, per, keyId: "k", keyGroupId: "" })).toMatchObject({
      requests: 3,
      errors: 1,
      input: 10,
      output: 20,
      cost: 1.5,
      shadowCost: 0.5,
      durationMs: 100,
    });
  store.close();
});

describe("export and import", () => {
  const rules = { allowedModels: ["one/*"], limits: { requestsPerMinute: 5 }, budget: { dailyLimitUsd: 2 } };
  const exported = (groups: KeyGroup[], keys: ApiKey[]) => {
    const { store } = freshStore();
    for (const each of groups) saveKeyGroup(store, each);
    for (const each of keys) saveKey(store, each);
    const bytes = exportDatabase(store);
    store.close();
    return bytes;
  };

  test.each(["replace", "merge"] as const)("%s brings groups with their rules and keys", (mode) => {
    const full = group("g", { note: "interns", isActive: false, ...rules });
    const bytes = exported([full], [key("k", { groupId: "g" })]);
    const { store, dataDir } = freshStore();
    const path = join(dataDir, "in.sqlite");
    writeFileSync(path, bytes);
    expect(importDatabase(store, path, { mode, reason: "import" }).keyGroupCount).toBe(1);
    expect(listKeyGroups(store)).toEqual([full]);
    expect(groupsByKey(store)).toEqual({ k: "g" });
    store.close();
  });

  test("two groups of one name become one, with the keys of both", () => {
    const bytes = exported([group("theirs", rules)], [key("k2", { groupId: "theirs" })]);
    const { store, dataDir } = freshStore();
    saveKeyGroup(store, group("ours"));
    saveKey(store, key("k1", { groupId: "ours" }));
    const path = join(dataDir, "in.sqlite");
    writeFileSync(path, bytes);
    importDatabase(store, path, { mode: "merge", reason: "import" });
    const [only, ...others] = listKeyGroups(store);
    expect(others).toEqual([]);
    expect(groupsByKey(store)).toEqual({ k1: only!.id, k2: only!.id });
    store.close();
  });
});
