import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { globMatches } from "../lib/glob.ts";
import { binSettingOf, type ClientTool } from "./client-tool.ts";

/** Where programs are looked for. */
export type Machine = {
  home: string;
  /** Folders of the search path and those named beside it. */
  searchPath: readonly string[];
  /** Programs whose place was named: `CLI_CLAUDE_BIN` → path. */
  programs: Readonly<{ [setting: string]: string }>;
  platform: NodeJS.Platform;
};

export type Installation = {
  installed: boolean;
  /** Is there a program that may be started? */
  runnable: boolean;
  command: string | undefined;
  commandPath: string | undefined;
  /** Why it counts as not installed, or not to be started. */
  reason: "not_found" | "not_executable" | "no_command" | undefined;
};

/** Where installers put programs; services are often started with a shorter search path than their owner's shell. */
const USUAL_PLACES = [
  ".local/bin",
  "bin",
  ".bun/bin",
  ".npm-global/bin",
  ".local/share/pnpm",
  ".volta/bin",
  ".cargo/bin",
  ".claude/local",
  ".opencode/bin",
  ".nvm/versions/node/*/bin",
];
const USUAL_FOLDERS = ["/usr/local/bin", "/opt/homebrew/bin"];

/** Looks for a client without starting anything. */
export function findInstallation(tool: ClientTool, machine: Machine): Installation {
  const named = machine.programs[binSettingOf(tool)];
  const commandPath = named ?? (tool.commands ?? []).map((name) => onPath(name, machine)).find(Boolean);
  const command = named ?? tool.commands?.[0];
  if (commandPath !== undefined) {
    const state = programState(commandPath);
    if (state === "program")
      return { installed: true, runnable: true, command, commandPath, reason: undefined };
    return { installed: state !== "missing", runnable: false, command, commandPath, reason: reasonOf(state) };
  }
  const hasTraces = (tool.traces ?? []).some((trace) => isThere(machine.home, trace));
  return {
    installed: hasTraces,
    runnable: false,
    command,
    commandPath: undefined,
    reason: hasTraces ? "no_command" : "not_found",
  };
}

function onPath(name: string, { home, searchPath, platform }: Machine): string | undefined {
  const endings = platform === "win32" ? [".exe", ".cmd", ".bat"] : [""];
  const folders = [
    ...searchPath,
    ...USUAL_PLACES.flatMap((place) => matching(home, place)),
    ...USUAL_FOLDERS,
  ];
  return folders
    .flatMap((folder) => endings.map((ending) => join(folder, name + ending)))
    .find((path) => programState(path) !== "missing");
}

function programState(path: string): "program" | "not_executable" | "missing" {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return "missing";
  try {
    accessSync(path, constants.X_OK);
    return "program";
  } catch {
    return "not_executable";
  }
}

const reasonOf = (state: "not_executable" | "missing") =>
  state === "missing" ? ("not_found" as const) : ("not_executable" as const);

const isThere = (home: string, trace: string): boolean => matching(home, trace).length > 0;

/** Paths below a folder that fit a pattern, in which `*` stands for any part of a name. */
function matching(home: string, pattern: string): string[] {
  return pattern.split("/").reduce(
    (folders, step) =>
      folders.flatMap((folder) => {
        const names = step.includes("*") ? namesIn(folder).filter((name) => globMatches(step, name)) : [step];
        return names.map((name) => join(folder, name)).filter((path) => existsSync(path));
      }),
    [home],
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
