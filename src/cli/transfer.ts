import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { JsonObject } from "../lib/json.ts";
import { writePrivateFile } from "../store/data-dir.ts";
import { readWithJournal } from "../store/file-copy.ts";
import { formerFileIn, keyBeside } from "../store/former-place.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { onInstallation } from "./installation.ts";
import { json, line, shown } from "./output.ts";

type Flags = DataFlags & { json?: boolean };
export type PassphraseFlags = { passphrase?: boolean; passphraseFile?: string };

const CLI = { name: "cli" };

const OWN_FILE = "omniroute.sqlite";

/** Writes the configuration to a file: `.tar.gz` holds nothing secret, everything else the sealed credentials too. */
export async function exportTo(
  context: CliContext,
  file: string,
  flags: Flags & PassphraseFlags,
): Promise<number> {
  const target = resolve(file);
  const shared = /\.(?:tar\.gz|tgz)$/.test(target);
  const passphrase = await passphraseOf(context, flags);
  if (shared && passphrase !== undefined)
    throw new CliError("An archive holds nothing to seal: name a .sqlite file.", EXIT.wrongUse);
  if (passphrase !== undefined && passphrase.length < 12)
    throw new CliError("A passphrase has at least 12 characters.", EXIT.wrongUse);
  const bytes = await onInstallation(context, flags, {
    server: (server) =>
      passphrase === undefined
        ? server.download("GET", shared ? "/api/db-backups/exportAll" : "/api/db-backups/export")
        : server.download("POST", "/api/db-backups/export", { passphrase }),
    engine: ({ manage }) =>
      shared ? manage.copies.exportShared(CLI) : manage.copies.export(passphrase, CLI),
  });
  writePrivateFile(target, bytes);
  if (flags.json) json(context.out, { path: target, size: bytes.length });
  else line(context.out, `Wrote ${target} (${holds(shared, passphrase)}).`);
  return EXIT.fine;
}

function holds(shared: boolean, passphrase: string | undefined): string {
  if (shared) return "no credential, key or password is in it";
  return passphrase === undefined
    ? "credentials stay sealed with this installation's key"
    : "credentials are sealed under the passphrase";
}

/** Takes over the configuration in a file, or in the one a directory holds; the file itself is only read. */
export async function importFrom(
  context: CliContext,
  place: string,
  flags: Flags & PassphraseFlags & { dryRun?: boolean; merge?: boolean; keyFile?: string },
): Promise<number> {
  const path = fileAt(place);
  const passphrase = await passphraseOf(context, flags);
  const storageKey = flags.keyFile === undefined ? keyBeside(path) : firstLine(flags.keyFile);
  const file = { name: basename(path), bytes: readWithJournal(path) };
  const dryRun = flags.dryRun === true;
  const mode = flags.merge ? "merge" : "replace";
  const found = await onInstallation<JsonObject>(context, flags, {
    server: (server) => {
      const form = new FormData();
      form.set("file", new File([Buffer.from(file.bytes)], file.name));
      form.set("mode", mode);
      form.set("dryRun", String(dryRun));
      if (passphrase !== undefined) form.set("passphrase", passphrase);
      if (storageKey !== undefined) form.set("storageEncryptionKey", storageKey);
      return server.call("POST", "/api/db-backups/import", form);
    },
    engine: ({ manage }) =>
      manage.copies.import(
        file,
        {
          mode,
          dryRun,
          ...(passphrase !== undefined && { passphrase }),
          ...(storageKey !== undefined && { storageKey }),
        },
        CLI,
      ),
  });
  return tellImported(context, found, { source: path, dryRun, json: flags.json === true });
}

/** Tells what came in, or would. */
export function tellImported(
  context: CliContext,
  found: JsonObject,
  { source, dryRun, json: asJson }: { source: string; dryRun: boolean; json: boolean },
): number {
  if (asJson) {
    json(context.out, { source, dryRun, ...found });
    return EXIT.fine;
  }
  const counts = [
    [found.connectionCount, "connections"],
    [found.nodeCount, "nodes"],
    [found.comboCount, "combos"],
    [found.apiKeyCount, "client keys"],
    [found.keyGroupCount, "groups of keys"],
  ].map(([count, what]) => `${String(count)} ${String(what)}`);
  line(
    context.out,
    `${dryRun ? "Would bring in" : "Brought in"} ${counts.join(", ")} from ${shown(source)}.`,
  );
  for (const warning of Array.isArray(found.warnings) ? found.warnings : [])
    line(context.out, `- ${shown(warning)}`);
  if (dryRun) line(context.out, "Nothing was changed. Run it again without --dry-run to do it.");
  else if (typeof found.backup === "string")
    line(context.out, `What was there before: omniroute restore ${found.backup}`);
  return EXIT.fine;
}

function fileAt(place: string): string {
  const path = resolve(place);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new CliError(`There is no ${path}.`, EXIT.wrongUse);
  if (!found.isDirectory()) return path;
  // What lies beside ours was there before: it is what somebody wants to bring in.
  const inside = formerFileIn(path) ?? (existsSync(join(path, OWN_FILE)) ? join(path, OWN_FILE) : undefined);
  if (inside === undefined)
    throw new CliError(
      `${path} holds no ${OWN_FILE}, storage.sqlite, data.sqlite or db.json.`,
      EXIT.wrongUse,
      "Name the file.",
    );
  return inside;
}

async function passphraseOf(context: CliContext, flags: PassphraseFlags): Promise<string | undefined> {
  if (flags.passphraseFile !== undefined) return firstLine(flags.passphraseFile);
  return flags.passphrase ? await context.readSecret("Passphrase: ") : undefined;
}

/** Secrets come from files: the command line of a process is there for everybody to read. */
function firstLine(file: string): string {
  try {
    const [text = ""] = readFileSync(resolve(file), "utf8").split(/\r?\n/);
    if (text !== "") return text;
  } catch (error) {
    throw new CliError(`${resolve(file)} cannot be read (${reasonOf(error)}).`, EXIT.wrongUse);
  }
  throw new CliError(`${resolve(file)} is empty.`, EXIT.wrongUse);
}

const reasonOf = (error: unknown): string => (error as { code?: string }).code ?? "error";
