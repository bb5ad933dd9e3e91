import { describe, expect, test } from "bun:test";
import { runsOutAt, type Sample } from "../../../src/metering/quota/forecast.ts";
import { QuotaMeter, type ReadWindow } from "../../../src/metering/quota/index.ts";
import { FakeClock } from "../../kit/fake-clock.ts";
import { seededRandom } from "../../kit/random.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Traffic of coding agents over one account: calls at random moments, most small and some large, at a pace that may
 * change. Asked every five minutes, as the provider would answer. Gives what a forecast in the middle said, and when
 * the window really ran out.
 */
function simulate(options: {
  seed: number;
  lengthMs: number;
  /** Calls per minute, by minutes since the start. */
  pace(minute: number): number;
  /** Share of the limit that an average call uses, in percent. */
  perCall: number;
  everyMs: number;
  askAt: number;
  wholePercents?: boolean;
}) {
  const random = seededRandom(options.seed);
  const exponential = (mean: number) => -Math.log(1 - random()) * mean;
  const start = Date.UTC(2026, 10, 21, 9);
  const samples: Sample[] = [];
  let used = 0;
  let now = start;
  let nextCall = start;
  let forecast: number | undefined;
  let asked = 0;
  while (used < 100 && now < start + options.lengthMs) {
    now += options.everyMs;
    while (nextCall <= now && used < 100) {
      used += exponential(options.perCall);
      const minutes = (nextCall - start) / MINUTE;
      nextCall += exponential(MINUTE / options.pace(minutes));
      if (used >= 100) now = nextCall;
    }
    if (used >= 100) break;
    samples.push({ at: now, percent: options.wholePercents ? Math.floor(used) : used });
    if (asked === 0 && used >= options.askAt) {
      asked = now;
      forecast = runsOutAt(samples, now, { lengthMs: options.lengthMs, resetsAt: start + options.lengthMs });
    }
  }
  return { forecast, asked, ranOutAt: used >= 100 ? now : undefined };
}

describe("the forecast is right within 5 % of the time that was left", () => {
  const traffic = [
    [
      "five hours, steady",
      { lengthMs: 5 * HOUR, pace: () => 30, perCall: 0.02, everyMs: 5 * MINUTE, askAt: 50 },
    ],
    [
      "five hours, told in whole percents",
      {
        lengthMs: 5 * HOUR,
        pace: () => 30,
        perCall: 0.02,
        everyMs: 5 * MINUTE,
        askAt: 50,
        wholePercents: true,
      },
    ],
    [
      "five hours, three times as fast since the first half hour",
      {
        lengthMs: 5 * HOUR,
        pace: (minute: number) => (minute < 30 ? 20 : 60),
        perCall: 0.01,
        everyMs: 5 * MINUTE,
        askAt: 50,
      },
    ],
    [
      "five hours, idle for the first two",
      {
        lengthMs: 5 * HOUR,
        pace: (minute: number) => (minute < 120 ? 0.2 : 60),
        perCall: 0.015,
        everyMs: 5 * MINUTE,
        askAt: 50,
      },
    ],
    [
      "five hours, told by the headers of every answer",
      { lengthMs: 5 * HOUR, pace: () => 30, perCall: 0.02, everyMs: 20_000, askAt: 50 },
    ],
    ["a week", { lengthMs: 168 * HOUR, pace: () => 20, perCall: 0.002, everyMs: 30 * MINUTE, askAt: 50 }],
    ["a month", { lengthMs: 720 * HOUR, pace: () => 20, perCall: 0.0003, everyMs: HOUR, askAt: 40 }],
  ] as const;

  /** Calls come and weigh by chance, so that single runs differ from what anybody could foresee. */
  test.each(traffic)("%s", (_name, options) => {
    const errors = Array.from({ length: 40 }, (_unused, seed) => {
      const { forecast, asked, ranOutAt } = simulate({ seed: seed + 1, ...options });
      expect(ranOutAt).toBeDefined();
      expect(forecast).toBeDefined();
      return (forecast! - ranOutAt!) / (ranOutAt! - asked);
    });
    const mean = (values: number[]) => values.reduce((total, value) => total + value, 0) / values.length;
    expect(mean(errors.map(Math.abs))).toBeLessThan(0.05);
    // It leans to neither side.
    expect(Math.abs(mean(errors))).toBeLessThan(0.02);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.15);
  });
});

describe("nothing is forecast", () => {
  const now = Date.UTC(2026, 10, 21, 12);
  const every = (percents: number[], minutes = 5): Sample[] =>
    percents.map((percent, index) => ({
      at: now - (percents.length - 1 - index) * minutes * MINUTE,
      percent,
    }));

  test.each([
    ["when nothing is known", []],
    ["from one look", every([40])],
    ["from two looks close together", every([40, 41], 1)],
    ["when nothing is used", every([40, 40, 40, 40])],
    ["when it becomes less", every([40, 30, 20])],
    ["when it is spent", every([90, 95, 100])],
  ])("%s", (_name, samples) => {
    expect(runsOutAt(samples, now, { resetsAt: now + HOUR, lengthMs: 5 * HOUR })).toBeUndefined();
  });

  test("when the window lasts until its reset", () => {
    const samples = every([40, 41, 42, 43]);
    expect(runsOutAt(samples, now, { resetsAt: now + HOUR, lengthMs: 5 * HOUR })).toBeUndefined();
    const later = runsOutAt(samples, now, { resetsAt: now + 24 * HOUR, lengthMs: 24 * HOUR });
    expect((later! - now) / MINUTE).toBeCloseTo(282.5, 0);
  });
});

describe("windows are watched", () => {
  const setUp = () => {
    const clock = new FakeClock();
    const notices: string[] = [];
    const meter = new QuotaMeter({
      clock,
      onNotice: ({ connectionId, window, mark }) =>
        void notices.push(`${connectionId} ${window.name} ${mark}`),
    });
    const note = (percent: number, changes: Partial<ReadWindow> = {}) =>
      meter.note(
        "c1",
        {
          windows: [
            {
              name: "5h",
              scope: "account",
              percent,
              lengthMs: 5 * HOUR,
              resetsAt: start + 5 * HOUR,
              ...changes,
            },
          ],
        },
        "endpoint",
      );
    const start = clock.now();
    return { clock, meter, notices, note, start };
  };

  test("each mark is told once per window", () => {
    const { clock, notices, note, start } = setUp();
    for (const percent of [10, 79, 80, 85, 99, 100, 100]) {
      clock.advance(5 * MINUTE);
      note(percent);
    }
    expect(notices).toEqual(["c1 5h 80", "c1 5h 100"]);
    clock.advance(5 * HOUR);
    note(3, { resetsAt: start + 10 * HOUR });
    note(90, { resetsAt: start + 10 * HOUR });
    expect(notices).toEqual(["c1 5h 80", "c1 5h 100", "c1 5h 80"]);
  });

  test("a window that is spent at once is told as spent only", () => {
    const { notices, note } = setUp();
    note(100);
    expect(notices).toEqual(["c1 5h 100"]);
  });

  test("one without an end or a known share is told of never", () => {
    const { meter, notices } = setUp();
    const windows: ReadWindow[] = [
      { name: "chat", scope: "account", unlimited: true, percent: 100 },
      { name: "daily", scope: "account", used: 5 },
    ];
    meter.note("c1", { windows }, "endpoint");
    expect(notices).toEqual([]);
  });

  test("one whose reset has come is shown as unknown until somebody tells", () => {
    const { clock, meter, note, start } = setUp();
    note(90);
    clock.advance(5 * HOUR + 1);
    const [shown] = meter.windows("c1");
    expect(shown).toMatchObject({ stale: true, name: "5h" });
    expect([shown?.percent, shown?.resetsAt, shown?.used]).toEqual([undefined, undefined, undefined]);
    note(2, { resetsAt: start + 10 * HOUR });
    expect(meter.windows("c1")[0]).toMatchObject({ stale: false, percent: 2 });
  });

  test("one that could not be asked for is stale, and forecasts nothing", () => {
    const { clock, meter, note } = setUp();
    for (const percent of [20, 30, 40]) {
      clock.advance(10 * MINUTE);
      note(percent);
    }
    expect(meter.windows("c1")[0]).toMatchObject({ stale: false, runsOutAt: expect.any(Number) });
    meter.failed("c1", "The quota could not be asked for.");
    expect(meter.windows("c1")[0]?.stale).toBe(true);
    expect(meter.windows("c1")[0]?.runsOutAt).toBeUndefined();
    expect(meter.message("c1")).toContain("could not");
    note(45);
    expect(meter.windows("c1")[0]?.stale).toBe(false);
    expect(meter.message("c1")).toBeUndefined();
    clock.advance(2 * HOUR + 1);
    expect(meter.windows("c1")[0]?.stale).toBe(true);
  });

  test("headers keep the counts that the endpoint told", () => {
    const { meter, note } = setUp();
    note(50, { used: 50, limit: 100 });
    const window: ReadWindow = { name: "5h", scope: "account", percent: 60 };
    meter.note("c1", { windows: [window] }, "header");
    expect(meter.windows("c1")[0]).toMatchObject({ percent: 60, limit: 100, source: "header" });
  });

  test("our own count does not stand in for what the provider told lately", () => {
    const { clock, meter, note } = setUp();
    const counted: ReadWindow = { name: "5h", scope: "account", used: 7, unit: "tokens" };
    note(50);
    meter.note("c1", { windows: [counted] }, "counted");
    expect(meter.windows("c1")[0]).toMatchObject({ percent: 50, source: "endpoint" });
    clock.advance(3 * HOUR);
    meter.note("c1", { windows: [counted] }, "counted");
    expect(meter.windows("c1")[0]).toMatchObject({ used: 7, source: "counted" });
  });

  test("windows of an earlier plan are gone", () => {
    const { meter, note } = setUp();
    note(50, { name: "daily" });
    note(10);
    expect(meter.windows("c1").map(({ name }) => name)).toEqual(["5h"]);
  });

  test("what is known survives a restart, and junk is not taken for it", () => {
    const { clock, meter, notices, note } = setUp();
    for (const percent of [60, 70, 85]) {
      clock.advance(10 * MINUTE);
      note(percent);
    }
    const again = new QuotaMeter({ clock, onNotice: () => void notices.push("again") });
    again.restore(JSON.parse(JSON.stringify(meter.snapshot())));
    expect(again.windows("c1")).toEqual(meter.windows("c1"));
    again.note(
      "c1",
      { windows: [{ name: "5h", scope: "account", percent: 86, resetsAt: clock.now() + 4.5 * HOUR }] },
      "endpoint",
    );
    expect(notices).toEqual(["c1 5h 80"]);
    for (const junk of [undefined, 7, [{}], [{ id: "x", windows: [{}, { window: {} }] }]])
      again.restore(junk);
    expect(again.windows("x")).toEqual([]);
  });
});
