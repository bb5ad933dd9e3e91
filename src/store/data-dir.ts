import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isDiskProblem, sqliteCode, StoreError } from "./store-error.ts";

/** Where everything lies below the data directory. */
export type DataPaths = {
  root: string;
  config: string;
  logs: string;
  secrets: string;
  lock: string;
  backups: string;
};

/** The places in a data directory; touches nothing. */
export function dataPaths(dataDir: string): DataPaths {
  return {
    root: dataDir,
    config: join(dataDir, "omniroute.sqlite"),
    logs: join(dataDir, "logs.sqlite"),
    secrets: join(dataDir, "secrets.json"),
    lock: join(dataDir, "lock"),
    backups: join(dataDir, "backups"),
  };
}

/**
 * Makes the data directory where it is missing and closes it to other users. Gives warnings to print. Throws
 * `StoreError` when it cannot be used.
 */
export function prepareDataDir(paths: DataPaths): string[] {
  try {
    mkdirSync(paths.root, { recursive: true, mode: 0o700 });
    if (!statSync(paths.root).isDirectory()) throw new StoreError("unusable", notDirectory(paths.root));
    accessSync(paths.root, constants.R_OK | constants.W_OK | constants.X_OK);
    const warnings = closeToOthers(paths);
    mkdirSync(paths.backups, { recursive: true, mode: 0o700 });
    return warnings;
  } catch (error) {
    throw unusable(paths.root, error);
  }
}

/** Files that a process was cut off with while it wrote or read them; they may hold what is sealed elsewhere. */
export function removeDrafts(paths: DataPaths): void {
  for (const name of readdirSync(paths.root))
    if (/^(?:import|export)-[\w-]+\.tmp(?:\.own)?(?:-wal|-shm|-journal)?$/.test(name))
      rmSync(join(paths.root, name), { force: true });
}

/** What the file system or SQLite said, as a sentence with a cure; an error of any other kind comes back as it is. */
export function unusable(path: string, error: unknown): unknown {
  if (error instanceof StoreError) return error;
  const code = sqliteCode(error) ?? (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ENOTDIR" || code === "EEXIST") return new StoreError("unusable", notDirectory(path), error);
  if (/^(?:ENOSPC|EDQUOT|SQLITE_FULL)$/.test(code)) {
    return new StoreError("unusable", `The disk with ${path} is full: free some space and try again.`, error);
  }
  if (code.startsWith("SQLITE_BUSY")) {
    const message = `Another program has a database in ${path} open and locked: close it and start again.`;
    return new StoreError("locked", message, error);
  }
  if (!isDiskProblem(error) && !/^E[A-Z]+$/.test(code)) return error;
  return new StoreError(
    "unusable",
    `The data directory ${path} cannot be used (${code}): see that this user may write there and that the disk has room, or name another with --data-dir.`,
    error,
  );
}

const notDirectory = (path: string) =>
  `${path} is not a directory, or stands below a file: name another data directory with --data-dir or DATA_DIR.`;

/** Writes a file that only we can read, whole or not at all: into a neighbour first, then renamed over. */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  const file = openSync(draft, "wx", 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  syncDirectory(dirname(path));
}

/** Makes an empty file that only we can read; SQLite then gives its companions the same mode. */
export function makePrivateFile(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  if (process.platform !== "win32") chmodSync(path, 0o600);
}

/** Makes a rename last through a power cut. Windows cannot and need not. */
export function syncDirectory(path: string): void {
  if (process.platform === "win32") return;
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/**
 * A directory of our own gets mode 0700. One that also holds other things (somebody named `/srv` or a home) is left
 * as it is: closing it could lock others out of what is theirs. Our files are private in either case.
 */
function closeToOthers(paths: DataPaths): string[] {
  if (process.platform === "win32") return [];
  const names = readdirSync(paths.root);
  for (const name of names) if (OUR_FILE.test(name)) chmodSync(join(paths.root, name), 0o600);
  if ((statSync(paths.root).mode & 0o077) === 0) return [];
  if (names.length === 0 || names.includes("secrets.json")) {
    chmodSync(paths.root, 0o700);
    return [];
  }
  return [
    `The data directory ${paths.root} holds other files and is open to other users; use a directory of its own.`,
  ];
}

const OUR_FILE =
  /^(?:(?:omniroute|logs)\.sqlite(?:-wal|-shm|\.new)?|secrets\.json|lock|cli-token|server\.json)$/;
