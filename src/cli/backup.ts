import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { copyDatabase, isWhole, type BackupFile } from "../store/backups.ts";
import { openForReading } from "../store/database.ts";
import { dataPaths, makePrivateFile, prepareDataDir, type DataPaths } from "../store/data-dir.ts";
import { inspect } from "../store/inspection.ts";
import { takeLock } from "../store/lock.ts";
import { StoreError } from "../store/store-error.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { configFor } from "./installation.ts";
import { json, line } from "./output.ts";
import { findServer } from "./running-server.ts";

type Flags = DataFlags & { json?: boolean };

/** Puts a copy of the configuration aside, also while a server runs; `file` names another place for one more copy. */
export async function backup(context: CliContext, file: string | undefined, flags: Flags): Promise<number> {
  const { dataDir } = configFor(context, flags);
  const paths = dataPaths(dataDir);
  if (!existsSync(paths.config)) throw new CliError(`There is no database in ${dataDir} yet.`);
  prepareDataDir(paths);
  const now = context.clock.now();
  const copy = (await findServer(dataDir)) ? copyBeside(paths, now) : copyAlone(paths, now);
  const target = file === undefined ? copy.path : resolve(file);
  if (file !== undefined) placePrivately(copy.path, target);
  if (flags.json) json(context.out, { path: target, size: copy.size });
  else line(context.out, `Wrote ${target} (credentials stay sealed with this installation's key).`);
  return EXIT.fine;
}

/**
 * Puts a copy in the place of the configuration: keys, connections, combos, settings and password are then those of
 * the copy. What was there is kept beside it. Only while no server runs.
 */
export async function restore(context: CliContext, file: string, flags: Flags): Promise<number> {
  const { dataDir } = configFor(context, flags);
  const paths = dataPaths(dataDir);
  const source = resolve(file);
  if (await findServer(dataDir))
    throw new CliError("A server is running on this data directory.", EXIT.dataUnusable, "Stop it first.");
  if (!existsSync(source)) throw new CliError(`There is no ${source}.`, EXIT.wrongUse);
  prepareDataDir(paths);
  const lock = takeLock(paths.lock, paths.root);
  try {
    if (!isWhole(source))
      throw new CliError(`${source} is no whole copy of a database; nothing was changed.`);
    const draft = `${paths.config}.new`;
    placePrivately(source, draft);
    const kept = setAside(paths, context.clock.now());
    renameSync(draft, paths.config);
    if (flags.json) json(context.out, { restored: source, kept: kept ?? null });
    else {
      line(context.out, `Restored ${source}.`);
      if (kept) line(context.out, `What was there before is kept as ${kept}.`);
    }
    return EXIT.fine;
  } finally {
    lock.release();
  }
}

/** With the server as the other reader: its journal must be left alone. */
function copyBeside(paths: DataPaths, now: number): BackupFile {
  const database = openForReading(paths.config);
  try {
    return copyDatabase(database, paths.backups, "omniroute", "manual", now);
  } finally {
    database.close(true);
  }
}

function copyAlone(paths: DataPaths, now: number): BackupFile {
  const lock = takeLock(paths.lock, paths.root);
  try {
    return inspect(
      paths.config,
      "whole",
      (database) => copyDatabase(database, paths.backups, "omniroute", "manual", now),
      (cause) =>
        new StoreError("damaged", `${paths.config} is damaged (${cause}); a copy of it would be too.`),
    );
  } finally {
    lock.release();
  }
}

/** Copies over a file made private first, so that the contents are never open to others. */
function placePrivately(source: string, target: string): void {
  rmSync(target, { force: true });
  makePrivateFile(target);
  copyFileSync(source, target);
}

/** Moves the present database and its journal out of the way, together, under a name that says when. */
function setAside(paths: DataPaths, now: number): string | undefined {
  if (!existsSync(paths.config)) return undefined;
  const kept = `${paths.config}.before-restore-${new Date(now).toISOString().replace(/[:.]/g, "")}`;
  for (const ending of ["-wal", "-shm", ""])
    if (existsSync(paths.config + ending)) renameSync(paths.config + ending, kept + ending);
  return kept;
}
