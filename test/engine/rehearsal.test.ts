import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { RehearsalInput } from "../../src/engine.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";

let gateway: InProcess;
let id: string;
beforeAll(async () => {
  gateway = await startInProcess();
  gateway.node("one");
  gateway.node("two", { type: "anthropic-compatible", connections: 2 });
  gateway.node("three", { apiType: "responses" });
  ({ id } = gateway.combo("team", ["one/a", "two/b", "three/c"], { config: { maxRetries: 0 } }));
});
afterAll(() => gateway.stop());

const rehearse = async (input: RehearsalInput, name = id) => {
  const { status, body } = await gateway.admin(
    "POST",
    `/api/combos/${encodeURIComponent(name)}/rehearse`,
    input,
  );
  return { status, body };
};
/** `model outcome` of every attempt of the requests. */
const paths = async (input: RehearsalInput, name = id): Promise<string[][]> => {
  const { body } = await rehearse(input, name);
  return body.requests.map((request: { path: { model: string; outcome: string }[] }) =>
    request.path.map(({ model, outcome }) => `${model} ${outcome}`),
  );
};

describe("one fault at the first target", () => {
  test.each([
    ["400", "rejected"],
    ["401", "credentials"],
    ["402", "quota-exhausted"],
    ["403", "credentials"],
    ["404", "no-such-model"],
    ["408", "timeout"],
    ["413", "context-length"],
    ["422", "rejected"],
    ["429", "rate-limited"],
    ["429@120", "rate-limited"],
    ["500", "overloaded"],
    ["503@7", "overloaded"],
    ["529", "overloaded"],
    ["refused", "unreachable"],
    ["dns", "unreachable"],
    ["tls", "unreachable"],
    ["stall", "timeout"],
    ["error-first", "overloaded"],
    ["empty", "malformed"],
    ["html", "malformed"],
    ["cut@0", "malformed"],
  ])("%s: %s, and the second answers", async (fault, outcome) => {
    for (const stream of [true, false])
      expect(await paths({ faults: { "1": fault }, stream })).toEqual([[`one/a ${outcome}`, "two/b ok"]]);
  });

  test("a reset before the first byte is repeated once at once", async () => {
    expect(await paths({ faults: { "1": "reset" } })).toEqual([
      ["one/a unreachable", "one/a unreachable", "two/b ok"],
    ]);
    expect(await paths({ faults: { "1": "resetx1" } })).toEqual([["one/a unreachable", "one/a ok"]]);
  });

  test("a cut or a stall in the middle ends the answer; nobody else is asked", async () => {
    for (const [fault, outcome] of [
      ["cut@3", "malformed"],
      ["stall@3", "timeout"],
    ] as const) {
      const { body } = await rehearse({ faults: { "1": fault } });
      expect(body.requests[0].path).toMatchObject([{ model: "one/a", outcome }]);
      expect(body.requests[0].answered).toBeNull();
      expect(body.requests[0].receipt.attempts[0].reason_for_next).toContain("in the middle of the answer");
    }
  });
});

describe("whom a fault is meant for", () => {
  test("a place, a model, a connection by name or id", async () => {
    const [first] = gateway.engine.router.connections.filter(({ name }) => name === "two 1");
    expect(await paths({ faults: { "1": "500", "two/b": "500" } })).toEqual([
      ["one/a overloaded", "two/b overloaded", "two/b overloaded", "three/c ok"],
    ]);
    for (const name of ["two 1", first!.id])
      expect(await paths({ faults: { "1": "500", [name]: "500" } })).toEqual([
        ["one/a overloaded", "two/b overloaded", "two/b ok"],
      ]);
  });

  test("a name that is nobody's, or no fault, is refused with its reason", async () => {
    const wrong: { [target: string]: string }[] = [
      { "9": "429" },
      { nobody: "429" },
      { "1": "418" },
      { "1": "magic" },
      { "1": "" },
    ];
    for (const faults of wrong) {
      const { status, body } = await rehearse({ faults });
      expect(status).toBe(400);
      expect(body.error.message).toMatch(/no place, model or connection|is no fault/);
    }
    expect((await rehearse({}, "nothing")).status).toBe(400);
  });
});

describe("several requests", () => {
  test("what rests is passed over until it returns", async () => {
    const { body } = await rehearse({ faults: { "1": "429@5x1" }, requests: 4, gapMs: 2000 });
    expect(
      body.requests.map((request: { path: { model: string }[] }) => request.path.map(({ model }) => model)),
    ).toEqual([["one/a", "two/b"], ["two/b"], ["two/b"], ["one/a"]]);
    expect(body.requests[1].receipt.excluded).toMatchObject([{ model: "one/a", reason: "rate limited" }]);
  });

  test("a failing provider's breaker opens, and lets one probe through after its time", async () => {
    const requests = await paths({ faults: { "1": "500" }, requests: 12, gapMs: 10_000 });
    const asked = requests.map((path) => path.some((step) => step.startsWith("one/a")));
    expect(asked.slice(0, 5).filter(Boolean).length).toBeGreaterThan(0);
    expect(asked).toContain(false);
  });
});

describe("nothing of it is real", () => {
  test("not what providers' prompt caches are said to have saved", async () => {
    await rehearse({ faults: {}, requests: 2 });
    expect(gateway.engine.caches.promptCache.stats().totalRequests).toBe(0);
  });

  test("nobody is called, nothing is logged, counted or set aside, and hours pass in no time", async () => {
    const { health, router, comboMetrics } = gateway.engine;
    await rehearse({
      faults: { "1": "stall", "2": "stall", "3": "429@86400" },
      requests: 20,
      gapMs: 3_600_000,
    });
    expect(gateway.outbound.sent).toEqual([]);
    expect([health.cooldowns(), health.breakers(), comboMetrics.read(), router.memory.sessions()]).toEqual([
      [],
      [],
      {},
      [],
    ]);
    expect(() => gateway.lastRequest()).toThrow("No request was logged");
  });

  test("it begins with everything in order, or with this moment", async () => {
    const { health } = gateway.engine;
    const [target] = gateway.engine.plan("one/a", { keyId: "k", name: "k" }).targets;
    health.pause(target!, "connection", "quota", gateway.clock.now() + 3_600_000);
    expect(await paths({})).toEqual([["one/a ok"]]);
    expect(await paths({ fromNow: true })).toEqual([["two/b ok"]]);
    health.resetAll();
  });
});

test("every strategy, nested combos, aliases, the ready-made combo and the mock's own faults can be rehearsed", async () => {
  gateway.combo("mixed", ["mock/429?after=0", "team"], { strategy: "p2c", config: { maxRetries: 0 } });
  const [path = []] = await paths({ faults: { "2": "500" } }, "mixed");
  expect(path.at(-1)).toMatch(/mock\/429\?after=0 rate-limited|overloaded/);
  gateway.combo("demo", ["mock/500?after=0", "mock/echo"], { config: { maxRetries: 0 } });
  expect(await paths({}, "demo")).toEqual([["mock/500?after=0 overloaded", "mock/echo ok"]]);
  const [connection] = gateway.engine.manage.connections.list().filter(({ name }) => name === "one 1");
  gateway.engine.manage.connections.update(connection!.id, { defaultModel: "main" }, { name: "test" });
  expect(await paths({}, "auto")).toEqual([["one/main ok"]]);
});
