import { readConfig } from "../config.ts";
import { EXIT, type CliContext, type DataFlags } from "./context.ts";
import { json, line, paint, table } from "./output.ts";

/** Shows every setting of flags and environment with its value and source; secrets masked, unset ones empty. */
export function showConfig(context: CliContext, flags: DataFlags & { json?: boolean }): number {
  const { sources, warnings } = readConfig({ env: context.env, flags, hostName: context.hostName });
  if (flags.json) {
    json(context.out, { settings: sources, warnings });
    return EXIT.fine;
  }
  table(context, sources, [
    { title: "NAME", of: (setting) => setting.name },
    { title: "VALUE", of: (setting) => setting.value },
    { title: "SOURCE", of: (setting) => setting.source },
  ]);
  for (const warning of warnings)
    line(context.err, `${paint(context, context.err, "yellow", "Warning:")} ${warning}`);
  return EXIT.fine;
}
