import type { Config } from "../core/config.ts";
import type { Clock } from "../lib/clock.ts";
import { createLog, jsonLine, type Log, type LogEntry } from "../lib/log.ts";
import { ConsoleLog } from "./console.ts";
import { LogFile } from "./log-file.ts";

export type ObservedLog = {
  log: Log;
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
  const log = createLog({
    level: config.logLevel,
    format: config.logFormat,
    write: writeLine,
    clock,
    onEntry: (entry) => {
      lines.add(entry);
      file?.add(jsonLine(entry));
      onEntry(entry);
    },
  });
  return {
    log,
    console: lines,
    dropped: () => file?.dropped ?? 0,
    close: async () => file?.close(),
  };
}
