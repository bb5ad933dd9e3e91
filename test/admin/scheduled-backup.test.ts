import { expect, test } from "bun:test";
import { keepBackups } from "../../src/engine/scheduled-backup.ts";
import { createLog } from "../../src/lib/log.ts";
import { listBackups, makeBackup, patchSettings, saveValue } from "../../src/store/index.ts";
import { freshStore } from "../store/kit.ts";

const DAY_MS = 86_400_000;

test("a copy is made once a day, by itself", () => {
  const { store, clock } = freshStore();
  clock.jump(Date.now() - clock.now() - 60_000);
  const stop = keepBackups(store, clock, createLog({ level: "error", format: "text", write: () => {} }));
  clock.advance(3 * 3_600_000);
  expect(listBackups(store).map(({ reason }) => reason)).toEqual(["daily"]);
  clock.advance(DAY_MS);
  // Nothing was written since the first copy.
  expect(listBackups(store)).toHaveLength(1);
  clock.jump(-3 * DAY_MS);
  stop();
  saveValue(store, "settings", "instanceName", "x");
  clock.advance(2 * DAY_MS);
  expect(listBackups(store)).toHaveLength(1);
  store.close();
});

test("how often, and how many are kept, is a setting", () => {
  const { store, clock } = freshStore();
  clock.jump(Date.now() - clock.now() - 60_000);
  patchSettings(store, { backupEveryHours: 0, backupsKept: 2 });
  const stop = keepBackups(store, clock, createLog({ level: "error", format: "text", write: () => {} }));
  clock.advance(3 * DAY_MS);
  expect(listBackups(store)).toEqual([]);
  clock.jump(-3 * DAY_MS);
  patchSettings(store, { backupEveryHours: 1 });
  clock.advance(3_600_000);
  expect(listBackups(store).map(({ reason }) => reason)).toEqual(["daily"]);
  for (let index = 0; index < 4; index++) {
    clock.advance(1000);
    makeBackup(store, "manual");
  }
  expect(listBackups(store)).toHaveLength(2);
  stop();
  store.close();
});
