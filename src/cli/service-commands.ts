import { type Command, Option } from "commander";
import { group, type Report, withData, withJson } from "./command-words.ts";
import type { CliContext } from "./context.ts";
import { installService, serviceStatus, uninstallService } from "./service.ts";

/** `omniroute service …`: starting at login or at boot. */
export function addServiceCommands(program: Command, context: CliContext, done: Report): void {
  program.commandsGroup("The machine:");
  const service = group(program, "service", "start at login or at boot");
  const system = () => new Option("--system", "for the whole machine instead of this user");
  withData(service.command("install").description("write the service file and start it"))
    .addOption(system())
    .action(async (flags) => done(await installService(context, flags)));
  withData(service.command("uninstall").description("stop it and remove the file; the data stays"))
    .addOption(system())
    .action(async (flags) => done(await uninstallService(context, flags)));
  withJson(service.command("status").description("is it installed, does it run"))
    .addOption(system())
    .action(async (flags) => done(await serviceStatus(context, flags)));
}
