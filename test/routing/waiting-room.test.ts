import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { LimitBoard, NO_LIMITS, type ConnectionLimits, type Ticket } from "../../src/routing/index.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { target } from "./kit.ts";

const one = target("groq/a", "groq:1");

function boardOf(limits: Partial<ConnectionLimits>) {
  const clock = new FakeClock();
  const board = new LimitBoard(clock, { ...NO_LIMITS, defaults: { ...NO_LIMITS.defaults, ...limits } });
  const order: string[] = [];
  /** Somebody who waits, notes when he is called, and holds the place for `holdMs`. */
  const waiter = (name: string, ms: number, options: { readyAt?: number; holdMs?: number } = {}) => {
    const { readyAt, holdMs = 0 } = options;
    const leaving = new AbortController();
    const wish = { connectionId: "groq:1", ...(readyAt !== undefined && { readyAt }) };
    const called = board.room.wait([wish], ms, leaving.signal).then((ticket) => {
      if (!ticket) return void order.push(`${name} gave up`);
      const release = board.claim(one, ticket);
      order.push(release ? name : `${name} found no place`);
      ticket.done();
      if (release && holdMs > 0) clock.after(holdMs, release);
      else release?.();
    });
    return { called, leave: () => leaving.abort() };
  };
  return { clock, board, order, waiter };
}

describe("a line before a connection", () => {
  test("first come, first served, as places become free", async () => {
    const { clock, board, order, waiter } = boardOf({ concurrentRequests: 1 });
    const release = board.claim(one)!;
    for (const name of ["a", "b", "c"]) waiter(name, 10_000, { holdMs: 1000 });
    await clock.run(500);
    expect(order).toEqual([]);
    expect(board.read("groq:1")).toMatchObject({ inFlight: 1, waiting: 3 });
    release();
    await clock.run(0);
    expect(order).toEqual(["a"]);
    await clock.run(1000);
    expect(order).toEqual(["a", "b"]);
    await clock.run(5000);
    expect(order).toEqual(["a", "b", "c"]);
    expect(board.read("groq:1")).toMatchObject({ inFlight: 0, waiting: 0 });
    expect(clock.pending).toBe(0);
  });

  test("nobody overtakes: while some wait, the connection is full for all others", async () => {
    const { clock, board, order, waiter } = boardOf({ concurrentRequests: 1 });
    const release = board.claim(one)!;
    waiter("a", 10_000);
    expect(board.full("groq:1")).toEqual({ limit: "queue" });
    release();
    // The place is kept for the one who was called, though he has not come yet.
    expect(board.claim(one)).toBeUndefined();
    await clock.run(0);
    expect(order).toEqual(["a"]);
    expect(board.full("groq:1")).toBeUndefined();
  });

  test.each([
    ["requests per minute", { requestsPerMinute: 2 }, [0, 0, 60_000, 60_000, 120_000]],
    ["a least gap", { minTimeBetweenRequests: 700 }, [0, 700, 1400, 2100, 2800]],
  ] as const)("%s: each goes at its own time", async (_name, limits, expected) => {
    const { clock, board } = boardOf(limits);
    const start = clock.now();
    const times: number[] = [];
    const go = async () => {
      let ticket: Ticket | undefined;
      if (board.full("groq:1"))
        ticket = await board.room.wait([{ connectionId: "groq:1" }], 600_000, new AbortController().signal);
      expect(board.claim(one, ticket)).toBeDefined();
      times.push(clock.now() - start);
      ticket?.done();
    };
    const all = Promise.all([go(), go(), go(), go(), go()]);
    await clock.run(600_000);
    await all;
    expect(times).toEqual([...expected]);
  });

  test("who waited long enough, or left, goes; the others move up", async () => {
    const { clock, board, order, waiter } = boardOf({ concurrentRequests: 1 });
    const release = board.claim(one)!;
    waiter("short", 1000);
    const second = waiter("left", 10_000);
    waiter("third", 10_000);
    await clock.run(1000);
    expect(order).toEqual(["short gave up"]);
    second.leave();
    await clock.run(0);
    release();
    await clock.run(0);
    expect(order).toEqual(["short gave up", "left gave up", "third"]);
    expect(clock.pending).toBe(0);
  });

  test("a known time is waited for; then one goes first, and the rest when that one came through", async () => {
    const { clock, board, order } = boardOf({});
    const readyAt = clock.now() + 5000;
    const tickets: Ticket[] = [];
    for (const name of ["a", "b", "c"])
      void board.room
        .wait([{ connectionId: "groq:1", readyAt }], 10_000, new AbortController().signal)
        .then((ticket) => {
          order.push(name);
          if (ticket) tickets.push(ticket);
        });
    await clock.run(4999);
    expect(order).toEqual([]);
    await clock.run(1);
    expect(order).toEqual(["a"]);
    tickets[0]?.done();
    await clock.run(0);
    expect(order).toEqual(["a", "b", "c"]);
  });

  test("a call that waits for several connections takes the first that is free, and stands in no line after", async () => {
    const { clock, board } = boardOf({ concurrentRequests: 1 });
    const first = board.claim(one)!;
    const second = board.claim(target("groq/a", "groq:2"))!;
    const wishes = [{ connectionId: "groq:1" }, { connectionId: "groq:2" }];
    const called = board.room.wait(wishes, 10_000, new AbortController().signal);
    second();
    const ticket = await called;
    expect(ticket?.connectionId).toBe("groq:2");
    expect([board.room.waiting("groq:1"), board.room.waiting("groq:2")]).toEqual([0, 0]);
    ticket?.done();
    first();
    expect(board.claim(one)).toBeDefined();
    expect(clock.pending).toBe(0);
  });

  test("a place that is not used goes to the next", async () => {
    const { board } = boardOf({ concurrentRequests: 1 });
    const release = board.claim(one)!;
    const signal = new AbortController().signal;
    const first = board.room.wait([{ connectionId: "groq:1" }], 1000, signal);
    const second = board.room.wait([{ connectionId: "groq:1" }], 1000, signal);
    release();
    (await first)?.done();
    expect((await second)?.connectionId).toBe("groq:1");
  });

  test("raised limits are felt at once", async () => {
    const { clock, board, order, waiter } = boardOf({ concurrentRequests: 1 });
    board.claim(one);
    waiter("a", 10_000);
    board.configure(NO_LIMITS);
    await clock.run(0);
    expect(order).toEqual(["a"]);
  });

  test("lines are bounded", async () => {
    const { board } = boardOf({ concurrentRequests: 1 });
    board.claim(one);
    const signal = new AbortController().signal;
    for (let index = 0; index < 1000; index++)
      void board.room.wait([{ connectionId: "groq:1" }], 1000, signal);
    expect(await board.room.wait([{ connectionId: "groq:1" }], 1000, signal)).toBeUndefined();
  });

  test("whatever comes: limits hold, the order holds, and nothing is left over", async () => {
    const arrivals = fc.array(fc.record({ after: fc.nat(400), ms: fc.nat(5000), holdMs: fc.nat(1500) }), {
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 3 }), async (all, most) => {
        const { clock, board, order, waiter } = boardOf({ concurrentRequests: most });
        let worst = 0;
        for (const [index, { after, ms, holdMs }] of all.entries()) {
          waiter(String(index), ms + 1, { holdMs });
          worst = Math.max(worst, board.read("groq:1").inFlight);
          await clock.run(after);
          worst = Math.max(worst, board.read("groq:1").inFlight);
        }
        await clock.run(600_000);
        expect(worst).toBeLessThanOrEqual(most);
        expect(order).toHaveLength(all.length);
        const served = order.filter((name) => /^\d+$/.test(name)).map(Number);
        expect(served).toEqual(served.toSorted((a, b) => a - b));
        expect(order.some((name) => name.includes("no place"))).toBe(false);
        expect(board.read("groq:1")).toMatchObject({ inFlight: 0, waiting: 0 });
        expect([board.room.kept("groq:1"), clock.pending]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });
});
