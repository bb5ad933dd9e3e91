import { parseEnvFile } from "../../lib/env-file.ts";
import type { SettingsFormat } from "./settings-format.ts";

/** Lines of `NAME=value`. */
export const env: SettingsFormat = {
  read: (text) => parseEnvFile(text),
  change(text, location, value) {
    const name = String(location[0]);
    const lines = text.split(/\r?\n/);
    const isOurs = (line: string) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(line);
    // Of several the last counts.
    const at = lines.findLastIndex(isOurs);
    if (value === undefined) return lines.filter((line) => !isOurs(line)).join("\n");
    if (at >= 0) return lines.with(at, lineOf(name, value)).join("\n");
    const last = lines.findLastIndex((line) => line.trim() !== "");
    return [...lines.slice(0, last + 1), lineOf(name, value), ""].join("\n");
  },
  write: (content) =>
    Object.entries(content as { [name: string]: unknown })
      .map(([name, value]) => `${lineOf(name, value)}\n`)
      .join(""),
};

/** Quoted only where it must be: readers of such files agree on plain values alone. */
function lineOf(name: string, value: unknown): string {
  const text = String(value);
  return /^[\w@%+=:,./?&-]*$/.test(text) ? `${name}=${text}` : `${name}=${JSON.stringify(text)}`;
}
