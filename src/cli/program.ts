import { Command, CommanderError, Option } from "commander";
import { SettingError } from "../lib/environment-reader.ts";
import { escapeControls, redact } from "../lib/log.ts";
import { StoreError } from "../store/store-error.ts";
import { COMMIT, VERSION } from "../version.ts";
import { resetPassword, setupLink } from "./admin.ts";
import { arrange, startsServer } from "./arrange.ts";
import { group, type JsonFlags, type Report, withData, withJson } from "./command-words.ts";
import { listCombos, testCombo } from "./combos.ts";
import { checkConfig, exportConfig } from "./config-file.ts";
import { showConfig } from "./config-show.ts";
import { bundleRequest, replayBundle, showRecordings } from "./bundle.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { addCopyCommands } from "./copy-commands.ts";
import { doctor } from "./doctor.ts";
import { addEvalCommands } from "./eval-commands.ts";
import { explainRequest } from "./explain.ts";
import { addKeyCommands } from "./key-commands.ts";
import { showLicences } from "./licences.ts";
import { login } from "./login.ts";
import { type LogsFlags, showLogs } from "./logs.ts";
import { nearest } from "./nearest.ts";
import { line, paint } from "./output.ts";
import { planModel } from "./plan.ts";
import { rehearseCombo } from "./rehearse.ts";
import { listProviders, testProviders } from "./providers.ts";
import { serve } from "./serve.ts";
import { addServiceCommands } from "./service-commands.ts";
import { healthcheck, status } from "./status.ts";

/** Runs one command line (without the program's name) and gives the exit code. Never throws, never exits. */
export async function runCli(words: readonly string[], context: CliContext): Promise<number> {
  let code: number = EXIT.fine;
  try {
    const program = createProgram(context, words, (result) => (code = result));
    await program.parseAsync(checked(words, program), { from: "user" });
    return code;
  } catch (error) {
    return report(context, error);
  }
}

function createProgram(context: CliContext, words: readonly string[], done: Report): Command {
  const program = new Command("omniroute")
    .description("A self-hosted AI gateway: every client format in front, every provider behind.")
    .version(COMMIT ? `${VERSION} (${COMMIT})` : VERSION, "-v, --version", "print the version and exit")
    .helpOption("-h, --help", "print this help and exit")
    .helpCommand("help [command]", "print the help of a command")
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
      outputError: (text, write) =>
        write(text.replace(/^error: /, `${paint(context, context.err, "red", "Error:")} `)),
      getOutHelpWidth: () => Math.min(context.out.columns, 110),
      getErrHelpWidth: () => Math.min(context.err.columns, 110),
      getOutHasColors: () => context.out.isTerminal && !context.env.NO_COLOR,
      getErrHasColors: () => context.err.isTerminal && !context.env.NO_COLOR,
    })
    .addHelpText("after", AFTER_HELP)
    .exitOverride();
  addProcess(program, context, done);
  // A start need not know the other commands; help and mistyped words do.
  if (startsServer(words)) return program;
  addManagement(program, context, done);
  addEvalCommands(program, context, done);
  addCopyCommands(program, context, done);
  addServiceCommands(program, context, done);
  return program;
}

const AFTER_HELP = `
Without a command the server starts (serve). Each command has its own --help.
Settings come from flags, then the environment (PORT, DATA_DIR, …), then --env-file; see: omniroute config show

Exit codes: 0 fine, 1 failed, 2 wrong use, 3 port taken, 4 data directory not usable, 5 database refused`;

function addProcess(program: Command, context: CliContext, done: Report): void {
  program.commandsGroup("The server:");
  withData(program.command("serve").description("start the server (what happens without a command)"))
    .addOption(new Option("--port <number>", "port to listen on (PORT, default 20128)"))
    .addOption(new Option("--host <address>", "address to bind (HOSTNAME, default 127.0.0.1)"))
    .option(
      "--config <file>",
      "what is set up, as a file (OMNIROUTE_CONFIG, default DATA_DIR/omniroute.toml)",
    )
    .option("--no-open", "do not open the dashboard in a browser")
    .action(async (flags) => done(await serve(context, flags)));
  withJson(program.command("status").description("is it running, where, since when")).action(
    async (flags: JsonFlags) => done(await status(context, flags)),
  );
  withData(
    program.command("healthcheck").description("exit code 0 when the server is ready (for containers)"),
  ).action(async (flags: DataFlags) => done(await healthcheck(context, flags)));
  withJson(
    program.command("doctor").description("check the installation; says how to mend what it finds"),
  ).action(async (flags: JsonFlags) => done(await doctor(context, flags)));
  program
    .command("licenses")
    .description("print the licences of what is inside the program")
    .action(() => done(showLicences(context)));
  const config = group(program, "config", "settings of the environment, and the configuration file");
  withJson(config.command("show").description("every setting with its value and where it came from")).action(
    (flags: JsonFlags) => done(showConfig(context, flags)),
  );
  withData(config.command("export").description("print what is set up, as a configuration file"))
    .option("--format <toml|yaml>", "how it is written", "toml")
    .action(async (flags) => done(await exportConfig(context, flags)));
  withJson(
    config
      .command("check")
      .description("look whether a configuration file is right; names the lines")
      .argument("<file>"),
  ).action(async (file: string, flags: JsonFlags) => done(await checkConfig(context, file, flags)));
}

function addManagement(program: Command, context: CliContext, done: Report): void {
  program.commandsGroup("Management:");
  withJson(
    program.command("setup-link").description("print a fresh one-time set-up link while set-up is open"),
  ).action(async (flags: JsonFlags) => done(await setupLink(context, flags)));
  const admin = group(program, "admin", "the dashboard's password");
  withData(
    admin.command("reset-password").description("set a new dashboard password; ends all logins"),
  ).action(async (flags: DataFlags) => done(await resetPassword(context, flags)));

  addKeyCommands(program, context, done);

  withJson(
    program
      .command("login")
      .description("sign in at a vendor, also over SSH; without a provider, list where one can")
      .argument("[provider]"),
  )
    .option("--accept-terms", "go on where the vendor limits this use; its rule is printed")
    .option("--browser", "through a browser also where a code would do")
    .option("--connection <id>", "renew this connection")
    .option("--region <region>", "AWS region (kiro), default us-east-1")
    .option("--start-url <address>", "start address of an IAM Identity Center (kiro)")
    .option("--with <google|github>", "identity provider (kiro)")
    .action(async (name: string | undefined, flags) => done(await login(context, name, flags)));

  const provider = group(program, "provider", "connections to providers");
  withJson(provider.command("list").description("list the connections and their state")).action(
    async (flags: JsonFlags) => done(await listProviders(context, flags)),
  );
  withJson(provider.command("test").description("test one connection, or all").argument("[id]")).action(
    async (id: string | undefined, flags: JsonFlags) => done(await testProviders(context, id, flags)),
  );

  const combo = group(program, "combo", "named lists of models");
  withJson(combo.command("list").description("list the combos")).action(async (flags: JsonFlags) =>
    done(await listCombos(context, flags)),
  );
  withJson(combo.command("test").description("ask every model of a combo").argument("<name>")).action(
    async (name: string, flags: JsonFlags) => done(await testCombo(context, name, flags)),
  );

  withJson(
    combo
      .command("rehearse")
      .description("play a combo through with faults put in its way; nobody outside is asked")
      .argument("<name>"),
  )
    .option("--fault <target=fault...>", "1=429 (first entry), prefix/model=cut@3, a connection=stall …")
    .option("--requests <number>", "how many requests come one after the other", "1")
    .option("--whole", "ask for whole answers instead of streams")
    .option("--from-now", "begin with the cooldowns of this moment")
    .action(async (name: string, flags) => done(await rehearseCombo(context, name, flags)));

  withJson(program.command("logs").description("print the newest lines of the running server's log"))
    .option("-f, --follow", "go on with the lines that come")
    .addOption(new Option("--level <level>", "the least level").choices(["debug", "info", "warn", "error"]))
    .option("--component <name>", "only lines of this part of the program")
    .option("--search <text>", "only lines that hold this text")
    .option("--limit <number>", "how many lines of before, at most 1000", "100")
    .action(async (flags: LogsFlags) => done(await showLogs(context, flags)));
  withJson(program.command("explain").description("tell what happened to a request").argument("<request-id>"))
    .option("--diff", "what broke the provider's cache of its prompt, byte for byte")
    .action(async (id: string, flags: JsonFlags & { diff?: boolean }) =>
      done(await explainRequest(context, id, flags)),
    );
  withJson(
    program
      .command("recordings")
      .description("list the calls that were recorded with their bodies")
      .option("--limit <number>", "how many, at most 500", "20")
      .option("--next <number>", "record so many of the calls to come first"),
  ).action(async (flags: JsonFlags & { limit: string; next?: string }) =>
    done(await showRecordings(context, flags)),
  );
  withJson(
    program
      .command("bundle")
      .description("write what was recorded of a request into a file without secrets")
      .argument("<request-id>")
      .argument("[file]", "where to; - for standard output"),
  ).action(async (id: string, file: string | undefined, flags: JsonFlags) =>
    done(await bundleRequest(context, id, file, flags)),
  );
  program
    .command("replay")
    .description("play a bundle again with the provider's bytes of then; nothing is called")
    .argument("<file>")
    .option("--answer", "write the answer's bytes to standard output, and the rest beside it")
    .option("--json", "print JSON")
    .action(async (file: string, flags: { json?: boolean; answer?: boolean }) =>
      done(await replayBundle(context, file, flags)),
    );
  withJson(
    program
      .command("plan")
      .description("show where a model name would go, without calling")
      .argument("<model>"),
  ).action(async (model: string, flags: JsonFlags) => done(await planModel(context, model, flags)));
}

/**
 * The command line for Commander. It would call a mistyped command one argument too many of the default one, so the
 * name is looked up here. Throws `CliError`.
 */
function checked(words: readonly string[], program: Command): string[] {
  const { command, words: arranged } = arrange(words);
  const names = [...program.commands.map((each) => each.name()), "help"];
  if (command !== undefined && !names.includes(command)) throw unknownCommand(command, names);
  return arranged;
}

function unknownCommand(word: string, names: readonly string[]): CliError {
  const meant = nearest(word, names);
  return new CliError(
    `There is no command "${word}".`,
    EXIT.wrongUse,
    meant ? `Did you mean: omniroute ${meant}` : "All commands: omniroute --help",
  );
}

/** Tells a person what went wrong, in one line and a hint, and gives the exit code. */
function report(context: CliContext, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.wrongUse;
  const message = error instanceof Error ? error.message : String(error);
  line(context.err, `${paint(context, context.err, "red", "Error:")} ${escapeControls(redact(message))}`);
  if (error instanceof CliError) {
    if (error.hint) line(context.err, error.hint);
    return error.exitCode;
  }
  if (error instanceof SettingError) return EXIT.wrongUse;
  if (error instanceof StoreError) return error.exitCode;
  if (context.env.LOG_LEVEL === "debug" && error instanceof Error)
    line(context.err, redact(error.stack ?? ""));
  return EXIT.failed;
}
