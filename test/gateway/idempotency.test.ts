import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import type { Deed, OutboundScript } from "../kit/scripted-outbound.ts";
import { chatReply, chatStream } from "../kit/upstream.ts";

let gateway: InProcess;
let count: number;
let answer: (body: any) => Deed;
const script: OutboundScript = ({ body, url }) => {
  if (url.endsWith("/embeddings"))
    return {
      type: "answer",
      body: { data: [{ index: 0, embedding: [++count] }], usage: { prompt_tokens: 1 } },
    };
  if (!url.endsWith("/chat/completions")) return { type: "refuse" };
  count++;
  return answer(body);
};
beforeEach(async () => {
  count = 0;
  answer = ({ stream }) =>
    stream
      ? { type: "stream", chunks: chatStream(`stream ${count}`), gap: 100 }
      : { type: "answer", body: chatReply(`answer ${count}`), after: 500 };
  gateway = await startInProcess({ script });
  gateway.node("one");
});
afterEach(() => gateway.stop());

const CHAT = { model: "one/m", messages: [{ role: "user", content: "hi" }] };
const KEY = { "idempotency-key": "a-key" };

async function ask(
  change: object = {},
  headers: { [name: string]: string } = KEY,
  path = "/v1/chat/completions",
) {
  const { status, headers: head, text } = await gateway.call(path, { ...CHAT, ...change }, { headers });
  return { status, text, again: head.get("x-omniroute-idempotent"), head };
}

describe("the same key and body", () => {
  test.each([false, true])("three at once are one call, stream: %p", async (stream) => {
    const all = await Promise.all([ask({ stream }), ask({ stream }), ask({ stream })]);
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    expect(all.filter(({ again }) => again === "true").length).toBe(2);
    expect(count).toBe(1);
    if (stream) expect(all[0]!.text).toContain("[DONE]");
  });

  test.each([false, true])(
    "one after the other within five seconds, and anew afterwards, stream: %p",
    async (stream) => {
      const first = await ask({ stream });
      gateway.clock.advance(4900);
      const second = await ask({ stream });
      expect(second).toMatchObject({ text: first.text, again: "true" });
      expect(second.head.get("content-type")).toBe(first.head.get("content-type"));
      expect(second.head.get("x-request-id")).not.toBe(first.head.get("x-request-id"));
      expect(gateway.lastRequest()).toMatchObject({ cache: "replay", status: 200, cost: 0, model: "one/m" });
      gateway.clock.advance(5100);
      expect((await ask({ stream })).again).toBeNull();
      expect(count).toBe(2);
    },
  );

  test("other services too", async () => {
    const embed = () => ask({ messages: undefined, input: "x" }, KEY, "/v1/embeddings");
    const [first, second] = [await embed(), await embed()];
    expect(second).toMatchObject({ text: first.text, again: "true" });
    expect(count).toBe(1);
  });

  test("a first one whose client leaves leaves the answer to the others", async () => {
    const leaving = new AbortController();
    const url = new URL("http://localhost/v1/chat/completions");
    const first = gateway.call(
      url.pathname,
      { ...CHAT, stream: true },
      { headers: KEY, signal: leaving.signal },
    );
    const second = ask({ stream: true });
    leaving.abort();
    await first.catch(() => {});
    expect((await second).text).toContain("[DONE]");
  });
});

describe("is another call", () => {
  test("with the Idempotency-Key of another body: 422", async () => {
    await ask();
    const { status, text } = await ask({ messages: [{ role: "user", content: "bye" }] });
    expect(status).toBe(422);
    expect(JSON.parse(text).error.code).toBe("idempotency_key_reuse");
  });

  test("with the X-Request-Id of another body: simply another call", async () => {
    const headers = { "x-request-id": "req-1" };
    expect((await ask({}, headers)).again).toBeNull();
    expect((await ask({}, headers)).again).toBe("true");
    expect((await ask({ seed: 1 }, headers)).again).toBeNull();
    expect(count).toBe(2);
  });

  test("with another API key, or at another endpoint", async () => {
    const key = (name: string) => gateway.engine.access.createKey({ name }).key;
    const as = (bearer: string) => ask({}, { ...KEY, authorization: `Bearer ${bearer}` });
    const [one, two] = [key("one"), key("two")];
    expect([(await as(one)).again, (await as(two)).again, (await ask()).again]).toEqual([null, null, null]);
    expect((await ask({ max_tokens: 9 }, KEY, "/v1/messages")).again).toBeNull();
    expect(count).toBe(4);
  });

  test("without a key", async () => {
    await ask({}, {});
    expect((await ask({}, {})).again).toBeNull();
  });
});

describe("a first call that fails", () => {
  test("frees the key", async () => {
    answer = () => ({ type: "answer", status: 400, body: { error: { message: "no" } } });
    expect((await ask()).status).toBe(400);
    answer = () => ({ type: "answer", body: chatReply("now") });
    expect(await ask()).toMatchObject({ status: 200, again: null });
  });

  test("lets the next of those that waited try", async () => {
    answer = () =>
      count === 1
        ? { type: "answer", status: 400, body: { error: { message: "no" } }, after: 500 }
        : { type: "answer", body: chatReply("now"), after: 500 };
    const all = await Promise.all([ask(), ask(), ask()]);
    expect(all.filter(({ status }) => status === 200).length).toBe(2);
    expect(count).toBe(2);
  });

  test("in the middle of its stream is not given again", async () => {
    answer = () => ({ type: "stream", chunks: chatStream("half", { end: false }), then: "break" });
    await ask({ stream: true });
    expect((await ask({ stream: true })).again).toBeNull();
  });
});

test.each(["x".repeat(256), "ü".repeat(300)])("a key that is too long: 400", async (key) => {
  const { status } = await ask({}, { "idempotency-key": encodeURIComponent(key) });
  expect(status).toBe(400);
});

test("what is remembered can be seen and cleared, and ends", async () => {
  await ask();
  const stats = async () => (await gateway.admin("GET", "/api/cache")).body.idempotency;
  expect(await stats()).toEqual({ activeKeys: 1, windowMs: 5000, replays: 0 });
  expect((await gateway.admin("DELETE", "/api/cache?scope=idempotency")).body.cleared).toBe(1);
  await ask();
  gateway.clock.advance(5001);
  expect((await stats()).activeKeys).toBe(0);
});
