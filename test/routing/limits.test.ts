import { describe, expect, test } from "bun:test";
import { LimitBoard, NO_LIMITS, type ConnectionLimits } from "../../src/routing/index.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { target } from "./kit.ts";

const one = target("groq/a", "groq:1");
const sameConnection = target("groq/b", "groq:1");
const other = target("groq/a", "groq:2");

function boardOf(limits: Partial<ConnectionLimits> = {}) {
  const clock = new FakeClock();
  return {
    clock,
    board: new LimitBoard(clock, { ...NO_LIMITS, defaults: { ...NO_LIMITS.defaults, ...limits } }),
  };
}

test("0 is off: nothing is ever full", () => {
  const { board } = boardOf();
  for (let index = 0; index < 1000; index++) expect(board.claim(one)).toBeDefined();
  expect(board.read("groq:1")).toEqual({ inFlight: 1000, rpm: 1000, waiting: 0 });
});

describe("requests per minute", () => {
  test("slide: a place is free a minute after its own start", () => {
    const { clock, board } = boardOf({ requestsPerMinute: 3 });
    for (const ms of [0, 10_000, 20_000]) {
      board.claim(one)?.();
      expect(board.full("groq:1")?.limit ?? "room").toBe(ms === 20_000 ? "requestsPerMinute" : "room");
      clock.advance(10_000);
    }
    expect(board.full("groq:1")).toEqual({ limit: "requestsPerMinute", until: clock.now() + 30_000 });
    expect(board.claim(sameConnection)).toBeUndefined();
    expect(board.claim(other)).toBeDefined();
    clock.advance(30_000);
    expect(board.claim(one)).toBeDefined();
    expect(board.full("groq:1")?.until).toBe(clock.now() + 10_000);
  });

  test("never more than the limit within any minute", () => {
    const { clock, board } = boardOf({ requestsPerMinute: 7 });
    const starts: number[] = [];
    for (let index = 0; index < 2000; index++) {
      const leave = board.claim(one);
      if (leave) starts.push(clock.monotonic());
      leave?.();
      clock.advance(1000 + ((index * 7919) % 3000));
    }
    for (const [index, start] of starts.entries()) {
      const seventh = starts[index + 7];
      if (seventh !== undefined) expect(seventh - start).toBeGreaterThanOrEqual(60_000);
    }
    expect(starts.length).toBeGreaterThan(300);
  });
});

test("a gap between starts", () => {
  const { clock, board } = boardOf({ minTimeBetweenRequests: 200 });
  expect(board.claim(one)).toBeDefined();
  expect(board.full("groq:1")).toEqual({ limit: "minTimeBetweenRequests", until: clock.now() + 200 });
  clock.advance(199);
  expect(board.claim(one)).toBeUndefined();
  clock.advance(1);
  expect(board.claim(one)).toBeDefined();
});

test("calls at the same time, over all models of a connection", () => {
  const { board } = boardOf({ concurrentRequests: 2 });
  const first = board.claim(one);
  board.claim(sameConnection);
  expect(board.full("groq:1")).toEqual({ limit: "concurrentRequests" });
  expect([board.inFlight(one), board.inFlight(sameConnection)]).toEqual([1, 1]);
  first?.();
  first?.();
  expect(board.read("groq:1").inFlight).toBe(1);
  expect(board.claim(one)).toBeDefined();
  expect(board.claim(one)).toBeUndefined();
});

test("a connection may have limits of its own, which hold at once", () => {
  const { board } = boardOf({ concurrentRequests: 1 });
  board.configure({ ...board.options, connections: { "groq:2": { concurrentRequests: 0 } } });
  expect([board.claim(one), board.claim(one)].map(Boolean)).toEqual([true, false]);
  expect([board.claim(other), board.claim(other)].map(Boolean)).toEqual([true, true]);
  board.configure(NO_LIMITS);
  expect(board.claim(one)).toBeDefined();
});

test("a steady clock is used: a wall clock set back frees nothing and locks nothing", () => {
  const { clock, board } = boardOf({ requestsPerMinute: 1 });
  board.claim(one)?.();
  clock.jump(-3_600_000);
  expect(board.full("groq:1")?.until).toBe(clock.now() + 60_000);
  clock.advance(60_000);
  expect(board.full("groq:1")).toBeUndefined();
});

describe("repeats", () => {
  test.each([
    [1, 3],
    [10, 3],
    [20, 4],
    [100, 20],
  ])("with %d requests in flight, %d repeats", (requests, repeats) => {
    const { board } = boardOf();
    for (let index = 0; index < requests; index++) board.enter();
    expect(Array.from({ length: 200 }, () => board.repeat()).filter(Boolean)).toHaveLength(repeats);
  });

  test("a place is given back, once", () => {
    const { board } = boardOf();
    const leave = board.enter();
    const overs = [board.repeat(), board.repeat(), board.repeat()];
    expect(board.repeat()).toBeUndefined();
    overs[0]?.();
    overs[0]?.();
    expect([board.repeat(), board.repeat()].map(Boolean)).toEqual([true, false]);
    leave();
    leave();
    expect(board.requestsInFlight).toBe(0);
  });
});

test("starts kept for the rate are bounded", () => {
  const { clock, board } = boardOf();
  for (let index = 0; index < 20_000; index++) board.claim(one)?.();
  expect(board.read("groq:1").rpm).toBe(6000);
  clock.advance(60_000);
  expect(board.read("groq:1").rpm).toBe(0);
});
