import { afterEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatReply, chatStream, startUpstream, type Upstream } from "../kit/upstream.ts";

let gateway: TestGateway;
let upstream: Upstream;
const cleanup: (() => void)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0)) end();
  await gateway.stop();
  await upstream.stop();
});

async function open(most: number): Promise<void> {
  upstream = startUpstream(() => ({ type: "json", body: chatReply("Hello") }));
  gateway = await startGateway({ maxConcurrentRequests: most });
  gateway.node("one", `${upstream.url}/v1`);
}

const body = (more: object = {}) =>
  JSON.stringify({ model: "one/a", messages: [{ role: "user", content: "hi" }], ...more });
const ask = (more: object = {}, signal?: AbortSignal) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    body: body(more),
    ...(signal && { signal }),
  });

/** A client that asks for a stream and reads only its first bytes. */
function slowClient(model: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(gateway.port, "127.0.0.1");
    const text = body({ model, stream: true });
    cleanup.push(() => socket.destroy());
    socket.on("error", reject);
    socket.once("data", () => {
      socket.pause();
      resolve(socket);
    });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  });
}

const until = async (is: () => boolean, ms = 20_000): Promise<void> => {
  const end = performance.now() + ms;
  while (!is()) {
    if (performance.now() > end) throw new Error("That did not come about in time.");
    await Bun.sleep(5);
  }
};

describe("more calls than there are places", () => {
  test("503 with Retry-After at once, in every client's shape; a place that is free again is taken", async () => {
    await open(4);
    upstream.script(() => ({ type: "stall" }));
    const leaving = new AbortController();
    const held = Array.from({ length: 4 }, () => ask({}, leaving.signal).catch(() => undefined));
    await until(() => upstream.seen.length === 4);
    for (const path of [
      "/v1/chat/completions",
      "/v1/messages",
      "/v1/responses",
      "/v1beta/models/one/a:generateContent",
    ]) {
      const refused = await fetch(gateway.url + path, { method: "POST", body: body() });
      expect([path, refused.status, refused.headers.get("retry-after")]).toEqual([path, 503, "1"]);
      expect(((await refused.json()) as { error: { message: string } }).error.message).toContain(
        "limit of calls",
      );
    }
    expect(upstream.seen).toHaveLength(4);
    leaving.abort();
    await Promise.all(held);
    upstream.script(() => ({ type: "json", body: chatReply("Hello") }));
    await until(() => gateway.engine.liveRequests().length === 0);
    expect((await ask()).status).toBe(200);
  });

  test("O-02: a flood: as many as there are places are served, the rest is refused at once, health answers throughout", async () => {
    await open(16);
    upstream.script(() => ({ type: "stream", chunks: chatStream("Hello there"), gap: 20 }));
    let healthy = 0;
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
        if (gateway.engine.router.limits.requestsInFlight > 0) healthy++;
        await Bun.sleep(10);
      }
    })();
    const statuses = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const response = await ask({ stream: true });
        const text = await response.text();
        if (response.status === 200) expect(text).toEndWith("data: [DONE]\n\n");
        else expect(response.headers.get("retry-after")).toBe("1");
        return response.status;
      }),
    );
    isOver = true;
    await watching;
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(16);
    expect(healthy).toBeGreaterThan(0);
    expect(gateway.engine.router.limits.requestsInFlight).toBe(0);
  });
});

describe("one key floods", () => {
  test("O-03: another key's calls are served all the same, up to its share", async () => {
    await open(8);
    upstream.script(() => ({ type: "stall" }));
    const [greedy = "", modest = ""] = ["greedy", "modest"].map(
      (name) => gateway.engine.access.createKey({ name }).key,
    );
    const leaving = new AbortController();
    const as = (key: string, signal?: AbortSignal) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body: body(),
        ...(signal && { signal }),
      });
    const flood = Array.from({ length: 40 }, () => as(greedy, leaving.signal).catch(() => undefined));
    await until(() => upstream.seen.length === 8);
    upstream.script(() => ({ type: "json", body: chatReply("Hello") }));
    for (let turn = 0; turn < 10; turn++) expect((await as(modest)).status).toBe(200);
    expect((await as(greedy)).status).toBe(503);
    leaving.abort();
    await Promise.all(flood);
    await until(() => gateway.engine.liveRequests().length === 0);
    expect((await as(greedy)).status).toBe(200);
  });
});

describe("a client that does not read", () => {
  test("blocks nobody else, and holds back its own provider instead of filling memory", async () => {
    await open(512);
    let sent = 0;
    const piece = `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content: "x".repeat(16_000) }, finish_reason: null }] })}\n\n`;
    const endless = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: () =>
        new Response(
          new ReadableStream(
            {
              async pull(controller) {
                sent += piece.length;
                controller.enqueue(Buffer.from(piece));
                await Bun.sleep(0);
              },
            },
            { highWaterMark: 0 },
          ),
          { headers: { "content-type": "text/event-stream" } },
        ),
    });
    cleanup.push(() => void endless.stop(true));
    gateway.node("endless", `http://127.0.0.1:${endless.port}/v1`);
    gateway.combo("flood", ["endless/m"]);
    const before = process.memoryUsage().rss;
    const slow = await Promise.all(Array.from({ length: 5 }, () => slowClient("flood")));
    // When the sockets are full, the provider comes to a stand.
    for (let before = -1; before < sent;) {
      before = sent;
      await Bun.sleep(500);
    }
    for (let turn = 0; turn < 20; turn++) expect((await ask()).status).toBe(200);
    expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(200);
    for (const socket of slow) socket.destroy();
    await until(() => gateway.engine.liveRequests().length === 0);
    expect(gateway.engine.router.limits.requestsInFlight).toBe(0);
  }, 20_000);
});
