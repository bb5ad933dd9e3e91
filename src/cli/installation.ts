import { forgetProxyVariables, readConfig } from "../config.ts";
import type { Config } from "../core/config.ts";
import type { Engine } from "../engine.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { findServer, type RunningServer } from "./running-server.ts";

/** The configuration a command works with; warnings go to standard error. Throws `SettingError`. */
export function configFor(context: CliContext, flags: DataFlags): Config {
  return readConfig({ env: context.env, flags, hostName: context.hostName }).config;
}

/**
 * Does something on a data directory: through the server that runs on it, or, when none runs, on the store itself,
 * which is locked for the time and closed again.
 */
export async function onInstallation<T>(
  context: CliContext,
  flags: DataFlags,
  ways: { server(server: RunningServer): Promise<T>; engine(engine: Engine): T | Promise<T> },
): Promise<T> {
  const config = configFor(context, flags);
  const server = await findServer(config.dataDir);
  return server ? await ways.server(server) : await onStore(config, ways.engine);
}

/** Does something on the store of a data directory, which is locked for the time and closed again. */
export async function onStore<T>(config: Config, work: (engine: Engine) => T | Promise<T>): Promise<T> {
  forgetProxyVariables();
  const { createEngine } = await import("../engine.ts");
  const engine = await createEngine({ ...config, logLevel: "error", logFile: undefined });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** The server of a data directory, for what only a running server can do. Throws `CliError` when none runs. */
export async function serverOf(context: CliContext, flags: DataFlags): Promise<RunningServer> {
  const config = configFor(context, flags);
  const server = await findServer(config.dataDir);
  if (server) return server;
  throw new CliError(
    `No OmniRoute is running on ${config.dataDir}.`,
    EXIT.failed,
    "Start it first: omniroute serve",
  );
}
