import { afterEach, beforeEach, expect, test } from "bun:test";
import { csvOf } from "../../src/admin/csv.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

const DAY_MS = 86_400_000;
let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess({ script: () => ({ type: "answer", body: chatReply("hello") }) });
  gateway.node("one");
  await gateway.call("/v1/chat/completions", { model: "one/a", messages: [{ role: "user", content: "hi" }] });
  const record = gateway.lastRequest();
  const usage = { input: 100, output: 20, cacheRead: 30, cacheWrite: 5 };
  const add = (more: object) =>
    gateway.engine.store.requestLog.add({ ...record, usage, id: `req_${Math.random()}`, ...more } as never);
  add({ cost: 0.5, costKind: "billed", model: "one/b" });
  add({ cost: 2, costKind: "shadow", model: "=cmd()", at: record.at - DAY_MS });
  add({ model: "one/b", at: record.at - 40 * DAY_MS });
});
afterEach(() => gateway.stop());

test("analytics: billed and shadow cost apart, unknown prices named, by model, day and key", async () => {
  const { body } = await gateway.admin("GET", "/api/usage/analytics?range=7d");
  expect(body.summary).toMatchObject({
    totalRequests: 3,
    totalCost: 0.5,
    shadowCost: 2,
    streak: 2,
    uniqueApiKeys: 1,
    uniqueAccounts: 1,
  });
  expect(body.dailyTrend).toHaveLength(2);
  expect(body.byModel.find(({ model }: { model: string }) => model === "one/b")).toMatchObject({
    promptTokens: 135,
    completionTokens: 20,
    totalTokens: 155,
    cachedTokens: 30,
  });
  expect(body.byApiKey[0]).toMatchObject({ apiKeyId: "keyless", totalRequests: 3 });
  expect(body.byAccount[0].account).toBe("one 1");
  expect(Object.values(body.activityMap)).toEqual([1, 2]);
  expect(body.weeklyPattern).toHaveLength(7);
});

test.each([
  ["range=1d", 3],
  ["range=30d", 3],
  ["range=90d", 4],
  ["range=all", 4],
  ["from=2026-11-20&to=2026-11-21", 1],
])("%s covers %i requests", async (query, requests) => {
  const { body } = await gateway.admin("GET", `/api/usage/analytics?${query}`);
  expect(body.summary.totalRequests).toBe(requests);
});

test.each([
  "analytics?range=2d",
  "analytics?from=yesterday",
  "analytics?from=2026-11-22&to=2026-11-21",
  "report?month=2026-13",
  "report?format=xml",
  "report?from=2026-11-21&to=2026-11-20",
  "report?from=yesterday",
])("%s is refused", async (path) => {
  expect((await gateway.admin("GET", `/api/usage/${path}`)).status).toBe(400);
});

test("history: totals of all time, the last ten minutes, and what runs", async () => {
  const { body } = await gateway.admin("GET", "/api/usage/history");
  expect(body).toMatchObject({ totalRequests: 4, pending: 0, activeRequests: [] });
  expect(body.last10Minutes).toHaveLength(10);
  expect(body.last10Minutes.at(-1).requests).toBe(2);
  expect(body.byModel["one/b"].totalRequests).toBe(2);
});

test("providers: how many calls each answered, and how fast", async () => {
  const { body } = await gateway.admin("GET", "/api/provider-metrics");
  const provider = gateway.lastRequest().provider!;
  expect(body.metrics).toEqual({
    [provider]: { totalRequests: 4, totalSuccesses: 4, successRate: 100, avgLatencyMs: expect.any(Number) },
  });
});

test("the monthly report", async () => {
  const { body } = await gateway.admin("GET", "/api/usage/report?month=2026-11");
  expect(body.summary).toMatchObject({ totalRequests: 3, totalCost: 0.5 });
  expect(body.rows.map(({ date }: { date: string }) => date)).toEqual([
    "2026-11-20",
    "2026-11-21",
    "2026-11-21",
  ]);
});

test("a report of some days, of one key alone", async () => {
  const days = await gateway.admin("GET", "/api/usage/report?from=2026-11-20&to=2026-11-20");
  expect(days.body).toMatchObject({ from: "2026-11-20", to: "2026-11-20", summary: { totalRequests: 1 } });
  const nobody = await gateway.admin("GET", "/api/usage/report?from=2026-11-01&to=2026-11-30&apiKey=gone");
  expect(nobody.body).toMatchObject({ summary: { totalRequests: 0 }, rows: [] });
});

test.each([
  ["plain", "plain"],
  ['say "hi", twice', '"say ""hi"", twice"'],
  ["=HYPERLINK(1)", "'=HYPERLINK(1)"],
  ["-1+1", "'-1+1"],
  ["two\nlines", '"two\nlines"'],
  ["a;=1+1", '"a;=1+1"'],
])("a cell %j is written as %j", (text, written) => {
  expect(csvOf([{ name: text, count: -1 }], ["name", "count"])).toBe(`\ufeffname,count\r\n${written},-1\r\n`);
});

test("a report of nothing has its head line all the same", () => {
  expect(csvOf([], ["date", "totalCost"])).toBe("\ufeffdate,totalCost\r\n");
});
