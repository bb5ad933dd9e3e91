import { describe, expect, test } from "bun:test";
import { clearProxyLog, listProxyLog, listRequests, type RequestQuery } from "../../src/store/index.ts";
import { freshStore, record } from "./kit.ts";

const START = Date.UTC(2026, 10, 21, 9, 30);
const at = (minute: number) => START + minute * 60_000;

/** One letter each, so that a row of the table below can name what it expects. */
const CALLS = {
  a: record({ id: "a", at: at(0) }),
  b: record({ id: "b", at: at(1), status: 503, errorCode: "service_unavailable", errorMessage: "100% busy" }),
  c: record({ id: "c", at: at(2), status: 499 }),
  d: record({ id: "d", at: at(3), errorCode: "upstream_malformed", combo: "best", requestedModel: "best" }),
  e: record({
    id: "e",
    at: at(4),
    provider: "glm",
    model: "glm/glm-4.7",
    requestedModel: "sonnet",
    connectionId: "env-glm",
    connectionName: "env",
    keyId: "keyless",
    keyName: "keyless",
    path: "/v1/messages",
  }),
};

describe("listing requests", () => {
  test.each<[RequestQuery, string]>([
    [{}, "edcba"],
    [{ status: "ok" }, "ea"],
    [{ status: "error" }, "db"],
    [{ status: 499 }, "c"],
    [{ model: "glm/glm-4.7" }, "e"],
    [{ model: "glm-4.7" }, "e"],
    [{ model: "sonnet" }, "e"],
    [{ model: "4.7" }, ""],
    [{ model: "%" }, ""],
    [{ provider: "groq" }, "dcba"],
    [{ account: "env" }, "e"],
    [{ account: "0e6f2c52-0d8c-4b63-8f6e-1f2e3d4c5b6a" }, "dcba"],
    [{ apiKey: "laptop" }, "dcba"],
    [{ apiKey: "6f1f6f0a-5a2b-4b7e-9f0e-0d0c0b0a0908" }, "dcba"],
    [{ apiKey: "keyless" }, "e"],
    [{ combo: "best" }, "d"],
    [{ search: "MESSAGES" }, "e"],
    [{ search: "100%" }, "b"],
    [{ search: "%" }, "b"],
    [{ search: "_" }, ""],
    [{ search: "V1/" }, "edcba"],
    [{ from: at(1), to: at(3) }, "cb"],
    [{ provider: "groq", status: "ok" }, "a"],
    [{ limit: 2 }, "ed"],
    [{ cursor: "nonsense" }, "edcba"],
  ])("%j gives %p", (query, expected) => {
    const { store } = freshStore();
    for (const call of Object.values(CALLS)) store.requestLog.add(call);
    expect(
      listRequests(store, query)
        .requests.map((call) => call.id)
        .join(""),
    ).toBe(expected);
    store.close();
  });

  test("page by page gives each once, also while new ones come in", () => {
    const { store } = freshStore();
    for (let index = 0; index < 25; index++)
      store.requestLog.add(record({ id: `r${index}`, at: at(index % 7) }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = listRequests(store, { limit: 4, ...(cursor && { cursor }) });
      seen.push(...page.requests.map((call) => call.id));
      cursor = page.nextCursor;
      store.requestLog.add(record({ id: "new", at: at(60) }));
    } while (cursor);
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
    store.close();
  });
});

test("the proxy log lists newest first, by any field, and can be emptied", () => {
  const { store } = freshStore();
  const base = {
    at: 1,
    level: "global",
    type: "http",
    host: "proxy:8080",
    target: "api.groq.com/v1",
    status: "ok",
    durationMs: 5,
  } as const;
  store.proxyLog.add(base);
  store.proxyLog.add({
    ...base,
    level: "connection",
    type: "socks5",
    status: "failed",
    error: "refused",
    provider: "glm",
    connectionId: "c",
  });
  const ids = (query: Parameters<typeof listProxyLog>[1]) =>
    listProxyLog(store, query).map((entry) => entry.id);
  expect(ids({})).toEqual([2, 1]);
  expect(ids({ status: "failed" })).toEqual([2]);
  expect(ids({ type: "http" })).toEqual([1]);
  expect(ids({ provider: "glm", level: "connection" })).toEqual([2]);
  expect(ids({ search: "GROQ", limit: 1 })).toEqual([2]);
  expect(listProxyLog(store)[1]).toEqual({ ...base, id: 1 });
  expect(clearProxyLog(store)).toBe(2);
  expect(ids({})).toEqual([]);
  store.close();
});

test("a question looks through as many rows as are kept and then says where to go on", () => {
  const { store } = freshStore();
  store.requestLog.add(record({ id: "rare", at: at(0), combo: "rare" }));
  store.requestLog.flush();
  store.files.logs.run(
    `WITH RECURSIVE counted(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < 100000)
     INSERT INTO requests (seq, id, path, key_id, source_format, stream, status, duration_ms)
     SELECT ${at(1)} * 1024 + number, 'r' || number, '/', 'k', 1, 0, 200, 1 FROM counted`,
  );
  expect(listRequests(store).requests).toHaveLength(50);
  const first = listRequests(store, { combo: "rare" });
  expect(first.requests).toEqual([]);
  const second = listRequests(store, { combo: "rare", cursor: first.nextCursor! });
  expect(second.requests.map(({ id }) => id)).toEqual(["rare"]);
  expect(second.nextCursor).toBeUndefined();
  store.close();
});
