import type { Command } from "commander";
import type { DataFlags } from "./context.ts";

/** Takes a command's exit code. */
export type Report = (code: number) => void;
export type JsonFlags = DataFlags & { json?: boolean };

/** A word that only other commands stand under. */
export const group = (program: Command, name: string, description: string): Command =>
  program.command(name).description(description);

/** The two options every command takes: where the data lies, and a file with settings. */
export function withData(command: Command): Command {
  return command
    .option("--data-dir <directory>", "where everything is kept (DATA_DIR, default ~/.omniroute)")
    .option("--env-file <file>", "read settings from a file of NAME=value lines");
}

/** A command that acts on a data directory and can answer in JSON. */
export const withJson = (command: Command): Command => withData(command).option("--json", "print JSON");
