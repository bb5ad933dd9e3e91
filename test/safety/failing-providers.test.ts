import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { rawAnswer, type RawStep, type RawUpstream, startRawUpstream } from "../kit/raw-upstream.ts";
import { chatReply, closedPort } from "../kit/upstream.ts";

/** What providers do wrong on real sockets, and what a caller must see of it. */

const json = { "content-type": "application/json" };
const told = (status: number, headers = {}): RawStep =>
  rawAnswer(status, { ...json, ...headers }, '{"error":{"message":"no, for test-key"}}');
const good = (text = "Hello", more: object = {}): RawStep =>
  rawAnswer(200, json, JSON.stringify({ ...chatReply(text), ...more }));

let gateway: TestGateway;
let upstream: RawUpstream;
let spare: RawUpstream;
beforeAll(async () => {
  upstream = startRawUpstream(() => good());
  spare = startRawUpstream(() => good("Spare"));
  gateway = await startGateway({ connectTimeoutMs: 1000, fetchTimeoutMs: 2000 });
  gateway.node("two", `${spare.url}/v1`);
  gateway.node("closed", `http://127.0.0.1:${await closedPort()}/v1`);
  gateway.node("nowhere", "http://nobody.invalid/v1");
  gateway.combo("past-closed", ["closed/a", "two/a"]);
  gateway.combo("past-nowhere", ["nowhere/a", "two/a"]);
});
afterAll(async () => {
  await gateway.stop();
  upstream.stop();
  spare.stop();
});
/** Every test has an account of its own, so that no other's memory is in its way. */
let own = "";
let accounts = 0;
beforeEach(() => {
  own = `own${++accounts}`;
  gateway.node(own, `${upstream.url}/v1`);
  gateway.combo(`${own}-alone`, [`${own}/a`]);
  gateway.combo(`${own}-or-spare`, [`${own}/a`, "two/a"]);
  gateway.engine.health.resetAll();
  upstream.seen.length = 0;
  spare.seen.length = 0;
  upstream.script(() => good());
});

const ASKED = "Say something.";
/** How often somebody was asked for an answer; a test of a refused key is none. */
const asked = ({ seen }: RawUpstream): number => seen.filter((request) => request.includes(ASKED)).length;

type Answered = { status: number; text: string; headers: Headers };
async function ask(model = `${own}/a`, more: object = {}): Promise<Answered> {
  const body = { model, messages: [{ role: "user", content: ASKED }], ...more };
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, headers: response.headers };
}

const cutGzip = Bun.gzipSync(Buffer.from(JSON.stringify(chatReply("Hello")))).slice(0, 60);
const bomb = Bun.gzipSync(new Uint8Array(300 * 1024 * 1024));

const FAULTS: [what: string, step: RawStep, statuses: number[], attempts: number][] = [
  ["a reset", { bytes: [], then: "reset" }, [502], 2],
  ["a close", { bytes: [] }, [502], 2],
  ["garbage", { bytes: ["\u0000\u0001 no http at all\r\n\r\n"] }, [502], 2],
  ["a status that is none", { bytes: ["HTTP/1.1 999999 X\r\n\r\n"] }, [502], 2],
  ["a megabyte of headers", { bytes: [`HTTP/1.1 200 X\r\na: ${"x".repeat(1_000_000)}\r\n\r\n`] }, [502], 2],
  ["400", told(400), [400], 1],
  ["401", told(401), [502], 1],
  ["403", told(403), [502, 403], 1],
  ["404", told(404), [404], 1],
  ["413", told(413), [400, 413], 1],
  ["429", told(429), [429], 1],
  ["429 with seconds", told(429, { "retry-after": "30" }), [429], 1],
  ["429 with a date", told(429, { "retry-after": "Wed, 21 Oct 2199 07:28:00 GMT" }), [429], 1],
  ["429 with a huge time", told(429, { "retry-after": "99999999999999" }), [429], 1],
  ["429 with a time that is over", told(429, { "retry-after": "-20" }), [429], 1],
  ["429 with junk", told(429, { "retry-after": "soon;drop" }), [429], 1],
  ["500", told(500), [502, 503], 1],
  ["502", told(502), [502, 503], 1],
  ["503", told(503), [503], 1],
  ["529", told(529), [503], 1],
  [
    "an error in a 200",
    rawAnswer(200, json, '{"error":{"message":"no","code":"server_error"}}'),
    [502, 503],
    1,
  ],
  ["a web page in a 200", rawAnswer(200, { "content-type": "text/html" }, "<html>busy</html>"), [502], 1],
  ["nothing in a 200", rawAnswer(200, json, ""), [502], 1],
  ["JSON that is cut", rawAnswer(200, json, '{"id":"x","choices":[{"mess'), [502], 1],
  ["JSON that is none", rawAnswer(200, json, "{oops}"), [502], 1],
  ["another JSON", rawAnswer(200, json, "[1,2,3]"), [502], 1],
  ["a body shorter than promised", rawAnswer(200, { ...json, "content-length": "5000" }, "{}"), [502], 1],
  ["gzip that is cut", rawAnswer(200, { ...json, "content-encoding": "gzip" }, cutGzip), [502], 1],
  ["gzip that is none", rawAnswer(200, { ...json, "content-encoding": "gzip" }, "plain"), [502], 1],
  ["a gzip bomb", rawAnswer(200, { ...json, "content-encoding": "gzip" }, bomb), [502], 1],
  ["a redirect", rawAnswer(302, { location: "http://169.254.169.254/" }, ""), [502], 1],
];

describe("U-01: a plain fault is told with a fitting status, in JSON, with few attempts and no key", () => {
  test.each(FAULTS)("%s", async (_what, step, statuses, attempts) => {
    upstream.script(() => step);
    const answer = await ask(`${own}-alone`);
    expect(statuses).toContain(answer.status);
    expect(asked(upstream)).toBeLessThanOrEqual(attempts);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { message: expect.any(String) } });
    expect(answer.text).not.toContain("test-key");
    if (answer.status === 429) {
      const seconds = Number(answer.headers.get("retry-after"));
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(seconds).toBeLessThanOrEqual(86_400);
    }
  });
});

test.each(["closed", "nowhere"])(
  "U-02: who is %s is told as unreachable, and passed over in a combo",
  async (who) => {
    expect([502, 503, 504]).toContain((await ask(`${who}/a`)).status);
    gateway.engine.health.resetAll();
    const passed = await ask(`past-${who}`);
    expect([passed.status, JSON.parse(passed.text).choices[0].message.content]).toEqual([200, "Spare"]);
  },
);

test("U-03: silence ends after the first byte's limit, after one attempt, and the socket is closed", async () => {
  upstream.script(() => ({ bytes: [], then: "hold" }));
  const answer = await ask(`${own}-alone`);
  expect([answer.status, asked(upstream)]).toEqual([504, 1]);
  for (let turn = 0; turn < 1000 && upstream.open > 0; turn++) await Bun.sleep(20);
  expect(upstream.open).toBe(0);
}, 15_000);

test.each(FAULTS.filter(([, , [status]]) => status !== 504))(
  "U-04: %s: the second of a combo answers, asked once, and the log says why",
  async (_what, step, _statuses, attempts) => {
    upstream.script(() => step);
    const answer = await ask(`${own}-or-spare`);
    expect([answer.status, asked(spare)]).toEqual([200, 1]);
    expect(asked(upstream)).toBeLessThanOrEqual(attempts);
    const [first, ...more] = gateway.lastRequest()?.attempts ?? [];
    expect(first?.outcome).not.toBe("ok");
    expect(more.at(-1)?.outcome).toBe("ok");
  },
);

test("U-05: six requests that were refused as bad do not keep the next one from being asked", async () => {
  upstream.script(() => told(400));
  for (let turn = 0; turn < 6; turn++) expect((await ask()).status).toBe(400);
  upstream.script(() => good());
  expect((await ask()).status).toBe(200);
});

test("U-06: until a named time is over nobody asks again", async () => {
  upstream.script(() => told(429, { "retry-after": "7" }));
  for (let turn = 0; turn < 12; turn++) expect((await ask()).status).toBe(429);
  expect(asked(upstream)).toBe(1);
});

test("U-08: an open breaker answers in prompt time and asks hardly anybody", async () => {
  upstream.script(() => told(500));
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(`${own}-alone`)));
  const late: Answered[] = [];
  for (let turn = 0; turn < 20; turn++) late.push(await ask(`${own}-alone`));
  expect(new Set([...answers, ...late].map(({ status }) => status))).not.toContain(200);
  expect(asked(upstream)).toBeLessThanOrEqual(20);
  expect(late.at(-1)?.headers.get("retry-after")).not.toBeNull();
});

test("U-09: a reset before the first byte costs one repeat, and the answer comes", async () => {
  upstream.script((_request, count) => (count === 1 ? { bytes: [], then: "reset" } : good()));
  expect((await ask()).status).toBe(200);
  expect(asked(upstream)).toBe(2);
});

test("U-10: markup and NUL in an answer arrive as they are, in intact JSON", async () => {
  const text = '<script>alert(1)</script>\u0000 "\\ \u2028 😀';
  upstream.script(() => good(text));
  expect(JSON.parse((await ask()).text).choices[0].message.content).toBe(text);
});

test("U-11: headers of a provider that could harm are dropped", async () => {
  const nasty = {
    ...json,
    "set-cookie": "auth_token=stolen",
    "access-control-allow-origin": "*",
    "content-security-policy": "none",
    location: "http://elsewhere.invalid/",
    "clear-site-data": '"*"',
    "x-omniroute-decision": "forged",
    "strict-transport-security": "max-age=99999999",
  };
  upstream.script(() => rawAnswer(200, nasty, JSON.stringify(chatReply("Hello"))));
  const { status, headers } = await ask();
  expect(status).toBe(200);
  for (const name of ["set-cookie", "location", "clear-site-data", "strict-transport-security"])
    expect([name, headers.get(name)]).toEqual([name, null]);
  expect(headers.get("access-control-allow-origin")).not.toBe("*");
  expect(headers.get("content-security-policy")).not.toBe("none");
  expect(headers.get("x-omniroute-decision")).not.toBe("forged");
});

test("U-12: a packed answer is unpacked, and the headers say so", async () => {
  const packed = Bun.gzipSync(Buffer.from(JSON.stringify(chatReply("Hello"))));
  upstream.script(() => rawAnswer(200, { ...json, "content-encoding": "gzip" }, packed));
  const { text, headers } = await ask();
  expect(JSON.parse(text).choices[0].message.content).toBe("Hello");
  expect(headers.get("content-encoding")).toBeNull();
  expect(Number(headers.get("content-length") ?? Buffer.byteLength(text))).toBe(Buffer.byteLength(text));
});

test("U-13: an answer of sixty megabytes arrives whole, or is refused in words", async () => {
  const text = "x".repeat(60 * 1024 * 1024);
  upstream.script(() => good(text));
  const answer = await ask();
  expect([200, 502]).toContain(answer.status);
  if (answer.status === 200)
    expect(JSON.parse(answer.text).choices[0].message.content.length).toBe(text.length);
  else expect(JSON.parse(answer.text).error.message).toBeString();
}, 30_000);

test.each(["/v1/chat/completions", "/v1/messages"])(
  "U-14: two calls under one id are both kept towards %s",
  async (path) => {
    const call = (city: string) => ({
      id: "call_1",
      type: "function",
      function: { name: "weather", arguments: JSON.stringify({ city }) },
    });
    const message = { role: "assistant", content: null, tool_calls: [call("Oslo"), call("Rome")] };
    const reply = { ...chatReply(""), choices: [{ index: 0, message, finish_reason: "tool_calls" }] };
    upstream.script(() => rawAnswer(200, json, JSON.stringify(reply)));
    const tool = { name: "weather", description: "w", parameters: { type: "object", properties: {} } };
    const tools = path.endsWith("messages")
      ? [{ name: "weather", description: "w", input_schema: { type: "object", properties: {} } }]
      : [{ type: "function", function: tool }];
    const response = await fetch(gateway.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: `${own}/a`,
        max_tokens: 50,
        tools,
        messages: [{ role: "user", content: ASKED }],
      }),
    });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain("Oslo");
    expect(text).toContain("Rome");
  },
);

test.each([1, 200])(
  "U-15: a storm of 429, %d at a time: every client gets its time, and what is known is not asked again",
  async (atOnce) => {
    upstream.script(() => told(429, { "retry-after": "20" }));
    spare.script(() => told(429, { "retry-after": "30" }));
    const before = asked(upstream) + asked(spare);
    for (let sent = 0; sent < 200; sent += atOnce) {
      const answers = await Promise.all(Array.from({ length: atOnce }, () => ask(`${own}-or-spare`)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([429]));
      for (const { headers } of answers) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    const after = asked(upstream) + asked(spare);
    // Calls that left before the first refusal came back cannot know of it; each asks an account once at most.
    expect(after - before).toBeLessThanOrEqual(2 * Math.max(2, atOnce));
    expect((await ask(`${own}-or-spare`)).status).toBe(429);
    expect(asked(upstream) + asked(spare)).toBe(after);
    spare.script(() => good("Spare"));
  },
);

test.each<[string, object, object]>([
  ["negative", { prompt_tokens: -5, completion_tokens: -7, total_tokens: -12 }, {}],
  ["beyond measure", { prompt_tokens: 1e308, completion_tokens: 1e308, total_tokens: 1e308 }, {}],
  ["no numbers", { prompt_tokens: "many", completion_tokens: null }, {}],
  ["missing", {}, { usage: undefined }],
  ["of a model nobody asked", {}, { model: "another-model-altogether" }],
])("U-18: usage that is %s never makes a cost below zero or without bound", async (_what, usage, more) => {
  upstream.script(() => good("Hello", { usage, ...more }));
  expect((await ask()).status).toBe(200);
  const { usage: counted, cost } = gateway.lastRequest() ?? {};
  for (const value of [counted?.input, counted?.output, cost].filter((each) => each !== undefined)) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThan(1e15);
  }
});
