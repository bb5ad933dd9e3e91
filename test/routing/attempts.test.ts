import { describe, expect, test } from "bun:test";
import { CODES, FAILURES, GatewayError, TargetFailure, type FailureKind } from "../../src/core/errors.ts";
import type { AttemptRecord } from "../../src/core/record.ts";
import type { Plan, Target } from "../../src/core/target.ts";
import { sleep } from "../../src/lib/clock.ts";
import {
  clientError,
  firstToAnswer,
  HealthBoard,
  LimitBoard,
  liveView,
  makePlan,
  NO_LIMITS,
  RoutingMemory,
  type Answered,
  type ConnectionLimits,
} from "../../src/routing/index.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { ask, catalogueOf, combo, connection, target } from "./kit.ts";

const SECOND = 1000;

/** What a scripted target does: answers, fails, or fails with details. */
type Deed =
  "ok" | FailureKind | TargetFailure | Error | ((clock: FakeClock, signal: AbortSignal) => Promise<Deed>);

const fails = (
  kind: FailureKind,
  facts: ConstructorParameters<typeof TargetFailure>[2] = {},
  message = `${kind}!`,
) => new TargetFailure(kind, message, facts);

function gateway(options: { limits?: Partial<ConnectionLimits>; random?: () => number } = {}) {
  const clock = new FakeClock();
  const random = options.random ?? (() => 0.5);
  const health = new HealthBoard({ clock, random });
  const limits = new LimitBoard(clock, {
    ...NO_LIMITS,
    defaults: { ...NO_LIMITS.defaults, ...options.limits },
  });
  const memory = new RoutingMemory(clock);
  const tried: string[] = [];

  /** Walks a plan over scripted targets (by `label@connection`, by label, or all); deeds are used up one by one. */
  const walk = (
    plan: Plan,
    script: { [target: string]: Deed[] | undefined },
    more: { signal?: AbortSignal; onAttempt?: (record: AttemptRecord) => void; made?: number } = {},
  ): Promise<Answered<string>> =>
    firstToAnswer({
      plan,
      health,
      limits,
      memory,
      clock,
      random,
      signal: more.signal ?? new AbortController().signal,
      ...(more.onAttempt && { onAttempt: more.onAttempt }),
      ...(more.made !== undefined && { made: more.made }),
      attempt: async (where: Target, signal) => {
        const name = `${where.label}@${where.connection.id}`;
        tried.push(name);
        const deeds = script[name] ?? script[where.label] ?? script["*"] ?? [];
        let deed = deeds.length > 1 ? deeds.shift() : deeds[0];
        if (typeof deed === "function") deed = await deed(clock, signal);
        if (deed === undefined || deed === "ok") return `answer of ${name}`;
        throw deed instanceof Error ? deed : fails(deed as FailureKind);
      },
    });

  /** Walks, lets `ms` of time pass, and gives what came of it. */
  const outcome = async (
    plan: Plan,
    script: Parameters<typeof walk>[1],
    ms = 60 * SECOND,
    more: Parameters<typeof walk>[2] = {},
  ) => {
    let result: Answered<string> | GatewayError | undefined;
    void walk(plan, script, more).then(
      (answered) => (result = answered),
      (error: unknown) => {
        if (!(error instanceof GatewayError)) throw error;
        result = error;
      },
    );
    await clock.run(ms);
    if (result === undefined) throw new Error("the walk is not over");
    return result;
  };
  const answered = async (...parameters: Parameters<typeof outcome>) => {
    const result = await outcome(...parameters);
    if (result instanceof GatewayError) throw result;
    return result;
  };
  const refused = async (...parameters: Parameters<typeof outcome>) => {
    const result = await outcome(...parameters);
    if (!(result instanceof GatewayError)) throw new Error(`${result.target.label} answered`);
    return result;
  };
  return { clock, health, limits, memory, tried, walk, outcome, answered, refused };
}

function planOf(targets: Target[], config: Partial<Plan["config"]> = {}, facts: Partial<Plan> = {}): Plan {
  return {
    requested: "asked",
    resolved: [],
    strategy: "priority",
    targets,
    excluded: [],
    config: { maxRetries: 1, retryDelayMs: 2000, timeoutMs: 120_000, maxAttempts: 20, ...config },
    ...facts,
  };
}

const a = target("groq/a", "groq:1");
const aOther = target("groq/a", "groq:2");
const b = target("groq/b", "groq:1");
const c = target("glm/c", "glm:1");

const KINDS = (Object.keys(FAILURES) as FailureKind[]).filter((kind) => kind !== "cancelled");
const TRANSIENT = KINDS.filter((kind) => FAILURES[kind].transient);

describe("every failure × one or two connections × another model", () => {
  test.each(KINDS)("%s: alone it is the answer", async (kind) => {
    const { tried, refused } = gateway();
    const error = await refused(planOf([a]), { "*": [kind] });
    expect(error.code).toBe(FAILURES[kind].code);
    expect(tried).toHaveLength(FAILURES[kind].transient ? 2 : 1);
  });

  test.each(KINDS)(
    "%s: a second connection of the model is asked, unless it would say the same",
    async (kind) => {
      const { tried, outcome } = gateway();
      await outcome(planOf([a, aOther]), { "groq/a@groq:1": [kind] });
      const expected = FAILURES[kind].skipModel ? ["groq/a@groq:1"] : ["groq/a@groq:1", "groq/a@groq:2"];
      expect(tried).toEqual(expected);
    },
  );

  test.each(KINDS)("%s: the next model is asked at once", async (kind) => {
    const { tried, answered } = gateway();
    const { target: winner, attempts } = await answered(planOf([a, aOther, c]), { "groq/a": [kind] }, 0);
    expect(winner.label).toBe("glm/c");
    expect(tried.at(-1)).toBe("glm/c@glm:1");
    expect(attempts.map(({ outcome }) => outcome)).toEqual(
      FAILURES[kind].skipModel ? [kind, "ok"] : [kind, kind, "ok"],
    );
  });

  test.each(KINDS)("%s: a whole combo of it ends", async (kind) => {
    const { tried, refused } = gateway();
    await refused(planOf([a, b, c]), { "*": [kind] });
    expect(tried.slice(0, 3)).toEqual(["groq/a@groq:1", "groq/b@groq:1", "glm/c@glm:1"]);
    expect(tried).toHaveLength(FAILURES[kind].transient ? 6 : 3);
  });
});

describe("two models on one connection: the first never keeps the second from being tried", () => {
  const NOW = new FakeClock().now();
  const rows: [string, TargetFailure][] = [
    ["401", fails("credentials", { status: 401 })],
    ["403", fails("credentials", { status: 403 })],
    ["403 about the model", fails("no-such-model", { status: 403 })],
    ["404", fails("no-such-model", { status: 404 })],
    ["429 without Retry-After", fails("rate-limited", { status: 429 })],
    ["429 with Retry-After", fails("rate-limited", { status: 429, until: NOW + 3600 * SECOND })],
    [
      "429 for the whole account",
      fails("rate-limited", { status: 429, scope: "connection", until: NOW + 3600 * SECOND }),
    ],
    ["402", fails("quota-exhausted", { status: 402, scope: "connection" })],
    ["500", fails("overloaded", { status: 500 })],
    ["529", fails("overloaded", { status: 529 })],
    ["refused", fails("unreachable")],
    ["reset before the first byte", fails("unreachable", { brokeEarly: true })],
    ["stall", fails("timeout")],
    ["error first", fails("malformed")],
    ["400", fails("rejected", { status: 400 })],
  ];
  test.each(rows)("%s", async (_name, failure) => {
    const { answered } = gateway();
    const { target: winner } = await answered(planOf([a, b]), { "groq/a": [failure] }, 0);
    expect(winner.label).toBe("groq/b");
  });

  test.each(rows)("%s, and the breaker opens on it", async (_name, failure) => {
    const { health, answered } = gateway();
    for (let round = 0; round < 4; round++) health.claim(aOther, true)?.failed(fails("overloaded"));
    const { target: winner } = await answered(planOf([a, b]), { "groq/a": [failure] }, 0);
    expect(winner.label).toBe("groq/b");
  });

  test.each(rows)("%s: the second, having answered, stays in the next plan", async (_name, failure) => {
    const { clock, health, limits, memory, answered } = gateway();
    const random = () => 0.5;
    const catalogue = catalogueOf({
      connections: [connection("groq:1")],
      combos: [combo("both", ["groq/a", "groq/b"])],
    });
    const plan = () =>
      makePlan(
        ask("both"),
        catalogue,
        liveView({ clock, random, health, limits, memory, price: () => undefined }),
      );
    await answered(plan(), { "groq/a": [failure] }, 0);
    expect(plan().targets.map(({ label }) => label)).toContain("groq/b");
  });
});

describe("what others learned meanwhile holds", () => {
  test("a target that came into a cooldown since the plan was made is passed over", async () => {
    const { health, tried, answered } = gateway();
    const { target: winner } = await answered(planOf([a, c]), {
      "groq/a": ["ok"],
    });
    expect(winner.label).toBe("groq/a");
    health.claim(a)?.failed(fails("rate-limited"));
    const second = await answered(planOf([a, c]), {});
    expect(second.target.label).toBe("glm/c");
    expect(tried).toEqual(["groq/a@groq:1", "glm/c@glm:1"]);
  });

  describe("fifty calls at a half-open breaker: exactly one goes through", () => {
    const fifty = (probe: Deed, slow = SECOND) => {
      const kit = gateway();
      const { clock, health, walk } = kit;
      for (let round = 0; round < 5; round++) health.claim(a, true)?.failed(fails("overloaded"));
      clock.advance(30 * SECOND);
      const later =
        (deed: Deed): Deed =>
        async (time) => (await sleep(time, slow), deed);
      const ends: string[] = [];
      const walks = Array.from({ length: 50 }, () =>
        walk(planOf([a]), { "*": [later(probe)] }).then(
          () => ends.push("answered"),
          (error: GatewayError) => ends.push(error.code),
        ),
      );
      return { ...kit, ends, walks };
    };

    test("the others wait for what comes of it, and follow when it went well", async () => {
      const { clock, tried, ends } = fifty("ok");
      await clock.run(SECOND - 1);
      expect(tried).toHaveLength(1);
      await clock.run(1);
      expect(tried).toHaveLength(50);
      await clock.run(SECOND);
      expect(ends.filter((end) => end === "answered")).toHaveLength(50);
    });

    test("when it fails, they are refused, and nobody else was asked", async () => {
      const { clock, tried, ends } = fifty("overloaded");
      await clock.run(SECOND);
      expect(tried).toHaveLength(1);
      expect(ends.filter((end) => end === "ALL_ACCOUNTS_INACTIVE")).toHaveLength(49);
    });

    test("they do not wait for long, nor beyond their client's leaving", async () => {
      const { clock, tried, ends, walk } = fifty("ok", 60 * SECOND);
      const leaving = new AbortController();
      let left: string | undefined;
      void walk(planOf([a]), {}, { signal: leaving.signal }).catch(
        (error: GatewayError) => (left = error.code),
      );
      await clock.run(500);
      leaving.abort();
      await clock.run(0);
      expect(left).toBe("cancelled");
      await clock.run(1500);
      expect(tried).toHaveLength(1);
      expect(ends.filter((end) => end === "ALL_ACCOUNTS_INACTIVE")).toHaveLength(49);
    });

    test("a healthy target is taken at once instead", async () => {
      const { walk, clock, tried } = fifty("ok", 60 * SECOND);
      let winner = "";
      void walk(planOf([a, c]), { "glm/c": ["ok"] }).then((result) => (winner = result.target.label));
      await clock.run(0);
      expect(winner).toBe("glm/c");
      expect(tried.filter((name) => name.startsWith("groq/"))).toHaveLength(1);
    });
  });

  test("an open breaker is answered at once, with a time to come back", async () => {
    const { health, tried, refused } = gateway();
    for (let round = 0; round < 5; round++) health.claim(a, true)?.failed(fails("overloaded"));
    const error = await refused(planOf([a]), {}, 0);
    expect([error.code, error.status, error.retryAfterMs]).toEqual(["ALL_ACCOUNTS_INACTIVE", 503, 30_000]);
    expect(tried).toEqual([]);
  });

  test("a full connection is passed over, and alone it is a 429", async () => {
    const { limits, tried, answered, refused } = gateway({ limits: { concurrentRequests: 1 } });
    const release = limits.claim(a);
    expect((await answered(planOf([a, c]), {})).target.label).toBe("glm/c");
    const error = await refused(planOf([a]), {}, 0);
    expect([error.code, error.retryAfterMs]).toEqual(["rate_limit_exceeded", 1000]);
    release?.();
    expect((await answered(planOf([a]), {})).target.label).toBe("groq/a");
    expect(tried).toEqual(["glm/c@glm:1", "groq/a@groq:1"]);
  });
});

describe("repeats", () => {
  test.each(TRANSIENT)("%s: tried again after the delay, in the same order", async (kind) => {
    const { clock, tried, answered, outcome } = gateway();
    const start = clock.monotonic();
    let end = 0;
    const ok: Deed = () => {
      end = clock.monotonic();
      return Promise.resolve("ok");
    };
    const { target: winner } = await answered(planOf([a, c]), { "groq/a": [kind], "glm/c": [kind, ok] });
    expect(winner.label).toBe("glm/c");
    expect(tried).toEqual(["groq/a@groq:1", "glm/c@glm:1", "groq/a@groq:1", "glm/c@glm:1"]);
    expect(end - start).toBe(2000);
    await outcome(planOf([c]), {});
  });

  test.each(KINDS.filter((kind) => !FAILURES[kind].transient))("%s: never again", async (kind) => {
    const { tried, refused } = gateway();
    await refused(planOf([a], { maxRetries: 10 }), { "*": [kind] });
    expect(tried).toHaveLength(1);
  });

  test("only what failed transiently is tried again", async () => {
    const { tried, refused } = gateway();
    await refused(planOf([a, b, c]), {
      "groq/a": ["rate-limited"],
      "groq/b": ["timeout"],
      "glm/c": ["rejected"],
    });
    expect(tried).toEqual(["groq/a@groq:1", "groq/b@groq:1", "glm/c@glm:1", "groq/b@groq:1"]);
  });

  test("as many rounds as set, none when none are", async () => {
    for (const maxRetries of [0, 1, 3]) {
      const { tried, refused } = gateway();
      await refused(planOf([c], { maxRetries }), { "*": ["overloaded"] });
      expect(tried).toHaveLength(maxRetries + 1);
    }
  });

  test.each([
    [0, 1600],
    [0.5, 2000],
    [0.999_999, 2400],
  ])("the delay has ±20 %% of chance (%d → %d ms)", async (chance, ms) => {
    const { clock, tried, walk } = gateway({ random: () => chance });
    const walking = walk(planOf([a]), { "*": ["timeout", "ok"] });
    await clock.run(ms - 1);
    expect(tried).toHaveLength(1);
    await clock.run(1);
    expect(tried).toHaveLength(2);
    (await walking).settle();
  });

  test.each([
    ["shorter than the delay: that is kept", 700, 700],
    ["longer: the delay holds", 30_000, 2000],
  ])("a Retry-After %s", async (_name, named, expected) => {
    const { clock, tried, walk } = gateway();
    const walking = walk(planOf([a]), { "*": [fails("overloaded", { until: clock.now() + named }), "ok"] });
    await clock.run(expected - 1);
    expect(tried).toHaveLength(1);
    await clock.run(1);
    expect(tried).toHaveLength(2);
    (await walking).settle();
  });

  test("a connection that broke before the first byte is repeated at once, on the same target, once", async () => {
    const broke = fails("unreachable", { brokeEarly: true });
    const first = gateway();
    expect((await first.answered(planOf([a, c]), { "groq/a": [broke, "ok"] }, 0)).target.label).toBe(
      "groq/a",
    );
    expect(first.tried).toEqual(["groq/a@groq:1", "groq/a@groq:1"]);
    const second = gateway();
    expect((await second.answered(planOf([a, c]), { "groq/a": [broke] }, 0)).target.label).toBe("glm/c");
    expect(second.tried).toEqual(["groq/a@groq:1", "groq/a@groq:1", "glm/c@glm:1"]);
  });

  test("a breaker that opened is not tried again", async () => {
    const { health, tried, refused } = gateway();
    for (let round = 0; round < 4; round++) health.claim(aOther, true)?.failed(fails("overloaded"));
    await refused(planOf([a], { maxRetries: 5 }), { "*": ["overloaded"] }, 0);
    expect(tried).toHaveLength(1);
  });

  test("once a call's own tries have opened a breaker, other providers come before the accounts that are left", async () => {
    const accounts = Array.from({ length: 8 }, (_, index) => target("groq/a", `groq:${index}`));
    const { tried, answered } = gateway();
    const plan = planOf([...accounts, c], { maxRetries: 0 });
    const given = await answered(plan, { "groq/a": ["overloaded"] }, 0);
    expect(given.target.label).toBe("glm/c");
    expect(tried).toHaveLength(6);
    const last = gateway();
    const script = { "groq/a": ["overloaded"], "glm/c": ["rate-limited"], "groq/a@groq:7": ["ok"] } as const;
    expect((await last.answered(plan, structuredClone(script) as never, 0)).target.connection.id).toBe(
      "groq:7",
    );
    expect(last.tried.slice(5)).toEqual(["glm/c@glm:1", "groq/a@groq:5", "groq/a@groq:6", "groq/a@groq:7"]);
  });

  test("a call that walks again after a wait takes one turn, not two", async () => {
    const { memory, answered } = gateway();
    const plan = planOf([a], {}, { turns: ["combo:x"] });
    await answered(plan, { "*": ["ok"] }, 0);
    await answered(plan, { "*": ["ok"] }, 0, { made: 1 });
    expect(memory.turn("combo:x")).toBe(1);
  });

  test("attempts are bounded, all targets and rounds together", async () => {
    const { tried, refused } = gateway();
    await refused(planOf([a, b, c], { maxRetries: 10, maxAttempts: 4 }), { "*": ["timeout"] });
    expect(tried).toHaveLength(4);
    const many = gateway();
    const targets = Array.from({ length: 40 }, (_, index) => target(`groq/m${index}`, "groq:1"));
    await many.refused(planOf(targets), { "*": ["rejected"] });
    expect(many.tried).toHaveLength(20);
  });

  test("O-04: a crowd that fails together repeats a fifth of its calls, and not in step with the rest", async () => {
    const { clock, tried, walk, limits } = gateway();
    const slow: Deed = async (time) => (await sleep(time, SECOND), "overloaded");
    const targets = Array.from({ length: 100 }, (_, index) => target(`p${index}/m`, `p${index}:1`));
    const walks = targets.map((where) =>
      walk(planOf([where]), { "*": [slow] }).catch((error: GatewayError) => error.code),
    );
    await clock.run(60 * SECOND);
    expect(new Set(await Promise.all(walks))).toEqual(new Set(["service_unavailable"]));
    expect(tried).toHaveLength(120);
    expect(limits.requestsInFlight).toBe(0);
  });
});

describe("the client leaves", () => {
  test("before the first try: nothing is asked", async () => {
    const { tried, refused } = gateway();
    const error = await refused(planOf([a]), {}, 0, { signal: AbortSignal.abort() });
    expect([error.code, error.status]).toEqual(["cancelled", 499]);
    expect(tried).toEqual([]);
  });

  test("during a try: no other follows, and nobody is blamed", async () => {
    const { health, limits, tried, clock, walk } = gateway();
    const controller = new AbortController();
    const waiting: Deed = async (time, signal) => (
      await sleep(time, 3600 * SECOND, signal),
      fails("unreachable", { brokeEarly: true })
    );
    const records: AttemptRecord[] = [];
    const walking = walk(
      planOf([a, c]),
      { "groq/a": [waiting] },
      { signal: controller.signal, onAttempt: (record) => records.push(record) },
    ).catch((error: GatewayError) => error.code);
    await clock.run(SECOND);
    controller.abort();
    await clock.run(0);
    expect(await walking).toBe("cancelled");
    expect(tried).toEqual(["groq/a@groq:1"]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["cancelled"]);
    expect([health.breakers(), health.cooldowns()]).toEqual([[], []]);
    expect([limits.requestsInFlight, limits.inFlight(a)]).toEqual([0, 0]);
  });

  test("in the moment of the answer: the slot is free again", async () => {
    const { health, limits, clock, walk } = gateway();
    const controller = new AbortController();
    const answersLate: Deed = async (time) => (await sleep(time, SECOND), "ok");
    const walking = walk(planOf([a]), { "*": [answersLate] }, { signal: controller.signal }).catch(
      (error: GatewayError) => error.code,
    );
    await clock.run(0);
    controller.abort();
    await clock.run(SECOND);
    expect(await walking).toBe("cancelled");
    expect([limits.requestsInFlight, limits.inFlight(a), health.recent(a).failureShare]).toEqual([0, 0, 0]);
  });

  test("during the wait for a repeat: it ends at once", async () => {
    const { tried, clock, walk } = gateway();
    const controller = new AbortController();
    const walking = walk(planOf([a]), { "*": ["timeout"] }, { signal: controller.signal }).catch(
      (error: GatewayError) => error.code,
    );
    await clock.run(SECOND);
    controller.abort();
    await clock.run(0);
    expect(await walking).toBe("cancelled");
    expect(tried).toHaveLength(1);
  });

  test("a probe that was cut short leaves the half-open breaker to the next", async () => {
    const { health, clock, walk } = gateway();
    for (let round = 0; round < 5; round++) health.claim(a, true)?.failed(fails("overloaded"));
    clock.advance(30 * SECOND);
    const controller = new AbortController();
    const waiting: Deed = async (time, signal) => (await sleep(time, 3600 * SECOND, signal), "timeout");
    const walking = walk(planOf([a]), { "*": [waiting] }, { signal: controller.signal }).catch(
      (error: GatewayError) => error.code,
    );
    await clock.run(SECOND);
    expect(health.claim(a)).toBeUndefined();
    controller.abort();
    await clock.run(0);
    expect(await walking).toBe("cancelled");
    expect(health.claim(a)).toBeDefined();
  });
});

describe("the answer when nothing answered", () => {
  test("all refused: the first refusal, status and words kept", async () => {
    const { refused } = gateway();
    const error = await refused(planOf([a, c]), {
      "groq/a": [fails("rejected", { status: 422 }, "Wrong shape.")],
      "glm/c": [fails("unsupported", { status: 400 }, "No tools here.")],
    });
    expect([error.code, error.status, error.message]).toEqual([
      "bad_request",
      422,
      "[422]: Wrong shape. (tried groq/a 422, glm/c 400)",
    ]);
  });

  test.each([401, 403, 404, 429])(
    "a refusal with status %d is told as 400: it is not about the client's key or model",
    async (status) => {
      const { refused } = gateway();
      expect((await refused(planOf([a]), { "*": [fails("rejected", { status })] })).status).toBe(400);
    },
  );

  test.each([
    ["Too many tokens.", "[400]: prompt is too long: Too many tokens."],
    ["Prompt is too long: 9 > 8", "[400]: Prompt is too long: 9 > 8"],
  ])("too long: clients find the words they look for (%s)", async (message, expected) => {
    const { refused } = gateway();
    const error = await refused(planOf([a]), { "*": [fails("context-length", { status: 400 }, message)] });
    expect([error.code, error.status, error.message]).toEqual(["context_length_exceeded", 400, expected]);
  });

  test("only limits: a prompt 429 with the earliest return", async () => {
    const { clock, refused } = gateway();
    const until = (seconds: number) => clock.now() + seconds * SECOND;
    const plan = planOf(
      [a, c],
      {},
      {
        excluded: [
          { model: "cc/x", reason: "rate limited", kind: "rate-limit", until: until(90) },
          { model: "if/x", reason: "shut down", kind: "shut-down" },
        ],
      },
    );
    const error = await refused(
      plan,
      {
        "groq/a": [fails("rate-limited", { status: 429, until: until(40) }, "Slow down.")],
        "glm/c": [fails("quota-exhausted", { status: 429, until: until(300) }, "Spent.")],
      },
      0,
    );
    expect([error.code, error.status, error.retryAfterMs]).toEqual(["rate_limit_exceeded", 429, 40_000]);
    expect(error.message).toBe("[429]: Spent. (tried groq/a 429, glm/c 429)");
  });

  test("a limit that was left out of the plan may return first", async () => {
    const { clock, refused } = gateway();
    const plan = planOf(
      [a],
      {},
      {
        excluded: [{ model: "cc/x", reason: "rate limited", kind: "rate-limit", until: clock.now() + 5000 }],
      },
    );
    expect(
      (await refused(plan, { "*": [fails("quota-exhausted", { status: 402, scope: "connection" })] }, 0))
        .retryAfterMs,
    ).toBe(5000);
  });

  test("so may one that was passed over on the way", async () => {
    const { clock, health, refused } = gateway();
    health.claim(c)?.failed(fails("rate-limited", { until: clock.now() + 4000 }));
    const error = await refused(
      planOf([a, c]),
      { "groq/a": [fails("quota-exhausted", { status: 402, scope: "connection" })] },
      0,
    );
    expect([error.status, error.retryAfterMs]).toEqual([429, 4000]);
  });

  test("only spent quotas: quota_exhausted", async () => {
    const { refused } = gateway();
    const error = await refused(planOf([a]), { "*": [fails("quota-exhausted", { status: 402 })] }, 0);
    expect([error.code, error.status, error.retryAfterMs]).toEqual(["quota_exhausted", 429, 3_600_000]);
  });

  test("a 429 without a hint returns when its cooldown ends", async () => {
    const { refused } = gateway();
    expect(
      (await refused(planOf([a]), { "*": [fails("rate-limited", { status: 429 })] }, 0)).retryAfterMs,
    ).toBe(2000);
  });

  test("else the last failure", async () => {
    const { refused } = gateway();
    const error = await refused(planOf([a, c], { maxRetries: 0 }), {
      "groq/a": [fails("rejected", { status: 400 }, "No.")],
      "glm/c": [fails("unreachable", {}, "The name does not resolve.")],
    });
    expect([error.code, error.status]).toEqual(["upstream_unreachable", 502]);
    expect(error.message).toBe("[502]: The name does not resolve. (tried groq/a 400, glm/c unreachable)");
  });

  test("a refused credential is never told as 401", async () => {
    const { refused } = gateway();
    const error = await refused(planOf([a]), { "*": [fails("credentials", { status: 401 }, "Bad key.")] });
    expect([error.code, error.status]).toEqual(["credentials_failed", 502]);
    expect(error.message).toStartWith("[401]: Bad key. (This is about the gateway's account at GROQ,");
  });

  test.each(KINDS.filter((kind) => [429, 503].includes(CODES[FAILURES[kind].code].status)))(
    "%s always names a time to come back",
    async (kind) => {
      const { refused } = gateway();
      const error = await refused(planOf([a], { maxRetries: 0 }), { "*": [kind] });
      expect(error.retryAfterMs).toBeGreaterThanOrEqual(1000);
    },
  );

  test("the list of tries stays short", async () => {
    const { refused } = gateway();
    const targets = Array.from({ length: 20 }, (_, index) => target(`groq/m${index % 16}`, `groq:${index}`));
    const { message } = await refused(planOf(targets), { "*": [fails("rate-limited", { status: 429 })] });
    expect(message.match(/429/g)?.length).toBe(13);
    expect(message).toEndWith("…)");
    const same = gateway();
    const accounts = Array.from({ length: 5 }, (_, index) => target("groq/m", `groq:${index}`));
    expect(
      (await same.refused(planOf(accounts), { "*": [fails("rate-limited", { status: 429 })] })).message,
    ).toEndWith("(tried groq/m 429 ×5)");
  });

  test("no secret of the connection is in it, nor in the record", async () => {
    const { refused } = gateway();
    const records: AttemptRecord[] = [];
    const where = target("groq/a", "groq:1");
    where.connection.credentials = {
      apiKey: "very-odd-secret",
      accountId: "account-77777",
      plan: "personal",
      tokenType: "is",
    };
    const failure = fails("rejected", { status: 400 }, "very-odd-secret of account-77777 is personal.");
    const error = await refused(planOf([where]), { "*": [failure] }, 0, {
      onAttempt: (record) => records.push(record),
    });
    for (const text of [error.message, records[0]?.message ?? "", clientError(where, failure, 0).message]) {
      expect(text).toContain("is personal.");
      expect(text).not.toContain("very-odd-secret");
      expect(text).not.toContain("account-77777");
    }
  });
});

describe("errors that are not the provider's", () => {
  test("what an encoder cannot write is that target's refusal", async () => {
    const { answered } = gateway();
    const error = new GatewayError("unsupported", "Groq takes no audio.");
    const { target: winner, attempts } = await answered(planOf([a, c]), { "groq/a": [error] });
    expect(winner.label).toBe("glm/c");
    expect(attempts[0]).toMatchObject({ outcome: "unsupported", message: "Groq takes no audio." });
  });

  test("a fault of our own ends the walk and blames nobody", async () => {
    const { health, limits, tried, walk } = gateway();
    const fault = new TypeError("x is undefined");
    expect(await walk(planOf([a, c]), { "groq/a": [fault] }).catch((error: unknown) => error)).toBe(fault);
    expect(tried).toEqual(["groq/a@groq:1"]);
    expect([health.breakers(), health.cooldowns(), limits.requestsInFlight, limits.inFlight(a)]).toEqual([
      [],
      [],
      0,
      0,
    ]);
  });
});

describe("records and counts", () => {
  test("every try is told as it ends", async () => {
    const { clock, answered } = gateway();
    const seen: AttemptRecord[] = [];
    const start = clock.now();
    const takes =
      (ms: number, deed: Deed): Deed =>
      async (time) => (await sleep(time, ms), deed);
    const result = await answered(
      planOf([a, c]),
      {
        "groq/a": [takes(300, fails("rate-limited", { status: 429 }, "Slow."))],
        "glm/c": [takes(150, "ok")],
      },
      SECOND,
      { onAttempt: (record) => seen.push(structuredClone(record)) },
    );
    expect(seen).toEqual([
      {
        position: 1,
        provider: "groq",
        model: "groq/a",
        connectionId: "groq:1",
        connectionName: "account groq:1",
        startedAt: start,
        durationMs: 300,
        status: 429,
        outcome: "rate-limited",
        message: "Slow.",
        blamed: "model",
        until: start + 2300,
      },
      {
        position: 2,
        provider: "glm",
        model: "glm/c",
        connectionId: "glm:1",
        connectionName: "account glm:1",
        startedAt: start + 300,
        durationMs: 150,
        firstContentMs: 150,
        status: 200,
        outcome: "ok",
      },
    ]);
    clock.advance(9150);
    result.settle();
    expect(result.attempts[1]?.durationMs).toBe(9850);
    expect(result.attempts).toHaveLength(2);
  });

  test("the slot is held until the answer has been passed on", async () => {
    const { limits, answered } = gateway();
    const result = await answered(planOf([a]), {});
    expect([limits.requestsInFlight, limits.inFlight(a)]).toEqual([1, 1]);
    result.settle();
    result.settle();
    expect([limits.requestsInFlight, limits.inFlight(a)]).toEqual([0, 0]);
  });

  test("an answer that breaks off counts against the provider afterwards", async () => {
    const { health, answered } = gateway();
    const result = await answered(planOf([a]), {});
    expect(health.breakers()).toEqual([]);
    result.settle(fails("malformed", {}, "Cut off."));
    expect(health.breakers()[0]?.failureCount).toBe(1);
    expect(result.attempts[0]).toMatchObject({ outcome: "malformed", message: "Cut off." });
  });

  test("a success clears what stood against the target", async () => {
    const { health, answered } = gateway();
    health.claim(a)?.failed(fails("timeout"));
    await answered(planOf([a]), {});
    expect(health.standing(a)).toEqual({ usable: true, behind: false });
  });

  test("turns, uses, last use and conversations are remembered", async () => {
    const { clock, memory, answered } = gateway();
    const leg = { ...a, combos: ["id"] };
    const plan = planOf(
      [leg, { ...aOther, combos: ["id"] }],
      {},
      { turns: ["combo:id"], sessionKey: "talk" },
    );
    await answered(plan, { "groq/a@groq:1": ["rate-limited"] }, 0);
    expect([memory.turn("combo:id"), memory.turn("accounts:groq"), memory.uses("id", "groq/a")]).toEqual([
      1, 1, 2,
    ]);
    expect([memory.lastUsedAt("groq:2"), memory.servedBy("talk", "groq")]).toEqual([clock.now(), "groq:2"]);
  });

  test("a storm of limits asks each account once", async () => {
    const { clock, health, limits, memory, tried, walk } = gateway();
    const connections = [1, 2, 3].map((index) => connection(`groq:${index}`));
    const catalogue = catalogueOf({ connections });
    const codes: (string | number | undefined)[] = [];
    for (let call = 0; call < 200; call++) {
      try {
        const plan = makePlan(
          ask("groq/m"),
          catalogue,
          liveView({ clock, random: () => 0.5, health, limits, memory, price: () => undefined }),
        );
        await walk(plan, { "*": [fails("rate-limited", { status: 429, until: clock.now() + 7000 })] });
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        codes.push(error.code, error.retryAfterMs);
      }
      clock.advance(10);
    }
    expect(tried).toHaveLength(3);
    expect(codes).toHaveLength(400);
    expect(codes.filter((code) => code === "rate_limit_exceeded")).toHaveLength(200);
    expect(codes).not.toContain(undefined);
  });
});
