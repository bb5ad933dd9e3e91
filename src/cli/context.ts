import type { Engine } from "../engine.ts";
import type { Clock } from "../lib/clock.ts";
import type { Environment } from "../lib/environment-reader.ts";

/** Where text and bytes go. `isTerminal` decides about colour and about opening a browser. */
export type Output = { write(text: string | Uint8Array): void; isTerminal: boolean; columns: number };

/** All that a command touches outside itself, so that tests can stand in for it. */
export type CliContext = {
  env: Environment;
  hostName: string;
  out: Output;
  err: Output;
  clock: Clock;
  /**
   * Asks on the terminal without showing what is typed, or reads the first line of standard input. Gives nothing when
   * `signal` aborts.
   */
  readSecret(question: string, signal?: AbortSignal): Promise<string>;
  /** Loads what serves an engine; only `serve` needs it, and only once the process has its final shape. */
  loadServer(): Promise<(engine: Engine) => StartedServer>;
};

/** A server that listens. `url` is where this machine reaches it. */
export type StartedServer = { port: number; url: string; stop(): Promise<void> };

export type DataFlags = { dataDir?: string; envFile?: string };
export type ServeFlags = DataFlags & { port?: string; host?: string; config?: string; open: boolean };

export const EXIT = {
  fine: 0,
  failed: 1,
  wrongUse: 2,
  portTaken: 3,
  dataUnusable: 4,
  dataRefused: 5,
} as const;

/** Ends a command with a code and one clear line; `hint` says what to do next. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = EXIT.failed,
    readonly hint?: string,
  ) {
    super(message);
    this.name = "CliError";
  }
}
