import { describe, expect, test } from "bun:test";
import { groupUsage, lastDayUsage, totalUsage, type Store } from "../../src/store/index.ts";
import { freshStore, record } from "./kit.ts";

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 20, 12);

function used(): Store {
  const { store } = freshStore();
  const add = store.requestLog.add.bind(store.requestLog);
  add(record({ at: NOON }));
  add(
    record({
      at: NOON + 59 * 60_000,
      status: 500,
      errorCode: "bad_gateway",
      usage: undefined,
      cost: undefined,
    }),
  );
  add(record({ at: NOON + HOUR, status: 499, usage: { input: 5, output: 1, estimated: true }, cost: 0.25 }));
  add(
    record({
      at: NOON + HOUR,
      provider: "cc",
      model: "cc/sonnet",
      costKind: "shadow",
      cost: 2,
      keyId: "keyless",
    }),
  );
  add(
    record({
      at: NOON + 24 * HOUR,
      provider: "cc",
      model: "cc/sonnet",
      costKind: "free",
      cost: 1,
      firstContentMs: undefined,
    }),
  );
  add(
    record({ at: NOON + 24 * HOUR, provider: "home", model: "home/x", cost: undefined, costKind: undefined }),
  );
  return store;
}

describe("usage", () => {
  test("adds up everything in the hours asked for", () => {
    const store = used();
    expect(totalUsage(store, { from: NOON, to: NOON + 2 * HOUR })).toEqual({
      requests: 4,
      errors: 1,
      cancelled: 1,
      input: 1200 + 5 + 1200,
      output: 340 + 1 + 340,
      cacheRead: 1600,
      cacheWrite: 0,
      reasoning: 80,
      estimated: 1,
      cost: 0.00123 + 0.25,
      shadowCost: 2,
      unknownPrice: 0,
      durationMs: 4 * 2300,
      firstContentMs: 4 * 410,
      firstContentCount: 4,
    });
    store.close();
  });

  test("knows unknown prices from no cost, and billed from shadow cost", () => {
    const store = used();
    const total = totalUsage(store, { from: NOON + 24 * HOUR, to: NOON + 25 * HOUR });
    expect(total).toMatchObject({
      requests: 2,
      cost: 0,
      shadowCost: 1,
      unknownPrice: 1,
      firstContentCount: 1,
    });
    store.close();
  });

  test.each([
    [{ provider: "cc" }, 2],
    [{ model: "cc/sonnet" }, 2],
    [{ keyId: "keyless" }, 1],
    [{ connectionId: "0e6f2c52-0d8c-4b63-8f6e-1f2e3d4c5b6a" }, 6],
    [{ provider: "cc", keyId: "keyless" }, 1],
    [{ provider: "nobody" }, 0],
  ])("by %j counts %p", (filter, requests) => {
    const store = used();
    expect(totalUsage(store, { from: 0, to: NOON + 48 * HOUR, ...filter }).requests).toBe(requests);
    store.close();
  });

  test("groups by provider, key and time, by hours or days alike", () => {
    const store = used();
    const range = { from: 0, to: NOON + 48 * HOUR };
    const counts = (rows: { requests: number; [field: string]: unknown }[], ...fields: string[]) =>
      rows.map((row) => [...fields.map((field) => row[field]), row.requests]);
    expect(counts(groupUsage(store, range, ["provider"]), "provider")).toEqual([
      ["cc", 2],
      ["groq", 3],
      ["home", 1],
    ]);
    expect(
      counts(groupUsage(store, { ...range, per: "day" }, ["time", "provider"]), "time", "provider"),
    ).toEqual([
      [Date.UTC(2026, 10, 20), "cc", 1],
      [Date.UTC(2026, 10, 20), "groq", 3],
      [Date.UTC(2026, 10, 21), "cc", 1],
      [Date.UTC(2026, 10, 21), "home", 1],
    ]);
    expect(counts(groupUsage(store, range, ["time"]), "time")).toEqual([
      [NOON, 2],
      [NOON + HOUR, 2],
      [NOON + 24 * HOUR, 2],
    ]);
    expect(counts(groupUsage(store, range, ["key"]), "keyId")).toContainEqual(["keyless", 1]);
    store.close();
  });

  test("of the last day holds this hour and the 23 before it", () => {
    const { store, clock } = freshStore();
    clock.advance(48 * HOUR);
    const now = clock.now();
    for (const hours of [0, 1, 23, 24, 30]) store.requestLog.add(record({ at: now - hours * HOUR }));
    expect(lastDayUsage(store).requests).toBe(3);
    store.close();
  });
});
