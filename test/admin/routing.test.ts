import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess({
    script: ({ body }) => ({ type: "answer", body: chatReply(`I am ${body.model}`) }),
  });
  gateway.node("one");
  gateway.node("two");
});
afterEach(() => gateway.stop());

const ask = (model: string) =>
  gateway.call("/v1/chat/completions", { model, messages: [{ role: "user", content: "hi" }] });

describe("aliases", () => {
  test.each([
    ["PUT", "/api/models/alias", { alias: "short", model: "one/a" }],
    ["PUT", "/api/models/alias", { pattern: "short", target: "one/a" }],
    ["PATCH", "/api/models/alias", { alias: "short", model: "one/a" }],
    ["PUT", "/api/models", { model: "one/a", alias: "short" }],
  ])("%s %s %j: one list, in force on the next call", async (method, path, body) => {
    const saved = await gateway.admin(method, path, body);
    expect(saved.body).toEqual({ success: true, model: "one/a", alias: "short" });
    expect((await gateway.admin("GET", "/api/models/alias")).body).toEqual({
      aliases: { short: "one/a" },
      patterns: [],
    });
    expect((await ask("short")).headers.get("x-omniroute-model")).toBe("one/a");
    expect((await gateway.admin("DELETE", "/api/models/alias?alias=short")).body).toEqual({ success: true });
    expect((await ask("short")).status).toBe(404);
  });

  test("the wildcard router: a pattern with a slash and a star in its target", async () => {
    await gateway.admin("PUT", "/api/models/alias", { pattern: "openai/*", target: "two/openai/*" });
    expect((await gateway.admin("GET", "/api/models/alias")).body.patterns).toEqual([
      { pattern: "openai/*", target: "two/openai/*" },
    ]);
    expect((await ask("openai/gpt-5")).headers.get("x-omniroute-model")).toBe("two/openai/gpt-5");
  });

  test.each([
    [[{ alias: "a", model: "a" }]],
    [
      [
        { alias: "a", model: "b" },
        { alias: "b", model: "c" },
        { alias: "c", model: "a" },
      ],
    ],
    [
      [
        { alias: "b-x", model: "c-x" },
        { pattern: "c-*", target: "b-*" },
      ],
    ],
  ])("%j leads round in a circle: the last is refused and not kept", async (aliases) => {
    const answers = [];
    for (const alias of aliases) answers.push(await gateway.admin("PUT", "/api/models/alias", alias));
    expect(answers.at(-1)?.status).toBe(400);
    expect(answers.slice(0, -1).every(({ status }) => status === 200)).toBe(true);
    const { aliases: kept, patterns } = (await gateway.admin("GET", "/api/models/alias")).body;
    expect(Object.keys(kept).length + patterns.length).toBe(aliases.length - 1);
  });

  test.each([
    {},
    { alias: "a" },
    { model: "one/a" },
    { alias: "", model: "one/a" },
    { alias: "a\nb", model: "x" },
  ])("%j is refused with its field", async (body) => {
    const { status, body: answer } = await gateway.admin("PUT", "/api/models/alias", body);
    expect(status).toBe(400);
    expect(answer.error.details[0].field).toMatch(/alias|model/);
  });
});

describe("fallback chains", () => {
  beforeEach(() => {
    gateway.outbound.script = ({ url, body }) =>
      url.includes("//one.")
        ? { type: "answer", status: 500, body: { error: { message: "down" } } }
        : { type: "answer", body: chatReply(`I am ${body.model}`) };
  });

  test("by name and pattern: follows when the plan is spent, and says so", async () => {
    const chain = { name: "safety", models: ["two/b"], match: "one/*" };
    expect((await gateway.admin("POST", "/api/fallback/chains", chain)).body).toMatchObject({
      success: true,
      chain: { ...chain, enabled: true, priority: 1 },
    });
    const answer = await ask("one/a");
    expect(answer.headers.get("x-omniroute-model")).toBe("two/b");
    expect(answer.headers.get("x-omniroute-decision")).toContain("chain=safety");
    expect((await gateway.admin("GET", "/api/fallback/chains")).body.chains[0]).toMatchObject(chain);
    const removed = await gateway.admin("DELETE", "/api/fallback/chains", { name: "safety" });
    expect(removed.body).toEqual({ success: true, removed: true });
    expect((await ask("one/a")).status).toBe(503);
  });

  test.each(["a", "one/a"])(
    "the older form, for the model %s: the same id at its providers",
    async (model) => {
      const chain = [
        { provider: "one", priority: 1, enabled: true },
        { provider: "two", priority: 2, enabled: true },
      ];
      expect((await gateway.admin("POST", "/api/fallback/chains", { model, chain })).body.success).toBe(true);
      expect((await ask("one/a")).headers.get("x-omniroute-model")).toBe("two/a");
      const { body } = await gateway.admin("GET", "/api/fallback/chains");
      expect(body[model].map((entry: { priority: number }) => entry.priority)).toEqual([1, 2]);
      const off = [chain[0], { ...chain[1], enabled: false }];
      await gateway.admin("POST", "/api/fallback/chains", { model, chain: off });
      expect((await ask("one/a")).status).toBe(503);
      expect((await gateway.admin("DELETE", "/api/fallback/chains", { model })).body.removed).toBe(true);
      expect((await gateway.admin("DELETE", "/api/fallback/chains", { model })).body.removed).toBe(false);
    },
  );

  test("what is no chain is refused", async () => {
    for (const body of [{}, { name: "x", models: [] }, { model: "m", chain: [{ provider: "nobody" }] }])
      expect((await gateway.admin("POST", "/api/fallback/chains", body)).status).toBe(400);
    expect((await gateway.admin("DELETE", "/api/fallback/chains", {})).status).toBe(400);
  });
});

describe("combo defaults", () => {
  test("are told whole, changed by name, and hold for combos that say nothing", async () => {
    const { body } = await gateway.admin("GET", "/api/settings/combo-defaults");
    expect(body).toMatchObject({
      comboDefaults: { strategy: "priority", maxRetries: 1, retryDelayMs: 2000, timeoutMs: 120_000 },
      providerOverrides: {},
    });
    const patch = {
      comboDefaults: { strategy: "Round_Robin", maxRetries: 3 },
      providerOverrides: { two: { timeoutMs: 5000 } },
    };
    const changed = await gateway.admin("PATCH", "/api/settings/combo-defaults", patch);
    expect(changed.body.comboDefaults).toMatchObject({
      strategy: "round-robin",
      maxRetries: 3,
      timeoutMs: 120_000,
    });
    expect(Object.values(changed.body.providerOverrides)).toEqual([{ timeoutMs: 5000 }]);
    const made = await gateway.admin("POST", "/api/combos", { name: "team", models: ["one/a", "two/b"] });
    expect(made.body.strategy).toBe("round-robin");
    const plan = gateway.engine.plan("team", { keyId: "k", name: "k" });
    expect(plan.config.maxRetries).toBe(3);
    const gone = await gateway.admin("PATCH", "/api/settings/combo-defaults", {
      providerOverrides: { two: null },
    });
    expect(gone.body.providerOverrides).toEqual({});
  });

  test.each([
    { comboDefaults: { maxRetries: 11 } },
    { comboDefaults: { strategy: "magic" } },
    { providerOverrides: { nobody: {} } },
    { providerOverrides: { two: { timeoutMs: 1 } } },
  ])("%j is refused", async (patch) => {
    expect((await gateway.admin("PATCH", "/api/settings/combo-defaults", patch)).status).toBe(400);
  });
});
