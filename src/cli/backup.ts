import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import type { JsonObject } from "../lib/json.ts";
import { backupFiles, copyDatabase, isWhole, type BackupFile } from "../store/backups.ts";
import { openForReading } from "../store/database.ts";
import { dataPaths, makePrivateFile, prepareDataDir, unusable, type DataPaths } from "../store/data-dir.ts";
import { inspect } from "../store/inspection.ts";
import { takeLock } from "../store/lock.ts";
import { StoreError } from "../store/store-error.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { configFor, onInstallation } from "./installation.ts";
import { json, line, shown, table } from "./output.ts";
import { findServer } from "./running-server.ts";
import { importFrom, tellImported } from "./transfer.ts";

type Flags = DataFlags & { json?: boolean };

/** Puts a copy of the configuration aside, also while a server runs; `file` names another place for one more copy. */
export async function backup(
  context: CliContext,
  file: string | undefined,
  flags: Flags & { name?: string },
): Promise<number> {
  if (flags.name !== undefined) return makePoint(context, flags.name, flags);
  const { dataDir } = configFor(context, flags);
  const paths = dataPaths(dataDir);
  if (!existsSync(paths.config)) throw new CliError(`There is no database in ${dataDir} yet.`);
  prepareDataDir(paths);
  const now = context.clock.now();
  const copy = madeCopy(paths, now, (await findServer(dataDir)) !== undefined);
  const target = file === undefined ? copy.path : resolve(file);
  if (file !== undefined) placePrivately(copy.path, target);
  if (flags.json) json(context.out, { path: target, size: copy.size });
  else line(context.out, `Wrote ${target} (credentials stay sealed with this installation's key).`);
  return EXIT.fine;
}

/** A copy with a name, which stays until somebody removes it. */
async function makePoint(context: CliContext, name: string, flags: Flags): Promise<number> {
  const made = await onInstallation<JsonObject>(context, flags, {
    server: (server) => server.call("PUT", "/api/db-backups", { name }),
    engine: ({ manage }) => ({ ...manage.copies.make(name, { name: "cli" }) }),
  });
  if (flags.json) json(context.out, { filename: made.filename, size: made.size });
  else
    line(
      context.out,
      `Made the restore point ${shown(made.filename)}. Back to it: omniroute restore ${shown(made.label ?? name)}`,
    );
  return EXIT.fine;
}

/**
 * Brings a copy back in force: one of our own by its name, or any file. Password, login rules and secrets of this
 * installation stay. Without a name it lists the copies. A database that is damaged or gone is put back in place whole.
 */
export async function restore(
  context: CliContext,
  copy: string | undefined,
  flags: Flags & { dryRun?: boolean },
): Promise<number> {
  const { dataDir } = configFor(context, flags);
  const paths = dataPaths(dataDir);
  if (copy === undefined) return listCopies(context, paths, flags);
  const own = existsSync(paths.backups) ? backupFiles(paths.backups, "omniroute") : [];
  const named = own.find(
    ({ filename, path, label }) => filename === copy || label === copy || path === resolve(copy),
  );
  const source = named?.path ?? resolve(copy);
  if (!existsSync(source))
    throw new CliError(`There is no ${source}.`, EXIT.wrongUse, "omniroute restore lists the copies.");
  const server = await findServer(dataDir);
  if (!server && !isUsable(paths)) return putInPlace(context, paths, source, flags);
  if (!named) return importFrom(context, source, flags);
  const dryRun = flags.dryRun === true;
  const found = await onInstallation<JsonObject>(context, flags, {
    server: (running) => running.call("POST", "/api/db-backups", { backupId: named.filename, dryRun }),
    engine: ({ manage }) => manage.copies.restore(named.filename, dryRun, { name: "cli" }),
  });
  return tellImported(context, found, { source: named.filename, dryRun, json: flags.json === true });
}

function listCopies(context: CliContext, paths: DataPaths, flags: Flags): number {
  const copies = existsSync(paths.backups) ? backupFiles(paths.backups, "omniroute") : [];
  if (flags.json) json(context.out, { backups: copies.map(({ path: _path, ...copy_ }) => copy_) });
  else if (copies.length === 0) line(context.out, "No copies yet. Make one: omniroute backup");
  else
    table(context, copies, [
      { title: "NAME", of: ({ filename }) => filename },
      { title: "MADE", of: ({ at }) => new Date(at).toISOString() },
      { title: "BYTES", of: ({ size }) => size },
      { title: "WHY", of: ({ reason, label }) => label ?? reason },
    ]);
  return EXIT.fine;
}

/** Is there a database that a server could start with? */
function isUsable(paths: DataPaths): boolean {
  return existsSync(paths.config) && isWhole(paths.config);
}

/** Nothing of what was there can be kept in force, the password neither; the file is kept beside it. */
function putInPlace(
  context: CliContext,
  paths: DataPaths,
  source: string,
  flags: Flags & { dryRun?: boolean },
): number {
  prepareDataDir(paths);
  const lock = takeLock(paths.lock, paths.root);
  try {
    if (!isWhole(source))
      throw new CliError(`${source} is no whole copy of a database; nothing was changed.`);
    if (flags.dryRun) {
      line(context.out, `Would put ${source} in place, with the password it holds. Nothing was changed.`);
      return EXIT.fine;
    }
    const draft = `${paths.config}.new`;
    placePrivately(source, draft);
    const kept = setAside(paths, context.clock.now());
    renameSync(draft, paths.config);
    if (flags.json) json(context.out, { restored: source, kept: kept ?? null });
    else {
      line(context.out, `Restored ${source}, with the password of that time.`);
      if (kept) line(context.out, `What was there before is kept as ${kept}.`);
    }
    return EXIT.fine;
  } finally {
    lock.release();
  }
}

function madeCopy(paths: DataPaths, now: number, isServed: boolean): BackupFile {
  try {
    return isServed ? copyBeside(paths, now) : copyAlone(paths, now);
  } catch (error) {
    throw unusable(paths.root, error);
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
