import { expect, test } from "bun:test";
import type { LogEntry } from "../../src/lib/log.ts";
import { ConsoleLog, type ConsoleQuery } from "../../src/observing/index.ts";

const line = (message: string, more: Partial<LogEntry> = {}): LogEntry => ({
  at: 0,
  level: "info",
  component: "store",
  message,
  fields: {},
  ...more,
});

const CASES: [string, ConsoleQuery, string[]][] = [
  ["nothing asked for", {}, ["a", "b", "c", "d"]],
  ["a level means it and what is worse", { level: "warn" }, ["b", "c"]],
  ["a component, whatever the case", { component: "NET" }, ["c"]],
  ["a text in the message", { search: "D" }, ["d"]],
  ["a text in a field", { search: "status=502" }, ["c"]],
  ["a limit keeps the newest", { limit: 2 }, ["c", "d"]],
  ["all at once", { level: "error", component: "net", search: "c", limit: 5 }, ["c"]],
  ["nothing fits", { search: "nowhere" }, []],
];

test.each(CASES)("the console shows what is asked for: %s", (_name, query, expected) => {
  const lines = new ConsoleLog();
  for (const entry of [
    line("a"),
    line("b", { level: "warn" }),
    line("c", { level: "error", component: "net", fields: { status: 502 } }),
    line("d"),
  ]) {
    lines.add(entry);
  }
  expect(lines.list(query).map(({ message }) => message)).toEqual(expected);
  expect(lines.components()).toEqual(["net", "store"]);
});

test("the oldest lines give way by number", () => {
  const lines = new ConsoleLog();
  for (let number = 0; number < 20_000; number++) lines.add(line(String(number)));
  expect(lines.list({ limit: 1 })[0]?.message).toBe("19999");
  expect(lines.list({ search: "14999" })).toEqual([]);
  expect(lines.list({ search: "15000" })).toHaveLength(1);
});

test("and by size", () => {
  const lines = new ConsoleLog();
  for (let number = 0; number < 4000; number++) lines.add(line("x".repeat(2000)));
  const kept = lines.list({ limit: 1000 }).length;
  expect(kept).toBe(1000);
  lines.add(line("y".repeat(3_500_000)));
  expect(lines.list({ limit: 1000 }).length).toBeLessThan(500);
});
