import type { Command } from "commander";
import { backup, restore } from "./backup.ts";
import { type Report, withJson } from "./command-words.ts";
import type { CliContext } from "./context.ts";
import { exportTo, importFrom } from "./transfer.ts";
import { undo } from "./undo.ts";

/** Copies of the configuration, and taking changes back. */
export function addCopyCommands(program: Command, context: CliContext, done: Report): void {
  program.commandsGroup("Copies:");
  withJson(program.command("backup").description("put a copy of the configuration aside").argument("[file]"))
    .option("--name <name>", "a restore point: stays until you remove it")
    .action(async (file: string | undefined, flags) => done(await backup(context, file, flags)));
  withJson(
    program
      .command("restore")
      .description("bring a copy back in force; `omniroute restore` alone lists them")
      .argument("[copy]", "a copy's name or a file"),
  )
    .option("--dry-run", "say what would come, and change nothing")
    .action(async (copy: string | undefined, flags) => done(await restore(context, copy, flags)));
  withPassphrase(
    withJson(
      program
        .command("export")
        .description("write the configuration to a file; .tar.gz holds nothing secret and can be shared")
        .argument("<file>"),
    ),
  ).action(async (file: string, flags) => done(await exportTo(context, file, flags)));
  withPassphrase(
    withJson(
      program
        .command("import")
        .description("take over a configuration: ours, an earlier OmniRoute's or 9router's")
        .argument("<file>", "the file, or a directory that holds it; it is only read"),
    ),
  )
    .option("--dry-run", "say what would come, and change nothing")
    .option("--merge", "add to what is there instead of replacing it")
    .option("--key-file <file>", "the STORAGE_ENCRYPTION_KEY that the file was sealed with")
    .action(async (place: string, flags) => done(await importFrom(context, place, flags)));
  addUndo(program, context, done);
}

const withPassphrase = (command: Command): Command =>
  command
    .option("--passphrase", "credentials are sealed under a passphrase, which is asked for")
    .option("--passphrase-file <file>", "the same, read from a file");

function addUndo(program: Command, context: CliContext, done: Report): void {
  withJson(
    program
      .command("undo")
      .description("take back the newest change, or the one of an id")
      .argument("[id]", "an entry of the audit log"),
  )
    .option("--list", "show what can be taken back")
    .action(async (id: string | undefined, flags) => done(await undo(context, id, flags)));
}
