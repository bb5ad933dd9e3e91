import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { newId } from "../lib/ids.ts";
import { readTar } from "../lib/tar.ts";
import {
  addAudit,
  type BackupFile,
  copyChange,
  exportAll,
  exportDatabase,
  formerFileIn,
  importDatabase,
  type Imported,
  type ImportOptions,
  importRefusal,
  LARGEST_IMPORT_BYTES,
  listBackups,
  listConnections,
  makeBackup,
  removeBackup,
} from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import { importEarlier } from "./earlier-import.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

/** `storageKey` opens a file sealed elsewhere, of ours or of an earlier program. */
export type TakeIn = Omit<ImportOptions, "reason">;

const BETWEEN_COPIES_MS = 60_000;

/** Copies with a name are kept for good, so there is an end to them. */
const MOST_POINTS = 100;
const pointName = z
  .string()
  .trim()
  .transform((name) => name.replaceAll(/\s+/g, "-"))
  .pipe(z.string().regex(/^[\w.-]{1,64}$/, "1 to 64 letters, digits, spaces, - _ and ."));

/** Puts a copy aside; undefined when somebody did less than a minute ago. */
export function makeCopy(deps: ManageDeps, name: unknown, actor: Actor): BackupFile | undefined {
  if (name !== undefined && name !== null && name !== "") return makePoint(deps, name, actor);
  const newest = listBackups(deps.store)[0];
  if (newest?.reason === "manual" && deps.clock.now() - newest.at < BETWEEN_COPIES_MS) return undefined;
  const copy = makeBackup(deps.store, "manual");
  audit(deps.store, actor, "backup.create", copy.filename, { size: copy.size });
  return copy;
}

/** A restore point: a copy with a name, which no later copy pushes out. Throws `conflict` for a name that is taken. */
function makePoint(deps: ManageDeps, name: unknown, actor: Actor): BackupFile {
  const label = parseInput(z.object({ name: pointName }), { name }).name;
  const points = listBackups(deps.store).filter((copy) => copy.label !== undefined);
  if (points.some((copy) => copy.label === label))
    throw new GatewayError("conflict", `There is a restore point ${label} already.`, { param: "name" });
  if (points.length >= MOST_POINTS)
    throw new GatewayError("conflict", `There are ${MOST_POINTS} restore points: remove one first.`);
  const copy = makeBackup(deps.store, "point", label);
  audit(deps.store, actor, "backup.create", copy.filename, { size: copy.size, name: label });
  return copy;
}

/** Removes a copy by its file name. Throws `not_found`, and `conflict` for the last one. */
export function dropCopy(deps: ManageDeps, filename: string, actor: Actor): void {
  if (!removeBackup(deps.store, filename)) throw new GatewayError("not_found", "There is no such copy.");
  audit(deps.store, actor, "backup.delete", filename);
}

/**
 * Brings a copy of ours back in force, by its file name or its label; password, login rules and secrets stay. Throws
 * `not_found`.
 */
export function restoreCopy(
  deps: ManageDeps,
  filename: string,
  dryRun: boolean,
  actor: Actor,
  isUndo = false,
): Imported {
  const file = listBackups(deps.store).find((copy) => copy.filename === filename || copy.label === filename);
  if (!file) throw new GatewayError("not_found", "There is no such copy.");
  const options = { mode: "replace", reason: "restore", dryRun } as const;
  return takeIn(deps, file.filename, options, { ...actor, isUndo }, (draft) =>
    copyFileSync(file.path, draft),
  );
}

/**
 * Takes over the configuration in a file: a copy or archive of ours, or a database of an earlier OmniRoute or
 * 9router. All or nothing, after a copy of what is there. Throws `bad_request` naming the failed check.
 */
export function importFile(
  deps: ManageDeps,
  file: { name: string; bytes: Uint8Array },
  options: TakeIn,
  actor: Actor,
): Imported {
  return takeIn(deps, plainName(file.name), { ...options, reason: "import" }, actor, (draft) =>
    writeFileSync(draft, databaseIn(file.bytes), { mode: 0o600 }),
  );
}

/** The database of an earlier OmniRoute in our data directory, while nothing is set up here yet. */
export function nearbyFile(deps: ManageDeps): string | undefined {
  return listConnections(deps.store).length > 0 ? undefined : formerFileIn(deps.store.dataDir);
}

/** The configuration as a database, its credentials sealed with our key or a passphrase. */
export function exportOwn(deps: ManageDeps, passphrase: string | undefined, actor: Actor): Uint8Array {
  const bytes = exportDatabase(deps.store, passphrase);
  audit(deps.store, actor, "export", "database", passphrase === undefined ? undefined : { passphrase: true });
  return bytes;
}

/** An archive to show to others: nothing secret is in it. */
export function exportShared(deps: ManageDeps, actor: Actor): Uint8Array {
  const bytes = exportAll(deps.store);
  audit(deps.store, actor, "export", "all");
  return bytes;
}

/** Brings in a file that `place` writes to a private place. */
function takeIn(
  deps: ManageDeps,
  name: string,
  options: ImportOptions,
  actor: Actor & { isUndo?: boolean },
  place: (draft: string) => void,
): Imported {
  const draft = join(deps.store.dataDir, `import-${newId()}.tmp`);
  try {
    place(draft);
    const imported = importEarlier(deps, draft, options, actor) ?? importDatabase(deps.store, draft, options);
    if (imported.backup !== undefined) {
      deps.store.tellChange(copyChange(imported.backup));
      audit(deps.store, actor, options.reason, name, { ...imported }, actor);
      deps.reapply();
    }
    return imported;
  } catch (error) {
    if (error instanceof GatewayError) tellRefused(deps, actor, options.reason, name, error.message);
    throw error;
  } finally {
    for (const ending of ["", ".own"])
      for (const companion of ["", "-journal", "-wal", "-shm"])
        rmSync(draft + ending + companion, { force: true });
  }
}

/** The database of a file that is one, or holds one as our archives do. */
function databaseIn(bytes: Uint8Array): Uint8Array {
  if (bytes.length > LARGEST_IMPORT_BYTES)
    throw new GatewayError("too_large", "The file is larger than 100 MB.");
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const archive = gunzipSync(bytes, { maxOutputLength: LARGEST_IMPORT_BYTES + 1024 * 1024 });
    const database = readTar(archive).find(({ name }) => name === "storage.sqlite");
    if (!database) throw new Error("there is no storage.sqlite in it");
    return database.bytes;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw importRefusal(
      "archive",
      code.startsWith("ERR_") || code.startsWith("Z_")
        ? "it cannot be unpacked within 100 MB."
        : `${(error as Error).message}.`,
    );
  }
}

function tellRefused(deps: ManageDeps, actor: Actor, action: string, target: string, refused: string): void {
  addAudit(deps.store, {
    action,
    actor: actor.name,
    ...(actor.ip !== undefined && { ip: actor.ip }),
    target,
    result: "failed",
    details: { refused },
  });
}

/** An upload's name is only ever shown. */
const plainName = (name: string): string => name.replace(/[^\w.-]/g, "_").slice(-100) || "file";
