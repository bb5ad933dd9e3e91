import { describe, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GatewayError } from "../../src/core/errors.ts";
import {
  isWhole,
  listBackups,
  listConnections,
  makeBackup,
  newestGoodBackup,
  openStore,
  removeBackup,
  saveConnection,
  storageUse,
} from "../../src/store/index.ts";
import { freshDirectory } from "../kit/data-dir.ts";
import { connection, freshStore, VERSION } from "./kit.ts";

describe("copies of the configuration", () => {
  test("hold what is there now, open anew, and are closed to others", () => {
    const { store, clock, dataDir } = freshStore();
    const saved = saveConnection(store, connection());
    const backup = makeBackup(store, "manual");
    expect(backup).toMatchObject({ at: clock.now(), reason: "manual", size: statSync(backup.path).size });
    expect(statSync(backup.path).mode & 0o777).toBe(0o600);
    expect(listBackups(store)).toEqual([backup]);
    expect(isWhole(backup.path)).toBe(true);
    expect(storageUse(store)).toMatchObject({ backupCount: 1, lastBackupAt: backup.at, dataDir });
    store.close();

    const elsewhere = freshDirectory();
    writeFileSync(join(elsewhere, "omniroute.sqlite"), readFileSync(backup.path));
    writeFileSync(join(elsewhere, "secrets.json"), readFileSync(join(dataDir, "secrets.json")));
    const again = openStore({ dataDir: elsewhere, clock, version: VERSION });
    expect(listConnections(again)).toEqual([saved]);
    again.close();
  });

  test("are kept up to twenty, the oldest going first, but never the last good one", () => {
    const { store, clock, dataDir } = freshStore();
    const first = makeBackup(store, "manual");
    for (let index = 0; index < 19; index++) {
      clock.advance(1000);
      writeFileSync(makeBackup(store, "daily").path, "broken by somebody");
    }
    clock.advance(1000);
    const last = makeBackup(store, "daily");
    expect(listBackups(store)).toHaveLength(20);
    expect(newestGoodBackup(join(dataDir, "backups"), "omniroute")).toEqual(last);
    expect(listBackups(store).some((file) => file.filename === first.filename)).toBe(false);

    writeFileSync(last.path, "broken too");
    expect(newestGoodBackup(join(dataDir, "backups"), "omniroute")).toBeUndefined();
    store.close();
  });

  test("can be removed by name, except the last", () => {
    const { store, clock } = freshStore();
    const first = makeBackup(store, "manual");
    expect(() => removeBackup(store, first.filename)).toThrow(GatewayError);
    clock.advance(1000);
    makeBackup(store, "manual");
    expect(removeBackup(store, "../omniroute.sqlite")).toBe(false);
    expect(removeBackup(store, first.filename)).toBe(true);
    expect(removeBackup(store, first.filename)).toBe(false);
    store.close();
  });
});
