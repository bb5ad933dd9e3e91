import { afterEach, beforeEach, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import type { Deed } from "../kit/scripted-outbound.ts";

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess();
  gateway.node("one");
});
afterEach(() => gateway.stop());

const vectors: Deed = {
  type: "answer",
  body: { object: "list", model: "e", data: [{ object: "embedding", index: 0, embedding: [0.5] }] },
};
const embed = (model: string) => gateway.call("/v1/embeddings", { model, input: "hello" });
const speak = (model: string) => gateway.call("/v1/audio/speech", { model, input: "hello" });
const team = (config: object) => gateway.combo("team", ["one/e"], { config: { maxRetries: 0, ...config } });

test("a combo's times hold for what is asked beside chat", async () => {
  gateway.outbound.script = () => vectors;
  team({ connectTimeoutMs: 1500, headersTimeoutMs: 7000 });
  expect((await embed("team")).status).toBe(200);
  expect(gateway.outbound.sent[0]).toMatchObject({ connectTimeoutMs: 1500, headersTimeoutMs: 7000 });
});

test.each([
  ["for the whole answer", { totalTimeoutMs: 3000 }, "3 s"],
  ["for silence", { timeoutMs: 4000 }, "4 s"],
])("a limit %s ends a call that nobody answers", async (_name, config, seconds) => {
  gateway.outbound.script = () => ({ type: "stall" });
  team(config);
  const { status, text } = await embed("team");
  expect(status).toBe(504);
  expect(text).toContain(`within ${seconds}`);
});

test.each([
  ["silence", { idleTimeoutMs: 2000 }, "The provider sent nothing for 2 s."],
  ["the whole answer", { totalTimeoutMs: 5000 }, "The answer took longer than allowed."],
])("a limit on %s ends audio that does not go on", async (_name, config, words) => {
  gateway.outbound.script = () => ({
    type: "stream",
    headers: { "content-type": "audio/mpeg" },
    chunks: ["begun"],
    then: "silence",
  });
  team(config);
  await speak("team").catch(() => {});
  expect(gateway.lastRequest()).toMatchObject({ errorCode: "gateway_timeout" });
  expect(gateway.lastRequest().attempts[0]?.message).toBe(words);
});

test("the receipt says why nothing could be asked", async () => {
  gateway.outbound.script = () => ({
    type: "answer",
    status: 429,
    headers: { "retry-after": "60" },
    body: { error: { message: "slow down" } },
  });
  await embed("one/e");
  expect((await embed("one/e")).status).toBe(429);
  const { id } = gateway.lastRequest();
  expect((await gateway.admin("GET", `/api/receipts/${id}`)).body).toMatchObject({
    attempts: [],
    excluded: [{ model: "one/e", reason: "rate limited" }],
  });
});

test("where limits are not to be read between the lines, they are not", async () => {
  await gateway.admin("PATCH", "/api/resilience", { profiles: { apikey: { rateLimitDetection: "off" } } });
  gateway.outbound.script = () => ({
    type: "answer",
    status: 400,
    body: { error: { message: "Too many requests", code: "too_many_requests" } },
  });
  expect((await embed("one/e")).status).toBe(400);
  expect(gateway.engine.health.cooldowns()).toEqual([]);
});
