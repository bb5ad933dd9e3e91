import { describe, expect, test } from "bun:test";
import { countedWindows, type OwnLimit, ownLimits, UseCounter } from "../../../src/metering/quota/index.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Saturday. */
const NOW = Date.UTC(2026, 10, 21, 9, 30);
const use = (tokens: number, cost = 0) => ({ requests: 1, tokens, cost });

function counterWith(uses: [number, number, number?][]): UseCounter {
  const counter = new UseCounter();
  for (const [at, tokens, cost] of uses) counter.add("c1", at, use(tokens, cost));
  return counter;
}
const limit = (changes: Partial<OwnLimit>): OwnLimit => ({
  name: "daily",
  hour: 0,
  limit: 1000,
  unit: "tokens",
  ...changes,
});

describe("windows that we count ourselves", () => {
  test("show what was used where no limit is known", () => {
    const counter = counterWith([
      [NOW - 10 * MINUTE, 100],
      [NOW - 12 * HOUR, 1000],
      [NOW - 3 * DAY, 10_000],
      [NOW - 10 * DAY, 100_000],
    ]);
    const shown = countedWindows(counter, "c1", [], NOW).map(({ name, used, percent }) => [
      name,
      used,
      percent,
    ]);
    expect(shown).toEqual([
      ["5h", 100, undefined],
      ["daily", 100, undefined],
      ["weekly", 11_100, undefined],
      ["monthly", 111_100, undefined],
    ]);
    expect(countedWindows(counter, "another", [], NOW).every(({ used }) => used === 0)).toBe(true);
  });

  test.each([
    ["tokens", 400, 40],
    ["requests", 2, 0.2],
    ["usd", 0.75, 0.075],
  ] as const)("count %s", (unit, used, percent) => {
    const counter = counterWith([
      [NOW - HOUR, 100, 0.25],
      [NOW - 2 * HOUR, 300, 0.5],
      [NOW - 20 * HOUR, 5000, 9],
    ]);
    const [window] = countedWindows(counter, "c1", [limit({ unit })], NOW);
    expect(window).toMatchObject({ used, limit: 1000 });
    expect(window!.percent).toBeCloseTo(percent, 6);
  });

  test.each([
    ["daily", 0, Date.UTC(2026, 10, 21), Date.UTC(2026, 10, 22)],
    ["daily", 10, Date.UTC(2026, 10, 20, 10), Date.UTC(2026, 10, 21, 10)],
    ["weekly", 0, Date.UTC(2026, 10, 16), Date.UTC(2026, 10, 23)],
    ["weekly", 12, Date.UTC(2026, 10, 16, 12), Date.UTC(2026, 10, 23, 12)],
    ["monthly", 0, Date.UTC(2026, 10, 1), Date.UTC(2026, 11, 1)],
    ["monthly", 6, Date.UTC(2026, 10, 1, 6), Date.UTC(2026, 11, 1, 6)],
  ] as const)("%s windows begin at %d o'clock", (name, hour, from, to) => {
    const counter = counterWith([
      [from - 10 * MINUTE, 1],
      [from + 10 * MINUTE, 10],
    ]);
    const [window] = countedWindows(counter, "c1", [limit({ name, hour })], NOW);
    expect(window).toMatchObject({ used: 10, resetsAt: to, lengthMs: to - from });
  });

  test("five hours begin with the first call after the last five", () => {
    const at = (hours: number) => Math.floor((NOW - hours * HOUR) / (5 * MINUTE)) * 5 * MINUTE;
    const counter = counterWith([
      [at(8), 1],
      [at(4), 10],
      [at(2.5), 100],
      [at(1), 1000],
    ]);
    const [window] = countedWindows(counter, "c1", [limit({ name: "5h" })], NOW);
    // 8 h ago began a window that ended 3 h ago; the next began 2.5 h ago.
    expect(window).toMatchObject({ used: 1100, resetsAt: at(2.5) + 5 * HOUR });
    const [none] = countedWindows(counterWith([[at(9), 1]]), "c1", [limit({ name: "5h" })], NOW);
    expect(none).toMatchObject({ used: 0 });
    expect(none?.resetsAt).toBeUndefined();
  });

  test("are checked as they come in", () => {
    expect(ownLimits.safeParse([{ name: "daily", limit: "5000", unit: "tokens" }]).data).toEqual([
      { name: "daily", hour: 0, limit: 5000, unit: "tokens" },
    ]);
    for (const bad of [
      [{ name: "yearly", limit: 1, unit: "tokens" }],
      [{ name: "daily", limit: 0, unit: "tokens" }],
      [{ name: "daily", limit: 1, unit: "beans" }],
      [{ name: "daily", limit: 1, unit: "tokens", hour: 24 }],
      { name: "daily" },
    ])
      expect(ownLimits.safeParse(bad).success).toBe(false);
  });
});

describe("what went over a connection", () => {
  test("is kept for a month in few slots", () => {
    const counter = new UseCounter();
    for (let minute = 0; minute < 40 * 24 * 60; minute += 3) counter.add("c1", NOW + minute * MINUTE, use(1));
    const end = NOW + 40 * DAY;
    expect(counter.since("c1", end - DAY).tokens).toBeGreaterThan(470);
    expect(counter.since("c1", end - DAY).tokens).toBeLessThan(500);
    const month = counter.since("c1", 0).tokens;
    expect(month).toBeGreaterThan(32 * 480 - 50);
    expect(month).toBeLessThan(32 * 480 + 50);
  });

  test("goes on from what the database has", () => {
    const counter = new UseCounter();
    counter.seed("c1", NOW - 2 * HOUR - 30 * MINUTE, { requests: 5, tokens: 500, cost: 1 });
    counter.seed("c1", NOW - 26 * HOUR - 30 * MINUTE, { requests: 1, tokens: 9, cost: 0 });
    counter.add("c1", NOW, use(1));
    expect(counter.since("c1", NOW - 3 * HOUR)).toEqual({ requests: 6, tokens: 501, cost: 1 });
    counter.forget("c1");
    expect(counter.since("c1", 0)).toEqual({ requests: 0, tokens: 0, cost: 0 });
  });

  test("may come out of order", () => {
    const counter = counterWith([
      [NOW, 1],
      [NOW - 20 * MINUTE, 10],
      [NOW - 10 * MINUTE, 100],
      [NOW, 1000],
    ]);
    expect(counter.since("c1", NOW - 12 * MINUTE).tokens).toBe(1101);
  });
});
