import { describe, expect, test } from "bun:test";
import type { FallbackChain } from "../../src/core/chain.ts";
import { COMBO_DEFAULTS } from "../../src/core/combo.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { configFor, type Plan, type Target } from "../../src/core/target.ts";
import {
  describePlan,
  makePlan,
  type BarReason,
  type Catalogue,
  type PlanRequest,
  type Standing,
} from "../../src/routing/index.ts";
import { ask, calmView, catalogueOf, combo, connection, node, PROVIDERS, provider, told } from "./kit.ts";

const NOW = calmView().now;

function refusal(request: PlanRequest, catalogue: Catalogue, view = calmView()): GatewayError {
  try {
    makePlan(request, catalogue, view);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("a plan was made");
}

/** A moment in which some targets (by `label@connection`, or by connection) stand in a certain way. */
function moment(standings: { [target: string]: Standing }) {
  return calmView({
    standing: (target: Target) =>
      standings[`${target.label}@${target.connection.id}`] ??
      standings[target.connection.id] ?? { usable: true, behind: false },
  });
}

const bar = (reason: BarReason, seconds?: number): Standing => ({
  usable: false,
  reason,
  ...(seconds !== undefined && { until: NOW + seconds * 1000 }),
});
const reasons = (plan: Plan): string[] =>
  plan.excluded.map(
    ({ model, connectionId, kind }) => `${model}${connectionId ? `@${connectionId}` : ""} ${kind}`,
  );

const accounts = ["claude:1", "claude:2", "openai:1", "groq:1", "groq:2", "glm:1"].map((id) =>
  connection(id),
);

describe("from models to targets", () => {
  test("one model: all its connections, in account order", () => {
    const plan = makePlan(ask("groq/shared-model"), catalogueOf({ connections: accounts }), calmView());
    expect(told(plan.targets)).toEqual(["groq/shared-model@groq:1", "groq/shared-model@groq:2"]);
    expect([plan.strategy, plan.combo]).toEqual(["fill-first", undefined]);
  });

  test("all connections of the first model come before the second model", () => {
    const catalogue = catalogueOf({ connections: accounts, combos: [combo("c", ["cc/x", "groq/y"])] });
    const plan = makePlan(ask("c"), catalogue, calmView());
    expect(told(plan.targets)).toEqual(["cc/x@claude:1", "cc/x@claude:2", "groq/y@groq:1", "groq/y@groq:2"]);
    expect([plan.strategy, plan.combo]).toEqual(["priority", "c"]);
    expect(plan.targets[0]?.combos).toEqual(["id-of-c"]);
  });

  test("a bare id goes to all who list it", () => {
    const plan = makePlan(ask("shared-model"), catalogueOf({ connections: accounts }), calmView());
    expect(told(plan.targets)).toEqual([
      "groq/shared-model@groq:1",
      "groq/shared-model@groq:2",
      "glm/shared-model@glm:1",
    ]);
  });

  test("an effort in the name stays with the target", () => {
    const plan = makePlan(ask("openai/gpt-5-high"), catalogueOf(), calmView());
    expect(plan.targets.map(({ modelId, effort }) => [modelId, effort])).toEqual([["gpt-5", "high"]]);
  });

  test("an entry may name its connection", () => {
    const catalogue = catalogueOf({
      connections: accounts,
      combos: [
        combo("c", [
          { model: "groq/a", connectionId: "groq:2" },
          { model: "groq/b", connectionId: "gone" },
        ]),
      ],
    });
    const plan = makePlan(ask("c"), catalogue, calmView());
    expect(told(plan.targets)).toEqual(["groq/a@groq:2"]);
    expect(reasons(plan)).toEqual(["groq/b lost-connection"]);
  });

  test("a request may name its connection", () => {
    const catalogue = catalogueOf({ connections: accounts, combos: [combo("c", ["cc/x", "groq/y"])] });
    expect(told(makePlan(ask("c", { connectionId: "groq:2" }), catalogue, calmView()).targets)).toEqual([
      "groq/y@groq:2",
    ]);
  });

  test("the same model over the same connection is asked once, however often it is listed", () => {
    const catalogue = catalogueOf({
      connections: accounts,
      combos: [combo("c", ["glm/a", "glm/b", "glm/a", "glm/glm-4.7-high", "glm/glm-4.7"])],
    });
    const plan = makePlan(ask("c"), catalogue, calmView());
    expect(told(plan.targets)).toEqual([
      "glm/a@glm:1",
      "glm/b@glm:1",
      "glm/glm-4.7@glm:1",
      "glm/glm-4.7@glm:1",
    ]);
    expect(plan.targets.map(({ effort }) => effort)).toEqual([undefined, undefined, "high", undefined]);
  });

  test("provider routes pass combos and aliases by", () => {
    const catalogue = catalogueOf({
      combos: [combo("fast", ["cc/x"])],
      aliases: [{ pattern: "*", target: "cc/x", createdAt: 1 }],
    });
    expect(told(makePlan(ask("fast", { provider: "groq" }), catalogue, calmView()).targets)).toEqual([
      "groq/fast@groq:1",
    ]);
  });
});

describe("nested combos", () => {
  const combos = [
    combo("outer", ["cc/x", "inner", "glm/z"], { strategy: "round-robin" }),
    combo("inner", ["groq/a", "openai/b"], { strategy: "round-robin" }),
    combo("top", ["outer"]),
    combo("over", ["top"]),
  ];
  const one = ["claude:1", "groq:1", "openai:1", "glm:1"].map((id) => connection(id));

  test("stand as a block, ordered by their own strategy", () => {
    const turns: { [counter: string]: number } = { "combo:id-of-outer": 1, "combo:id-of-inner": 1 };
    const plan = makePlan(
      ask("outer"),
      catalogueOf({ connections: one, combos }),
      calmView({ turn: (counter) => turns[counter] ?? 0 }),
    );
    expect(told(plan.targets)).toEqual([
      "openai/b@openai:1",
      "groq/a@groq:1",
      "glm/z@glm:1",
      "cc/x@claude:1",
    ]);
    expect(plan.turns).toEqual(["combo:id-of-inner", "combo:id-of-outer"]);
    expect(plan.targets[0]?.combos).toEqual(["id-of-outer", "id-of-inner"]);
  });

  test("go three deep and no deeper", () => {
    const catalogue = catalogueOf({ connections: one, combos });
    expect(makePlan(ask("top"), catalogue, calmView()).targets).toHaveLength(4);
    const plan = makePlan(ask("over"), catalogue, calmView());
    expect(told(plan.targets)).toEqual(["cc/x@claude:1", "glm/z@glm:1"]);
    expect(reasons(plan)).toEqual(["inner nested"]);
  });

  test("may be held shallower", () => {
    const shallow = combos.map((each) => ({ ...each, config: { maxComboDepth: 1 } }));
    const plan = makePlan(ask("outer"), catalogueOf({ connections: one, combos: shallow }), calmView());
    expect(reasons(plan)).toEqual(["inner nested"]);
  });

  test("that go round end", () => {
    const catalogue = catalogueOf({
      connections: one,
      combos: [combo("a", ["b", "groq/x"]), combo("b", ["a"])],
    });
    expect(told(makePlan(ask("a"), catalogue, calmView()).targets)).toEqual(["groq/x@groq:1"]);
  });
});

describe("strategies in a plan", () => {
  const list = ["cc/a", "groq/b", "glm/c"];
  const one = ["claude:1", "groq:1", "glm:1"].map((id) => connection(id));
  const first = (
    strategy: "round-robin" | "least-used" | "cost-optimized" | "p2c",
    view = calmView(),
    config = {},
  ) => {
    const catalogue = catalogueOf({ connections: one, combos: [combo("c", list, { strategy, config })] });
    return makePlan(ask("c"), catalogue, view).targets.map(({ label }) => label);
  };

  test("round-robin keeps a start for `stickyLimit` requests", () => {
    const starts = [0, 1, 2, 3, 4, 5, 6].map(
      (turn) => first("round-robin", calmView({ turn: () => turn }), { stickyLimit: 2 })[0],
    );
    expect(starts).toEqual(["cc/a", "cc/a", "groq/b", "groq/b", "glm/c", "glm/c", "cc/a"]);
  });

  test("least-used looks at this combo's calls", () => {
    const uses = (id: string, label: string) => (id === "id-of-c" && label === "cc/a" ? 5 : 0);
    expect(first("least-used", calmView({ uses }))).toEqual(["groq/b", "glm/c", "cc/a"]);
  });

  test("cost-optimized: subscription and free count nothing, unknown comes last", () => {
    const price = (target: Target) =>
      target.label === "glm/c"
        ? { kind: "billed" as const, cost: 0.01 }
        : target.label === "cc/a"
          ? { kind: "shadow" as const, cost: 5 }
          : undefined;
    expect(first("cost-optimized", calmView({ price }))).toEqual(["cc/a", "glm/c", "groq/b"]);
  });

  test("cost-optimized asks for the price of this request's size", () => {
    const asked: number[] = [];
    first("cost-optimized", calmView({ price: (_target, tokens) => (asked.push(tokens), undefined) }));
    expect(new Set(asked)).toEqual(new Set([100]));
  });

  test("p2c draws among those that can be used", () => {
    const view = { ...moment({ "claude:1": bar("breaker", 5) }), random: () => 0 };
    expect(first("p2c", view)).toEqual(["groq/b", "glm/c"]);
  });

  test("a model that failed transiently goes behind all others, whatever the strategy", () => {
    expect(first("round-robin", moment({ "claude:1": { usable: true, behind: true } }))).toEqual([
      "groq/b",
      "glm/c",
      "cc/a",
    ]);
  });
});

describe("connections of one model", () => {
  const three = ["groq:1", "groq:2", "groq:3"].map((id) => connection(id));
  const order = (settings: object, view = calmView(), request: Partial<PlanRequest> = {}) => {
    const catalogue = catalogueOf({
      connections: three,
      settings: { blockedProviders: [], mockEnabled: true, comboDefaults: {}, ...settings },
    });
    return makePlan(ask("groq/x", request), catalogue, view)
      .targets.map(({ connection: { id } }) => id.slice(-1))
      .join("");
  };

  test("round-robin gives each three calls in a row, or as many as set", () => {
    const at = (turn: number) => calmView({ turn: (counter) => (counter === "accounts:groq" ? turn : 0) });
    expect([0, 2, 3, 6, 9].map((turn) => order({ fallbackStrategy: "round-robin" }, at(turn)))).toEqual([
      "123",
      "123",
      "231",
      "312",
      "123",
    ]);
    expect(
      [0, 1, 2].map((turn) => order({ fallbackStrategy: "round-robin", stickyRoundRobinLimit: 1 }, at(turn))),
    ).toEqual(["123", "231", "312"]);
  });

  test("a provider may have its own strategy", () => {
    const settings = {
      fallbackStrategy: "fill-first",
      providerStrategies: { groq: { fallbackStrategy: "least-used" } },
    };
    expect(
      order(settings, calmView({ lastUsedAt: (id) => ({ "groq:1": 30, "groq:2": 10, "groq:3": 20 })[id] })),
    ).toBe("231");
  });

  test("least-used remembers what the store knows of use before a restart", () => {
    const connections = [connection("groq:1", { lastUsedAt: 20 }), connection("groq:2", { lastUsedAt: 10 })];
    const settings = {
      blockedProviders: [],
      mockEnabled: true,
      comboDefaults: {},
      fallbackStrategy: "least-used" as const,
    };
    const order = (view = calmView()) =>
      told(makePlan(ask("groq/x"), catalogueOf({ connections, settings }), view).targets);
    expect(order()).toEqual(["groq/x@groq:2", "groq/x@groq:1"]);
    expect(order(calmView({ lastUsedAt: (id) => (id === "groq:2" ? 30 : undefined) }))).toEqual([
      "groq/x@groq:1",
      "groq/x@groq:2",
    ]);
  });

  test("a conversation stays with the connection that served it", () => {
    const view = calmView({
      servedBy: (key, providerId) => (key === "talk" && providerId === "groq" ? "groq:3" : undefined),
    });
    expect(order({}, view, { sessionKey: "talk" })).toBe("312");
    expect(order({}, view, { sessionKey: "other" })).toBe("123");
    expect(order({}, view, { sessionKey: "talk", opening: true })).toBe("123");
    expect(order({ affinityEnabled: false }, view, { sessionKey: "talk" })).toBe("123");
    expect(order({ comboDefaults: { affinity: false } }, view, { sessionKey: "talk" })).toBe("123");
  });

  test("affinity does not overrule a cooldown or a transient failure", () => {
    const servedBy = () => "groq:3";
    const request = { sessionKey: "talk" };
    expect(order({}, { ...moment({ "groq:3": bar("rate-limit", 9) }), servedBy }, request)).toBe("12");
    expect(order({}, { ...moment({ "groq:3": { usable: true, behind: true } }), servedBy }, request)).toBe(
      "123",
    );
  });

  test("affinity does not overrule the choice of model, and a combo can switch it off", () => {
    const connections = [...three, connection("glm:1")];
    const view = calmView({ servedBy: (_key, id) => (id === "groq" ? "groq:2" : undefined) });
    const plan = (config: object) =>
      makePlan(
        ask("c", { sessionKey: "talk" }),
        catalogueOf({ connections, combos: [combo("c", ["glm/a", "groq/b"], { config })] }),
        view,
      );
    expect(told(plan({}).targets).slice(0, 2)).toEqual(["glm/a@glm:1", "groq/b@groq:2"]);
    expect(plan({}).sessionKey).toBe("talk");
    expect(told(plan({ affinity: false }).targets)[1]).toBe("groq/b@groq:1");
    expect(plan({ affinity: false }).sessionKey).toBeUndefined();
  });
});

describe("what is left out, and why", () => {
  const models = [
    { id: "small", context: 1000 },
    { id: "plain", tools: false, vision: false },
    { id: "able", context: 200_000, tools: true, vision: true },
    { id: "drawer", type: "image" as const },
  ];
  const providers = [...PROVIDERS.filter(({ id }) => id !== "openai"), provider("openai", { models })];
  const connections = [
    connection("groq:off", { isActive: false }),
    connection("groq:out", { needsSignIn: true }),
    connection("groq:cool"),
    connection("groq:no"),
    connection("openai:1"),
  ];
  const all = [
    "groq/x",
    "openai/small",
    "openai/plain",
    "openai/drawer",
    "if/kimi-k2-thinking",
    "glm/x",
    "nowhere",
    "openai/able",
  ];
  const catalogue = catalogueOf({
    providers,
    connections,
    combos: [combo("c", all)],
    settings: { blockedProviders: ["claude"], mockEnabled: true, comboDefaults: {} },
  });
  const request = ask("c", {
    estimatedInputTokens: 950,
    needsTools: true,
    needsVision: true,
    allowed: { connection: (id) => id !== "groq:no" },
  });

  test("each with its reason", () => {
    const plan = makePlan(request, catalogue, moment({ "groq:cool": bar("rate-limit", 30) }));
    expect(told(plan.targets)).toEqual(["openai/able@openai:1"]);
    expect(reasons(plan)).toEqual([
      "groq/x@groq:off off",
      "groq/x@groq:out sign-in",
      "groq/x@groq:cool rate-limit",
      "groq/x@groq:no not-allowed",
      "openai/small context",
      "openai/plain tools",
      "openai/drawer kind",
      "if/kimi-k2-thinking shut-down",
      "glm/x no-connection",
      "nowhere unknown",
    ]);
    expect(plan.excluded.find(({ kind }) => kind === "rate-limit")?.until).toBe(NOW + 30_000);
    expect(plan.excluded.find(({ kind }) => kind === "shut-down")?.reason).toContain("since 2026-04-17");
  });

  test.each([
    [909, true],
    [910, false],
  ])("a context of 1000 takes an estimate of %d: %p", (estimatedInputTokens, fits) => {
    const plan = makePlan(ask("c", { estimatedInputTokens }), catalogue, calmView());
    expect(plan.targets.some(({ modelId }) => modelId === "small")).toBe(fits);
  });

  test("an unknown context, or an ability nobody knows of, leaves nothing out", () => {
    const plan = makePlan(
      ask("groq/unlisted", { estimatedInputTokens: 9e9, needsTools: true, needsVision: true }),
      catalogueOf(),
      calmView(),
    );
    expect(plan.targets).toHaveLength(1);
  });

  test("guesses about models are given up when they would leave nothing", () => {
    const plan = makePlan(ask("openai/small", { estimatedInputTokens: 5000 }), catalogue, calmView());
    expect(told(plan.targets)).toEqual(["openai/small@openai:1"]);
    expect(told(makePlan(ask("openai/plain", { needsVision: true }), catalogue, calmView()).targets)).toEqual(
      ["openai/plain@openai:1"],
    );
  });

  test("limits are not given up", () => {
    expect(
      refusal(
        ask("openai/small", { estimatedInputTokens: 5000 }),
        catalogue,
        moment({ "openai:1": bar("quota", 60) }),
      ).status,
    ).toBe(429);
  });

  test("a kind of endpoint takes its kind of model", () => {
    const two = catalogueOf({
      providers,
      connections,
      combos: [combo("pictures", ["openai/able", "openai/drawer"])],
    });
    expect(told(makePlan(ask("pictures", { modelType: "image" }), two, calmView()).targets)).toEqual([
      "openai/drawer@openai:1",
    ]);
  });
});

describe("when nothing can be tried", () => {
  const connections = [connection("groq:1"), connection("groq:2"), connection("claude:1")];
  const two = [combo("c", ["groq/x", "cc/y"])];
  const catalogue = catalogueOf({ connections, combos: two });
  const everywhere = (standing: Standing) => calmView({ standing: () => standing });

  test.each([
    [
      "all rate limited",
      moment({
        "groq:1": bar("rate-limit", 40),
        "groq:2": bar("rate-limit", 7),
        "claude:1": bar("rate-limit", 90),
      }),
      "rate_limit_exceeded",
      429,
      7000,
    ],
    ["all spent", everywhere(bar("quota", 3600)), "quota_exhausted", 429, 3_600_000],
    [
      "limits of ours and of theirs",
      moment({ "groq:1": bar("limit", 2), "groq:2": bar("quota", 60), "claude:1": bar("rate-limit", 60) }),
      "rate_limit_exceeded",
      429,
      2000,
    ],
    ["a slot in use, nobody knows how long", everywhere(bar("limit")), "rate_limit_exceeded", 429, 1000],
    ["all breakers open", everywhere(bar("breaker", 25)), "ALL_ACCOUNTS_INACTIVE", 503, 25_000],
    [
      "limits and a breaker",
      moment({ "groq:1": bar("rate-limit", 40), "groq:2": bar("breaker", 5), "claude:1": bar("quota", 90) }),
      "ALL_ACCOUNTS_INACTIVE",
      503,
      5000,
    ],
    [
      "credentials refused a moment ago",
      everywhere(bar("credentials", 60)),
      "ALL_ACCOUNTS_INACTIVE",
      503,
      60_000,
    ],
    ["the model is not there", everywhere(bar("no-such-model", 600)), "model_not_found", 404, undefined],
  ] as const)("%s", (_name, view, code, status, retryAfterMs) => {
    const error = refusal(ask("c"), catalogue, view);
    expect([error.code, error.status, error.retryAfterMs]).toEqual([code, status, retryAfterMs]);
  });

  test.each([
    ["a provider without connection", ask("or/x"), "no_connection", 400, "/dashboard/providers"],
    ["a family nobody is connected to", ask("gpt-unheard"), "no_connection", 400, "/dashboard/providers"],
    ["a service that was shut down", ask("if/kimi-k2-thinking"), "provider_shut_down", 410, "glm/glm-4.7"],
    [
      "a key that may not use the model",
      ask("groq/x", { allowed: { model: () => false } }),
      "model_not_allowed",
      403,
      "API key",
    ],
    [
      "a key that may not use the provider",
      ask("groq/x", { allowed: { provider: (id) => id !== "groq" } }),
      "model_not_allowed",
      403,
      "API key",
    ],
    [
      "a key that may not use the combo",
      ask("c", { allowed: { combo: () => false } }),
      "model_not_allowed",
      403,
      "combo",
    ],
    [
      "a key that may use none of the connections",
      ask("c", { allowed: { connection: () => false } }),
      "model_not_allowed",
      403,
      "API key",
    ],
    [
      "a connection that does not serve the model",
      ask("groq/x", { connectionId: "claude:1" }),
      "no_connection",
      400,
      "does not serve",
    ],
    ["a name that leads nowhere", ask("nowhere"), "model_not_found", 404, "no model or combo"],
  ] as const)("%s", (_name, request, code, status, word) => {
    const error = refusal(request, catalogue);
    expect([error.code, error.status]).toEqual([code, status]);
    expect(error.message).toContain(word);
  });

  test.each([
    ["all switched off", { isActive: false }],
    ["all signed out", { needsSignIn: true }],
  ])("%s: 503 with a time to come back", (_name, facts) => {
    const error = refusal(ask("groq/x"), catalogueOf({ connections: [connection("groq:1", facts)] }));
    expect([error.code, error.status, error.retryAfterMs]).toEqual(["ALL_ACCOUNTS_INACTIVE", 503, 60_000]);
  });

  test.each([
    [bar("rate-limit", 45), "limited just now by its provider; the first returns in 45 s"],
    [
      bar("limit", 600),
      "a limit set for it here (Providers → the account, or Settings → Resilience); the first returns in 10 min",
    ],
    [bar("quota", 11_100), "is spent; the first returns in 3 h 5 min"],
    [bar("quota", 259_000), "is spent; the first returns in 3 days"],
    [bar("breaker", 33), "breaker open) (2). The first returns in 33 s."],
  ])("the message says who limits, and how long: %j", (standing, words) => {
    const two = catalogueOf({ connections: [connection("groq:1"), connection("groq:2")] });
    expect(refusal(ask("groq/x"), two, everywhere(standing)).message).toContain(words);
  });

  test("a person is told where accounts are mended", () => {
    const out = catalogueOf({ connections: [connection("groq:1", { needsSignIn: true })] });
    expect(refusal(ask("groq/x"), out).message).toContain("sign in again. Accounts are mended under");
  });

  test("a mix of dead legs tells of the one a person can mend", () => {
    const dead = catalogueOf({
      connections,
      combos: [combo("dead", ["if/a", "or/b"]), combo("empty", []), combo("odd", ["nowhere"])],
    });
    expect(refusal(ask("dead"), dead).code).toBe("no_connection");
    expect(refusal(ask("empty"), dead).code).toBe("model_not_found");
    expect(refusal(ask("odd"), dead).message).toContain("nowhere");
  });

  test("names of accounts are told to nobody", () => {
    expect(refusal(ask("c"), catalogue, everywhere(bar("quota", 5))).message).not.toContain("account groq");
  });

  test("near names keep to what the key may see", () => {
    const error = refusal(
      ask("gro/shared-model", { allowed: { model: (label) => label.startsWith("glm/") } }),
      catalogueOf(),
    );
    expect(error.message).toContain("glm/shared-model");
    expect(error.message).not.toContain("groq/");
  });
});

describe("global fallback chains", () => {
  const chain = (name: string, models: string[], facts: Partial<FallbackChain> = {}): FallbackChain => ({
    name,
    models,
    match: "*",
    enabled: true,
    priority: 1,
    createdAt: 1,
    updatedAt: 1,
    ...facts,
  });
  const connections = ["claude:1", "groq:1", "glm:1", "openai:1"].map((id) => connection(id));

  test("follow when the plan is spent, without what was in it", () => {
    const catalogue = catalogueOf({ connections, chains: [chain("safety", ["glm/a", "groq/x", "cc/b"])] });
    const plan = makePlan(ask("groq/x"), catalogue, calmView());
    expect(told(plan.targets)).toEqual(["groq/x@groq:1", "glm/a@glm:1", "cc/b@claude:1"]);
    expect(plan.chain).toEqual({ name: "safety", from: 1 });
  });

  test("the first enabled one whose pattern fits", () => {
    const chains = [
      chain("third", ["glm/3"], { priority: 3 }),
      chain("first", ["glm/1"], { priority: 1, enabled: false }),
      chain("second", ["glm/2"], { priority: 2, match: "groq/*" }),
    ];
    const labels = (model: string) =>
      told(makePlan(ask(model), catalogueOf({ connections, chains }), calmView()).targets).slice(1);
    expect(labels("groq/x")).toEqual(["glm/2@glm:1"]);
    expect(labels("openai/x")).toEqual(["glm/3@glm:1"]);
  });

  test("serve alone when the model itself cannot", () => {
    const catalogue = catalogueOf({ connections, chains: [chain("safety", ["glm/a"])] });
    const plan = makePlan(ask("or/x"), catalogue, calmView());
    expect(told(plan.targets)).toEqual(["glm/a@glm:1"]);
    expect(plan.chain).toEqual({ name: "safety", from: 0 });
  });

  test("come after what failed transiently", () => {
    const catalogue = catalogueOf({ connections, chains: [chain("safety", ["glm/a", "openai/b"])] });
    const view = moment({
      "groq:1": { usable: true, behind: true },
      "glm:1": { usable: true, behind: true },
    });
    expect(told(makePlan(ask("groq/x"), catalogue, view).targets)).toEqual([
      "groq/x@groq:1",
      "openai/b@openai:1",
      "glm/a@glm:1",
    ]);
  });

  test("stay out where one connection was asked for, or the name leads nowhere", () => {
    const catalogue = catalogueOf({ connections, chains: [chain("safety", ["glm/a"])] });
    expect(told(makePlan(ask("groq/x", { connectionId: "groq:1" }), catalogue, calmView()).targets)).toEqual([
      "groq/x@groq:1",
    ]);
    expect(refusal(ask("nowhere"), catalogue).code).toBe("model_not_found");
  });
});

describe("settings of a plan", () => {
  test("a combo's own value wins over the default for combos, that over the built-in one", () => {
    const catalogue = catalogueOf({
      combos: [combo("c", ["groq/x"], { config: { maxRetries: 0, timeoutMs: 5000 } })],
      settings: {
        blockedProviders: [],
        mockEnabled: true,
        comboDefaults: { maxRetries: 4, retryDelayMs: 10 },
      },
    });
    expect(makePlan(ask("c"), catalogue, calmView()).config).toEqual({
      maxRetries: 0,
      retryDelayMs: 10,
      timeoutMs: 5000,
      maxAttempts: COMBO_DEFAULTS.maxAttempts,
    });
  });

  test("a model named directly has the built-in ones and no deadline of its own", () => {
    const settings = {
      blockedProviders: [],
      mockEnabled: true,
      comboDefaults: { maxRetries: 9, timeoutMs: 1000 },
    };
    const { config } = makePlan(ask("groq/x"), catalogueOf({ settings }), calmView());
    expect([config.maxRetries, config.timeoutMs]).toEqual([1, 600_000]);
  });
});

test("planning is pure: the same moment gives the same plan and nothing is touched", () => {
  const catalogue = catalogueOf({
    connections: accounts,
    combos: [combo("c", ["cc/a", "groq/b"], { strategy: "round-robin" })],
    nodes: [node("mine")],
  });
  const before = JSON.stringify(catalogue.entries.map((entry) => entry.connections));
  const plans = [1, 2].map(() => JSON.stringify(makePlan(ask("c"), catalogue, calmView())));
  expect(plans[0]).toBe(plans[1] as string);
  expect(JSON.stringify(catalogue.entries.map((entry) => entry.connections))).toBe(before);
});

test("planning a large combo asks how each target stands a few times at most", () => {
  const connections = Array.from({ length: 100 }, (_, index) => connection(`groq:${index}`));
  const catalogue = catalogueOf({
    connections,
    combos: [
      combo(
        "big",
        Array.from({ length: 20 }, (_, index) => `groq/m${index}`),
        { strategy: "weighted" },
      ),
    ],
  });
  let asked = 0;
  const view = calmView();
  const standing: typeof view.standing = (...of) => {
    asked++;
    return view.standing(...of);
  };
  expect(makePlan(ask("big"), catalogue, { ...view, standing }).targets).toHaveLength(2000);
  expect(asked).toBeLessThanOrEqual(3 * 2000);
});

describe("the dry run", () => {
  const catalogue = catalogueOf({ combos: [combo("c", ["cc/claude-opus-4-6", "groq/x", "if/y"])] });
  const plan = makePlan(ask("c"), catalogue, moment({ "groq:1": bar("quota", 60) }));

  test("tells targets, costs and reasons", () => {
    const price = () => ({ kind: "shadow" as const, cost: 0.25 });
    expect(describePlan(plan, { requestId: "r1", estimatedInputTokens: 100, price, cache: "miss" })).toEqual({
      object: "omniroute.plan",
      request_id: "r1",
      requested: "c",
      resolved: [{ step: "combo", from: "c", to: "c" }],
      strategy: "priority",
      combo: "c",
      targets: [
        {
          position: 1,
          model: "cc/claude-opus-4-6",
          provider: "claude",
          connection: "claude:1",
          tier: "subscription",
          reason: "as listed",
          estimated_input_tokens: 100,
          estimated_cost: 0.25,
          cost_kind: "shadow",
        },
      ],
      excluded: [
        {
          model: "groq/x",
          connection: "groq:1",
          reason: "quota spent",
          until: new Date(NOW + 60_000).toISOString(),
        },
        expect.objectContaining({ model: "if/y" }),
      ],
      cache: "miss",
    });
  });

  test.each([
    ["a combo's strategy", ask("r"), {}, ["whose turn it is", "whose turn it is"]],
    [
      "a failure of a moment ago",
      ask("c"),
      moment({ "claude:1": { usable: true, behind: true } }),
      ["as listed", "it failed a moment ago, so it stands behind the others"],
    ],
    [
      "the conversation",
      ask("groq/x", { sessionKey: "s" }),
      { servedBy: () => "groq:2" },
      ["it served this conversation last and holds its prompt cache", "another account for the same model"],
    ],
    [
      "the account strategy",
      ask("groq/x"),
      {},
      ["the account of the lowest priority number first", "another account for the same model"],
    ],
    [
      "the request's own words",
      ask("groq/x", { overrides: { models: ["glm/y"] } }),
      {},
      [
        "as the request's own `models` and `provider` say",
        "another account for the same model",
        "as the request's own `models` and `provider` say",
      ],
    ],
    [
      "a chain",
      ask("cc/claude-opus-4-6"),
      {},
      [
        "the account of the lowest priority number first",
        "the fallback chain net follows when all others have failed",
      ],
    ],
  ] as const)("says why a target stands where it does: %s", (_, request, facts, reasons) => {
    const rich = catalogueOf({
      connections: ["claude:1", "groq:1", "groq:2", "glm:1"].map((id) => connection(id)),
      combos: [
        combo("c", ["cc/claude-opus-4-6", "glm/y"]),
        combo("r", ["cc/claude-opus-4-6", "glm/y"], { strategy: "round-robin" }),
      ],
      chains: [
        {
          name: "net",
          models: ["glm/z"],
          match: "cc/*",
          enabled: true,
          priority: 1,
          createdAt: 1,
          updatedAt: 1,
        },
      ],
    });
    const made = makePlan(request, rich, calmView(facts));
    const told = describePlan(made, { requestId: "r1", estimatedInputTokens: 1, price: () => undefined });
    expect(told.targets.map(({ reason }) => reason)).toEqual([...reasons]);
  });

  test("leaves unknown prices out", () => {
    const told = describePlan(plan, { requestId: "r1", estimatedInputTokens: 100, price: () => undefined });
    expect(told.targets[0]).not.toHaveProperty("estimated_cost");
    expect(told.cache).toBe("off");
  });

  test("holds no credential", () => {
    expect(
      JSON.stringify(
        describePlan(plan, { requestId: "r1", estimatedInputTokens: 1, price: () => undefined }),
      ),
    ).not.toContain("secret");
  });
});

describe("settings by provider", () => {
  const settings = {
    blockedProviders: [],
    mockEnabled: true,
    comboDefaults: { timeoutMs: 50_000, maxRetries: 2 },
    comboProviderDefaults: { groq: { timeoutMs: 9000, maxRetries: 5, idleTimeoutMs: 4000 } },
  };
  const configs = (name: string) => {
    const catalogue = catalogueOf({
      connections: accounts,
      combos: [
        combo("plain", ["groq/x", "glm/y"]),
        combo("own", ["groq/x", "glm/y"], { config: { timeoutMs: 1000, continueStream: true } }),
      ],
      settings,
    });
    const plan = makePlan(ask(name), catalogue, calmView());
    return Object.fromEntries(plan.targets.map((target) => [target.provider.id, configFor(plan, target)]));
  };

  test("a provider's value goes before that of all combos", () => {
    const { groq, glm } = configs("plain");
    expect(groq).toMatchObject({ timeoutMs: 9000, maxRetries: 5, idleTimeoutMs: 4000, retryDelayMs: 2000 });
    expect(glm).toMatchObject({ timeoutMs: 50_000, maxRetries: 2 });
    expect(glm?.idleTimeoutMs).toBeUndefined();
  });

  test("a combo's own value goes before both", () => {
    const { groq, glm } = configs("own");
    expect([groq?.timeoutMs, glm?.timeoutMs]).toEqual([1000, 1000]);
    expect([groq?.maxRetries, groq?.continueStream]).toEqual([5, true]);
  });

  test("a model by itself has none of it", () => {
    const { groq } = configs("groq/x");
    expect(groq).toEqual({ maxRetries: 1, retryDelayMs: 2000, maxAttempts: 20, timeoutMs: 600_000 });
  });
});
