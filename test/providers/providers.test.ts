import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { PROVIDER_KEY_NAMES } from "../../src/core/environment-names.ts";
import { PROVIDER_FORMAT_IDS } from "../../src/core/reply.ts";
import {
  TIERS,
  type ModelDefinition,
  type ModelType,
  type ProviderDefinition,
} from "../../src/core/provider.ts";
import { DIALECTS, MODEL_TYPE_OF, SERVICE_KINDS, type ServiceKind } from "../../src/core/services.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { providerOfNode } from "../../src/providers/nodes.ts";
import { buildCatalogue, findProvider } from "../../src/routing/index.ts";

const names = (provider: ProviderDefinition) =>
  [provider.id, ...(provider.prefixes ?? [])].map((name) => name.toLowerCase());

const prices = (model: ModelDefinition): number[] => {
  if (!model.price) return [];
  const values: unknown[] = Array.isArray(model.price) ? model.price : Object.values(model.price);
  return values.filter((value) => value !== undefined) as number[];
};

test("ids and prefixes are unique among all providers", () => {
  const all = PROVIDERS.flatMap(names);
  expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
});

test.each(PROVIDERS.filter(({ mainModel }) => mainModel !== undefined))(
  "the main model of $id is one that a coding client could work with",
  ({ models, mainModel }) => {
    const main = models.find(({ id }) => id === mainModel);
    expect(main).toBeDefined();
    expect(main?.type ?? "chat").toBe("chat");
    expect(main?.tools).toBe(true);
    expect(main?.status?.state ?? "works").toBe("works");
  },
);

/** The providers that the documents promise, with both spellings of each prefix and what can be said of them today. */
const DOCUMENTED = `
claude cc restricted · codex cx works · github gh works · gemini-cli gc restricted · antigravity ag restricted ·
cursor cu not-offered · kimi-coding kmc works · kilocode kc works · cline cl works ·
openai openai works · anthropic anthropic works · gemini gemini works · openrouter or works · deepseek ds works ·
groq groq works · xai xai works · mistral mistral works · perplexity pplx works · together together works ·
fireworks fireworks works · cerebras cerebras works · cohere cohere works · nvidia nvidia works ·
nebius nebius works · siliconflow siliconflow works · hyperbolic hyp works · deepgram dg works ·
assemblyai aai works · nanobanana nb works ·
glm glm works · minimax minimax works · minimax-cn minimax-cn works · kimi kimi works ·
kiro kr works · iflow if shut-down · qwen qw shut-down`
  .split("·")
  .map((line) => line.trim().split(/\s+/));

test("the 36 documented providers are there, under both spellings of their prefix", () => {
  expect(DOCUMENTED.length).toBe(36);
  for (const [id, prefix, state] of DOCUMENTED) {
    const found = PROVIDERS.filter((provider) => names(provider).includes(prefix!));
    expect(found.map((provider) => provider.id)).toEqual([id!]);
    expect(`${id} ${found[0]!.status?.state ?? "works"}`).toBe(`${id} ${state}`);
  }
  const catalogue = buildCatalogue({
    providers: PROVIDERS,
    nodes: [],
    connections: [],
    combos: [],
    aliases: [],
    chains: [],
    customModels: [],
    settings: { blockedProviders: [], mockEnabled: true, comboDefaults: {} },
  });
  for (const [id, prefix] of DOCUMENTED)
    for (const spelling of [id!, prefix!, id!.toUpperCase(), prefix!.toUpperCase()])
      expect(findProvider(catalogue, spelling)?.provider.id).toBe(id!);
});

test("CONTRIBUTING shows a whole provider as it is, in at most 40 lines", async () => {
  const root = join(import.meta.dir, "../..");
  const guide = await Bun.file(join(root, "CONTRIBUTING.md")).text();
  const [, file = "", code = ""] = /`(src\/providers\/\S+\.ts)`:\n\n```ts\n(.*?)```/s.exec(guide) ?? [];
  expect(code).toBe(await Bun.file(join(root, file)).text());
  expect(code.split("\n").length).toBeLessThanOrEqual(40);
});

test("a user's node may take the prefix mock, the built-in one stays reachable", () => {
  const mock = PROVIDERS.find((provider) => provider.id === "mock")!;
  expect(names(mock)).toContain("omniroute-mock");
  expect(mock.models.map((model) => model.id)).toEqual([
    "echo",
    "think",
    "tools",
    "slow",
    "stall",
    "cut",
    "error-first",
    "429",
    "500",
    "bad-key",
  ]);
});

test.each(PROVIDERS.map((provider) => [provider.id, provider] as const))(
  "%s states usable facts",
  (_id, provider) => {
    expect(provider.id).toMatch(/^[a-z0-9][a-z0-9-]*$/);
    expect(TIERS).toContain(provider.tier);
    expect(provider.baseUrl).toMatch(provider.builtIn ? /^mock:\/\// : /^https?:\/\/[^/]+/);
    expect(provider.baseUrl).not.toEndWith("/");
    for (const service of provider.chat) {
      expect(PROVIDER_FORMAT_IDS).toContain(service.format);
      expect(service.path).toStartWith("/");
    }
    for (const [kind, service] of Object.entries(provider.services ?? {})) {
      expect(DIALECTS[kind as ServiceKind] as readonly string[]).toContain(service.dialect);
      expect(service.path).toStartWith("/");
      if (service.baseUrl !== undefined) expect(service.baseUrl).toMatch(/^https:\/\/[^/]+(?:\/[^/]+)*$/);
    }
    const state = provider.status?.state ?? "works";
    const reachable = state !== "shut-down" && state !== "not-offered";
    expect(provider.chat.length > 0 || provider.services !== undefined).toBe(reachable);
    for (const { status } of [provider, ...provider.models]) {
      if (status === undefined || status.state === "works") continue;
      expect(status.note).toBeString();
      expect(status.source).toMatch(/^https:\/\//);
    }
    if (!reachable) {
      expect(provider.status?.note).toBeString();
      expect(provider.status?.replacement).toBeString();
    }
  },
);

test.each(PROVIDERS.map((provider) => [provider.id, provider] as const))(
  "models of %s are unique, have finite prices and sensible limits",
  (_id, provider) => {
    const ids = provider.models.map((model) => model.id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const model of provider.models) {
      expect(model.id).not.toContain("?");
      for (const price of prices(model)) {
        expect(Number.isFinite(price)).toBe(true);
        expect(price).toBeGreaterThanOrEqual(0);
      }
      for (const limit of [model.context, model.maxOutput])
        if (limit !== undefined) expect(Number.isSafeInteger(limit) && limit > 0).toBe(true);
      const type = model.type ?? "chat";
      const services = model.services ?? SERVICE_KINDS.filter((kind) => MODEL_TYPE_OF[kind] === type);
      const gone = provider.status?.state === "shut-down" || provider.status?.state === "not-offered";
      if (type !== "chat" && !gone)
        expect(services.some((kind) => provider.services?.[kind] !== undefined)).toBe(true);
      for (const kind of model.services ?? []) {
        expect(MODEL_TYPE_OF[kind] as ModelType).toBe(type);
        expect(provider.services?.[kind]).toBeDefined();
      }
      if (type === "audio") expect(model.services).toBeDefined();
      for (const format of model.formats ?? [])
        expect(provider.chat.map((service) => service.format)).toContain(format);
    }
  },
);

test.each(PROVIDERS.map((provider) => [provider.id, provider] as const))(
  "renames and replacements inside %s lead to listed models",
  (_id, provider) => {
    const ids = provider.models.map((model) => model.id);
    for (const [from, to] of Object.entries(provider.renames ?? {})) {
      expect(ids).not.toContain(from);
      expect(ids).toContain(to);
    }
    for (const { status } of provider.models)
      if (status?.replacement) expect(ids).toContain(status.replacement);
  },
);

test("replacements of providers name a provider that works", () => {
  for (const provider of PROVIDERS) {
    const replacement = provider.status?.replacement;
    if (!replacement) continue;
    const [prefix, ...rest] = replacement.split("/");
    const other = PROVIDERS.find((candidate) => names(candidate).includes(prefix!))!;
    expect(other.status?.state ?? "works").toBe("works");
    expect(other.models.map((model) => model.id)).toContain(rest.join("/"));
  }
});

test("every documented provider key makes a connection somewhere, each at one provider", () => {
  const keys = PROVIDERS.flatMap((provider) => provider.envKey ?? []);
  expect(keys.toSorted()).toEqual([...PROVIDER_KEY_NAMES].toSorted());
});

test("what earlier documents call a model leads to the vendor's own id", () => {
  const rename = (id: string, name: string) =>
    PROVIDERS.find((provider) => provider.id === id)?.renames?.[name];
  expect(rename("openrouter", "anthropic/claude-4-sonnet")).toBe("anthropic/claude-sonnet-4");
  expect(rename("nvidia", "llama-3.3-70b")).toBe("meta/llama-3.3-70b-instruct");
  expect(rename("nvidia", "llama-3.3-70b-instruct")).toBe("meta/llama-3.3-70b-instruct");
  expect(rename("groq", "llama-3.3-70b")).toBe("llama-3.3-70b-versatile");
});

describe("a user's own endpoint", () => {
  const node = {
    id: "openai-compatible-chat-1",
    name: "Mine",
    prefix: "mine",
    type: "openai-compatible",
    apiType: "chat",
    baseUrl: "http://127.0.0.1:1234/v1",
    createdAt: 0,
    updatedAt: 0,
  } as const;

  test.each([
    [{}, "openai-chat", "/chat/completions", "optional-key"],
    [{ apiType: "responses" }, "openai-responses", "/responses", "optional-key"],
    [{ type: "anthropic-compatible" }, "anthropic", "/messages", "key"],
    [{ chatPath: "/other" }, "openai-chat", "/other", "optional-key"],
    [{ chatPath: "other" }, "openai-chat", "/other", "optional-key"],
  ] as const)("%j speaks %s at %s", (change, format, path, auth) => {
    const provider = providerOfNode({ ...node, ...change });
    expect(provider.chat[0]?.format).toBe(format);
    expect(provider.chat[0]?.path).toBe(path);
    expect(provider.auth.type).toBe(auth);
    expect(provider.prefixes).toEqual(["mine"]);
  });

  test.each([
    [{}, "/messages/count_tokens"],
    [{ chatPath: "/v2/messages?beta=true" }, "/v2/messages/count_tokens?beta=true"],
  ])("tokens are counted beside the messages of %j: %s", (change, path) => {
    const provider = providerOfNode({ ...node, type: "anthropic-compatible", ...change });
    expect(provider.chat[0]?.countPath).toBe(path);
  });
});
