import { describe, expect, test } from "bun:test";
import { findProvider, labelOf, usableConnections, type ProviderEntry } from "../../src/routing/index.ts";
import { catalogueOf, connection, node, PROVIDERS, provider } from "./kit.ts";

const entryOf = (catalogue: ReturnType<typeof catalogueOf>, name: string): ProviderEntry => {
  const entry = findProvider(catalogue, name);
  if (!entry) throw new Error(`${name} is not in the catalogue`);
  return entry;
};

describe("finding a provider", () => {
  const catalogue = catalogueOf({ nodes: [node("mine")] });
  test.each([
    ["claude", "claude"],
    ["cc", "claude"],
    ["CC", "claude"],
    ["Or", "openrouter"],
    ["OPENROUTER", "openrouter"],
    ["mine", "openai-compatible-chat-mine"],
    ["openai-compatible-chat-mine", "openai-compatible-chat-mine"],
    ["mock", "mock"],
  ])("%s means %s", (name, id) => {
    expect(findProvider(catalogue, name)?.provider.id).toBe(id);
  });

  test("an unknown prefix means nothing", () => {
    expect(findProvider(catalogue, "nobody")).toBeUndefined();
  });

  test("labels use the first alias", () => {
    expect(labelOf(entryOf(catalogue, "claude"), "x")).toBe("cc/x");
    expect(labelOf(entryOf(catalogue, "groq"), "x")).toBe("groq/x");
    expect(labelOf(entryOf(catalogue, "mock"), "echo")).toBe("mock/echo");
  });
});

describe("the mock's prefix", () => {
  test("a node may take it; the built-in one then answers by its other name", () => {
    const catalogue = catalogueOf({ nodes: [node("mock")] });
    expect(entryOf(catalogue, "mock").isNode).toBe(true);
    expect(entryOf(catalogue, "omniroute-mock").provider.id).toBe("mock");
    expect(labelOf(entryOf(catalogue, "omniroute-mock"), "echo")).toBe("omniroute-mock/echo");
  });

  test("it is gone when the setting is off", () => {
    const catalogue = catalogueOf({
      settings: { mockEnabled: false, blockedProviders: [], comboDefaults: {} },
    });
    expect(findProvider(catalogue, "mock")).toBeUndefined();
  });

  test("another provider's prefix is not for a node to take", () => {
    const catalogue = catalogueOf({ nodes: [node("groq")] });
    expect(entryOf(catalogue, "groq").isNode).toBe(false);
    expect(entryOf(catalogue, "openai-compatible-chat-groq").isNode).toBe(true);
  });
});

describe("connections", () => {
  test("stand by priority, then age; those of the environment last", () => {
    const catalogue = catalogueOf({
      connections: [
        connection("groq:env", { fromEnvironment: true, priority: 1 }),
        connection("groq:late", { priority: 2, createdAt: 5 }),
        connection("groq:young", { priority: 1, createdAt: 9 }),
        connection("groq:old", { priority: 1, createdAt: 3 }),
      ],
    });
    expect(entryOf(catalogue, "groq").connections.map(({ id }) => id)).toEqual([
      "groq:old",
      "groq:young",
      "groq:late",
      "groq:env",
    ]);
  });

  test("those switched off or signed out are not usable", () => {
    const catalogue = catalogueOf({
      connections: [
        connection("groq:off", { isActive: false }),
        connection("groq:out", { needsSignIn: true }),
        connection("groq:ok"),
      ],
    });
    expect(usableConnections(entryOf(catalogue, "groq")).map(({ id }) => id)).toEqual(["groq:ok"]);
  });

  test("belong to a provider under any of its names", () => {
    const catalogue = catalogueOf({ connections: [{ ...connection("x"), provider: "CC" }] });
    expect(entryOf(catalogue, "claude").connections).toHaveLength(1);
  });

  test("what needs no account is connected from the start", () => {
    expect(entryOf(catalogueOf(), "mock").connections.map(({ id }) => id)).toEqual(["builtin:mock"]);
  });

  test.each([
    ["a local server that takes a key", "optional-key", ["builtin:local"]],
    ["a service without keys", "none", ["builtin:local"]],
    ["a service with keys", "key", []],
  ] as const)("%s", (_name, type, ids) => {
    const auth = type === "key" ? { type, header: "authorization" } : { type };
    const catalogue = catalogueOf({ providers: [{ ...provider("local"), auth }], connections: [] });
    expect(entryOf(catalogue, "local").connections.map(({ id }) => id)).toEqual([...ids]);
  });

  test("a stored connection stands in place of the implicit one", () => {
    const catalogue = catalogueOf({
      providers: [{ ...provider("local"), auth: { type: "optional-key" } }],
      connections: [connection("local:mine", { isActive: false })],
    });
    expect(entryOf(catalogue, "local").connections.map(({ id }) => id)).toEqual(["local:mine"]);
  });

  test("a shut-down service and a node have none by themselves", () => {
    const catalogue = catalogueOf({ nodes: [node("mine")] });
    expect(entryOf(catalogue, "iflow").connections).toEqual([]);
    expect(entryOf(catalogue, "mine").connections).toEqual([]);
  });
});

describe("models", () => {
  const custom = (providerName: string, id: string) => ({
    provider: providerName,
    id,
    name: `My ${id}`,
    type: "chat" as const,
    context: 4096,
    createdAt: 1,
  });

  test("a user's own are listed beside the provider's, under any of its names", () => {
    const catalogue = catalogueOf({
      customModels: [custom("CC", "my-claude"), custom("mine", "tiny")],
      nodes: [node("mine")],
    });
    expect(entryOf(catalogue, "claude").models.get("my-claude")).toMatchObject({
      name: "My my-claude",
      context: 4096,
    });
    expect([...entryOf(catalogue, "mine").models.keys()]).toEqual(["tiny"]);
  });

  test("a user's facts win over built-in ones, which stay where the user said nothing", () => {
    const providers = [provider("groq", { models: [{ id: "m", context: 100, vision: true }] })];
    const catalogue = catalogueOf({ providers, customModels: [custom("groq", "m")] });
    expect(entryOf(catalogue, "groq").models.get("m")).toMatchObject({ context: 4096, vision: true });
  });
});

test("blocking works by any name in any case", () => {
  const settings = { blockedProviders: ["CC", "groq"], mockEnabled: true, comboDefaults: {} };
  const catalogue = catalogueOf({ settings });
  expect(["claude", "groq", "glm"].map((name) => entryOf(catalogue, name).blocked)).toEqual([
    true,
    true,
    false,
  ]);
});

test("entries stand in tier order, and building changes nothing it is given", () => {
  const before = JSON.stringify(PROVIDERS);
  const catalogue = catalogueOf({ nodes: [node("mine")] });
  const tiers = catalogue.entries.map((entry) => entry.provider.tier);
  expect(tiers).toEqual([
    "subscription",
    ...Array.from({ length: 5 }, () => "api-key" as const),
    "cheap",
    "free",
    "free",
  ]);
  expect(JSON.stringify(PROVIDERS)).toBe(before);
});
