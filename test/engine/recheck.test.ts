import { expect, test } from "bun:test";
import { Recheck, type RecheckDeps } from "../../src/engine/recheck.ts";
import { FakeClock } from "../kit/fake-clock.ts";

const MINUTE = 60_000;
const nothing = () => {};
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function checking(more: Partial<RecheckDeps>) {
  const clock = new FakeClock();
  const tested: string[] = [];
  const recheck = new Recheck({
    clock,
    log,
    awaiting: () => [],
    wished: () => [],
    test: async (id) => {
      tested.push(id);
      return {
        valid: true,
        refreshed: false,
        latencyMs: 1,
        probed: "models" as const,
        testedAt: clock.now(),
      };
    },
    ...more,
  });
  return { clock, tested, recheck };
}

test("what waits for a person is tested every ten minutes", async () => {
  const { clock, tested, recheck } = checking({ awaiting: () => ["a"] });
  await clock.run(25 * MINUTE);
  expect(tested).toEqual(["a", "a"]);
  recheck.close();
});

test("an account is tested as often as its owner says, the one tested longest ago first", async () => {
  const wishes = new Map([
    ["often", { everyMs: 2 * MINUTE, testedAt: undefined as number | undefined }],
    ["seldom", { everyMs: 30 * MINUTE, testedAt: undefined as number | undefined }],
  ]);
  const { clock, tested, recheck } = checking({
    wished: () => [...wishes].map(([id, wish]) => ({ id, ...wish })),
    test: async (id) => {
      tested.push(id);
      wishes.get(id)!.testedAt = clock.now();
      return {
        valid: true,
        refreshed: false,
        latencyMs: 1,
        probed: "models" as const,
        testedAt: clock.now(),
      };
    },
  });
  await clock.run(MINUTE);
  expect(tested).toEqual(["often", "seldom"]);
  await clock.run(4 * MINUTE);
  expect(tested).toEqual(["often", "seldom", "often", "often"]);
  // A clock that was set back must not stop it.
  wishes.get("seldom")!.testedAt = clock.now() + 1000 * MINUTE;
  await clock.run(MINUTE);
  expect(tested.at(-1)).toBe("seldom");
  recheck.close();
  await clock.run(60 * MINUTE);
  expect(tested.at(-1)).toBe("seldom");
});

test("many that are due begin a few at a time", async () => {
  const many = Array.from({ length: 25 }, (_, index) => ({
    id: `c${index}`,
    everyMs: MINUTE,
    testedAt: undefined,
  }));
  const { clock, tested, recheck } = checking({ wished: () => many });
  await clock.run(MINUTE);
  expect(tested).toHaveLength(10);
  recheck.close();
});
