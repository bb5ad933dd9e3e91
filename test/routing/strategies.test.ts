import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ACCOUNT_STRATEGY_IDS, COMBO_STRATEGIES } from "../../src/core/strategy-names.ts";
import type { Target } from "../../src/core/target.ts";
import {
  accountStrategyOf,
  ACCOUNT_STRATEGIES,
  STRATEGIES,
  strategyOf,
  type Leg,
  type StrategyView,
  type Vitals,
} from "../../src/routing/index.ts";
import type { Account, AccountView } from "../../src/routing/account-strategies/index.ts";
import { seededRandom } from "../kit/random.ts";
import { connection } from "./kit.ts";

/** A leg known by its letter. */
const leg = (letter: string, position: number, weight?: number): Leg => ({
  position,
  weight,
  targets: [{ label: letter } as Target],
});
const legs = (letters: string): Leg[] => letters.split("").map((letter, position) => leg(letter, position));
const letters = (ordered: readonly Leg[]): string => ordered.map((one) => one.targets[0].label).join("");
const letterOf = (one: Leg): string => one.targets[0].label;

const view = (facts: Partial<StrategyView> = {}): StrategyView => ({
  turn: 0,
  length: 4,
  random: seededRandom(1),
  uses: () => 0,
  cost: () => undefined,
  vitals: () => ({ failureShare: 0, inFlight: 0 }),
  surplus: () => undefined,
  ...facts,
});

/** How often each order comes out of `times` draws. */
function counts(times: number, draw: () => string): Map<string, number> {
  const found = new Map<string, number>();
  for (let index = 0; index < times; index++) {
    const order = draw();
    found.set(order, (found.get(order) ?? 0) + 1);
  }
  return found;
}

test("every strategy a combo can have is there once", () => {
  expect(STRATEGIES.map(({ id }) => id).toSorted()).toEqual([...COMBO_STRATEGIES].toSorted());
});

describe("laws of every strategy", () => {
  const vitals = fc.record({
    failureShare: fc.double({ min: 0, max: 1, noNaN: true }),
    p50: fc.option(fc.nat(60_000), { nil: undefined }),
    inFlight: fc.nat(100),
  });
  const facts = fc.record({
    uses: fc.nat(1000),
    cost: fc.option(fc.double({ min: 0, max: 10, noNaN: true }), { nil: undefined }),
    weight: fc.option(fc.nat(100), { nil: undefined }),
    gap: fc.nat(3),
    surplus: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
    vitals,
  });
  test.each(STRATEGIES.map((strategy) => [strategy.id, strategy] as const))(
    "%s loses no leg, doubles none and changes nothing",
    (_id, strategy) => {
      fc.assert(
        fc.property(fc.array(facts, { maxLength: 12 }), fc.nat(1_000_000), fc.nat(), (all, turn, seed) => {
          let position = 0;
          const given = all.map((one, index) => leg(String(index), (position += one.gap + 1), one.weight));
          const factsOf = (one: Leg) => all[Number(letterOf(one))] as (typeof all)[number];
          const before = JSON.stringify(given);
          const look = view({
            turn,
            length: position + 1,
            random: seededRandom(seed),
            uses: (one) => factsOf(one).uses,
            cost: (one) => factsOf(one).cost ?? undefined,
            vitals: (one) => factsOf(one).vitals,
            surplus: (one) => factsOf(one).surplus ?? undefined,
          });
          const ordered = strategy.order(Object.freeze(given) as Leg[], look);
          expect(JSON.stringify(given)).toBe(before);
          expect(new Set(ordered)).toEqual(new Set(given));
          expect(ordered).toHaveLength(given.length);
          if (strategy.deterministic) expect(strategy.order(given, look)).toEqual(ordered);
        }),
        { numRuns: 200 },
      );
    },
  );
});

describe("orders that leave nothing to chance", () => {
  const uses = (numbers: { [letter: string]: number }) =>
    view({ uses: (one) => numbers[letterOf(one)] ?? 0 });
  const cost = (numbers: { [letter: string]: number }) => view({ cost: (one) => numbers[letterOf(one)] });
  const latency = (numbers: { [letter: string]: Partial<Vitals> }) =>
    view({ vitals: (one) => ({ failureShare: 0, inFlight: 0, ...numbers[letterOf(one)] }) });
  const surplus = (numbers: { [letter: string]: number }) =>
    view({ surplus: (one) => numbers[letterOf(one)] });
  test.each([
    ["priority", view(), "abcd"],
    ["fill-first", view(), "abcd"],
    ["round-robin", view({ turn: 0 }), "abcd"],
    ["round-robin", view({ turn: 1 }), "bcda"],
    ["round-robin", view({ turn: 3 }), "dabc"],
    ["round-robin", view({ turn: 6 }), "cdab"],
    ["least-used", uses({ a: 3, b: 1, c: 3, d: 0 }), "dbac"],
    ["least-used", uses({}), "abcd"],
    ["cost-optimized", cost({ a: 0.5, b: 0.1, d: 0 }), "dbac"],
    ["cost-optimized", cost({ b: 1, d: 1 }), "bdac"],
    ["cost-optimized", cost({}), "abcd"],
    [
      "lowest-latency",
      latency({ a: { p50: 900 }, b: { p50: 100 }, c: { p50: 300 }, d: { p50: 100 } }),
      "bdca",
    ],
    // Unmeasured ones are measured first, unless that is under way or they failed.
    ["lowest-latency", latency({ a: { p50: 900 }, b: { inFlight: 1 }, d: { failureShare: 1 } }), "cabd"],
    [
      "lowest-latency",
      latency({ a: { p50: 300, failureShare: 0.8 }, b: { p50: 900 }, c: { p50: 800 }, d: { p50: 950 } }),
      "cbda",
    ],
    ["lowest-latency", latency({}), "abcd"],
    ["quota-aware", surplus({ a: 0.4, b: 1.8, c: 0.9, d: 1.8 }), "bdca"],
    ["quota-aware", surplus({ a: 0, c: 0.2 }), "cbda"],
    ["quota-aware", surplus({}), "abcd"],
  ] as const)("%s", (id, look, expected) => {
    expect(letters(strategyOf(id).order(legs("abcd"), look))).toBe(expected);
  });

  test("round-robin keeps each entry's own turn when others are missing", () => {
    const present = [leg("a", 0), leg("c", 2), leg("d", 3)];
    const starts = [0, 1, 2, 3, 4].map((turn) =>
      letters(strategyOf("round-robin").order(present, view({ turn, length: 4 }))),
    );
    expect(starts).toEqual(["acd", "cda", "cda", "dac", "acd"]);
  });
});

describe("orders by chance", () => {
  test("random: every order is equally likely", () => {
    const random = seededRandom(7);
    const found = counts(6000, () => letters(strategyOf("random").order(legs("abc"), view({ random }))));
    expect(found.size).toBe(6);
    for (const count of found.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test("weighted: first places follow the weights, weight 0 comes last", () => {
    const random = seededRandom(3);
    const given = [leg("a", 0, 70), leg("b", 1, 20), leg("c", 2, 10), leg("z", 3, 0)];
    const orders = counts(10_000, () => letters(strategyOf("weighted").order(given, view({ random }))));
    const first = (letter: string) =>
      [...orders].filter(([order]) => order.startsWith(letter)).reduce((sum, [, count]) => sum + count, 0);
    expect(Math.abs(first("a") - 7000)).toBeLessThan(200);
    expect(Math.abs(first("b") - 2000)).toBeLessThan(200);
    expect(Math.abs(first("c") - 1000)).toBeLessThan(200);
    expect([...orders.keys()].every((order) => order.endsWith("z"))).toBe(true);
    // Without a, b is drawn before c in two of three cases.
    const second = [...orders]
      .filter(([order]) => order.startsWith("ab"))
      .reduce((sum, [, count]) => sum + count, 0);
    expect(second / first("a")).toBeCloseTo(2 / 3, 1);
  });

  test.each([
    ["all weights 0", [0, 0, 0]],
    ["no weights", [undefined, undefined, undefined]],
  ])("weighted: %s is equal", (_name, weights) => {
    const random = seededRandom(5);
    const given = weights.map((weight, index) => leg("abc"[index] ?? "", index, weight));
    const found = counts(3000, () =>
      letters(strategyOf("weighted").order(given, view({ random }))).slice(0, 1),
    );
    for (const count of found.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test("p2c: of the two drawn the healthier leads, the worst never does", () => {
    const random = seededRandom(9);
    const sick: { [letter: string]: Vitals } = {
      a: { failureShare: 0, p50: 900, inFlight: 0 },
      b: { failureShare: 0.5, p50: 10, inFlight: 0 },
      c: { failureShare: 0, p50: 100, inFlight: 3 },
      d: { failureShare: 0, p50: 100, inFlight: 1 },
    };
    const look = view({ random, vitals: (one) => sick[letterOf(one)] as Vitals });
    const orders = counts(6000, () => letters(strategyOf("p2c").order(legs("abcd"), look)));
    const lead = (letter: string) =>
      [...orders].filter(([order]) => order.startsWith(letter)).reduce((sum, [, count]) => sum + count, 0) /
      6000;
    // From best to worst: d c a b. Of the six pairs d leads three, c two, a one.
    expect(lead("d")).toBeCloseTo(1 / 2, 1);
    expect(lead("c")).toBeCloseTo(1 / 3, 1);
    expect(lead("a")).toBeCloseTo(1 / 6, 1);
    expect(lead("b")).toBe(0);
    // The rest stand by health.
    for (const order of orders.keys())
      expect("dcab".indexOf(order[2] ?? "")).toBeLessThan("dcab".indexOf(order[3] ?? ""));
  });
});

describe("account strategies", () => {
  const account = (name: string, position: number, priority = 1): Account => ({
    connection: connection(name, { priority }),
    position,
  });
  const three = [account("a", 0), account("b", 1), account("c", 2)];
  const names = (ordered: readonly Account[]): string => ordered.map((one) => one.connection.id).join("");
  const look = (facts: Partial<AccountView> = {}): AccountView => ({
    turn: 0,
    length: 3,
    random: seededRandom(1),
    vitals: () => ({ failureShare: 0, inFlight: 0 }),
    lastUsedAt: () => undefined,
    quotaLeft: () => undefined,
    surplus: () => undefined,
    ...facts,
  });
  const by =
    (numbers: { [name: string]: number }) =>
    (one: Account): number | undefined =>
      numbers[one.connection.id];

  test("the documented six and two more, fill-first by default", () => {
    expect(ACCOUNT_STRATEGIES.map(({ id }) => id)).toEqual([
      "fill-first",
      "round-robin",
      "p2c",
      "random",
      "least-used",
      "cost-optimized",
      "lowest-latency",
      "quota-aware",
    ]);
    expect(ACCOUNT_STRATEGIES.map(({ id }) => id)).toEqual([...ACCOUNT_STRATEGY_IDS]);
    expect(accountStrategyOf(undefined).id).toBe("fill-first");
  });

  test.each([
    ["fill-first", look({ turn: 2 }), "abc"],
    ["round-robin", look({ turn: 4 }), "bca"],
    ["least-used", look({ lastUsedAt: by({ a: 30, b: 10, c: 20 }) }), "bca"],
    ["least-used", look({ lastUsedAt: by({ a: 30, b: 10 }) }), "cba"],
    ["least-used", look(), "abc"],
    ["cost-optimized", look({ quotaLeft: by({ a: 0.1, b: 0.9 }) }), "bac"],
    ["cost-optimized", look(), "abc"],
    [
      "lowest-latency",
      look({ vitals: (one) => ({ failureShare: 0, inFlight: 0, p50: 100 - one.position }) }),
      "cba",
    ],
    ["quota-aware", look({ surplus: by({ a: 0.9, b: 1.1, c: 0 }) }), "bac"],
    [
      "p2c",
      look({
        vitals: (one) => ({ failureShare: one.connection.id === "c" ? 0 : 1, inFlight: 0 }),
        random: () => 0.99,
      }),
      "cba",
    ],
  ] as const)("%s", (id, moment, expected) => {
    expect(names(accountStrategyOf(id).order(three, moment))).toBe(expected);
  });

  test("cost-optimized looks at the priority before the quota", () => {
    const given = [account("a", 0, 2), account("b", 1, 1)];
    expect(
      names(accountStrategyOf("cost-optimized").order(given, look({ quotaLeft: by({ a: 1, b: 0 }) }))),
    ).toBe("ba");
  });

  test.each(ACCOUNT_STRATEGIES.map((strategy) => [strategy.id] as const))(
    "%s loses none and changes nothing",
    (id) => {
      fc.assert(
        fc.property(
          fc.array(fc.nat(50), { maxLength: 8 }),
          fc.nat(),
          fc.nat(1000),
          (priorities, seed, turn) => {
            const given = priorities.map((priority, index) => account(String(index), index, priority));
            const before = JSON.stringify(given);
            const moment = look({
              turn,
              length: given.length,
              random: seededRandom(seed),
              quotaLeft: (one) => one.position / 10,
              surplus: (one) => (one.position % 3 === 0 ? undefined : one.position % 2),
            });
            const ordered = accountStrategyOf(id).order(Object.freeze(given) as Account[], moment);
            expect(JSON.stringify(given)).toBe(before);
            expect(new Set(ordered)).toEqual(new Set(given));
            expect(ordered).toHaveLength(given.length);
          },
        ),
        { numRuns: 100 },
      );
    },
  );
});
