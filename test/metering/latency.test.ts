import { expect, test } from "bun:test";
import type { Clock } from "../../src/lib/clock.ts";
import { LatencyMeter, percentilesOf } from "../../src/metering/index.ts";

const call = (durationMs: number, firstContentMs?: number) => ({
  durationMs,
  attempts: [],
  ...(firstContentMs !== undefined && { firstContentMs }),
});

function handClock(): Clock & { time: number } {
  const clock = {
    time: 1_000_000,
    now: () => clock.time,
    monotonic: () => clock.time,
    after: () => () => {},
  };
  return clock;
}

test.each([
  [[], { p50: 0, p95: 0, p99: 0 }],
  [[7], { p50: 7, p95: 7, p99: 7 }],
  [Array.from({ length: 100 }, (_, index) => 100 - index), { p50: 50, p95: 95, p99: 99 }],
  [[1, 2, 3, 4], { p50: 2, p95: 4, p99: 4 }],
])("percentiles of %j are nearest ranks", (values, expected) => {
  expect(percentilesOf(values)).toEqual(expected);
});

test("calls are kept apart by provider and added up over all", () => {
  const meter = new LatencyMeter(handClock());
  meter.record("a", call(100, 20));
  meter.record("a", call(300));
  meter.record("b", call(500, 50));
  expect(meter.byProvider()).toEqual({
    a: {
      count: 2,
      avg: 200,
      ...{ p50: 100, p95: 300, p99: 300 },
      ttft: { p50: 20, p95: 20, p99: 20 },
      phases: { waitedMs: 0, retriedMs: 0, firstContentMs: 160, restMs: 40 },
    },
    b: {
      count: 1,
      avg: 500,
      ...{ p50: 500, p95: 500, p99: 500 },
      ttft: { p50: 50, p95: 50, p99: 50 },
      phases: { waitedMs: 0, retriedMs: 0, firstContentMs: 50, restMs: 450 },
    },
  });
  expect(meter.overall()).toMatchObject({ count: 3, avg: 300, p50: 300, ttft: { p50: 20, p99: 50 } });
});

test("calls that never told their first content give no time to it", () => {
  const meter = new LatencyMeter(handClock());
  meter.record("a", call(1));
  expect(meter.byProvider().a).not.toHaveProperty("ttft");
});

test("calls older than the window no longer count", () => {
  const clock = handClock();
  const meter = new LatencyMeter(clock, 1000);
  meter.record("a", call(100));
  clock.time += 999;
  meter.record("a", call(200));
  expect(meter.overall()?.count).toBe(2);
  clock.time += 2;
  expect(meter.overall()?.count).toBe(1);
  expect(meter.overall(10_000)?.count).toBe(2);
  clock.time += 10_000;
  expect(meter.overall()).toBeUndefined();
  expect(meter.byProvider()).toEqual({});
});

test("the latest thousand calls of a provider are remembered", () => {
  const meter = new LatencyMeter(handClock());
  for (let index = 0; index < 2500; index++) meter.record("a", call(index));
  expect(meter.overall()).toMatchObject({ count: 1000, p99: 2489, p50: 1999 });
});

test("names without end do not fill the memory", () => {
  const meter = new LatencyMeter(handClock());
  for (let index = 0; index < 700; index++) meter.record(`node-${index}`, call(1));
  expect(Object.keys(meter.byProvider())).toHaveLength(500);
  expect(meter.byProvider()).toHaveProperty("node-699");
});
