import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { ranUntil, startInProcess } from "../kit/in-process.ts";
import { type RawStep, type RawUpstream, startRawUpstream } from "../kit/raw-upstream.ts";
import { chatStream } from "../kit/upstream.ts";

/** What can happen to a stream on real sockets, and what a client must see of it. */

const EVENTS = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const TEXT = "Grüße, 世界! 😀 one two three.";
const streamed = (bytes: RawStep["bytes"], more: Partial<RawStep> = {}): RawStep => ({
  bytes: [EVENTS, ...bytes],
  ...more,
});

let gateway: TestGateway;
let upstream: RawUpstream;
let spare: RawUpstream;
beforeAll(async () => {
  upstream = startRawUpstream(() => streamed(chatStream(TEXT)));
  spare = startRawUpstream(() => streamed(chatStream("Spare")));
  gateway = await startGateway({ streamIdleTimeoutMs: 3000 });
  gateway.node("two", `${spare.url}/v1`);
});
afterAll(async () => {
  await gateway.stop();
  upstream.stop();
  spare.stop();
});

let own = "";
let accounts = 0;
beforeEach(() => {
  own = `own${++accounts}`;
  gateway.node(own, `${upstream.url}/v1`);
  gateway.combo(`${own}-alone`, [`${own}/a`]);
  gateway.combo(`${own}-or-spare`, [`${own}/a`, "two/a"]);
  upstream.seen.length = 0;
  spare.seen.length = 0;
});

const PATHS = { chat: "/v1/chat/completions", messages: "/v1/messages" };
const ask = (model = `${own}-alone`, more: { path?: string; signal?: AbortSignal; stream?: boolean } = {}) =>
  fetch(gateway.url + (more.path ?? PATHS.chat), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model,
      stream: more.stream ?? true,
      max_tokens: 100,
      messages: [{ role: "user", content: "hi" }],
    }),
    ...(more.signal && { signal: more.signal }),
  });

/** Every `data:` of a chat stream, parsed; throws at what is no JSON. */
const eventsOf = (wire: string): any[] =>
  wire
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)));
const textOf = (wire: string): string =>
  eventsOf(wire)
    .map((event) => event.choices?.[0]?.delta?.content ?? "")
    .join("");
const finishesOf = (wire: string): string[] =>
  eventsOf(wire).flatMap((event) => event.choices?.[0]?.finish_reason ?? []);
const whole = (wire: string) => {
  expect([textOf(wire), finishesOf(wire)]).toEqual([TEXT, ["stop"]]);
  expect(wire).toEndWith("data: [DONE]\n\n");
  expect(wire.match(/\[DONE\]/g)).toHaveLength(1);
};
const until = async (is: () => boolean, ms = 20_000): Promise<void> => {
  for (const end = performance.now() + ms; !is() && performance.now() < end;) await Bun.sleep(10);
  expect(is()).toBe(true);
};

/** The same bytes in pieces of so many. */
function inPieces(chunks: readonly string[], size: number): Uint8Array[] {
  const bytes = Buffer.from(chunks.join(""));
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

describe("a good stream arrives as it was said", () => {
  test("T-01: once, with one end", async () => {
    upstream.script(() => streamed(chatStream(TEXT)));
    whole(await (await ask()).text());
  });

  test("T-02: cut every seven bytes, in the middle of characters and of lines", async () => {
    upstream.script(() => streamed(inPieces(chatStream(TEXT), 7), { gap: 0 }));
    whole(await (await ask()).text());
  });

  test("T-03: with carriage returns before its line ends", async () => {
    upstream.script(() => streamed(chatStream(TEXT).map((chunk) => chunk.replaceAll("\n", "\r\n"))));
    const wire = (await (await ask()).text()).replaceAll("\r\n", "\n");
    whole(wire);
  });
});

test("T-04: after a broken event the client gets no broken data, and the rest or an error", async () => {
  const [head = "", first = "", ...rest] = chatStream(TEXT);
  upstream.script(() => streamed([head, first, 'data: {"choices":[{"delta":{"con\n\n', ...rest]));
  const wire = await (await ask()).text();
  for (const line of wire.split("\n").filter((each) => each.startsWith("data: ") && !each.includes("[DONE]")))
    expect(() => JSON.parse(line.slice(6))).not.toThrow();
  expect(finishesOf(wire).length === 1 || wire.includes('"error"')).toBe(true);
});

const BREAKS: [string, RawStep][] = [
  ["a reset", streamed(chatStream(TEXT, { end: false }), { then: "reset" })],
  ["a clean close", streamed(chatStream(TEXT, { end: false }))],
  [
    "an error event",
    streamed([
      ...chatStream(TEXT, { end: false }),
      'data: {"error":{"message":"broke","code":"server_error"}}\n\n',
    ]),
  ],
];

describe("T-05: what breaks off after its text is told once, as an error, and nobody else is asked", () => {
  test.each(BREAKS)("%s", async (_what, step) => {
    upstream.script(() => step);
    const wire = await (await ask(`${own}-or-spare`)).text();
    expect([textOf(wire), finishesOf(wire)]).toEqual([TEXT, []]);
    expect(wire).toContain('"error"');
    expect([upstream.seen.length, spare.seen.length]).toEqual([1, 0]);
  });
});

test("T-06: an error before the first token is an HTTP error, or passed over in a combo", async () => {
  upstream.script(() => streamed(['data: {"error":{"message":"no","code":"server_error"}}\n\n']));
  expect((await ask()).status).toBeGreaterThanOrEqual(500);
  expect(textOf(await (await ask(`${own}-or-spare`)).text())).toBe("Spare");
});

describe("T-07: when the client leaves, the provider's work ends and nobody else is asked", () => {
  const [head = "", first = ""] = chatStream(TEXT);
  test.each<[string, RawStep, boolean]>([
    ["in the middle", streamed(chatStream("x".repeat(4000)), { gap: 5 }), true],
    ["in a silence", streamed([head, first], { then: "hold" }), true],
    ["before the first byte", { bytes: [], then: "hold" }, true],
    ["waiting for a whole answer", { bytes: [], then: "hold" }, false],
  ])("%s", async (_what, step, stream) => {
    upstream.script(() => step);
    const before = upstream.open;
    const leaving = new AbortController();
    const call = ask(`${own}-or-spare`, { signal: leaving.signal, stream }).then((response) =>
      response.body?.getReader().read(),
    );
    await until(() => upstream.seen.length === 1);
    await Bun.sleep(50);
    leaving.abort();
    await call.catch(() => {});
    await until(() => upstream.open <= before);
    expect([upstream.seen.length, spare.seen.length]).toEqual([1, 0]);
  });
});

describe("T-08: an event without measure ends the stream with an error, not the process", () => {
  const piece = "x".repeat(1024 * 1024);
  test.each([
    ["an event of 40 MB", ['data: {"choices":[{"delta":{"content":"', ...Array(40).fill(piece), '"}}]}\n\n']],
    ["80 MB without a line end", Array<string>(80).fill(piece)],
  ])(
    "%s",
    async (_what, chunks) => {
      upstream.script(() => streamed([...chatStream("Hi", { end: false }), ...chunks]));
      const before = process.memoryUsage().rss;
      const wire = await (await ask()).text();
      expect(wire).toContain('"error"');
      expect(finishesOf(wire)).toEqual([]);
      expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
    },
    15_000,
  );
});

test("T-09, T-10: each event of a slow provider is passed on as it comes, and the stream arrives whole", async () => {
  upstream.script(() => streamed(chatStream(TEXT), { gap: 100 }));
  const response = await ask();
  const times: number[] = [];
  let wire = "";
  for await (const bytes of response.body!) {
    times.push(performance.now());
    wire += Buffer.from(bytes).toString();
  }
  expect(times.length).toBeGreaterThan(chatStream(TEXT).length / 2);
  whole(wire);
});

test("T-11: a Messages client is told of a cut by an error event, never by end_turn", async () => {
  upstream.script(() => streamed(chatStream(TEXT, { end: false }), { then: "reset" }));
  const wire = await (await ask(undefined, { path: PATHS.messages })).text();
  expect(wire).toContain("event: error");
  expect(wire).not.toContain("end_turn");
  expect(wire).not.toContain("message_stop");
});

test("T-12: of six hundred streams, half of them left, no connection and no place is kept", async () => {
  upstream.script(() => streamed(chatStream(TEXT), { gap: 3 }));
  const answered: string[] = [];
  let next = 0;
  const client = async () => {
    for (let index = next++; index < 600; index = next++) {
      const leaving = new AbortController();
      const response = await ask(`${own}-alone`, { signal: leaving.signal });
      if (index % 2 === 0) answered.push(await response.text());
      else {
        await response.body?.getReader().read();
        leaving.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: 50 }, client));
  expect(answered).toHaveLength(300);
  for (const wire of answered) whole(wire);
  await until(() => gateway.engine.liveRequests().length === 0 && upstream.open === 0);
  expect(gateway.engine.router.limits.requestsInFlight).toBe(0);
}, 60_000);

test("T-13: through minutes of silence the client is kept alive, and told when the provider's time is over", async () => {
  const fake = await startInProcess({
    config: { streamIdleTimeoutMs: 5 * 60_000 },
    script: () => ({ type: "stream", chunks: chatStream("Hello", { end: false }), then: "silence" }),
  });
  fake.node("one");
  fake.combo("alone", ["one/a"], { config: { maxRetries: 0 } });
  const answer = await fake.call(PATHS.chat, {
    model: "alone",
    stream: true,
    messages: [{ role: "user", content: "hi" }],
  });
  expect(fake.clock.monotonic()).toBeGreaterThanOrEqual(5 * 60_000);
  expect(answer.text.match(/^:/gm)?.length ?? 0).toBeGreaterThanOrEqual(10);
  expect(answer.text).toContain('"error"');
  expect(finishesOf(answer.text)).toEqual([]);
  await ranUntil(fake.clock, 1000, () => fake.outbound.open === 0);
  await fake.stop();
});
