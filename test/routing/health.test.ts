import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { FAILURES, TargetFailure, type FailureKind } from "../../src/core/errors.ts";
import type { Target } from "../../src/core/target.ts";
import {
  DEFAULT_PROFILES,
  HealthBoard,
  type HealthChange,
  type HealthOptions,
} from "../../src/routing/index.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { target } from "./kit.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function boardOf(options: Partial<HealthOptions> = {}) {
  const clock = new FakeClock();
  const board = new HealthBoard({ clock, random: () => 0.5, ...options });
  const fail = (
    where: Target,
    kind: FailureKind,
    facts: ConstructorParameters<typeof TargetFailure>[2] = {},
  ) => board.claim(where, true)?.failed(new TargetFailure(kind, "It failed.", facts));
  const succeed = (where: Target) => board.claim(where, true)?.succeeded(100);
  const secondsBarred = (where: Target): number | undefined => {
    const standing = board.standing(where);
    if (standing.usable) return 0;
    return standing.until === undefined ? undefined : (standing.until - clock.now()) / SECOND;
  };
  return { clock, board, fail, succeed, secondsBarred };
}

const one = target("groq/a", "groq:1");
const sameConnection = target("groq/b", "groq:1");
const sameModel = target("groq/a", "groq:2");
const elsewhere = target("glm/a", "glm:1");

describe("what each failure counts against", () => {
  const rows: [FailureKind, { one: number; sameConnection: number; scope?: "connection" }][] = [
    ["rejected", { one: 0, sameConnection: 0 }],
    ["unsupported", { one: 0, sameConnection: 0 }],
    ["context-length", { one: 0, sameConnection: 0 }],
    ["shut-down", { one: 0, sameConnection: 0 }],
    ["cancelled", { one: 0, sameConnection: 0 }],
    ["credentials", { one: 60, sameConnection: 0 }],
    ["no-such-model", { one: 600, sameConnection: 0 }],
    ["rate-limited", { one: 2, sameConnection: 0 }],
    ["rate-limited", { one: 2, sameConnection: 2, scope: "connection" }],
    ["quota-exhausted", { one: 3600, sameConnection: 0 }],
    ["quota-exhausted", { one: 3600, sameConnection: 3600, scope: "connection" }],
    ["overloaded", { one: 0, sameConnection: 0 }],
    ["unreachable", { one: 0, sameConnection: 0 }],
    ["timeout", { one: 0, sameConnection: 0 }],
    ["malformed", { one: 0, sameConnection: 0 }],
  ];
  test("every kind of failure has a row", () => {
    expect(new Set(rows.map(([kind]) => kind))).toEqual(new Set(Object.keys(FAILURES) as FailureKind[]));
  });

  test.each(rows)("%s (row %#)", (kind, expected) => {
    const { fail, secondsBarred } = boardOf();
    fail(one, kind, expected.scope ? { scope: expected.scope } : {});
    expect(secondsBarred(one)).toBe(expected.one);
    expect(secondsBarred(sameConnection)).toBe(expected.sameConnection);
    expect(secondsBarred(sameModel)).toBe(0);
    expect(secondsBarred(elsewhere)).toBe(0);
  });

  test.each(rows)("%s: behind others or not, counted by the breaker or not (row %#)", (kind) => {
    const { board, fail } = boardOf();
    fail(one, kind);
    const { transient, blame } = FAILURES[kind];
    const standing = board.standing(one);
    expect(standing.usable && standing.behind).toBe(transient);
    expect(board.breakers().map(({ failureCount }) => failureCount)).toEqual(blame === "provider" ? [1] : []);
  });

  test("a refused credential is reported once, for a test beside", () => {
    const told: string[] = [];
    const { fail } = boardOf({
      onCredentialFailure: ({ label, connection }) => told.push(`${label}@${connection.id}`),
    });
    fail(one, "credentials");
    fail(one, "credentials");
    fail(one, "rejected");
    expect(told).toEqual(["groq/a@groq:1"]);
  });
});

describe("cooldowns", () => {
  test("end by themselves", () => {
    const { clock, fail, secondsBarred } = boardOf();
    fail(one, "credentials");
    clock.advance(MINUTE - 1);
    expect(secondsBarred(one)).toBeGreaterThan(0);
    clock.advance(1);
    expect(secondsBarred(one)).toBe(0);
  });

  test.each([
    ["a named time", 37 * SECOND, 37],
    ["less than a second", 5, 1],
    ["more than a day", 40 * HOUR, 86_400],
    ["the past", -5 * SECOND, 2],
    ["no number", Number.NaN, 2],
    ["never", Infinity, 2],
  ])("rate limit until %s", (_name, ms, seconds) => {
    const { clock, fail, secondsBarred } = boardOf();
    fail(one, "rate-limited", { until: clock.now() + ms });
    expect(secondsBarred(one)).toBe(seconds);
  });

  test("a typed quota may last for weeks, at most 31 days", () => {
    const { clock, fail, secondsBarred } = boardOf();
    fail(one, "quota-exhausted", { until: clock.now() + 20 * 24 * HOUR });
    expect(secondsBarred(one)).toBe(20 * 86_400);
    fail(sameModel, "quota-exhausted", { until: clock.now() + 90 * 24 * HOUR });
    expect(secondsBarred(sameModel)).toBe(31 * 86_400);
  });

  test("without a hint they double per 429 in a row, up to the profile's level and two minutes", () => {
    const { clock, fail, secondsBarred } = boardOf();
    const seen = Array.from({ length: 8 }, () => {
      fail(one, "rate-limited");
      const seconds = secondsBarred(one) ?? 0;
      clock.advance(seconds * SECOND);
      return seconds;
    });
    expect(seen).toEqual([2, 4, 8, 16, 32, 64, 64, 64]);
  });

  test("the OAuth profile begins at a minute and ends at two", () => {
    const { clock, fail, secondsBarred } = boardOf();
    const subscription = target("groq/a", "groq:1");
    subscription.connection.authType = "oauth";
    const seen = [1, 2, 3].map(() => {
      fail(subscription, "rate-limited");
      clock.advance(3 * MINUTE);
      fail(subscription, "rate-limited");
      return secondsBarred(subscription);
    });
    expect(seen[0]).toBe(120);
    expect(Math.max(...seen.map((seconds) => seconds ?? 0))).toBe(120);
  });

  test("a profile's 0 means two seconds, and a provider may have its own", () => {
    const { fail, secondsBarred } = boardOf({
      profiles: {
        ...DEFAULT_PROFILES,
        apikey: { ...DEFAULT_PROFILES.apikey, rateLimitCooldown: 0 },
        providers: { glm: { rateLimitCooldown: 9000 } },
      },
    });
    fail(one, "rate-limited");
    fail(elsewhere, "rate-limited");
    expect([secondsBarred(one), secondsBarred(elsewhere)]).toEqual([2, 9]);
  });

  test("a success sets the level back to the start", () => {
    const { clock, fail, succeed, secondsBarred } = boardOf();
    for (let round = 0; round < 4; round++) {
      fail(one, "rate-limited");
      clock.advance(MINUTE);
    }
    succeed(one);
    fail(one, "rate-limited");
    expect(secondsBarred(one)).toBe(2);
  });

  test("a crowd that fails together counts once", () => {
    const { clock, board, secondsBarred } = boardOf();
    const claims = Array.from({ length: 20 }, () => board.claim(one));
    clock.advance(100);
    for (const claim of claims) claim?.failed(new TargetFailure("rate-limited", "Slow down."));
    expect(secondsBarred(one)).toBe(2);
  });

  test("of two that overlap, the later end holds", () => {
    const { clock, fail, secondsBarred } = boardOf();
    fail(one, "rate-limited", { until: clock.now() + 50 * SECOND });
    fail(one, "rate-limited", { until: clock.now() + 5 * SECOND });
    expect(secondsBarred(one)).toBe(50);
    fail(one, "quota-exhausted", { until: clock.now() + 20 * SECOND, scope: "connection" });
    expect(secondsBarred(one)).toBe(50);
    expect(secondsBarred(sameConnection)).toBe(20);
    fail(one, "no-such-model");
    expect(secondsBarred(one)).toBe(600);
  });

  test("a success of a call from before does not end them, one from after does", () => {
    const { clock, board, fail, succeed, secondsBarred } = boardOf();
    const early = board.claim(one);
    clock.advance(SECOND);
    fail(one, "quota-exhausted");
    clock.advance(SECOND);
    early?.succeeded(2000);
    expect(secondsBarred(one)).toBe(3599);
    succeed(one);
    expect(secondsBarred(one)).toBe(0);
  });

  test("room in the quota ends limits early, and nothing else", () => {
    const { board, fail, secondsBarred } = boardOf();
    fail(one, "quota-exhausted", { scope: "connection" });
    fail(one, "rate-limited");
    fail(sameConnection, "credentials");
    expect(board.quotaReturned("groq:1")).toBe(2);
    expect([secondsBarred(one), secondsBarred(sameConnection)]).toEqual([0, 60]);
  });

  test("headers may set a target or its connection aside", () => {
    const { clock, board, secondsBarred } = boardOf();
    board.pause(one, "model", "rate-limit", clock.now() + 9 * SECOND);
    board.pause(elsewhere, "connection", "quota", clock.now() + HOUR);
    board.pause(sameModel, "model", "quota", clock.now() - 1);
    expect([one, sameConnection, elsewhere, sameModel].map(secondsBarred)).toEqual([9, 0, 3600, 0]);
  });
});

describe("transient failures", () => {
  test("move a target behind for longer each time, at most a minute", () => {
    const { clock, board, fail } = boardOf({
      profiles: { ...DEFAULT_PROFILES, apikey: { ...DEFAULT_PROFILES.apikey, circuitBreakerThreshold: 100 } },
    });
    const seen = Array.from({ length: 7 }, () => {
      clock.advance(1);
      fail(one, "overloaded");
      const seconds = ((board.behindUntil(one) ?? 0) - clock.now()) / SECOND;
      clock.advance(2 * MINUTE);
      return seconds;
    });
    expect(seen).toEqual([3, 6, 12, 24, 48, 60, 60]);
  });

  test("a success brings it back", () => {
    const { board, fail, succeed } = boardOf();
    fail(one, "timeout");
    succeed(one);
    expect(board.standing(one)).toEqual({ usable: true, behind: false });
    fail(one, "timeout");
    expect(board.behindUntil(one)).toBeDefined();
  });

  test("a longer time the provider named holds", () => {
    const { clock, board, fail } = boardOf();
    fail(one, "overloaded", { until: clock.now() + 20 * SECOND });
    expect((board.behindUntil(one) ?? 0) - clock.now()).toBe(20 * SECOND);
  });
});

describe("the breaker", () => {
  const open = ({ fail }: ReturnType<typeof boardOf>, times = 5, where = one) => {
    for (let round = 0; round < times; round++) fail(where, "overloaded");
  };
  const state = ({ board }: ReturnType<typeof boardOf>, name = "groq") =>
    board.breakers().find((breaker) => breaker.name === name)?.state;

  test.each([
    ["apikey", 5, 30],
    ["oauth", 3, 60],
  ] as const)("with %s connections it opens after %d failures, for %d s", (authType, threshold, seconds) => {
    const kit = boardOf();
    const where = target("groq/a", "groq:1");
    where.connection.authType = authType;
    open(kit, threshold - 1, where);
    expect(state(kit)).toBe("CLOSED");
    open(kit, 1, where);
    expect(state(kit)).toBe("OPEN");
    expect(kit.secondsBarred(where)).toBe(seconds);
    expect(kit.secondsBarred(sameModel)).toBe(seconds);
    expect(kit.secondsBarred(elsewhere)).toBe(0);
  });

  test("any success between starts the row anew", () => {
    const kit = boardOf();
    open(kit, 4);
    kit.succeed(sameModel);
    open(kit, 4);
    expect(state(kit)).toBe("CLOSED");
  });

  test("only failures of the provider count", () => {
    const kit = boardOf();
    for (const kind of [
      "rejected",
      "credentials",
      "rate-limited",
      "quota-exhausted",
      "no-such-model",
      "unsupported",
      "context-length",
      "cancelled",
    ] as const) {
      for (let round = 0; round < 6; round++) kit.fail(one, kind);
    }
    expect(state(kit)).toBeUndefined();
    kit.board.resetAll();
    expect(kit.secondsBarred(one)).toBe(0);
  });

  test("U-16: after its time exactly one call goes through, and a success closes it", () => {
    const kit = boardOf();
    open(kit);
    kit.clock.advance(30 * SECOND);
    const claims = Array.from({ length: 50 }, () => kit.board.claim(sameModel));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(state(kit)).toBe("HALF_OPEN");
    expect(kit.board.standing(sameModel)).toEqual({ usable: false, reason: "probing" });
    claims[0]?.succeeded(10);
    expect(state(kit)).toBe("CLOSED");
    expect(kit.board.claim(sameModel)).toBeDefined();
  });

  test("a failing probe opens it again, longer each time, at most five minutes", () => {
    const kit = boardOf();
    open(kit);
    const seen = [kit.secondsBarred(sameModel)];
    for (let round = 0; round < 12; round++) {
      kit.clock.advance((seen.at(-1) ?? 0) * SECOND);
      kit.board.claim(sameModel)?.failed(new TargetFailure("timeout", "It was silent."));
      seen.push(kit.secondsBarred(sameModel));
    }
    expect(seen).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300, 300]);
  });

  describe("while this machine is offline", () => {
    const lose = (kit: ReturnType<typeof boardOf>, where: Target) => {
      for (let round = 0; round < 5; round++) kit.fail(where, "unreachable");
    };
    const probe = (kit: ReturnType<typeof boardOf>, where: Target) => {
      kit.clock.advance((kit.secondsBarred(where) ?? 0) * SECOND);
      lose(kit, where);
    };

    test("probes do not become rarer, and the first answer from elsewhere lets the others probe at once", () => {
      const kit = boardOf();
      lose(kit, one);
      lose(kit, elsewhere);
      for (let round = 0; round < 20; round++) probe(kit, one);
      expect(kit.secondsBarred(one)).toBe(30);
      kit.clock.advance(30 * SECOND);
      lose(kit, elsewhere);
      kit.succeed(one);
      expect(state(kit)).toBe("CLOSED");
      expect(state(kit, "glm")).toBe("HALF_OPEN");
    });

    test("one that stays out of reach while others answer is asked more and more seldom", () => {
      const kit = boardOf();
      lose(kit, one);
      kit.succeed(elsewhere);
      expect(state(kit)).toBe("HALF_OPEN");
      const seen = [30, 60, 90].map(() => {
        probe(kit, one);
        kit.succeed(elsewhere);
        return kit.secondsBarred(one);
      });
      expect(seen).toEqual([60, 90, 120]);
    });

    test("a local server that answers says nothing of the network", () => {
      const kit = boardOf();
      const local = target("glm/a", "glm:1");
      local.connection.baseUrl = "http://192.168.1.5:8000/v1";
      lose(kit, one);
      kit.succeed(local);
      expect(state(kit)).toBe("OPEN");
      probe(kit, one);
      expect(kit.secondsBarred(one)).toBe(30);
    });
  });

  test("after closing it opens for the first time again", () => {
    const kit = boardOf();
    open(kit);
    kit.clock.advance(30 * SECOND);
    kit.succeed(sameModel);
    open(kit);
    expect(kit.secondsBarred(sameModel)).toBe(30);
  });

  test.each([
    [0, 27],
    [0.5, 30],
    [0.999_999, 33],
  ])("its time has ±10 %% of chance (%d → %d s)", (chance, seconds) => {
    const kit = boardOf({ random: () => chance });
    open(kit);
    expect(kit.secondsBarred(sameModel)).toBeCloseTo(seconds, 2);
  });

  test("the chance never makes it longer than five minutes", () => {
    const kit = boardOf({
      random: () => 0.99,
      profiles: { ...DEFAULT_PROFILES, apikey: { ...DEFAULT_PROFILES.apikey, circuitBreakerReset: 300_000 } },
    });
    open(kit);
    expect(kit.secondsBarred(sameModel)).toBe(300);
  });

  test.each([
    ["rejected", "CLOSED"],
    ["rate-limited", "CLOSED"],
    ["credentials", "CLOSED"],
    ["overloaded", "OPEN"],
    ["cancelled", "HALF_OPEN"],
  ] as const)("a probe that ends %s leaves it %s", (kind, expected) => {
    const kit = boardOf();
    open(kit);
    kit.clock.advance(30 * SECOND);
    kit.board.claim(sameModel)?.failed(new TargetFailure(kind, "So it ended."));
    expect(state(kit)).toBe(expected);
    if (expected === "HALF_OPEN") expect(kit.board.claim(sameModel)).toBeDefined();
  });

  test("a probe that nobody settles does not block for ever", () => {
    const kit = boardOf();
    open(kit);
    kit.clock.advance(30 * SECOND);
    kit.board.claim(sameModel);
    kit.clock.advance(15 * MINUTE - 1);
    expect(kit.board.claim(sameModel)).toBeUndefined();
    kit.clock.advance(1);
    expect(kit.board.claim(sameModel)).toBeDefined();
  });

  test("late outcomes of calls from before the outage neither close nor prolong it", () => {
    const kit = boardOf();
    const early = [1, 2].map(() => kit.board.claim(sameModel));
    kit.clock.advance(SECOND);
    open(kit);
    kit.clock.advance(SECOND);
    early[0]?.succeeded(2000);
    early[1]?.failed(new TargetFailure("overloaded", "Too late."));
    expect([state(kit), kit.secondsBarred(sameModel)]).toEqual(["OPEN", 29]);
  });

  test("built-in models have one each", () => {
    const kit = boardOf();
    open(kit, 5, target("mock/500?after=0", "builtin:mock"));
    expect(kit.secondsBarred(target("mock/500", "builtin:mock"))).toBe(30);
    expect(kit.secondsBarred(target("mock/echo", "builtin:mock"))).toBe(0);
  });

  test("U-07: is usable within 90 s after twenty failures", () => {
    const kit = boardOf({ random: () => 0.999 });
    for (let round = 0; round < 20; round++)
      kit.board.claim(one)?.failed(new TargetFailure("overloaded", "Down."));
    kit.clock.advance(90 * SECOND);
    expect(kit.board.claim(one)).toBeDefined();
  });

  test("a cooldown that ends later than the breaker tells when the target returns", () => {
    const kit = boardOf();
    open(kit);
    kit.fail(sameModel, "quota-exhausted");
    expect(kit.board.standing(sameModel)).toEqual({
      usable: false,
      reason: "quota",
      until: kit.clock.now() + HOUR,
    });
    expect(kit.secondsBarred(one)).toBe(30);
  });

  test("its changes are told", () => {
    const changes: HealthChange[] = [];
    const kit = boardOf({ onChange: (change) => changes.push(change) });
    open(kit);
    kit.clock.advance(30 * SECOND);
    kit.succeed(sameModel);
    expect(
      changes.map((change) =>
        change.type === "breaker" ? `${change.provider} ${change.state}` : change.type,
      ),
    ).toEqual(["groq OPEN", "groq CLOSED"]);
  });
});

describe("clocks that jump", () => {
  test("a wall clock set back does not stretch a cooldown", () => {
    const { clock, fail, secondsBarred } = boardOf();
    fail(one, "credentials");
    clock.jump(-2 * HOUR);
    expect(secondsBarred(one)).toBe(60);
    clock.advance(MINUTE);
    expect(secondsBarred(one)).toBe(0);
  });

  test("a wall clock set forward, as after sleep, ends what is past by then", () => {
    const { clock, fail, secondsBarred } = boardOf();
    fail(one, "credentials");
    fail(sameModel, "quota-exhausted");
    clock.jump(10 * MINUTE);
    expect([secondsBarred(one), secondsBarred(sameModel)]).toEqual([0, 3000]);
  });
});

describe("restarts", () => {
  test("cooldowns and their levels come back, what ended meanwhile does not", () => {
    const before = boardOf();
    before.fail(one, "quota-exhausted", { scope: "connection" });
    before.fail(elsewhere, "rate-limited");
    before.clock.advance(5 * SECOND);
    before.fail(elsewhere, "rate-limited", { until: before.clock.now() + 10 * SECOND });
    before.fail(target("openai/x", "openai:1"), "rate-limited");
    const stored = JSON.parse(JSON.stringify(before.board.snapshot()));
    const after = boardOf();
    after.clock.advance(10 * SECOND);
    after.board.restore(stored);
    expect(after.secondsBarred(one)).toBe(3590);
    expect(after.secondsBarred(elsewhere)).toBe(5);
    expect(after.secondsBarred(target("openai/x", "openai:1"))).toBe(0);
    after.clock.advance(5 * SECOND);
    after.fail(elsewhere, "rate-limited");
    expect(after.secondsBarred(elsewhere)).toBe(8);
  });

  test("times beyond the bounds are cut, junk is left out", () => {
    const { clock, board } = boardOf();
    const entry = { provider: "groq", connectionId: "groq:1", kind: "rate-limit", level: 0 };
    board.restore({
      cooldowns: [
        { ...entry, until: clock.now() + 400 * 24 * HOUR },
        { ...entry, connectionId: "past", until: clock.now() - 1 },
        { ...entry, connectionId: "nan", until: "soon" },
        { ...entry, connectionId: 7, until: clock.now() + HOUR },
        { ...entry, connectionId: "kind", kind: "magic", until: clock.now() + HOUR },
        null,
        "cooldown",
      ],
    });
    expect(board.cooldowns().map(({ connectionId, until }) => [connectionId, until - clock.now()])).toEqual([
      ["groq:1", 24 * HOUR],
    ]);
    for (const junk of [undefined, null, 7, "x", [], { cooldowns: "x" }]) board.restore(junk);
    expect(board.cooldowns()).toHaveLength(1);
  });
});

describe("freeing by hand", () => {
  test("lists what is locked and frees it by its name", () => {
    const kit = boardOf();
    kit.fail(one, "quota-exhausted", { scope: "connection" });
    kit.fail(target("glm/with/slash", "glm:1"), "no-such-model");
    for (let round = 0; round < 5; round++) kit.fail(target("openai/x", "openai:1"), "unreachable");
    const locked = kit.board.locked();
    expect(locked.map(({ identifier, kind, reason }) => [identifier, kind, reason])).toEqual([
      ["breaker:openai", "breaker", "breaker"],
      ["model:glm:1/with/slash", "model", "no-such-model"],
      ["connection:groq:1", "connection", "quota"],
    ]);
    for (const { identifier } of locked) {
      expect(kit.board.forceUnlock(identifier)).toBe(true);
      expect(kit.board.forceUnlock(identifier)).toBe(false);
    }
    expect(kit.board.locked()).toEqual([]);
    expect(kit.board.forceUnlock("nonsense")).toBe(false);
  });

  test("Reset All says how many there were", () => {
    const kit = boardOf();
    kit.fail(one, "rate-limited");
    kit.fail(sameConnection, "credentials");
    for (let round = 0; round < 5; round++) kit.fail(elsewhere, "unreachable");
    kit.fail(target("openai/x", "openai:1"), "unreachable");
    expect(kit.board.resetAll()).toBe(3);
    expect(kit.board.resetAll()).toBe(0);
    expect([kit.board.standing(elsewhere), kit.board.standing(one)]).toEqual([
      { usable: true, behind: false },
      { usable: true, behind: false },
    ]);
  });

  test("a provider that was reached beside the traffic gets its probe at once, a limit stays", () => {
    const changes: HealthChange[] = [];
    const { board, fail, secondsBarred } = boardOf({ onChange: (change) => changes.push(change) });
    fail(sameConnection, "rate-limited");
    for (let count = 0; count < 5; count++) fail(one, "unreachable");
    expect(secondsBarred(one)).toBe(30);
    board.reached(one.connection);
    expect(changes.at(-1)).toMatchObject({ type: "breaker", state: "HALF_OPEN" });
    expect(board.standing(one)).toEqual({ usable: true, behind: false });
    const probe = board.claim(one);
    expect(board.standing(one)).toMatchObject({ usable: false, reason: "probing" });
    probe?.failed(new TargetFailure("unreachable", "Still down."));
    expect(secondsBarred(one)).toBe(60);
    expect(secondsBarred(sameConnection)).toBeGreaterThan(0);
  });

  test("a model that the provider lists again is asked again", () => {
    const { board, fail, secondsBarred } = boardOf();
    fail(one, "no-such-model");
    fail(sameConnection, "no-such-model");
    fail(sameModel, "no-such-model");
    board.listed("groq:1", ["a", "z"]);
    expect([one, sameConnection, sameModel].map(secondsBarred)).toEqual([0, 600, 600]);
  });

  test("a renewed connection is forgiven all", () => {
    const kit = boardOf();
    kit.fail(one, "credentials");
    kit.fail(one, "overloaded");
    kit.fail(sameModel, "credentials");
    kit.board.forget("groq:1");
    expect(kit.board.standing(one)).toEqual({ usable: true, behind: false });
    expect(kit.secondsBarred(sameModel)).toBe(60);
  });
});

describe("recent outcomes", () => {
  test("share of failures and median of the last five minutes", () => {
    const { clock, board, fail } = boardOf();
    for (const ms of [300, 100, 200]) board.claim(one)?.succeeded(ms);
    fail(one, "overloaded");
    expect(board.recent(one)).toEqual({ failureShare: 0.25, p50: 200 });
    clock.advance(5 * MINUTE + 1);
    expect(board.recent(one)).toEqual({ failureShare: 0 });
  });

  test("what is nobody's fault is no failure", () => {
    const { board, fail } = boardOf();
    board.claim(one)?.succeeded(100);
    for (const kind of ["rejected", "cancelled", "context-length"] as const) fail(one, kind);
    expect(board.recent(one).failureShare).toBe(0);
  });

  test("an answer that breaks off later counts as failed", () => {
    const { board } = boardOf();
    board.claim(one)?.succeeded(100);
    board.brokeOff(one, new TargetFailure("malformed", "Cut."));
    expect(board.recent(one).failureShare).toBe(0.5);
    expect(board.breakers()[0]?.failureCount).toBe(1);
  });
});

test("a claim is settled once", () => {
  const { board } = boardOf();
  const claim = board.claim(one);
  claim?.succeeded(5);
  claim?.failed(new TargetFailure("overloaded", "Late."));
  claim?.abandoned();
  expect(board.breakers()).toEqual([]);
});

test("memory is bounded, however many models are named", () => {
  const { board, fail } = boardOf();
  for (let index = 0; index < 25_000; index++) fail(target(`groq/m${index}`, "groq:1"), "no-such-model");
  expect(board.cooldowns().length).toBeLessThanOrEqual(20_000);
});

describe("cooldown maths, over any sequence of outcomes and times", () => {
  const step = fc.record({
    kind: fc.constantFrom(
      "ok",
      "rate-limited",
      "quota-exhausted",
      "credentials",
      "overloaded",
      "rejected",
      "no-such-model",
    ),
    hint: fc.option(fc.integer({ min: -1e12, max: 1e12 }), { nil: undefined }),
    scope: fc.constantFrom("model" as const, "connection" as const),
    wait: fc.nat(10 * MINUTE),
    jump: fc.option(fc.integer({ min: -HOUR, max: HOUR }), { nil: undefined }),
  });
  const DAY = 24 * HOUR;

  test("U-17: never negative, never beyond its cap, never shortened by a later failure, levels fall only on success", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, board, fail, succeed } = boardOf();
        const left = () => {
          const standing = board.standing(one);
          return standing.usable ? 0 : (standing.until ?? 0) - clock.now();
        };
        let level = -1;
        for (const { kind, hint, scope, wait, jump } of steps) {
          const before = left();
          if (kind === "ok") {
            succeed(one);
            level = -1;
            const standing = board.standing(one);
            expect(standing).toEqual({ usable: true, behind: false });
          } else {
            fail(one, kind, {
              scope,
              ...(hint !== undefined && { until: clock.now() + hint }),
            });
            expect(left()).toBeGreaterThanOrEqual(before);
            const own = board
              .cooldowns()
              .find((entry) => entry.kind === "rate-limit" && entry.modelId !== undefined);
            if (kind === "rate-limited" && scope === "model") {
              expect(own?.level).toBeGreaterThanOrEqual(level);
              level = own?.level ?? level;
            }
          }
          expect(left()).toBeGreaterThanOrEqual(0);
          for (const entry of board.cooldowns()) {
            const cap = entry.kind === "quota" ? 31 * DAY : DAY;
            expect(entry.until - clock.now()).toBeGreaterThan(0);
            expect(entry.until - clock.now()).toBeLessThanOrEqual(cap);
          }
          clock.advance(wait);
          if (jump !== undefined) clock.jump(jump);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("an untouched cooldown is over after its cap, whatever the wall clock does", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 15 }),
        fc.integer({ min: -100 * DAY, max: 100 * DAY }),
        (steps, jump) => {
          const { clock, board, fail } = boardOf();
          for (const { kind, hint, scope } of steps) {
            if (kind !== "ok")
              fail(one, kind, {
                scope,
                ...(hint !== undefined && { until: clock.now() + hint }),
              });
          }
          clock.jump(jump);
          clock.advance(31 * DAY);
          expect(board.cooldowns()).toEqual([]);
          expect(board.claim(one)).toBeDefined();
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("answers that begin well and break off", () => {
  const broken = new TargetFailure("malformed", "It broke off.");

  test("open the breaker like any other failures in a row", () => {
    const { board } = boardOf();
    for (let round = 0; round < 5; round++) {
      board.claim(one, true)!.succeeded(10);
      board.brokeOff(one, broken);
    }
    expect(board.breakers()).toMatchObject([{ state: "OPEN", failureCount: 5 }]);
  });

  test("an answer that comes to its end begins the row anew", () => {
    const { board } = boardOf();
    for (let round = 0; round < 12; round++) {
      board.claim(one, true)!.succeeded(10);
      if (round % 4 === 3) board.completed(one);
      else board.brokeOff(one, broken);
    }
    expect(board.breakers()).toMatchObject([{ state: "CLOSED" }]);
  });
});
