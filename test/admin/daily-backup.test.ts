import { expect, test } from "bun:test";
import { keepDailyBackups } from "../../src/engine/daily-backup.ts";
import { createLog } from "../../src/lib/log.ts";
import { listBackups, saveValue } from "../../src/store/index.ts";
import { freshStore } from "../store/kit.ts";

const DAY_MS = 86_400_000;

test("a copy is made once a day, by itself", () => {
  const { store, clock } = freshStore();
  clock.jump(Date.now() - clock.now() - 60_000);
  const stop = keepDailyBackups(store, clock, createLog({ level: "error", format: "text", write: () => {} }));
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
