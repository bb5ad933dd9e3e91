import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import type { Deed } from "../kit/scripted-outbound.ts";
import { chatReply, chatStream, messagesStream } from "../kit/upstream.ts";

let gateway: InProcess;
let connectionId: string;
beforeEach(async () => {
  gateway = await startInProcess();
  [connectionId = ""] = gateway.node("one");
});
afterEach(() => gateway.stop());

const ask = (more: object = {}) =>
  gateway.call("/v1/chat/completions", {
    model: "one/a",
    stream: true,
    messages: [{ role: "user", content: "hi" }],
    ...more,
  });

const failing = (error: object, before = "Half an ans"): Deed => ({
  type: "stream",
  chunks: [...chatStream(before, { end: false }), `data: ${JSON.stringify({ error })}\n\n`],
});

describe("an error after content", () => {
  test("is told in the client's protocol with the provider's words, keys struck out, and without a success ending", async () => {
    gateway.outbound.script = () =>
      failing({ message: "Upstream died for key-of-one-1 (account org-abcdef123456)", code: "server_error" });
    const { text, status } = await ask();
    expect(status).toBe(200);
    expect(text).toContain("Upstream died for [redacted] (account [account])");
    expect(text).not.toContain("key-of-one-1");
    expect(text).not.toContain("[DONE]");
    expect(text).not.toContain('"finish_reason":"stop"');
  });

  test("counts as what it says, until the time it names", async () => {
    gateway.outbound.script = () =>
      failing({ message: "Rate limit reached. Try again in 30s", code: "rate_limit_exceeded" });
    const { text } = await ask();
    expect(text).toContain('"code":"rate_limit_exceeded"');
    expect(gateway.engine.health.cooldowns()).toMatchObject([
      { connectionId, modelId: "a", kind: "rate-limit", until: gateway.clock.now() + 30_000 },
    ]);
    expect(gateway.lastRequest().attempts).toMatchObject([{ outcome: "rate-limited" }]);
    expect(gateway.lastRequest()).toMatchObject({ status: 200, errorCode: "rate_limit_exceeded" });
    const again = await ask();
    expect([again.status, again.headers.get("retry-after")]).toEqual([429, "30"]);
    expect(gateway.outbound.sent).toHaveLength(1);
  });

  test("a broken connection counts against the provider", async () => {
    gateway.outbound.script = () => ({
      type: "stream",
      chunks: chatStream("Half", { end: false }),
      then: "break",
    });
    for (let round = 0; round < 5; round++) await ask();
    expect(gateway.engine.health.breakers()).toMatchObject([{ state: "OPEN", failureCount: 5 }]);
  });

  test("towards a Messages client", async () => {
    gateway.node("two", { type: "anthropic-compatible" });
    const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded, key-of-two-1" } };
    gateway.outbound.script = () => ({
      type: "stream",
      chunks: [...messagesStream("Half", { end: false }), `event: error\ndata: ${JSON.stringify(error)}\n\n`],
    });
    const body = { model: "two/a", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] };
    const { text } = await gateway.call("/v1/messages", body);
    expect(text).toContain("event: error");
    expect(text).toContain("overloaded_error");
    expect(text).not.toContain("key-of-two-1");
    expect(text).not.toContain("message_stop");
  });
});

describe("an error before content, inside a 200", () => {
  test.each([
    [
      "as the first event",
      () => failing({ message: "Quota gone, retry in 2 hours", code: "insufficient_quota" }, ""),
    ],
    [
      "as the whole answer",
      (): Deed => ({
        type: "answer",
        body: { error: { message: "Quota gone, retry in 2 hours", code: "insufficient_quota" } },
      }),
    ],
    [
      "in MiniMax's way",
      (): Deed => ({
        type: "answer",
        body: {
          choices: null,
          base_resp: { status_code: 2056, status_msg: "usage limit exceeded, retry in 2 hours" },
        },
      }),
    ],
    [
      "in MiniMax's way, in a stream",
      (): Deed => ({
        type: "stream",
        chunks: [
          `data: ${JSON.stringify({ choices: null, base_resp: { status_code: 2056, status_msg: "usage limit exceeded, retry in 2 hours" } })}\n\n`,
        ],
      }),
    ],
  ])("%s: goes on to the next target, and rests until the time it names", async (_name, deed) => {
    gateway.node("two");
    gateway.outbound.script = ({ url }) =>
      url.includes("//one.") ? deed() : { type: "stream", chunks: chatStream("Hello") };
    gateway.combo("team", ["one/a", "two/b"]);
    const { text } = await ask({ model: "team" });
    expect(text).toContain("data: [DONE]");
    expect(gateway.engine.health.cooldowns()).toMatchObject([
      { connectionId, kind: "quota", until: gateway.clock.now() + 2 * 3_600_000 },
    ]);
  });
});

describe("what headers tell", () => {
  const headers = (left: number) => ({
    "anthropic-ratelimit-unified-5h-status": "allowed",
    "anthropic-ratelimit-unified-5h-utilization": String(1 - left),
    "anthropic-ratelimit-unified-5h-reset": String(Math.floor(gateway.clock.now() / 1000) + 3600),
  });

  test("quotas are remembered, and quota-aware spends what expires first", async () => {
    const { provider } = gateway.engine.manage.connections.find(connectionId);
    const second = gateway.engine.manage.connections.create(
      { provider, name: "second", apiKey: "second-key", priority: 2 },
      { name: "test" },
    );
    gateway.outbound.script = ({ headers: sent }) => ({
      type: "answer",
      body: chatReply("Hello"),
      headers: headers(sent["authorization"]?.includes("second-key") ? 0.9 : 0.1),
    });
    await gateway.admin("PATCH", "/api/settings", { fallbackStrategy: "Quota_Aware" });
    const answered = [];
    for (let turn = 0; turn < 4; turn++) {
      const { headers: got } = await ask({ stream: false, user: String(turn) });
      answered.push(got.get("x-omniroute-connection"));
      // Each is heard of once; then the one with more to lose serves.
      if (turn === 0) gateway.engine.router.quotas.note(second.id, []);
    }
    expect(gateway.engine.router.quotas.left(connectionId)).toBeCloseTo(0.1, 5);
    expect(answered).toEqual([connectionId, connectionId, connectionId, connectionId]);
    gateway.engine.router.quotas.note(second.id, [
      { name: "5h", left: 0.9, resetsAt: gateway.clock.now() + 3_600_000, lengthMs: 5 * 3_600_000 },
    ]);
    expect((await ask({ stream: false })).headers.get("x-omniroute-connection")).toBe(second.id);
  });

  test("what is spent rests; with the protection off it does not", async () => {
    const spent = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "60s" };
    gateway.outbound.script = () => ({ type: "answer", body: chatReply("Hello"), headers: spent });
    expect((await ask({ stream: false })).status).toBe(200);
    expect((await ask({ stream: false })).status).toBe(429);
    await gateway.admin("POST", "/api/rate-limits", { connectionId, enabled: false });
    gateway.engine.health.resetAll();
    expect((await ask({ stream: false })).status).toBe(200);
    expect((await ask({ stream: false })).status).toBe(200);
  });
});

describe("times by phase", () => {
  const slowly = (gap: number): Deed => ({ type: "stream", chunks: chatStream("Hello there"), gap });
  const timed = async (deed: Deed, config: object) => {
    gateway.outbound.script = () => deed;
    gateway.combo("team", ["one/a"], { config: { maxRetries: 0, ...config } });
    const start = gateway.clock.monotonic();
    const answer = await ask({ model: "team" });
    return { ...answer, ms: gateway.clock.monotonic() - start };
  };

  test("connect and headers are handed to the call", async () => {
    await timed(slowly(0), { connectTimeoutMs: 1500, headersTimeoutMs: 7000 });
    expect(gateway.outbound.sent[0]).toMatchObject({ connectTimeoutMs: 1500, headersTimeoutMs: 7000 });
  });

  test("first content", async () => {
    const { status, ms } = await timed({ type: "stall" }, { timeoutMs: 3000 });
    expect([status, ms]).toEqual([504, 3000]);
  });

  test("silence inside the stream", async () => {
    const deed: Deed = { type: "stream", chunks: chatStream("Hello", { end: false }), then: "silence" };
    const { text, ms } = await timed(deed, { idleTimeoutMs: 6000 });
    expect(text).toContain("sent nothing for 6 s");
    expect(ms).toBeWithin(6000, 6200);
    expect(gateway.outbound.open).toBe(0);
  });

  test("the whole answer", async () => {
    const { text, ms } = await timed(slowly(1000), { totalTimeoutMs: 3500 });
    expect(text).toContain("took longer than allowed");
    expect(text).not.toContain("[DONE]");
    expect(ms).toBe(3500);
    expect(gateway.lastRequest().attempts).toMatchObject([{ outcome: "timeout" }]);
  });

  test("none of them by default: a slow answer comes whole", async () => {
    const { text } = await timed(slowly(60_000), {});
    expect(text).toContain("data: [DONE]");
  });
});
