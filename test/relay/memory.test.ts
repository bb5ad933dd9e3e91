import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { heapStats } from "bun:jsc";
import { connect } from "node:net";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatReply } from "../kit/upstream.ts";

/** What a finished call may leave behind: nothing. Counted by kind of object, since memory itself breathes. */
const WIDTH = 50;
const SLOW = 120_000;
/** Objects of one kind that may come and go by themselves; a leak would leave one or more for each call. */
const BREATH = 1000;
const WATCHED = [
  "AbortController",
  "AbortSignal",
  "Headers",
  "ReadableStream",
  "Request",
  "Response",
  "Uint8Array",
];
const WATCHED_BREATH = 100;

const frame = (delta: object) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;
const HEAD = Buffer.from(frame({ role: "assistant", content: "" }) + frame({ content: "Hello" }));
const TAIL = Buffer.from(
  `data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
);
const FLOOD = Buffer.from(frame({ content: "x".repeat(1000) }).repeat(60));
const FLOOD_BYTES = 600 * 1024 * 1024;

describe("calls leave nothing behind", () => {
  let gateway: TestGateway;
  let endless = false;
  let leftUpstream = 0;
  let open = 0;
  const upstream = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      const text = await request.text();
      if (text.includes('"flood"')) return new Response(flood(), EVENTS);
      return text.includes('"stream":true')
        ? new Response(stream(), EVENTS)
        : Response.json(chatReply("Hello"));
    },
  });

  /** Says hello and then, where `endless`, nothing more. */
  function stream(): ReadableStream<Uint8Array> {
    open++;
    return new ReadableStream({
      start(controller) {
        controller.enqueue(HEAD);
        if (endless) return;
        open--;
        controller.enqueue(TAIL);
        controller.close();
      },
      cancel: () => void open--,
    });
  }

  function flood(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      pull(controller) {
        controller.enqueue(leftUpstream === 0 ? HEAD : FLOOD);
        leftUpstream += FLOOD.length;
        if (leftUpstream >= FLOOD_BYTES) controller.close();
      },
    });
  }

  beforeAll(async () => {
    gateway = await startGateway();
    gateway.node("up", `http://127.0.0.1:${upstream.port}/v1`);
    // Fills what remembers the last so many calls, and warms the code up.
    await many(1500, whole);
    await many(300, streamed);
    endless = true;
    await many(100, aborted);
    endless = false;
  }, SLOW);
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop(true);
  });

  const call = (stream: boolean, signal?: AbortSignal) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "up/m", stream, messages: [{ role: "user", content: "Hi" }] }),
      ...(signal && { signal }),
    });

  async function whole(): Promise<void> {
    const answer = await call(false);
    expect(answer.status).toBe(200);
    await answer.text();
  }

  async function streamed(): Promise<void> {
    const answer = await call(true);
    expect(await answer.text()).toEndWith("data: [DONE]\n\n");
  }

  async function aborted(): Promise<void> {
    const controller = new AbortController();
    const answer = await call(true, controller.signal);
    await answer.body?.getReader().read();
    controller.abort();
  }

  test("5,000 whole answers", () => expectFlat(() => many(5000, whole)), SLOW);

  test("5,000 streams that were read to their end", () => expectFlat(() => many(5000, streamed)), SLOW);

  test(
    "2,000 streams whose readers went away",
    () =>
      expectFlat(async () => {
        endless = true;
        await many(2000, aborted);
        endless = false;
      }),
    SLOW,
  );

  test(
    "a stream of 600 MB whose reader stalls stays at the provider, and ends there when the reader goes",
    async () => {
      const before = process.memoryUsage.rss();
      const body = JSON.stringify({
        model: "up/flood",
        stream: true,
        messages: [{ role: "user", content: "Hi" }],
      });
      const socket = connect(gateway.port, "127.0.0.1");
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await new Promise<void>((resolve) => socket.once("data", () => resolve(void socket.pause())));
      for (let before = -1; before < leftUpstream;) {
        before = leftUpstream;
        await Bun.sleep(1000);
      }
      // What lies in the sockets of three hops; the stream itself is ten times as long.
      expect(leftUpstream / 1024 / 1024).toBeLessThan(60);
      expect((process.memoryUsage.rss() - before) / 1024 / 1024).toBeLessThan(100);
      socket.destroy();
      await settled();
      expect(gateway.engine.liveRequests()).toEqual([]);
    },
    SLOW,
  );

  async function expectFlat(work: () => Promise<void>): Promise<void> {
    const before = await counts();
    await work();
    await settled();
    let leaks = grown(before, await counts());
    // Where the machine is busy, what is over is let go of later; what leaks never is.
    for (let turn = 0; turn < 20 && leaks.length > 0; turn++) leaks = grown(before, await counts());
    expect(leaks).toEqual([]);
  }

  /** Waits until no call is in work and the provider has no stream open. */
  async function settled(): Promise<void> {
    for (let turn = 0; turn < 2000 && (open > 0 || gateway.engine.liveRequests().length > 0); turn++)
      await Bun.sleep(20);
    expect([open, gateway.engine.liveRequests().length]).toEqual([0, 0]);
  }
});

const EVENTS = { headers: { "content-type": "text/event-stream" } };

type Counts = { [kind: string]: number };

/** The kinds of object of which there are more than may come and go, with how many more. */
function grown(before: Counts, after: Counts): [kind: string, more: number][] {
  return Object.entries(after)
    .map(([kind, count]): [string, number] => [kind, count - (before[kind] ?? 0)])
    .filter(([kind, more]) => more > limitOf(kind));
}

const limitOf = (kind: string): number => (WATCHED.includes(kind) ? WATCHED_BREATH : BREATH);

async function counts(): Promise<Counts> {
  // Finalizers free what the first round only let go of.
  for (let round = 0; round < 3; round++) {
    Bun.gc(true);
    await Bun.sleep(300);
  }
  return { ...heapStats().objectTypeCounts };
}

async function many(count: number, work: () => Promise<void>): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
}
