import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { newRequestId } from "../../src/lib/ids.ts";
import type { RequestRecord } from "../../src/core/record.ts";
import { findRequest, lastDayUsage, listRequests, openStore, totalUsage } from "../../src/store/index.ts";
import { freshStore, record, VERSION } from "./kit.ts";

const failed: RequestRecord = record({
  id: "client-chosen:1",
  requestedModel: "best",
  model: undefined,
  provider: undefined,
  connectionId: undefined,
  connectionName: undefined,
  combo: "best",
  keyId: "keyless",
  keyName: "keyless",
  sourceFormat: "anthropic",
  targetFormat: undefined,
  stream: false,
  status: 429,
  errorCode: "rate_limit_exceeded",
  errorMessage: "[429]: slow down",
  usage: undefined,
  cost: undefined,
  costKind: undefined,
  firstContentMs: undefined,
  warnings: ["top_k was dropped"],
  attempts: [
    {
      position: 0,
      provider: "groq",
      model: "groq/a",
      connectionId: "c1",
      connectionName: "one",
      startedAt: Date.UTC(2026, 10, 21, 9, 30) + 1,
      durationMs: 20,
      status: 429,
      outcome: "rate-limited",
      message: "slow down",
    },
    {
      position: 1,
      provider: "glm",
      model: "b",
      connectionId: "c2",
      connectionName: "two",
      startedAt: Date.UTC(2026, 10, 21, 9, 30) + 30,
      durationMs: 5,
      outcome: "unreachable",
    },
  ],
});

const RECORDS: [string, RequestRecord][] = [
  ["an everyday call", record()],
  ["a call that failed everywhere", failed],
  ["a model named without its prefix in the attempt", withBareModel()],
  ["an alias that led to a model", record({ requestedModel: "sonnet" })],
  ["a call whose tokens we counted", record({ usage: { input: 1, output: 2, estimated: true } })],
  [
    "a call sold by other things than tokens",
    record({ usage: { input: 0, output: 0, units: { seconds: 12.5, images: 2 } } }),
  ],
  [
    "all kinds of tokens",
    record({ usage: { input: 1, output: 9, cacheRead: 3, cacheWrite: 4, cacheWrite1h: 2, reasoning: 5 } }),
  ],
  ["shadow cost", record({ costKind: "shadow", cost: 0.5 })],
  ["a failure inside a stream", record({ status: 200, errorCode: "upstream_malformed" })],
  ["nothing tried", record({ attempts: [], targetFormat: undefined })],
];

function withBareModel(): RequestRecord {
  const base = record();
  return { ...base, attempts: [{ ...base.attempts[0]!, model: "llama-3.3-70b-versatile" }] };
}

describe("the request log", () => {
  test.each(RECORDS)("gives back %s as it was told", (_, told) => {
    const { store } = freshStore();
    store.requestLog.add(told);
    const expected = JSON.parse(JSON.stringify(told)) as RequestRecord;
    expect(findRequest(store, told.id)).toEqual(expected);
    expect(listRequests(store).requests).toEqual([expected]);
    store.close();
  });

  test("writes within 200 ms, and at once when 500 wait", () => {
    const { store, clock } = freshStore();
    const count = () =>
      store.files.logs.query<{ count: number }, []>("SELECT count(*) AS count FROM requests").get()!.count;
    store.requestLog.add(record());
    expect(count()).toBe(0);
    clock.advance(199);
    expect(count()).toBe(0);
    clock.advance(1);
    expect(count()).toBe(1);
    for (let index = 0; index < 500; index++) store.requestLog.add(record());
    clock.advance(0);
    expect(count()).toBe(501);
    store.close();
  });

  test("keeps what waits when it is closed, and takes a rounded duration", () => {
    const { store, clock, dataDir } = freshStore();
    store.requestLog.add(record({ durationMs: 12.6, attempts: [] }));
    store.close();
    const again = openStore({ dataDir, clock, version: VERSION });
    expect(findRequest(again, record().id)?.durationMs).toBe(13);
    expect(totalUsage(again, { from: 0, to: clock.now() + 1 }).requests).toBe(1);
    again.close();
  });

  test("waits while the disk is full, drops the oldest beyond 10,000, and goes on afterwards", () => {
    const { store, clock } = freshStore();
    const pages = store.files.logs.query<{ page_count: number }, []>("PRAGMA page_count").get()!.page_count;
    store.files.logs.run(`PRAGMA max_page_count = ${pages}`);
    for (let index = 0; index < 10_100; index++) store.requestLog.add(record({ id: newRequestId() }));
    clock.advance(200);
    expect(store.losses()).toMatchObject({ dropped: 100, trouble: "SQLITE_FULL" });
    expect(store.losses().refused).toBeGreaterThan(0);
    expect(store.requestLog.size).toBe(10_000);
    clock.advance(5000);
    expect(store.requestLog.size).toBe(10_000);
    store.files.logs.run("PRAGMA max_page_count = 1000000");
    clock.advance(1000);
    expect(store.losses().trouble).toBeUndefined();
    expect(store.requestLog.size).toBe(0);
    expect(lastDayUsage(store).requests).toBe(10_000);
    store.close();
  });

  test("two calls of one id are both kept; the newer one is found", () => {
    const { store } = freshStore();
    store.requestLog.add(record({ id: "retry", status: 500 }));
    store.requestLog.add(record({ id: "retry", status: 200 }));
    expect(listRequests(store).requests).toHaveLength(2);
    expect(findRequest(store, "retry")?.status).toBe(200);
    store.close();
  });

  test("a clock that was set back loses nothing", () => {
    const { store, clock, dataDir } = freshStore();
    for (let index = 0; index < 1500; index++) store.requestLog.add(record());
    store.requestLog.flush();
    store.close();
    const again = openStore({ dataDir, clock, version: VERSION });
    again.requestLog.add(record({ at: record().at - 1000 }));
    again.requestLog.add(record());
    again.requestLog.flush();
    expect(again.losses().dropped).toBe(0);
    again.close();
  });

  test("numbers that are none spoil no sum", () => {
    const { store, clock } = freshStore();
    store.requestLog.add(
      record({ usage: { input: Number.NaN, output: -5 }, cost: Number.POSITIVE_INFINITY }),
    );
    store.requestLog.add(record());
    expect(totalUsage(store, { from: 0, to: clock.now() + 1 })).toMatchObject({
      requests: 2,
      input: 1200,
      output: 340,
      cost: 0.00123,
    });
    expect(store.losses().dropped).toBe(0);
    store.close();
  });

  test("takes at most 300 bytes of disk a call", () => {
    const { store, dataDir } = freshStore();
    const before = statSync(join(dataDir, "logs.sqlite")).size;
    const calls = 5000;
    for (let index = 0; index < calls; index++) {
      store.requestLog.add(record({ id: newRequestId(), at: record().at + index * 1000 }));
    }
    store.close();
    const perCall = (statSync(join(dataDir, "logs.sqlite")).size - before) / calls;
    expect(perCall).toBeLessThan(300);
  });
});
