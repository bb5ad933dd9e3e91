import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { onInstallation } from "./installation.ts";
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

/** Looks whether a configuration file is right, without putting it in force. Exit code 1 when it is not. */
export async function checkConfig(context: CliContext, file: string, flags: Flags): Promise<number> {
  const { formatOf } = await import("../engine/declared/declared-file.ts");
  const { parseDeclaration } = await import("../engine/declared/parse.ts");
  const path = resolve(file);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CliError(
      `${path} cannot be read (${(error as { code?: string }).code ?? "error"}).`,
      EXIT.wrongUse,
    );
  }
  const parsed = parseDeclaration(text, formatOf(path), (name) => context.env[name] || undefined);
  const faults = "faults" in parsed ? parsed.faults : [];
  if (flags.json) json(context.out, { path, ok: faults.length === 0, faults });
  else if (faults.length === 0) line(context.out, `${path} is right.`);
  else
    for (const { line: at, path: place, message } of faults)
      line(context.out, `${path}:${at ?? 1}: ${place === "" ? "" : `${place}: `}${message}`);
  return faults.length === 0 ? EXIT.fine : EXIT.failed;
}
