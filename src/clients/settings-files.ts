import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { GatewayError } from "../core/errors.ts";

/** A larger one is no settings file. */
const LONGEST_BYTES = 4 * 1024 * 1024;
const PRIVATE = 0o600;

/** A settings file as it was found. */
export type FoundFile = {
  /** Below the home directory, as people know it. */
  path: string;
  /** Where it really lies, behind links. */
  target: string;
  /** Undefined: there is none yet. */
  text: string | undefined;
};

/**
 * Reads a file below the home directory. Links are followed as long as they end below it too: people keep their
 * settings in a folder of their own. Throws 409 for anything else, for what is no plain file, and for what may not be
 * read.
 */
export function readSettingsFile(home: string, path: string): FoundFile {
  const shown = `~/${path}`;
  try {
    const root = existsSync(home) ? realpathSync(home) : home;
    const target = targetOf(root, path);
    if (!isBelow(root, target))
      throw refusal(`${shown} is a link that leads out of the home directory, and is left alone.`);
    const found = statSync(target, { throwIfNoEntry: false });
    if (!found) return { path, target, text: undefined };
    if (!found.isFile()) throw refusal(`${shown} is not a file.`);
    if (found.size > LONGEST_BYTES) throw refusal(`${shown} is too large to be a settings file.`);
    return { path, target, text: readFileSync(target, "utf8") };
  } catch (error) {
    throw asRefusal(error, `${shown} cannot be read`);
  }
}

/**
 * Writes it in one step, with its mode and owner kept; a new file is for its owner alone. Undefined removes it.
 * Throws 409 when it has changed since it was read, or cannot be written.
 */
export function writeSettingsFile(found: FoundFile, text: string | undefined): void {
  const shown = `~/${found.path}`;
  try {
    const now = statSync(found.target, { throwIfNoEntry: false });
    if ((now && readFileSync(found.target, "utf8")) !== found.text)
      throw refusal(`${shown} was changed by another program at the same moment. Try again.`);
    if (text === undefined) return rmSync(found.target, { force: true });
    const directory = dirname(found.target);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const owner = now ?? statSync(directory);
    const draft = join(directory, `.${basename(found.target)}.${randomBytes(6).toString("hex")}`);
    try {
      writeDraft(draft, text, now?.mode === undefined ? PRIVATE : now.mode & 0o7777, owner);
      renameSync(draft, found.target);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  } catch (error) {
    throw asRefusal(error, `${shown} cannot be written`);
  }
}

function writeDraft(path: string, text: string, mode: number, owner: { uid: number; gid: number }): void {
  const file = openSync(path, "wx", PRIVATE);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // A server that runs as root writes for the person whose home it is.
  if (process.getuid?.() === 0) chownSync(path, owner.uid, owner.gid);
  chmodSync(path, mode);
}

/** Where a path leads to, through links of files and folders; what is not there yet lies where its folder lies. */
function targetOf(root: string, path: string): string {
  let here = root;
  for (const name of path.split("/")) {
    const next = join(here, name);
    here = lstatSync(next, { throwIfNoEntry: false }) ? realpathSync(next) : next;
  }
  return here;
}

function isBelow(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`);
}

const refusal = (message: string) => new GatewayError("conflict", message, { param: "settingsFile" });

function asRefusal(error: unknown, what: string): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = (error as { code?: string }).code ?? "unknown error";
  return new GatewayError("conflict", `${what} (${code}).`, { param: "settingsFile", cause: error });
}
