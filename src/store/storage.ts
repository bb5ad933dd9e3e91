import { rmSync, statSync } from "node:fs";
import { GatewayError } from "../core/errors.ts";
import { backupFiles, copyDatabase, type BackupFile, type BackupReason } from "./backups.ts";
import { readSettings } from "./settings.ts";
import type { Store } from "./store.ts";

/** Copies of the configuration, newest first. */
export function listBackups(store: Store): BackupFile[] {
  return backupFiles(store.paths.backups, "omniroute");
}

/**
 * Puts a copy of the configuration aside, credentials sealed as they are; the oldest beyond those kept are dropped, but
 * none with a label.
 */
export function makeBackup(store: Store, reason: BackupReason, label?: string): BackupFile {
  const { backupsKept } = readSettings(store);
  return store.change(undefined, () =>
    copyDatabase(store.files.config, store.paths.backups, "omniroute", reason, store.clock.now(), {
      kept: backupsKept,
      ...(label !== undefined && { label }),
    }),
  );
}

/** Removes a copy by its file name; not the last one. True when there was one. */
export function removeBackup(store: Store, filename: string): boolean {
  const files = listBackups(store);
  const file = files.find((candidate) => candidate.filename === filename);
  if (!file) return false;
  if (files.length === 1)
    throw new GatewayError("conflict", "This is the only copy: make another one first.");
  rmSync(file.path, { force: true });
  return true;
}

/** What the data takes up on the disk, in bytes. */
export type StorageUse = {
  driver: "sqlite";
  dataDir: string;
  dbPath: string;
  sizeBytes: number;
  logsSizeBytes: number;
  /** Milliseconds since 1970. */
  lastBackupAt?: number;
  backupCount: number;
  backupsKept: number;
  backupEveryHours: number;
  retentionDays: number;
};

export function storageUse(store: Store): StorageUse {
  const backups = listBackups(store);
  const { backupsKept, backupEveryHours, logRetentionDays } = readSettings(store);
  return {
    driver: "sqlite",
    dataDir: store.dataDir,
    dbPath: store.paths.config,
    sizeBytes: sizeWithJournal(store.paths.config),
    logsSizeBytes: sizeWithJournal(store.paths.logs),
    ...(backups[0] && { lastBackupAt: backups[0].at }),
    backupCount: backups.length,
    backupsKept,
    backupEveryHours,
    retentionDays: logRetentionDays,
  };
}

function sizeWithJournal(path: string): number {
  const size = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return size(path) + size(`${path}-wal`);
}
