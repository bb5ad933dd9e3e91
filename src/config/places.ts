import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import type { Config } from "../core/config.ts";
import { type EnvironmentReader, SettingError } from "../lib/environment-reader.ts";

/** The file that is named, else one in the data directory. Throws `SettingError` when the named one is not there. */
export function readConfigFile(reader: EnvironmentReader, dataDir: string): string | undefined {
  const named = reader.text("OMNIROUTE_CONFIG");
  if (named !== undefined) {
    const path = resolve(named);
    if (!existsSync(path))
      throw new SettingError(`There is no configuration file ${path} (OMNIROUTE_CONFIG or --config).`);
    return path;
  }
  return configPlaces(dataDir).find((path) => existsSync(path));
}

/** Where a configuration file may lie that nobody names. */
export const configPlaces = (dataDir: string): string[] =>
  ["omniroute.toml", "omniroute.yaml", "omniroute.yml"].map((name) => join(dataDir, name));

/** systemd names the directories of a unit with StateDirectory in STATE_DIRECTORY, separated by colons. */
export function readDataDir(
  reader: EnvironmentReader,
  stateDirectory: string | undefined,
  home: string,
): string {
  const text = reader.text("DATA_DIR");
  if (text !== undefined) {
    const directory = resolve(text.replace(/^~(?=\/|$)/, home));
    reader.resolved("DATA_DIR", directory);
    return directory;
  }
  const given = stateDirectory?.split(":")[0];
  const directory = given ? resolve(given) : join(home, ".omniroute");
  reader.resolved("DATA_DIR", directory, given ? "environment STATE_DIRECTORY" : "default");
  return directory;
}

/** Where programs of this machine keep their settings. */
export function readClientHome(reader: EnvironmentReader, home: string): string {
  const directory = resolve((reader.text("CLI_CONFIG_HOME") ?? home).replace(/^~(?=\/|$)/, home));
  reader.resolved("CLI_CONFIG_HOME", directory);
  return directory;
}

/** How programs of this machine are found, and whether their settings may be written. */
export function readClientTools(reader: EnvironmentReader, path = ""): Config["clientTools"] {
  const extra = reader.text("CLI_EXTRA_PATHS") ?? "";
  const mode = reader.choice("CLI_MODE", "auto", ["auto", "host", "container"]);
  const isContained = existsSync("/.dockerenv") || existsSync("/run/.containerenv");
  const settings = reader.names().filter((name) => /^CLI_[A-Z]+_BIN$/.test(name));
  return {
    writes: reader.optionalBoolean("CLI_ALLOW_CONFIG_WRITES"),
    mode: mode === "container" || (mode === "auto" && isContained) ? "container" : "host",
    searchPath: [
      ...extra.split(/[,;]/).flatMap((part) => part.trim().split(delimiter)),
      ...path.split(delimiter),
    ].filter((folder) => isAbsolute(folder)),
    programs: Object.fromEntries(settings.map((name) => [name, resolve(reader.text(name) ?? "")])),
  };
}

/** Where the log is kept as a file; undefined when it is switched off. */
export function readLogFile(
  reader: EnvironmentReader,
  dataDir: string,
  retentionDays: number,
): Config["logFile"] {
  const isWanted = reader.boolean("LOG_TO_FILE", true);
  const path = resolve(reader.text("LOG_FILE_PATH") ?? join(dataDir, "logs", "omniroute.log"));
  reader.resolved("LOG_FILE_PATH", path);
  const maxBytes = reader.bytes("LOG_MAX_FILE_SIZE", 10 * 1024 * 1024, {
    least: 16 * 1024,
    most: 1024 ** 4,
  });
  return isWanted ? { path, maxBytes, retentionDays } : undefined;
}
