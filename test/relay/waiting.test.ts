import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type InProcess, ranUntil, startInProcess } from "../kit/in-process.ts";
import type { Deed } from "../kit/scripted-outbound.ts";
import { chatReply } from "../kit/upstream.ts";

let gateway: InProcess;
let connectionId: string;
const slow: Deed = { type: "answer", body: chatReply("Hello"), after: 1000 };
const limited = (seconds: number): Deed => ({
  type: "answer",
  status: 429,
  headers: { "retry-after": String(seconds) },
  body: { error: { message: "slow down" } },
});

beforeEach(async () => {
  gateway = await startInProcess({ script: () => slow });
  [connectionId = ""] = gateway.node("one");
});
afterEach(() => gateway.stop());

const ask = (headers: { [name: string]: string } = {}, more: object = {}) =>
  gateway.call(
    "/v1/chat/completions",
    { model: "one/a", messages: [{ role: "user", content: "hi" }], ...more },
    { headers },
  );
const limits = (fields: object) => gateway.admin("PUT", `/api/providers/${connectionId}`, { limits: fields });
const elapsed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = gateway.clock.monotonic();
  await work();
  return gateway.clock.monotonic() - start;
};

describe("nothing waits unless somebody opted in", () => {
  test("a full connection is 429 at once", async () => {
    await limits({ concurrentRequests: 1 });
    const first = ask();
    const ms = await elapsed(async () => expect((await ask()).status).toBe(429));
    expect(ms).toBe(0);
    await first;
  });

  test("a known reset is 429 at once, with its time, and the provider is not asked again", async () => {
    gateway.outbound.script = () => limited(7);
    expect((await ask()).status).toBe(429);
    const ms = await elapsed(async () => {
      const again = await ask();
      expect([again.status, again.headers.get("retry-after")]).toEqual([429, "7"]);
    });
    expect([ms, gateway.outbound.sent.length]).toEqual([0, 1]);
  });
});

describe("X-OmniRoute-Wait", () => {
  test("waits for a free slot, in the order of arrival", async () => {
    await limits({ concurrentRequests: 1 });
    const done: string[] = [];
    const wait = { "x-omniroute-wait": "10000" };
    const calls = ["a", "b", "c"].map(async (name) => {
      const answer = await ask(wait, { user: name });
      done.push(`${name} ${answer.status}`);
    });
    expect(await elapsed(() => Promise.all(calls))).toBe(3000);
    expect(done).toEqual(["a 200", "b 200", "c 200"]);
    expect(gateway.outbound.sent.map(({ body }) => body.user)).toEqual(["a", "b", "c"]);
  });

  test("gives up in time, with 429 and Retry-After", async () => {
    await limits({ concurrentRequests: 1 });
    gateway.outbound.script = () => ({ ...slow, after: 60_000 });
    const first = ask();
    const ms = await elapsed(async () => {
      const answer = await ask({ "x-omniroute-wait": "2500" });
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    });
    expect(ms).toBe(2500);
    await first;
  });

  test("waits for a reset that comes in time, and asks once then", async () => {
    gateway.outbound.script = (_sent, count) => (count === 0 ? limited(4) : slow);
    const ms = await elapsed(async () =>
      expect((await ask({ "x-omniroute-wait": "5000" })).status).toBe(200),
    );
    expect([ms, gateway.outbound.sent.length]).toEqual([5000, 2]);
  });

  test("does not wait for one that comes too late, nor longer than a minute", async () => {
    gateway.outbound.script = () => limited(61);
    for (const wait of ["5000", "600000"])
      expect(
        await elapsed(async () => expect((await ask({ "x-omniroute-wait": wait })).status).toBe(429)),
      ).toBe(0);
    expect(gateway.outbound.sent).toHaveLength(1);
  });

  test.each(["soon", "-1", "", "1e9", "0"])("`%s` is no wait", async (wait) => {
    await limits({ concurrentRequests: 1 });
    const first = ask();
    expect(
      await elapsed(async () => expect((await ask({ "x-omniroute-wait": wait })).status).toBe(429)),
    ).toBe(0);
    await first;
  });

  test("after a reset a crowd does not rush: one goes first", async () => {
    let now = true;
    gateway.outbound.script = () => (now ? limited(4) : slow);
    await ask();
    const wait = { "x-omniroute-wait": "20000" };
    const crowd = Array.from({ length: 20 }, () => ask(wait));
    await gateway.clock.run(4500);
    // Still limited: one of them found out, for all.
    expect(gateway.outbound.sent).toHaveLength(2);
    now = false;
    const answers = await Promise.all(crowd);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  });

  test("a client that leaves while it waits gives its place up", async () => {
    await limits({ concurrentRequests: 1 });
    const first = ask();
    const leaving = new AbortController();
    const url = "/v1/chat/completions";
    const body = { model: "one/a", messages: [{ role: "user", content: "hi" }] };
    const options = { headers: { "x-omniroute-wait": "10000" }, signal: leaving.signal };
    const second = gateway.call(url, body, options);
    await ranUntil(gateway.clock, 0, () => gateway.engine.router.limits.room.waiting(connectionId) === 1);
    leaving.abort();
    expect((await second).status).toBe(499);
    expect(gateway.engine.router.limits.room.waiting(connectionId)).toBe(0);
    await first;
    expect(gateway.outbound.sent).toHaveLength(1);
  });

  test("a stream that waits long gets its head and heartbeats meanwhile", async () => {
    await limits({ minTimeBetweenRequests: 50_000 });
    await ask();
    const answer = await ask({ "x-omniroute-wait": "60000" }, { stream: true });
    expect(answer.status).toBe(200);
    expect(answer.text).toStartWith(":");
    expect(answer.text).toContain("Hello");
    expect(answer.text).toEndWith("data: [DONE]\n\n");
  });
});

describe("the opt-in queue of a connection", () => {
  test("maxWaitMs holds for every call to it, within its bound", async () => {
    await limits({ concurrentRequests: 1, maxWaitMs: 1500 });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  });

  test("another account is taken at once before anybody waits", async () => {
    await gateway.admin("PATCH", "/api/resilience", {
      defaults: { concurrentRequests: 1, maxWaitMs: 60_000 },
    });
    const { provider } = gateway.engine.manage.connections.find(connectionId);
    gateway.engine.manage.connections.create({ provider, name: "second", apiKey: "k2" }, { name: "test" });
    expect(await elapsed(() => Promise.all([ask(), ask()]))).toBe(1000);
    expect(new Set(gateway.outbound.sent.map(({ headers }) => headers["authorization"])).size).toBe(2);
  });

  test("it does not wait for the provider's resets; waitForCooldown does, so often and so long as it says", async () => {
    await limits({ maxWaitMs: 60_000 });
    gateway.outbound.script = () => limited(4);
    expect(await elapsed(async () => expect((await ask()).status).toBe(429))).toBe(0);
    await gateway.clock.run(10_000);
    const patch = { waitForCooldown: { enabled: true, maxRetries: 2, maxRetryWaitSec: 5 } };
    await gateway.admin("PATCH", "/api/resilience", patch);
    gateway.outbound.sent.length = 0;
    expect(await elapsed(async () => expect((await ask()).status).toBe(429))).toBe(8000);
    expect(gateway.outbound.sent).toHaveLength(3);
    gateway.outbound.script = () => limited(6);
    await gateway.clock.run(10_000);
    expect(await elapsed(async () => expect((await ask()).status).toBe(429))).toBe(0);
  });
});

test("calls beside chat wait for their turn too", async () => {
  gateway.engine.manage.models.add([{ provider: "one", id: "e", name: "E", type: "embedding" }], {
    name: "test",
  });
  gateway.outbound.script = () => ({
    type: "answer",
    after: 1000,
    body: {
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5] }],
      usage: { prompt_tokens: 1 },
    },
  });
  await limits({ concurrentRequests: 1 });
  const embed = (wait: string) =>
    gateway.call(
      "/v1/embeddings",
      { model: "one/e", input: "hi" },
      { headers: { "x-omniroute-wait": wait } },
    );
  const answers = await Promise.all([embed("5000"), embed("5000"), embed("0")]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
});
