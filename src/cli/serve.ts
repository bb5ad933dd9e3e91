import { forgetProxyVariables, readConfig } from "../config.ts";
import { isLoopbackHost, type Config } from "../core/config.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { isDiskProblem } from "../store/store-error.ts";
import { hasDesktop, openBrowser } from "./browser.ts";
import { CliError, EXIT, type CliContext, type ServeFlags, type StartedServer } from "./context.ts";
import { line, paint } from "./output.ts";
import { portOwner } from "./port-owner.ts";
import { relaunchAgain } from "./relaunch.ts";
import { removeServerFile, writeServerFile } from "./server-file.ts";

/** Runs the server until a signal or a management call stops it. Gives the exit code. */
export async function serve(context: CliContext, flags: ServeFlags): Promise<number> {
  const environment = { ...context.env };
  const { config, warnings, sources } = readConfig({ env: context.env, flags, hostName: context.hostName });
  forgetProxyVariables();
  for (const warning of warnings)
    line(context.err, `${paint(context, context.err, "yellow", "Warning:")} ${warning}`);

  const { createEngine } = await import("../engine.ts");
  const engine = await createEngine(config);
  await declare(engine);
  const server = await start(context, engine, config);
  const stopped = untilStopped(context, engine);
  reportStrayErrors(engine);
  announce(context, engine, server);

  const { version, host, dataDir } = config;
  const former = engine.manage.copies.nearby();
  if (former !== undefined)
    engine.log.info(
      "start",
      `An earlier OmniRoute left ${former}: bring it in with "omniroute import ${former}".`,
    );
  engine.record.info("server", "Listening.", { version, host, port: server.port, dataDir });

  const hasBaseUrl = sources.some((setting) => setting.name === "BASE_URL" && setting.source !== "default");
  greet(context, engine, config, hasBaseUrl ? config.baseUrl : server.url);
  if (flags.open && context.out.isTerminal && hasDesktop(context.env))
    openBrowser(`${server.url}/dashboard`, context.env);

  const how = await stopped;
  engine.record.info("server", how === "restart" ? "Restarting." : "Stopping.");
  await server.stop();
  await engine.close();
  removeServerFile(config.dataDir, process.pid);
  if (how === "restart") relaunchAgain(environment);
  return EXIT.fine;
}

/** Puts the configuration file in force. A file with faults stops the start: half of it would be worse than none. */
async function declare(engine: Engine): Promise<void> {
  try {
    engine.declared.start();
  } catch (error) {
    await engine.close();
    throw error instanceof GatewayError ? new CliError(error.message, EXIT.wrongUse) : error;
  }
}

async function start(context: CliContext, engine: Engine, config: Config): Promise<StartedServer> {
  const startServer = await context.loadServer();
  try {
    return startServer(engine);
  } catch (error) {
    await engine.close();
    throw startFailure(error, config);
  }
}

function startFailure(error: unknown, config: Config): unknown {
  const at = `${config.host}:${config.port}`;
  switch ((error as { code?: string }).code) {
    case "EADDRINUSE": {
      const owner = portOwner(config.port);
      const by = owner ? ` by ${owner.name} (process ${owner.pid})` : "";
      return new CliError(
        `Port ${config.port} is taken${by}.`,
        EXIT.portTaken,
        `Stop that program, or choose another port: omniroute --port ${config.port === 65_535 ? 20_128 : config.port + 1}`,
      );
    }
    case "EACCES":
      return new CliError(
        `This user may not listen on ${at}.`,
        EXIT.failed,
        "Ports below 1024 belong to root.",
      );
    // What cannot be an address at all, such as 300.1.1.1.
    case "EINVAL":
    case "EADDRNOTAVAIL":
      return new CliError(
        `${config.host} is no address of this machine.`,
        EXIT.failed,
        "Set HOSTNAME or --host to one; 127.0.0.1 is this machine alone, 0.0.0.0 every address it has.",
      );
    default:
      return error;
  }
}

/** Lets the commands find the server. It serves also where the disk has no room for that. */
function announce(context: CliContext, engine: Engine, server: StartedServer): void {
  const { dataDir, host, version } = engine.config;
  const startedAt = context.clock.now();
  try {
    writeServerFile(dataDir, { pid: process.pid, port: server.port, host, startedAt, version });
  } catch (error) {
    if (!isDiskProblem(error)) throw error;
    engine.log.warn(
      "start",
      `The disk with ${dataDir} is full or cannot be written: calls are answered, changes are refused, and commands do not find this server.`,
    );
  }
}

/** At most ten lines: what runs, where, and what to do next. */
function greet(context: CliContext, engine: Engine, config: Config, address: string): void {
  const { out } = context;
  const label = (text: string) => paint(context, out, "dim", text.padEnd(10));
  line(out, paint(context, out, "bold", `OmniRoute ${config.version}`));
  line(out, `  ${label("Dashboard")} ${address}/dashboard`);
  line(out, `  ${label("API")} ${address}/v1`);
  line(out, `  ${label("Data")} ${config.dataDir}`);
  if (!isLoopbackHost(config.host)) line(out, `  ${label("Network")} open to others on ${config.host}`);
  line(out);
  if (engine.access.needsSetup()) {
    const link = `${address}/setup?token=${engine.access.setupToken()}`;
    line(out, `  ${paint(context, out, "green", "Next: set it up in the browser:")} ${link}`);
  } else line(out, "  Next: point a client at the API; the dashboard page Endpoint shows how.");
}

/**
 * Resolves at the first SIGTERM or SIGINT, or when the management API asks for it, so that running answers can finish.
 * A second signal ends the process at once, with the code a shell gives for that signal.
 */
function untilStopped(context: CliContext, engine: Engine): Promise<"shutdown" | "restart"> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (how: "shutdown" | "restart") => {
      if (stopping) return;
      stopping = true;
      line(context.err, "Stopping: running answers may finish. A signal now ends at once.");
      resolve(how);
    };
    const onSignal = (code: number) => (stopping ? process.exit(code) : stop("shutdown"));
    process.on("SIGTERM", () => onSignal(143));
    process.on("SIGINT", () => onSignal(130));
    engine.subscribe((event) => {
      if (event.type === "stop-requested") stop(event.how);
    });
  });
}

/** One request's fault must not end the others': what nobody caught is logged, and the server goes on. */
function reportStrayErrors(engine: Engine): void {
  const report = (error: unknown) => engine.log.error("process", "An error was caught by nobody.", { error });
  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);
}
