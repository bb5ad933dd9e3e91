import { statSync } from "node:fs";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { listBackups, makeBackup, readSettings, type Store } from "../store/index.ts";

const LOOK_EVERY_MS = 600_000;
const FIRST_LOOK_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Puts a copy of the configuration aside as often as the settings say, if it changed since the newest. The result ends
 * that. `report` hears after each look why no copy could be made; undefined when all is well.
 */
export function keepBackups(
  store: Store,
  clock: Clock,
  log: Log,
  report: (why: string | undefined) => void = () => {},
): () => void {
  let cancel = clock.after(FIRST_LOOK_MS, look);
  return () => cancel();

  function look(): void {
    try {
      const { backupEveryHours } = readSettings(store);
      const newest = listBackups(store)[0];
      const isOld = newest === undefined || clock.now() - newest.at >= backupEveryHours * HOUR_MS;
      if (backupEveryHours > 0 && isOld && changedAt(store) > (newest?.at ?? 0)) makeBackup(store, "daily");
      report(undefined);
    } catch (error) {
      report(reasonOf(error));
      log.warn("store", "The copy that was due could not be made.", { cause: error });
    }
    cancel = clock.after(LOOK_EVERY_MS, look);
  }
}

/** A reason that names no place of the machine: it leaves by the webhook. */
function reasonOf(error: unknown): string {
  const codes = [error, (error as { cause?: unknown }).cause].map(
    (each) => (each as { code?: unknown })?.code,
  );
  if (codes.some((code) => code === "ENOSPC" || code === "SQLITE_FULL"))
    return "there is no space left on the disk.";
  if (codes.some((code) => ["EACCES", "EPERM", "EROFS"].includes(String(code))))
    return "the folder of the copies cannot be written to.";
  return "the log says why.";
}

/** When the database or its journal was last written. Milliseconds since 1970. */
function changedAt(store: Store): number {
  const { config } = store.paths;
  return Math.max(
    ...[config, `${config}-wal`].map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0),
  );
}
