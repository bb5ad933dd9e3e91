import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readBundle, replay, writeBundle } from "../../src/recorder/index.ts";
import { trimLogs } from "../../src/store/index.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatReply, chatStream, type Script, startUpstream, type Upstream } from "../kit/upstream.ts";

const PROVIDER_KEY = "canary-of-the-provider-0123456789";
const CLIENT_KEY = "sk-canary-of-the-client-0123456789";
const OWN_HEADER = "canary-in-a-header-of-its-own";

let gateway: TestGateway;
let upstream: Upstream;
let owner: string;
beforeEach(async () => {
  upstream = startUpstream(() => ({ type: "json", body: chatReply("Hello") }));
  gateway = await startGateway();
  owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  gateway.node("one", `${upstream.url}/v1`, { apiKey: PROVIDER_KEY });
  gateway.node("two", `${upstream.url}/v1`, { apiKey: PROVIDER_KEY });
  gateway.node("like-claude", upstream.url, { type: "anthropic-compatible", apiKey: PROVIDER_KEY });
  gateway.combo("both", [{ model: "one/m" }, { model: "two/m" }]);
});
afterEach(async () => {
  await gateway.stop();
  await upstream.stop();
});

type Asked = { path?: string; body?: object; headers?: Record<string, string>; leaveAfter?: string };

/** Makes a call that is to be recorded; gives its id once it is. */
async function asked({
  path = "/v1/chat/completions",
  body = {},
  headers = {},
  leaveAfter,
}: Asked): Promise<string> {
  const client = new AbortController();
  const response = await fetch(gateway.url + path, {
    method: "POST",
    signal: client.signal,
    headers: {
      authorization: `Bearer ${CLIENT_KEY}`,
      "x-secret-of-mine": OWN_HEADER,
      "x-omniroute-debug": "true",
      ...headers,
    },
    body: JSON.stringify({
      model: "one/m",
      messages: [{ role: "user", content: "Hi" }],
      max_tokens: 99,
      ...body,
    }),
  });
  const id = response.headers.get("x-request-id") ?? "";
  if (leaveAfter === undefined) await response.text();
  else {
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    let text = "";
    while (!text.includes(leaveAfter)) text += decoder.decode((await reader.read()).value);
    client.abort();
  }
  for (let wait = 0; wait < 200 && !gateway.engine.recorder.find(id); wait++) await Bun.sleep(5);
  return id;
}

const admin = (path: string, init: RequestInit = {}) =>
  fetch(gateway.url + path, { ...init, headers: { authorization: `Bearer ${owner}` } });

const busy = { type: "json", status: 503, body: { error: { message: `busy, ${PROVIDER_KEY}` } } } as const;
const hello = { type: "stream", chunks: chatStream("Hello there") } as const;

const CASES: [string, Script, Asked, { status: number; errorCode?: string }][] = [
  ["a whole answer", () => ({ type: "json", body: chatReply("Hello") }), {}, { status: 200 }],
  ["a stream passed on", () => hello, { body: { stream: true } }, { status: 200 }],
  ["a stream translated", () => hello, { path: "/v1/messages", body: { stream: true } }, { status: 200 }],
  ["a whole answer collected from a stream", () => hello, { path: "/v1/messages" }, { status: 200 }],
  [
    "the second target after the first failed",
    (_seen, count) => (count < 1 ? busy : { type: "json", body: chatReply("Hello") }),
    { body: { model: "both" } },
    { status: 200 },
  ],
  [
    "failure of all targets",
    () => busy,
    { body: { model: "both" } },
    { status: 503, errorCode: "service_unavailable" },
  ],
  [
    "a refused key",
    () => ({ type: "json", status: 401, body: { error: { message: `Incorrect API key ${PROVIDER_KEY}` } } }),
    {},
    { status: 502 },
  ],
  [
    "a stream that breaks off",
    () => ({ ...hello, chunks: hello.chunks.slice(0, 3), then: "break" }),
    { body: { stream: true } },
    { status: 200 },
  ],
  [
    "an error inside a stream",
    () => ({ type: "stream", chunks: [`data: {"error":{"message":"overloaded","code":"overloaded"}}\n\n`] }),
    { path: "/v1/messages", body: { stream: true } },
    { status: 503 },
  ],
  [
    "a page instead of an answer",
    () => ({ type: "text", headers: { "content-type": "text/html" }, body: "<p>no" }),
    {},
    { status: 502 },
  ],
  [
    "a name that leads nowhere",
    () => busy,
    { body: { model: "nobody/knows" } },
    { status: 404, errorCode: "model_not_found" },
  ],
  [
    "a client that leaves",
    () => ({ ...hello, chunks: hello.chunks.slice(0, 3), then: "silence" }),
    { body: { stream: true }, leaveAfter: "Hel" },
    { status: 499, errorCode: "cancelled" },
  ],
  [
    "words that are not ASCII, cut anywhere",
    () => ({ type: "stream", chunks: cut(chatStream("Grüße 👋🏽 日本")) }),
    { path: "/v1/messages", body: { stream: true } },
    { status: 200 },
  ],
];

test.each(CASES)(
  "a bundle replays to the same end and holds no secret: %s",
  async (_name, script, call, ending) => {
    upstream.script(script);
    const id = await asked(call);
    const response = await admin(`/api/recordings/${id}`);
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).not.toContain("canary");
    const recording = readBundle(text);
    expect(recording.outcome).toMatchObject(ending);
    await upstream.stop();
    const played = await replay(recording);
    expect(played).toMatchObject({ now: ending, sameOutcome: true, departures: [] });
    if (ending.status !== 499) expect(played.sameAnswer ?? true).toBe(true);
    expect(writeBundle(recording)).toBe(text);
  },
);

function cut(chunks: readonly string[]): Uint8Array[] {
  const bytes = Buffer.from(chunks.join(""));
  return Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) =>
    bytes.subarray(index * 7, index * 7 + 7),
  );
}

test("a replay tells when the code of now would send something else", async () => {
  const recording = readBundle(
    gateway.engine.recorder.bundle(await asked({ path: "/v1/messages" }), { name: "test" }),
  );
  const [exchange] = recording.exchanges;
  exchange!.body.data = exchange!.body.data.replace("Hi", "Ho");
  expect((await replay(recording)).departures).toEqual([
    { exchange: 1, what: "another body was sent than then" },
  ]);
});

test("nothing is recorded unasked, nor ever for keys without a log", async () => {
  const quiet = await asked({ headers: { "x-omniroute-debug": "false" } });
  expect(gateway.engine.recorder.find(quiet)).toBeUndefined();
  gateway.engine.manage.settings.change({ enableRequestLogs: true }, { name: "test" });
  expect(gateway.engine.recorder.find(await asked({ headers: { "x-omniroute-debug": "" } }))).toBeDefined();
  const { key } = await gateway.engine.access.createKey({ name: "private", noLog: true });
  const secret = await asked({ headers: { authorization: `Bearer ${key}` } });
  expect(gateway.engine.recorder.find(secret)).toBeUndefined();
});

test("the next calls are recorded when somebody says so, and shown with both sides", async () => {
  expect((await admin("/api/recordings", { method: "POST", body: '{"next":1}' })).status).toBe(200);
  const first = await asked({ path: "/v1/messages", headers: { "x-omniroute-debug": "" } });
  const second = await asked({ headers: { "x-omniroute-debug": "" } });
  expect(gateway.engine.recorder.find(second)).toBeUndefined();
  const shown = (await (await admin(`/api/usage/call-logs/${first}`)).json()) as any;
  expect(shown.hasBodies).toBe(true);
  expect(JSON.parse(shown.bodies.client.request.data)).toMatchObject({ messages: [{ content: "Hi" }] });
  expect(JSON.parse(shown.bodies.client.answer.data)).toMatchObject({ type: "message" });
  expect(JSON.parse(shown.bodies.providers[0].answer.data)).toMatchObject({ choices: expect.anything() });
  const { logs } = (await (await admin("/api/usage/call-logs")).json()) as any;
  expect(logs.map(({ hasBodies }: { hasBodies: boolean }) => hasBodies)).toEqual([false, true]);
  expect(await (await admin("/api/recordings", { method: "DELETE" })).json()).toEqual({ cleared: 1 });
  expect((await admin(`/api/recordings/${first}`)).status).toBe(404);
});

test("recordings lie sealed, and go with the log", async () => {
  await asked({ body: { messages: [{ role: "user", content: "needle" }] } });
  const row = gateway.engine.store.files.logs
    .query<{ sealed: string }, []>("SELECT sealed FROM recording_parts")
    .get()!;
  expect(row.sealed).not.toContain("needle");
  expect(row.sealed).toStartWith("omni:v1:");
  gateway.engine.store.files.logs.run("UPDATE recordings SET at = 0");
  expect(await trimLogs(gateway.engine.store)).toMatchObject({ recordings: 1 });
  expect(gateway.engine.store.files.logs.query("SELECT * FROM recording_parts").all()).toEqual([]);
});

test.each([
  ["no JSON", "{", "not JSON"],
  ["something else", '{"format":"other"}', "no bundle"],
  ["one of tomorrow", '{"format":"omniroute-recording","version":3}', "later release"],
  ["a damaged one", '{"format":"omniroute-recording","version":2}', "damaged"],
])("%s is no bundle", (_what, text, message) => {
  expect(() => readBundle(text)).toThrow(message);
});
