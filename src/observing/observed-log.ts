import type { Config } from "../core/config.ts";
import type { Clock } from "../lib/clock.ts";
import { createLog, jsonLine, type Log, type LogEntry } from "../lib/log.ts";
import { ConsoleLog } from "./console.ts";
import { LogFile } from "./log-file.ts";

export type ObservedLog = {
  log: Log;
  /** For what the terminal is told in plain words already: the file and the dashboard get it, text on a terminal not. */
  record: Log;
  /** The newest lines. */
  console: ConsoleLog;
  /** Lines that the log file could not take, since the start. */
  dropped(): number;
  /** Writes what waits for the file. */
  close(): Promise<void>;
};

export type ObservedLogDeps = {
  config: Pick<Config, "logLevel" | "logFormat" | "logFile">;
  clock: Clock;
  /** Takes one line without a line end. */
  writeLine(line: string): void;
  /** Sees every line as it is written. */
  onEntry(entry: LogEntry): void;
};

/** The log as people read it: on standard error, in a file of JSON lines, and in the dashboard. */
export function createObservedLog({ config, clock, writeLine, onEntry }: ObservedLogDeps): ObservedLog {
  const lines = new ConsoleLog();
  const file =
    config.logFile &&
    new LogFile({
      ...config.logFile,
      clock,
      onTrouble: (cause) =>
        log.warn("log", "The log file cannot be written; lines wait for a while and are then lost.", {
          cause,
        }),
    });
  const options = {
    level: config.logLevel,
    format: config.logFormat,
    clock,
    onEntry: (entry: LogEntry) => {
      lines.add(entry);
      file?.add(jsonLine(entry));
      onEntry(entry);
    },
  };
  const log = createLog({ ...options, write: writeLine });
  return {
    log,
    record: config.logFormat === "json" ? log : createLog({ ...options, write: () => {} }),
    console: lines,
    dropped: () => file?.dropped ?? 0,
    close: async () => file?.close(),
  };
}
