import { type LogEntry, LOG_LEVELS, type LogLevel } from "../lib/log.ts";

/** Which lines to show. `level` is the least one; `component` matches whole, `search` anywhere, both whatever the case. */
export type ConsoleQuery = {
  level?: LogLevel;
  component?: string;
  search?: string;
  /** Default 500, at most 1000. */
  limit?: number;
};

const MOST_LINES = 5000;
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** The newest lines of the log, kept in memory for people to read. The oldest give way, by number and by size. */
export class ConsoleLog {
  #lines: { entry: LogEntry; size: number }[] = [];
  /** Lines before this index have given way; they are cut off together, so that adding one costs nothing. */
  #first = 0;
  #characters = 0;

  add(entry: LogEntry): void {
    const size = sizeOf(entry);
    this.#lines.push({ entry, size });
    this.#characters += size;
    while (this.#lines.length - this.#first > MOST_LINES || this.#characters > MOST_CHARACTERS) {
      this.#characters -= this.#lines[this.#first++]!.size;
    }
    if (this.#first <= MOST_LINES) return;
    this.#lines = this.#lines.slice(this.#first);
    this.#first = 0;
  }

  /** The newest lines that match, in the order they were written. */
  list(query: ConsoleQuery = {}): LogEntry[] {
    const limit = Math.min(Math.max(query.limit ?? 500, 1), 1000);
    const matches = lineFilter(query);
    const found: LogEntry[] = [];
    for (let index = this.#lines.length - 1; index >= this.#first && found.length < limit; index--) {
      const { entry } = this.#lines[index]!;
      if (matches(entry)) found.push(entry);
    }
    return found.toReversed();
  }

  /** The rooms that have spoken, for a filter to choose from. */
  components(): string[] {
    return [...new Set(this.#lines.slice(this.#first).map(({ entry }) => entry.component))].sort();
  }
}

/** Tells whether a line is one of those a query asks for; its `limit` does not matter. */
export function lineFilter({ level, component, search }: ConsoleQuery): (entry: LogEntry) => boolean {
  const least = level === undefined ? 0 : LOG_LEVELS.indexOf(level);
  const wanted = search?.toLowerCase();
  const room = component?.toLowerCase();
  return (entry) =>
    LOG_LEVELS.indexOf(entry.level) >= least &&
    (room === undefined || entry.component.toLowerCase() === room) &&
    (wanted === undefined || textOf(entry).toLowerCase().includes(wanted));
}

const textOf = ({ component, message, fields }: LogEntry): string =>
  [component, message, ...Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`)].join(
    " ",
  );

/** About what a line takes in memory, in characters. */
const sizeOf = (entry: LogEntry): number => 100 + textOf(entry).length;
