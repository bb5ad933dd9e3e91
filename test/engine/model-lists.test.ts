import { expect, test } from "bun:test";
import type { Connection } from "../../src/core/connection.ts";
import { ModelLists } from "../../src/engine/model-lists.ts";
import { FakeClock } from "../kit/fake-clock.ts";

const one = { id: "c1", updatedAt: 1 } as Connection;

function listsOf() {
  const clock = new FakeClock();
  const asked: { id: string; resolve(): void; reject(error: Error): void; signal: AbortSignal }[] = [];
  const told: string[] = [];
  const lists = new ModelLists({
    clock,
    listed: ({ id }, models) => told.push(`${id}: ${models.map((model) => model.id).join()}`),
    discover: ({ id }, signal) =>
      new Promise((resolve, reject) =>
        asked.push({
          id,
          signal,
          reject,
          resolve: () => resolve([{ id: `m${asked.length}`, name: "M", type: "chat" }]),
        }),
      ),
  });
  return { clock, asked, lists, told };
}

test("what a provider lists is told, once for each time it was asked", async () => {
  const { asked, lists, told } = listsOf();
  const pending = lists.list(one);
  asked[0]?.resolve();
  await pending;
  await lists.list(one);
  expect(told).toEqual(["c1: m1"]);
});

test("a crowd that asks at once is one call", async () => {
  const { asked, lists } = listsOf();
  const all = Array.from({ length: 20 }, () => lists.list(one));
  expect(asked).toHaveLength(1);
  asked[0]?.resolve();
  expect(new Set((await Promise.all(all)).map((models) => models[0]?.id)).size).toBe(1);
});

test("an answer is kept for an hour; a changed connection or a wish for a fresh one asks anew", async () => {
  const { clock, asked, lists } = listsOf();
  const ask = async (connection: Connection, fresh = false) => {
    const pending = lists.list(connection, fresh);
    asked.at(-1)?.resolve();
    await pending;
    return asked.length;
  };
  expect(await ask(one)).toBe(1);
  clock.advance(3_599_999);
  expect(await ask(one)).toBe(1);
  clock.advance(1);
  expect(await ask(one)).toBe(2);
  expect(await ask({ ...one, updatedAt: 2 })).toBe(3);
  expect(await ask(one, true)).toBe(4);
});

test("a failure is told to all who asked, and not kept", async () => {
  const { asked, lists } = listsOf();
  const both = [lists.list(one), lists.list(one)].map((each) => each.catch((error: Error) => error.message));
  asked[0]?.reject(new Error("no"));
  expect(await Promise.all(both)).toEqual(["no", "no"]);
  void lists.list(one);
  expect(asked).toHaveLength(2);
});

test("a provider that never answers is given up", () => {
  const { clock, asked, lists } = listsOf();
  void lists.list(one);
  clock.advance(30_000);
  expect(asked[0]?.signal.aborted).toBe(true);
});
