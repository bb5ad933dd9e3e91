import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../src/core/errors.ts";
import { makePlan, resolveModel, type Overrides } from "../../src/routing/index.ts";
import { ask, calmView, catalogueOf, combo, connection, PROVIDERS, provider, told } from "./kit.ts";

const everything = ["claude:1", "openai:1", "groq:1", "glm:1"].map((id) => connection(id));

describe("the ready-made combo `auto`", () => {
  test("goes through the tiers: subscription, API key, cheap, free", () => {
    const catalogue = catalogueOf({
      connections: [
        connection("glm:1"),
        connection("groq:1"),
        connection("claude:1"),
        connection("openai:1"),
      ],
    });
    const plan = makePlan(ask("auto"), catalogue, calmView());
    expect(plan.combo).toBe("auto");
    expect(told(plan.targets)).toEqual([
      "cc/claude-opus-4-6@claude:1",
      "openai/gpt-5@openai:1",
      "groq/llama-3.3-70b-versatile@groq:1",
      "glm/glm-4.7@glm:1",
    ]);
  });

  test("takes a provider's main model, the first where that is gone", () => {
    const one = provider("one", { models: ["research", "main"] });
    const planOf = (mainModel: string) =>
      makePlan(
        ask("auto"),
        catalogueOf({ providers: [{ ...one, mainModel }], connections: [connection("one:1")] }),
        calmView(),
      );
    expect(told(planOf("main").targets)).toEqual(["one/main@one:1"]);
    expect(told(planOf("gone").targets)).toEqual(["one/research@one:1"]);
  });

  test("takes the model a connection names as its own", () => {
    const connections = [
      connection("groq:1", { defaultModel: "shared-model" }),
      connection("groq:2", { defaultModel: "mine" }),
    ];
    const plan = makePlan(ask("auto"), catalogueOf({ connections }), calmView());
    expect(told(plan.targets)).toEqual([
      "groq/shared-model@groq:1",
      "groq/shared-model@groq:2",
      "groq/mine@groq:1",
      "groq/mine@groq:2",
    ]);
  });

  test("holds only what somebody connected: no mock, nothing blocked, nothing switched off or shut down", () => {
    const catalogue = catalogueOf({
      connections: [connection("groq:1", { isActive: false }), connection("openai:1"), connection("iflow:1")],
      settings: { blockedProviders: ["openai"], mockEnabled: true, comboDefaults: {} },
    });
    expect(catalogue.auto).toBeUndefined();
    expect(() => makePlan(ask("auto"), catalogue, calmView())).toThrow(GatewayError);
  });

  test("a combo or alias of the user's own goes before it, and combos may hold it", () => {
    const own = catalogueOf({ combos: [combo("auto", ["groq/shared-model"])] });
    expect(told(makePlan(ask("auto"), own, calmView()).targets)).toEqual(["groq/shared-model@groq:1"]);
    const alias = catalogueOf({ aliases: [{ pattern: "auto", target: "glm/glm-4.7", createdAt: 1 }] });
    expect(told(makePlan(ask("auto"), alias, calmView()).targets)).toEqual(["glm/glm-4.7@glm:1"]);
    const nested = catalogueOf({
      connections: everything,
      combos: [combo("mine", ["groq/shared-model", "auto"])],
    });
    expect(told(makePlan(ask("mine"), nested, calmView()).targets)[0]).toBe("groq/shared-model@groq:1");
    expect(makePlan(ask("mine"), nested, calmView()).targets).toHaveLength(5);
  });
});

describe("the wildcard router `provider/*`", () => {
  test.each([
    ["groq/*", ["groq/llama-3.3-70b-versatile", "groq/shared-model"]],
    ["openai/gpt-5*", ["openai/gpt-5", "openai/gpt-5-mini"]],
    ["cc/*-sonnet-*", ["cc/claude-sonnet-4-5"]],
  ])("%s stands for the models that fit", (name, expected) => {
    const found = resolveModel(name, catalogueOf());
    expect(found.type === "models" && found.models.map(({ label }) => label)).toEqual(expected);
    expect(found.steps.every(({ step }) => step === "wildcard router")).toBe(true);
  });

  test("models of another kind are passed over, with a reason", () => {
    const plan = makePlan(ask("openai/*"), catalogueOf(), calmView());
    expect(told(plan.targets)).toEqual(["openai/gpt-5@openai:1", "openai/gpt-5-mini@openai:1"]);
    expect(plan.excluded).toMatchObject([{ model: "openai/text-embedding-3-small", kind: "kind" }]);
  });

  test("a pattern that fits nothing is an id like any other", () => {
    expect(told(makePlan(ask("groq/no*"), catalogueOf(), calmView()).targets)).toEqual(["groq/no*@groq:1"]);
  });
});

describe("a request's own wishes", () => {
  const catalogue = catalogueOf({
    connections: everything,
    combos: [combo("team", ["cc/claude-opus-4-6", "openai/gpt-5", "groq/shared-model", "glm/glm-4.7"])],
    chains: [
      {
        name: "net",
        models: ["glm/last"],
        match: "*",
        enabled: true,
        priority: 1,
        createdAt: 1,
        updatedAt: 1,
      },
    ],
  });
  const providersOf = (overrides: Overrides, model = "team") =>
    makePlan(ask(model, { overrides }), catalogue, calmView()).targets.map(({ provider: { id } }) => id);

  test("`models` follow the model in their order, each once; names that lead nowhere are told", () => {
    const plan = makePlan(
      ask("openai/gpt-5", {
        overrides: { models: ["groq/shared-model", "nowhere", "openai/gpt-5", "glm/glm-4.7"] },
      }),
      catalogue,
      calmView(),
    );
    expect(told(plan.targets)).toEqual([
      "openai/gpt-5@openai:1",
      "groq/shared-model@groq:1",
      "glm/glm-4.7@glm:1",
      "glm/last@glm:1",
    ]);
    expect(plan.excluded).toMatchObject([{ model: "nowhere", kind: "unknown" }]);
    expect(plan.overridden).toBe(true);
  });

  test.each<[string, Overrides["provider"], string[]]>([
    ["order", { order: ["glm", "GROQ"] }, ["glm", "groq", "claude", "openai"]],
    ["order by alias", { order: ["cc"] }, ["claude", "openai", "groq", "glm"]],
    ["order of strangers", { order: ["azure"] }, ["claude", "openai", "groq", "glm"]],
    ["only", { only: ["groq", "openai"] }, ["openai", "groq"]],
    ["ignore", { ignore: ["claude", "glm"] }, ["openai", "groq"]],
    ["no fallbacks", { allowFallbacks: false }, ["claude"]],
    ["order without fallbacks", { order: ["groq", "glm"], allowFallbacks: false }, ["groq", "glm"]],
  ])("%s", (_name, preferences, expected) => {
    expect(providersOf({ ...(preferences && { provider: preferences }) })).toEqual(expected);
  });

  test("sorted by price and by latency", () => {
    const costs: { [id: string]: number } = { openai: 3, groq: 1, glm: 2 };
    const times: { [id: string]: number } = { claude: 900, openai: 100, groq: 300, glm: 200 };
    const view = calmView({
      price: ({ provider: { id } }) =>
        id === "claude" ? { kind: "shadow", cost: 9 } : { kind: "billed", cost: costs[id] ?? 0 },
      vitals: ({ provider: { id } }) => ({ failureShare: 0, inFlight: 0, p50: times[id] ?? 0 }),
    });
    const order = (sort: "price" | "latency" | "throughput") =>
      makePlan(ask("team", { overrides: { provider: { sort } } }), catalogue, view).targets.map(
        (target) => target.provider.id,
      );
    expect(order("price")).toEqual(["claude", "groq", "glm", "openai"]);
    expect(order("latency")).toEqual(["openai", "glm", "groq", "claude"]);
    expect(order("throughput")).toEqual(order("latency"));
  });

  test("what was not wanted is told; nothing left is 404", () => {
    const plan = makePlan(ask("team", { overrides: { provider: { only: ["glm"] } } }), catalogue, calmView());
    expect(plan.excluded.map(({ model, kind }) => `${model} ${kind}`)).toEqual([
      "cc/claude-opus-4-6 not-wanted",
      "openai/gpt-5 not-wanted",
      "groq/shared-model not-wanted",
    ]);
    const nobody = () =>
      makePlan(ask("team", { overrides: { provider: { only: ["azure"] } } }), catalogue, calmView());
    expect(nobody).toThrow(expect.objectContaining({ code: "model_not_found", param: "provider" }));
  });

  test("a provider that understands these words itself gets them, when it alone is asked", () => {
    const own = catalogueOf({
      providers: [...PROVIDERS, { ...provider("relay", { models: ["m"] }), routesByItself: true }],
      connections: [...everything, connection("relay:1")],
    });
    const overrides = { models: ["groq/x"], provider: { order: ["azure"] } };
    const plan = makePlan(ask("relay/m", { overrides }), own, calmView());
    expect(told(plan.targets)).toEqual(["relay/m@relay:1"]);
    expect(plan.overridden).toBeUndefined();
  });

  test("a key's limits hold for them too", () => {
    const request = ask("groq/shared-model", {
      overrides: { models: ["cc/claude-opus-4-6", "glm/glm-4.7"] },
      allowed: { provider: (id) => id !== "claude" },
    });
    const plan = makePlan(request, catalogueOf({ connections: everything }), calmView());
    expect(told(plan.targets)).toEqual(["groq/shared-model@groq:1", "glm/glm-4.7@glm:1"]);
  });
});
