import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { FileFault } from "../engine/declared/parse.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { configFor, onInstallation, onStore } from "./installation.ts";
import { json, line } from "./output.ts";

type Flags = DataFlags & { json?: boolean };

/** Prints the running state as a configuration file. */
export async function exportConfig(
  context: CliContext,
  flags: DataFlags & { format: string },
): Promise<number> {
  const { format } = flags;
  if (format !== "toml" && format !== "yaml") throw new CliError("--format is toml or yaml.", EXIT.wrongUse);
  const { writeDeclaration } = await import("../engine/declared/write.ts");
  const text = await onInstallation(context, flags, {
    server: async (server) =>
      new TextDecoder().decode(await server.download("GET", `/api/config-file/export?format=${format}`)),
    engine: (engine) => writeDeclaration({ ...picked(engine), settings: () => engine.settings() }, format),
  });
  context.out.write(text);
  return EXIT.fine;
}

const picked = <T extends { store: unknown; manage: unknown; access: unknown }>({
  store,
  manage,
  access,
}: T): Pick<T, "store" | "manage" | "access"> => ({ store, manage, access });

/**
 * Looks whether a configuration file is right: puts it in force on an empty installation of its own, which goes again
 * at once. Exit code 1 when a start would refuse it.
 */
export async function checkConfig(context: CliContext, file: string, flags: Flags): Promise<number> {
  const path = resolve(file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new CliError(`There is no file ${path}.`, EXIT.wrongUse);
  const faults = await faultsOf(context, path, flags);
  if (flags.json) json(context.out, { path, ok: faults.length === 0, faults });
  else if (faults.length === 0) line(context.out, `${path} is right.`);
  else
    for (const { line: at, path: place, message } of faults)
      line(context.out, `${path}:${at ?? 1}: ${place === "" ? "" : `${place}: `}${message}`);
  return faults.length === 0 ? EXIT.fine : EXIT.failed;
}

async function faultsOf(context: CliContext, path: string, flags: Flags): Promise<readonly FileFault[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "omniroute-check-"));
  try {
    return await onStore({ ...configFor(context, flags), dataDir, configFile: path }, ({ declared }) =>
      declared.put(),
    );
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
