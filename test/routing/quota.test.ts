import { describe, expect, test } from "bun:test";
import type { AccountStrategyId } from "../../src/core/strategy-names.ts";
import type { QuotaWindow } from "../../src/core/quota.ts";
import { accountStrategyOf, QuotaBook } from "../../src/routing/index.ts";
import { surplus } from "../../src/routing/expiry.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { seededRandom } from "../kit/random.ts";
import { connection } from "./kit.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

describe("what expires first", () => {
  const now = 1_000 * WEEK;
  const window = (left: number, resetsIn: number | undefined, lengthMs?: number): QuotaWindow => ({
    name: "w",
    left,
    ...(resetsIn !== undefined && { resetsAt: now + resetsIn }),
    ...(lengthMs !== undefined && { lengthMs }),
  });
  test.each([
    ["nothing known", [], undefined],
    ["no reset time", [window(0.5, undefined)], undefined],
    ["spent, no reset time", [window(0, undefined)], 0],
    ["half left for half of the time", [window(0.5, 2.5 * HOUR, 5 * HOUR)], 1],
    ["all left for a tenth of the time", [window(1, 0.5 * HOUR, 5 * HOUR)], 10],
    ["the tightest window counts", [window(1, HOUR, 5 * HOUR), window(0.1, 3.5 * DAY, WEEK)], 0.2],
    ["one spent window is enough", [window(1, HOUR, 5 * HOUR), window(0, 3 * DAY, WEEK)], 0],
  ] as const)("%s", (_name, windows, expected) => {
    expect(surplus(windows, now)).toEqual(expected === undefined ? undefined : expect.closeTo(expected, 6));
  });
});

describe("the book of quotas", () => {
  test("windows stand until their reset, and the newest word counts", () => {
    const clock = new FakeClock();
    const book = new QuotaBook(clock);
    expect(book.left("c")).toBeUndefined();
    book.note("c", [
      { name: "5h", left: 0.5, resetsAt: clock.now() + HOUR },
      { name: "7d", left: 0.9, resetsAt: clock.now() + DAY },
    ]);
    expect(book.left("c")).toBe(0.5);
    book.note("c", [{ name: "5h", left: 0.2, resetsAt: clock.now() + HOUR }]);
    expect(book.windows("c").map(({ name, left }) => `${name} ${left}`)).toEqual(["5h 0.2", "7d 0.9"]);
    clock.advance(HOUR);
    expect(book.left("c")).toBe(0.9);
    clock.advance(DAY);
    expect(book.left("c")).toBeUndefined();
  });

  test("nonsense is kept within 0 and 1, and what nobody repeats is forgotten after a day", () => {
    const clock = new FakeClock();
    const book = new QuotaBook(clock);
    book.note("c", [
      { name: "x", left: -3 },
      { name: "y", left: 7 },
    ]);
    expect(book.windows("c").map(({ left }) => left)).toEqual([0, 1]);
    clock.advance(DAY);
    expect(book.windows("c")).toEqual([]);
  });

  test("the number of windows of a connection is bounded", () => {
    const book = new QuotaBook(new FakeClock());
    for (let index = 0; index < 500; index++) book.note("c", [{ name: String(index), left: 1 }]);
    expect(book.windows("c").length).toBeLessThanOrEqual(20);
  });
});

/** A subscription with a weekly and a five-hour quota, as its vendor keeps it. */
class Subscription {
  #week = { used: 0, resetsAt: 0 };
  #session = { used: 0, resetsAt: 0 };

  constructor(
    readonly name: string,
    readonly perWeek: number,
    readonly perSession: number,
    firstReset: number,
    usedBefore: number,
  ) {
    this.#week = { used: usedBefore, resetsAt: firstReset };
  }

  takes(now: number): boolean {
    this.#turn(now);
    return this.#week.used < this.perWeek && this.#session.used < this.perSession;
  }

  serve(now: number): void {
    this.#turn(now);
    // The short window begins with its first use.
    if (this.#session.used === 0) this.#session.resetsAt = now + 5 * HOUR;
    this.#week.used++;
    this.#session.used++;
  }

  windows(now: number): QuotaWindow[] {
    this.#turn(now);
    return [
      {
        name: "7d",
        left: 1 - this.#week.used / this.perWeek,
        resetsAt: this.#week.resetsAt,
        lengthMs: WEEK,
      },
      ...(this.#session.used > 0
        ? [
            {
              name: "5h",
              left: 1 - this.#session.used / this.perSession,
              resetsAt: this.#session.resetsAt,
              lengthMs: 5 * HOUR,
            },
          ]
        : []),
    ];
  }

  #turn(now: number): void {
    while (now >= this.#week.resetsAt) this.#week = { used: 0, resetsAt: this.#week.resetsAt + WEEK };
    if (now >= this.#session.resetsAt) this.#session = { used: 0, resetsAt: 0 };
  }
}

/** Sends working days of calls through three accounts and counts those that found one with quota left. */
function servedInAWeek(id: AccountStrategyId, seed: number): number {
  const clock = new FakeClock(WEEK * 2900);
  const random = seededRandom(seed);
  const start = clock.now();
  // Their weeks end on different days; each comes into the week with something used.
  const accounts = [0, 1, 2].map(
    (index) =>
      new Subscription(
        `sub:${index}`,
        1500,
        300,
        start + (0.5 + 2 * (2 - index) + random()) * DAY,
        Math.floor(random() * 900),
      ),
  );
  const book = new QuotaBook(clock);
  const given = accounts.map(({ name }, position) => ({ connection: connection(name), position }));
  const lastUsed = new Map<string, number>();
  let served = 0;
  let calls = 0;
  while (clock.now() < start + WEEK) {
    const hour = Math.floor(((clock.now() - start) % DAY) / HOUR);
    const busy = hour >= 8 && hour < 20;
    clock.advance(Math.max(1000, Math.round(-Math.log(1 - random()) * (busy ? 45_000 : 20 * 60_000))));
    const now = clock.now();
    for (const account of accounts) book.note(account.name, account.windows(now));
    const order = accountStrategyOf(id).order(given, {
      turn: Math.floor(calls++ / 3),
      length: given.length,
      random,
      vitals: () => ({ failureShare: 0, inFlight: 0 }),
      lastUsedAt: (one) => lastUsed.get(one.connection.id),
      quotaLeft: (one) => book.left(one.connection.id),
      surplus: (one) => surplus(book.windows(one.connection.id), now),
    });
    const taker = order
      .map((one) => accounts.find(({ name }) => name === one.connection.id)!)
      .find((account) => account.takes(now));
    if (!taker) continue;
    taker.serve(now);
    lastUsed.set(taker.name, now);
    served++;
  }
  return served;
}

test("a week of quota windows: quota-aware serves more calls than any order that does not look", () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const total = (id: AccountStrategyId) => seeds.reduce((sum, seed) => sum + servedInAWeek(id, seed), 0);
  const aware = total("quota-aware");
  for (const other of ["fill-first", "round-robin", "random", "least-used", "cost-optimized"] as const)
    expect(aware, `against ${other}`).toBeGreaterThan(1.01 * total(other));
});
