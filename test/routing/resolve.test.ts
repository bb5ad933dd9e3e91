import { describe, expect, test } from "bun:test";
import type { Alias } from "../../src/core/alias.ts";
import { GatewayError } from "../../src/core/errors.ts";
import {
  comboCycle,
  isEndlessAlias,
  resolveForProvider,
  resolveModel,
  type Catalogue,
} from "../../src/routing/index.ts";
import { catalogueOf, combo, connection, node } from "./kit.ts";

const alias = (pattern: string, target: string, createdAt = 1): Alias => ({ pattern, target, createdAt });

/** What a name leads to: `combo:name`, or labels with their effort. */
function meaning(name: string, catalogue: Catalogue): string[] {
  const found = resolveModel(name, catalogue);
  if (found.type === "combo") return [`combo:${found.combo.name}`];
  return found.models.map((model) => (model.effort ? `${model.label} ${model.effort}` : model.label));
}

function failure(action: () => unknown): GatewayError {
  try {
    action();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("from rest to model", () => {
  const catalogue = catalogueOf({
    customModels: [{ provider: "groq", id: "my-own-high", name: "Mine", type: "chat", createdAt: 1 }],
  });
  test.each([
    ["a listed id stays", "groq/llama-3.3-70b-versatile", "groq/llama-3.3-70b-versatile"],
    ["a custom model stays", "groq/my-own-high", "groq/my-own-high"],
    ["a prefix in other case", "GROQ/llama-3.3-70b-versatile", "groq/llama-3.3-70b-versatile"],
    ["an id as prefix", "claude/claude-opus-4-6", "cc/claude-opus-4-6"],
    [
      "the prefix said twice goes",
      "nvidia/nvidia/meta/llama-3.3-70b-instruct",
      "nvidia/meta/llama-3.3-70b-instruct",
    ],
    [
      "the prefix said twice, then a rename",
      "nvidia/nvidia/llama-3.3-70b-instruct",
      "nvidia/meta/llama-3.3-70b-instruct",
    ],
    [
      "a genuine id that begins like the prefix stays",
      "nvidia/nvidia/nv-embedqa-e5-v5",
      "nvidia/nvidia/nv-embedqa-e5-v5",
    ],
    [
      "an unknown id behind a double prefix stays whole",
      "nvidia/nvidia/unheard-of",
      "nvidia/nvidia/unheard-of",
    ],
    ["the alias said twice goes", "cc/claude/claude-opus-4-6", "cc/claude-opus-4-6"],
    ["a rename", "nvidia/llama-3.3-70b-instruct", "nvidia/meta/llama-3.3-70b-instruct"],
    ["another rename", "groq/llama-3.3-70b", "groq/llama-3.3-70b-versatile"],
    ["any id goes verbatim", "glm/not-listed:free", "glm/not-listed:free"],
    ["model ids keep their case", "glm/GLM-4.7", "glm/GLM-4.7"],
    ["-high", "openai/gpt-5-high", "openai/gpt-5 high"],
    ["-none", "openai/gpt-5-none", "openai/gpt-5 none"],
    ["-minimal", "openai/gpt-5-minimal", "openai/gpt-5 minimal"],
    ["-low", "openai/gpt-5-mini-low", "openai/gpt-5-mini low"],
    ["-medium", "openai/gpt-5-medium", "openai/gpt-5 medium"],
    ["-xhigh", "openai/gpt-5-xhigh", "openai/gpt-5 xhigh"],
    ["-thinking", "cc/claude-sonnet-4-5-thinking", "cc/claude-sonnet-4-5 medium"],
    ["a suffix on a rename", "groq/llama-3.3-70b-low", "groq/llama-3.3-70b-versatile low"],
    ["a suffix that is part of a listed id", "if/kimi-k2-thinking", "if/kimi-k2-thinking"],
    ["a suffix on an unknown id stays", "openai/unheard-high", "openai/unheard-high"],
    ["options of the mock stay", "mock/slow?first=2000&gap=200", "mock/slow?first=2000&gap=200"],
    ["`models/` in front is dropped", "models/groq/shared-model", "groq/shared-model"],
    ["spaces around are dropped", "  groq/shared-model\n", "groq/shared-model"],
    ["names of objects are no renames", "groq/constructor", "groq/constructor"],
  ])("%s: %s", (_name, asked, label) => {
    expect(meaning(asked, catalogue)).toEqual([label]);
  });

  test("the mock's options do not hide what is known of the model", () => {
    const found = resolveModel("mock/slow?first=1", catalogue);
    expect(found.type === "models" && found.models[0]?.model?.id).toBe("slow");
  });
});

describe("the order of the rules", () => {
  const catalogue = catalogueOf({
    combos: [
      combo("fast", ["groq/a"]),
      combo("glm/glm-4.7", ["groq/b"]),
      combo("off", ["groq/a"], { isActive: false }),
    ],
    aliases: [
      alias("short", "groq/shared-model"),
      alias("fast", "glm/never"),
      alias("openai/*", "or/openai/*"),
      alias("gpt-*", "glm/for-*"),
      alias("gpt-5", "cc/claude-opus-4-6"),
      alias("to-combo", "fast"),
      alias("?-tier", "groq/one"),
    ],
  });
  test.each([
    ["a combo comes before all", "fast", "combo:fast"],
    ["even one named like a model", "glm/glm-4.7", "combo:glm/glm-4.7"],
    ["an exact alias", "short", "groq/shared-model"],
    ["an alias to a combo", "to-combo", "combo:fast"],
    ["an exact alias before a pattern", "gpt-5", "cc/claude-opus-4-6"],
    ["a pattern with a slash before the prefix", "openai/gpt-5", "or/openai/gpt-5"],
    ["a pattern without a slash on bare names", "gpt-9-turbo", "glm/for-9-turbo"],
    ["and never on names with a known prefix", "groq/gpt-4", "groq/gpt-4"],
    ["`?` is one character", "a-tier", "groq/one"],
  ])("%s", (_name, asked, expected) => {
    expect(meaning(asked, catalogue)).toEqual([expected]);
  });

  test("a combo that is off says so", () => {
    const error = failure(() => resolveModel("off", catalogue));
    expect([error.code, error.message]).toEqual(["model_not_found", 'The combo "off" is switched off.']);
  });

  test("every step is told", () => {
    const catalogueWithChain = catalogueOf({ aliases: [alias("a", "b"), alias("b", "groq/shared-model")] });
    expect(resolveModel(" a ", catalogueWithChain).steps).toEqual([
      { step: "trimmed", from: " a ", to: "a" },
      { step: "alias", from: "a", to: "b" },
      { step: "alias", from: "b", to: "groq/shared-model" },
      { step: "prefix", from: "groq/shared-model", to: "groq/shared-model" },
    ]);
  });
});

describe("wildcard aliases", () => {
  test.each([
    ["claude-sonnet-*", "cc/claude-sonnet-4-5-20250929", "claude-sonnet-4", "cc/claude-sonnet-4-5-20250929"],
    ["gpt-*", "groq/gpt-5.1-codex", "gpt-4o", "groq/gpt-5.1-codex"],
    ["*", "or/*", "meta/llama", "or/meta/llama"],
    ["a*c", "groq/[*]", "abbc", "groq/[bb]"],
    ["a*c*e", "groq/[*]", "abcdcde", "groq/[b]"],
    ["a**e", "groq/[*]", "abcde", "groq/[]"],
    ["x-?-*", "groq/*", "x-1-rest", "groq/rest"],
    ["w*-?z*", "groq/[*]", "w1-2-az9", "groq/[1-2]"],
    ["y.*", "groq/*", "y.z", "groq/z"],
    ["???", "groq/three*", "abc", "groq/three*"],
  ])("%s → %s turns %s into %s", (pattern, target, asked, expected) => {
    expect(meaning(asked, catalogueOf({ aliases: [alias(pattern, target)] }))).toEqual([expected]);
  });

  test("everything but * and ? is literal", () => {
    const catalogue = catalogueOf({ aliases: [alias("y.z+", "groq/hit"), alias("y.*", "groq/dot")] });
    expect(failure(() => meaning("yxz", catalogue)).code).toBe("model_not_found");
  });

  test("the most literal characters win, then the older", () => {
    const aliases = [
      alias("gpt-*", "groq/wide", 1),
      alias("gpt-5*", "groq/young", 9),
      alias("*gpt-5?", "groq/old", 2),
    ];
    expect(meaning("gpt-5x", catalogueOf({ aliases }))).toEqual(["groq/old"]);
    expect(meaning("gpt-4", catalogueOf({ aliases }))).toEqual(["groq/wide"]);
  });

  // With backtracking this would not end in a lifetime.
  test("a hostile pattern is compared without going back", () => {
    const catalogue = catalogueOf({ aliases: [alias(`${"*a".repeat(120)}b`, "groq/x")] });
    expect(failure(() => resolveModel("a".repeat(250), catalogue)).code).toBe("model_not_found");
  });

  test("aliases that go round end in an error, and are known before they are saved", () => {
    const aliases = [alias("a", "b"), alias("b", "a"), alias("g*", "gg*"), alias("fine", "groq/x")];
    const catalogue = catalogueOf({ aliases });
    expect(failure(() => resolveModel("a", catalogue)).message).toContain("more than 5 times");
    expect(aliases.map((one) => isEndlessAlias(one, catalogue))).toEqual([true, true, true, false]);
  });
});

describe("bare ids", () => {
  const connections = [
    connection("glm:1", { priority: 1 }),
    connection("groq:1", { priority: 9 }),
    connection("openai:1"),
    connection("claude:1"),
  ];
  test("go to every connected provider that lists them, in tier order", () => {
    expect(meaning("shared-model", catalogueOf({ connections }))).toEqual([
      "groq/shared-model",
      "glm/shared-model",
    ]);
  });

  test("leave out providers that are not connected or blocked", () => {
    const settings = { blockedProviders: ["groq"], mockEnabled: true, comboDefaults: {} };
    expect(meaning("shared-model", catalogueOf({ connections, settings }))).toEqual(["glm/shared-model"]);
    expect(meaning("shared-model", catalogueOf({ connections: connections.slice(1) }))).toEqual([
      "groq/shared-model",
    ]);
  });

  test("within a tier the better connection comes first, a global priority before all", () => {
    const both = (one: object, other: object) =>
      catalogueOf({
        customModels: [{ provider: "openai", id: "shared-model", name: "x", type: "chat", createdAt: 1 }],
        connections: [connection("openai:1", one), connection("groq:1", other)],
      });
    expect(meaning("shared-model", both({ priority: 5 }, { priority: 2 }))).toEqual([
      "groq/shared-model",
      "openai/shared-model",
    ]);
    expect(meaning("shared-model", both({ priority: 1 }, { priority: 2 }))).toEqual([
      "openai/shared-model",
      "groq/shared-model",
    ]);
    expect(meaning("shared-model", both({ priority: 1 }, { priority: 2, globalPriority: 50 }))).toEqual([
      "groq/shared-model",
      "openai/shared-model",
    ]);
  });

  test("may hold slashes", () => {
    const catalogue = catalogueOf({ connections: [connection("nvidia:1")] });
    expect(meaning("meta/llama-3.3-70b-instruct", catalogue)).toEqual(["nvidia/meta/llama-3.3-70b-instruct"]);
  });

  test.each([
    ["gpt-unheard", ["openai/gpt-unheard"]],
    ["chatgpt-4o-latest", ["openai/chatgpt-4o-latest"]],
    ["o3-pro", ["openai/o3-pro"]],
    ["claude-unheard", ["cc/claude-unheard"]],
    ["gpt-5-high", ["openai/gpt-5 high"]],
  ])("of a known family: %s", (asked, expected) => {
    expect(meaning(asked, catalogueOf())).toEqual(expected);
  });
});

describe("names that lead nowhere", () => {
  const catalogue = catalogueOf({ combos: [combo("premium-coding", ["groq/a"])] });
  test.each([
    ["premum-coding", '"premium-coding"'],
    ["glm-4.6", '"glm/glm-4.7"'],
    ["grok/llama-3.3-70b-versatile", '"groq/llama-3.3-70b-versatile"'],
    ["GLM-4.7", '"glm/glm-4.7"'],
  ])("%s: near names are told", (asked, near) => {
    const error = failure(() => resolveModel(asked, catalogue));
    expect([error.code, error.status, error.param]).toEqual(["model_not_found", 404, "model"]);
    expect(error.message).toContain(near);
    expect(error.message.match(/"/g)?.length).toBeLessThanOrEqual(8);
  });

  test("near names are kept from those who may not see them", () => {
    const error = failure(() =>
      resolveModel("premum-coding", catalogue, (name) => name !== "premium-coding"),
    );
    expect(error.message).not.toContain("premium");
  });

  test.each([
    ["", "empty"],
    ["   ", "empty"],
    ["x".repeat(257), "longer"],
    ["a\u0000b", "control"],
    ["a\u0085b", "control"],
  ])("what is no name: %j", (asked, word) => {
    const error = failure(() => resolveModel(asked, catalogue));
    expect([error.code, error.param]).toEqual(["bad_request", "model"]);
    expect(error.message).toContain(word);
  });

  test("a long strange name is unknown as any other", () => {
    expect(failure(() => resolveModel("z".repeat(256), catalogue)).code).toBe("model_not_found");
  });
});

test("blocked providers are refused by name", () => {
  const settings = { blockedProviders: ["openai"], mockEnabled: true, comboDefaults: {} };
  const catalogue = catalogueOf({ settings });
  for (const name of ["openai/gpt-5", "gpt-unheard"])
    expect(failure(() => resolveModel(name, catalogue)).code).toBe("model_not_allowed");
});

describe("provider routes", () => {
  const catalogue = catalogueOf({
    nodes: [node("mine")],
    combos: [combo("fast", ["groq/a"])],
    aliases: [alias("short", "groq/x")],
    settings: { blockedProviders: ["glm"], mockEnabled: true, comboDefaults: {} },
  });
  const label = (providerName: string, model: string): string | undefined => {
    const found = resolveForProvider(providerName, model, catalogue);
    return found.type === "models" ? found.models[0]?.label : undefined;
  };
  test.each([
    ["groq", "shared-model", "groq/shared-model"],
    ["groq", "groq/shared-model", "groq/shared-model"],
    ["CC", "claude/claude-opus-4-6", "cc/claude-opus-4-6"],
    ["mine", "anything", "mine/anything"],
    ["groq", "fast", "groq/fast"],
    ["groq", "short", "groq/short"],
    ["groq", "accounts/fireworks/models/x", "groq/accounts/fireworks/models/x"],
    ["nvidia", "nvidia/nv-embedqa-e5-v5", "nvidia/nvidia/nv-embedqa-e5-v5"],
    ["or", "anthropic/claude-sonnet-4", "or/anthropic/claude-sonnet-4"],
    ["openai", "gpt-5-high", "openai/gpt-5"],
  ])("/v1/providers/%s with %s → %s", (providerName, model, expected) => {
    expect(label(providerName, model)).toBe(expected);
  });

  test.each([
    ["nobody", "x", "bad_request", "no provider"],
    ["groq", "openai/gpt-5", "bad_request", "`groq/…`"],
    ["glm", "glm-4.7", "model_not_allowed", "blocked"],
    ["groq", "", "bad_request", "empty"],
  ])("/v1/providers/%s with %s is refused", (providerName, model, code, word) => {
    const error = failure(() => label(providerName, model));
    expect(error.code).toBe(code as GatewayError["code"]);
    expect(error.message).toContain(word);
  });
});

describe("combos in combos", () => {
  test("a way back to itself is found, through aliases too", () => {
    const one = combo("one", ["groq/a", "two"]);
    const two = combo("two", ["back"]);
    const catalogue = catalogueOf({ combos: [one, two], aliases: [alias("back", "one")] });
    expect(comboCycle(one, catalogue)).toEqual(["one", "two", "one"]);
    expect(comboCycle(combo("self", ["self"]), catalogueOf({ combos: [combo("self", ["self"])] }))).toEqual([
      "self",
      "self",
    ]);
  });

  test("three deep is allowed, four is not; twice the same is no cycle", () => {
    const combos = [combo("a", ["b", "b"]), combo("b", ["c", "groq/x"]), combo("c", ["groq/x"])];
    expect(comboCycle(combos[0] as never, catalogueOf({ combos }))).toBeUndefined();
    const deeper = [combo("z", ["a"]), ...combos];
    expect(comboCycle(deeper[0] as never, catalogueOf({ combos: deeper }))).toEqual(["z", "a", "b", "c"]);
  });
});
