import { describe, expect, test } from "bun:test";
import { makePlan, RoutingMemory } from "../../src/routing/index.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { ask, calmView, catalogueOf, combo, target } from "./kit.ts";

const MINUTE = 60_000;
const one = target("groq/a", "groq:1", { combos: ["c"] });

test("a combo's turn moves on when its plan is carried out, not when it is made", () => {
  const memory = new RoutingMemory(new FakeClock());
  const catalogue = catalogueOf({ combos: [combo("c", ["groq/a"], { strategy: "round-robin" })] });
  const plan = makePlan(ask("c"), catalogue, calmView());
  expect(memory.turn("combo:id-of-c")).toBe(0);
  memory.planned(plan);
  memory.planned(plan);
  expect(memory.turn("combo:id-of-c")).toBe(2);
});

test("calls to a provider are counted once per request, uses and last use per call", () => {
  const clock = new FakeClock();
  const memory = new RoutingMemory(clock);
  memory.attempted(one, true);
  memory.attempted(one, false);
  expect([memory.turn("accounts:groq"), memory.uses("c", "groq/a"), memory.lastUsedAt("groq:1")]).toEqual([
    1,
    2,
    clock.now(),
  ]);
  expect([memory.uses("c", "groq/b"), memory.uses("d", "groq/a")]).toEqual([0, 0]);
});

test("calls in a row are those since another account of the provider was asked", () => {
  const memory = new RoutingMemory(new FakeClock());
  const other = target("groq/a", "groq:2");
  const inARow = () => ["groq:1", "groq:2"].map((id) => memory.usesInARow("groq", id));
  expect(inARow()).toEqual([0, 0]);
  memory.attempted(one, true);
  memory.attempted(one, true);
  memory.attempted(target("mistral/a", "mistral:1"), true);
  expect(inARow()).toEqual([2, 0]);
  memory.attempted(other, false);
  expect(inARow()).toEqual([0, 1]);
});

test("uses are forgotten after an hour", () => {
  const clock = new FakeClock();
  const memory = new RoutingMemory(clock);
  for (let round = 0; round < 4; round++) {
    memory.attempted(one, true);
    clock.advance(20 * MINUTE);
  }
  expect(memory.uses("c", "groq/a")).toBe(2);
  clock.advance(59 * MINUTE);
  expect(memory.uses("c", "groq/a")).toBe(0);
});

describe("conversations", () => {
  test("are remembered for an hour, per provider", () => {
    const clock = new FakeClock();
    const memory = new RoutingMemory(clock);
    memory.served("talk", one);
    memory.served("talk", target("glm/x", "glm:2"));
    expect([
      memory.servedBy("talk", "groq"),
      memory.servedBy("talk", "glm"),
      memory.servedBy("other", "groq"),
    ]).toEqual(["groq:1", "glm:2", undefined]);
    expect(
      memory.sessions().map(({ sessionKey, provider, connectionId }) => [sessionKey, provider, connectionId]),
    ).toEqual([
      ["talk", "groq", "groq:1"],
      ["talk", "glm", "glm:2"],
    ]);
    clock.advance(60 * MINUTE);
    expect(memory.servedBy("talk", "groq")).toBeUndefined();
    expect(memory.sessions()).toEqual([]);
  });

  test("keep a key that holds the separator whole", () => {
    const memory = new RoutingMemory(new FakeClock());
    memory.served("key\u0000talk", one);
    expect(memory.sessions()[0]).toMatchObject({ sessionKey: "key\u0000talk", provider: "groq" });
  });

  test("are bounded", () => {
    const memory = new RoutingMemory(new FakeClock());
    for (let index = 0; index < 12_000; index++) memory.served(`talk ${index}`, one);
    expect(memory.sessions()).toHaveLength(10_000);
    expect(memory.servedBy("talk 0", "groq")).toBeUndefined();
    expect(memory.servedBy("talk 11999", "groq")).toBe("groq:1");
  });
});

test("all of it survives a restart", () => {
  const before = new RoutingMemory(new FakeClock());
  before.attempted(one, true);
  before.served("talk", one);
  const stored = JSON.parse(JSON.stringify(before.snapshot()));
  const after = new RoutingMemory(new FakeClock());
  after.restore(stored);
  expect(after.snapshot()).toEqual(before.snapshot());
  expect([after.turn("accounts:groq"), after.uses("c", "groq/a"), after.servedBy("talk", "groq")]).toEqual([
    1,
    1,
    "groq:1",
  ]);
});

test("junk in place of a snapshot is left out", () => {
  const memory = new RoutingMemory(new FakeClock());
  for (const junk of [
    undefined,
    null,
    "x",
    { turns: "x" },
    {
      turns: [["a", -1], [7, 1], "b", ["ok", 2]],
      uses: [
        ["k", "x"],
        [1, []],
      ],
      lastUsed: [["c", "soon"]],
      served: [["k", 1, 2]],
    },
  ]) {
    memory.restore(junk);
  }
  expect(memory.snapshot()).toEqual({ turns: [["ok", 2]], uses: [["k", []]], lastUsed: [], served: [] });
});
