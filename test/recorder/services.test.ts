import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readBundle, type Recording, replay, writeBundle } from "../../src/recorder/index.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { openaiService, PICTURE } from "../kit/service-answers.ts";
import {
  chatReply,
  chatStream,
  closedPort,
  type Seen,
  startResettingUpstream,
  startUpstream,
  type Step,
  type Upstream,
} from "../kit/upstream.ts";

/** Every kind of call over real sockets: recorded, bundled, and played again when nobody is there any more. */
const PROVIDER_KEY = "canary-of-the-provider-0123456789";
const CLIENT_KEY = "sk-canary-of-the-client-0123456789";
const OWN_HEADER = "canary-in-a-header-of-its-own";
const IN_BODY = "sk-proj-canary-in-the-body-0123456789";
const IN_FIELD = "ghp_canary_in_a_field_0123456789";
const IN_QUERY = "canary-in-the-query-0123456789";

let gateway: TestGateway;
let upstream: Upstream;
let owner: string;

beforeAll(async () => {
  upstream = startUpstream(openaiService);
  gateway = await startGateway({ fetchTimeoutMs: 1500 });
  owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  for (const prefix of ["one", "two"]) gateway.node(prefix, `${upstream.url}/v1`, { apiKey: PROVIDER_KEY });
  gateway.node("like-claude", upstream.url, { type: "anthropic-compatible", apiKey: PROVIDER_KEY });
  gateway.combo("both", [{ model: "one/m" }, { model: "two/m" }]);
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});
beforeEach(() => gateway.engine.health.resetAll());

type Body = object | FormData | string;
type Call = { path: string; body(model: string): Body };
type Asked = { status: number; bytes: Buffer; broken: boolean; recording: Recording; text: string };

async function ask(path: string, body: Body, headers: { [name: string]: string } = {}): Promise<Asked> {
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${CLIENT_KEY}`,
      "x-secret-of-mine": OWN_HEADER,
      "x-omniroute-debug": "true",
      ...headers,
    },
    body: body instanceof FormData || typeof body === "string" ? body : JSON.stringify(body),
  });
  const got = await received(response);
  const id = response.headers.get("x-request-id")!;
  for (let wait = 0; wait < 2000 && !gateway.engine.recorder.find(id); wait++) await Bun.sleep(5);
  const file = await fetch(`${gateway.url}/api/recordings/${id}`, {
    headers: { authorization: `Bearer ${owner}` },
  });
  expect(file.status).toBe(200);
  const text = await file.text();
  return { status: response.status, ...got, recording: readBundle(text), text };
}

async function received(response: Response): Promise<{ bytes: Buffer; broken: boolean }> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of response.body!) pieces.push(piece);
    return { bytes: Buffer.concat(pieces), broken: false };
  } catch {
    return { bytes: Buffer.concat(pieces), broken: true };
  }
}

const sound = new File([Uint8Array.from({ length: 5000 }, (_, at) => (at * 7) % 256)], "talk.mp3", {
  type: "audio/mpeg",
});
const picture = new File([Buffer.from(PICTURE, "base64")], "cat.png", { type: "image/png" });

function form(fields: { [name: string]: string | File }): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  made.append("user", IN_FIELD);
  return made;
}

const messages = [{ role: "user", content: `Hi, ${IN_BODY}` }];
const contents = [{ role: "user", parts: [{ text: `Hi, ${IN_BODY}` }] }];
const gemini = (model: string) => `/v1beta/models/${model}`;

/** How each is asked for, and what the upstream answers; unset: what it answers to its path. */
const CALLS: { [name: string]: Call & { answer?: Step } } = {
  embeddings: { path: "/v1/embeddings", body: (model) => ({ model, input: ["a", IN_BODY] }) },
  "embeddings as base64": {
    path: "/v1/embeddings",
    body: (model) => ({ model, input: "a", encoding_format: "base64" }),
  },
  pictures: {
    path: "/v1/images/generations",
    body: (model) => ({ model, prompt: `a cat, ${IN_BODY}` }),
  },
  "pictures as a stream": {
    path: "/v1/images/generations",
    body: (model) => ({ model, prompt: "a cat", stream: true }),
    answer: {
      type: "stream",
      chunks: [`event: image_generation.completed\ndata: {"b64_json":"${PICTURE}"}\n\n`],
    },
  },
  "changed pictures": {
    path: "/v1/images/edits",
    body: (model) => form({ model, prompt: "a hat", image: picture }),
  },
  speech: {
    path: "/v1/audio/speech",
    body: (model) => ({ model, voice: "alloy", input: `Hello ${IN_BODY}` }),
    answer: {
      type: "stream",
      headers: { "content-type": "audio/mpeg" },
      chunks: [Uint8Array.from({ length: 4000 }, (_, at) => (at * 31) % 256), "ID3 the end"],
    },
  },
  transcripts: { path: "/v1/audio/transcriptions", body: (model) => form({ model, file: sound }) },
  "subtitles, named behind the file": {
    path: "/v1/audio/transcriptions",
    body: (model) => form({ model, file: sound, response_format: "srt" }),
  },
  "transcripts as a stream": {
    path: "/v1/audio/transcriptions",
    body: (model) => form({ model, stream: "true", file: sound }),
    answer: {
      type: "stream",
      chunks: [
        'data: {"type":"transcript.text.delta","delta":"Good"}\n\n',
        'data: {"type":"transcript.text.done","text":"Good"}\n\n',
      ],
    },
  },
  moderation: { path: "/v1/moderations", body: (model) => ({ model, input: IN_BODY }) },
  reranking: {
    path: "/v1/rerank",
    body: (model) => ({ model, query: "q", documents: ["a", IN_BODY] }),
  },
  "chat as a stream": {
    path: "/v1/chat/completions",
    body: (model) => ({ model, messages, stream: true }),
    answer: { type: "stream", chunks: chatStream("Hello there") },
  },
  "an older completion": {
    path: "/v1/completions",
    body: (model) => ({ model, prompt: IN_BODY }),
    answer: { type: "json", body: chatReply("Hello") },
  },
  Responses: {
    path: "/v1/responses",
    body: (model) => ({ model, input: IN_BODY, stream: true }),
    answer: { type: "stream", chunks: chatStream("Hello there") },
  },
  Ollama: {
    path: "/api/chat",
    body: (model) => ({ model, messages, stream: false }),
    answer: { type: "json", body: chatReply("Hello") },
  },
};

const answerTo =
  (call: { answer?: Step }) =>
  (seen: Seen): Step =>
    call.answer ?? openaiService(seen);
const refused: Step = {
  type: "json",
  status: 400,
  body: { error: { message: `Not with ${PROVIDER_KEY}.`, code: "invalid_value" } },
};
const busy: Step = { type: "json", status: 503, body: { error: { message: `busy, ${PROVIDER_KEY}` } } };

/** The beginning of an answer, then a dead connection. */
function cutOff(step: Step): Step {
  if (step.type === "stream") return { ...step, chunks: step.chunks.slice(0, 1), then: "break" };
  const text = step.type === "json" ? JSON.stringify(step.body) : step.type === "text" ? step.body : "";
  const type = step.type === "json" ? "application/json" : "text/plain";
  return {
    type: "stream",
    headers: { "content-type": type },
    chunks: [text.slice(0, Math.ceil(text.length / 2))],
    then: "break",
  };
}

const ENDINGS: { [name: string]: (call: { answer?: Step }) => (seen: Seen, count: number) => Step } = {
  answered: (call) => answerTo(call),
  "refused by the provider": () => () => refused,
  "answered by the second": (call) => {
    let tries = 0;
    return (seen) => (tries++ < 1 ? busy : answerTo(call)(seen));
  },
  "failed everywhere": () => () => busy,
  "cut off": (call) => (seen) => cutOff(answerTo(call)(seen)),
};

const ROWS = Object.keys(CALLS).flatMap((call) =>
  Object.keys(ENDINGS).map((ending) => [call, ending] as const),
);

test.each(ROWS)("%s, %s: plays again to the same bytes and holds no secret", async (name, ending) => {
  const call = CALLS[name]!;
  upstream.script(ENDINGS[ending]!(call));
  const asked = await ask(call.path, call.body("both"));
  expect(asked.text).not.toContain("canary");
  expect(writeBundle(asked.recording)).toBe(asked.text);
  const played = await replay(asked.recording);
  expect(played).toMatchObject({ sameOutcome: true, sameAnswer: true, departures: [], refusedAtDoor: false });
  expect(asked.recording.outcome.attempts.length).toBeGreaterThan(0);
  if (ending === "answered by the second")
    expect(played.now.attempts.map(({ outcome }) => outcome).at(-1)).toBe("ok");
  if (ending === "answered" && !asked.bytes.includes("canary"))
    expect(asked.recording.answer!.body.size).toBe(asked.bytes.length);
  if (name === "speech" && ending === "answered") expect(played.answer.equals(asked.bytes)).toBe(true);
  if (asked.broken) expect(asked.recording.answer!.broken).toBe(true);
});

/** Every secret of a call, as it may come back: plain, in an address, in base64, behind a word. */
const PLANTED = [
  PROVIDER_KEY,
  CLIENT_KEY,
  OWN_HEADER,
  IN_QUERY,
  `Bearer ${PROVIDER_KEY}`,
  `https://user:${PROVIDER_KEY}@host.invalid/?api_key=${CLIENT_KEY}`,
  Buffer.from(PROVIDER_KEY).toString("base64"),
];
const SECRETS = [...new Set([...PLANTED, IN_BODY, IN_FIELD])];

test.each(Object.keys(CALLS))("%s: no secret is kept, wherever a provider says it again", async (name) => {
  const call = CALLS[name]!;
  const headers = { "set-cookie": PROVIDER_KEY, "x-echo": CLIENT_KEY, "x-request-id": `id-${PROVIDER_KEY}` };
  upstream.script((seen) => {
    const answer = answerTo(call)(seen);
    const sound = Buffer.concat([Buffer.from([0, 255, 1]), Buffer.from(PLANTED.join("\0"))]);
    if (answer.type === "stream" && name === "speech")
      return { ...answer, headers: { ...answer.headers, ...headers }, chunks: [sound] };
    return {
      type: "json",
      status: 400,
      headers,
      body: { error: { message: PLANTED.join(" "), code: PLANTED[0], param: PLANTED } },
    };
  });
  const path = `${call.path}?key=${IN_QUERY}&api_key=${CLIENT_KEY}`;
  const { recording, text } = await ask(path, call.body("both"), {
    "x-api-key": CLIENT_KEY,
    cookie: OWN_HEADER,
  });
  const bytes = [
    text,
    ...[
      recording.request.body,
      ...recording.exchanges.flatMap(({ body, answer }) => [body, answer!.body]),
      recording.answer!.body,
    ].map(({ data, encoding }) => Buffer.from(data, encoding).toString("latin1")),
  ].join("\n");
  for (const secret of SECRETS) expect(bytes.includes(secret)).toBe(false);
  expect(await replay(recording)).toMatchObject({ sameOutcome: true, sameAnswer: true });
});

describe("what Gemini's clients ask for", () => {
  test.each<[string, string, object, Step | null]>([
    ["one text", `${gemini("one/e")}:embedContent`, { content: { parts: [{ text: "a" }] } }, null],
    [
      "several texts",
      `${gemini("one/e")}:batchEmbedContents`,
      { requests: [{ content: { parts: [{ text: "a" }] } }, { content: { parts: [{ text: IN_BODY }] } }] },
      null,
    ],
    [
      "an answer",
      `${gemini("one/m")}:generateContent`,
      { contents },
      { type: "json", body: chatReply("Hi") },
    ],
    [
      "a growing list",
      `${gemini("one/m")}:streamGenerateContent`,
      { contents },
      { type: "stream", chunks: chatStream("Hello") },
    ],
    [
      "events",
      `${gemini("one/m")}:streamGenerateContent?alt=sse`,
      { contents },
      { type: "stream", chunks: chatStream("Hello") },
    ],
  ])("%s", async (_name, path, body, answer) => {
    upstream.script(answerTo(answer ? { answer } : {}));
    const asked = await ask(`${path}${path.includes("?") ? "&" : "?"}key=${IN_QUERY}`, body);
    expect(asked.text).not.toContain("canary");
    expect(asked.status).toBe(200);
    expect(await replay(asked.recording)).toMatchObject({
      sameOutcome: true,
      sameAnswer: true,
      departures: [],
    });
  });
});

test.each<[string, string, object]>([
  ["Anthropic", "/v1/messages/count_tokens", { model: "like-claude/m", messages }],
  ["OpenAI", "/v1/responses/input_tokens", { model: "one/m", input: "Hello" }],
  ["Google", `${gemini("one/m")}:countTokens`, { contents }],
])("counted tokens in the shape of %s", async (_name, path, body) => {
  upstream.script(() => ({ type: "json", body: { input_tokens: 17 } }));
  const asked = await ask(path, body);
  expect(asked.recording.request.call).toEqual({ type: "count" });
  expect(await replay(asked.recording)).toMatchObject({
    now: { status: 200 },
    sameOutcome: true,
    sameAnswer: true,
    departures: [],
  });
});

test.each([
  ["answered", { type: "json", body: chatReply("Hello") } satisfies Step, 200],
  ["refused", refused, 400],
])("a chat of the playground, %s", async (_how, step, status) => {
  upstream.script(() => step);
  const newest = () => gateway.engine.recorder.list(1)[0]?.id;
  const before = newest();
  gateway.engine.recorder.recordNext(1, { name: "test" });
  const response = await fetch(`${gateway.url}/api/playground/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${owner}` },
    body: JSON.stringify({ model: "one/m", messages: [{ role: "user", content: "Hi" }] }),
  });
  await response.text();
  for (let wait = 0; wait < 2000 && newest() === before; wait++) await Bun.sleep(5);
  const recording = gateway.engine.recorder.find(newest()!)!;
  expect(recording).toMatchObject({ request: { path: "/api/playground/chat" }, outcome: { status } });
  expect(await replay(recording)).toMatchObject({ sameOutcome: true, sameAnswer: true, departures: [] });
});

describe("failures of the way", () => {
  const embed = (model: string) => ask("/v1/embeddings", { model, input: "a" });
  const playsSame = async ({ recording }: Asked, now: object) =>
    expect(await replay(recording)).toMatchObject({
      now,
      sameOutcome: true,
      sameAnswer: true,
      departures: [],
    });

  test("nobody listens", async () => {
    gateway.node("closed", `http://127.0.0.1:${await closedPort()}/v1`);
    await playsSame(await embed("closed/e"), { status: 502 });
  });

  test("the connection is reset before any answer", async () => {
    const resetting = startResettingUpstream();
    gateway.node("resetting", `${resetting.url}/v1`);
    await playsSame(await embed("resetting/e"), { status: 502 });
    resetting.stop();
  });

  test("the name is not known", async () => {
    gateway.node("nameless", "http://nobody.invalid/v1");
    await playsSame(await embed("nameless/e"), { status: 502 });
  });

  test("no TLS is spoken there", async () => {
    gateway.node("plain", `${upstream.url.replace("http:", "https:")}/v1`);
    await playsSame(await embed("plain/e"), { status: 502 });
  });

  test("the answer is no JSON", async () => {
    upstream.script(() => ({ type: "text", headers: { "content-type": "application/json" }, body: "{oops" }));
    await playsSame(await embed("one/e"), { status: 502 });
  });

  test("no answer comes in time", async () => {
    upstream.script(() => ({ type: "stall" }));
    const asked = await ask("/v1/chat/completions", { model: "one/m", messages });
    expect(asked.recording.exchanges.some(({ fault }) => fault?.kind === "timeout")).toBe(true);
    await playsSame(asked, { status: 504 });
  }, 30_000);
});

describe("a task that is asked for until it is done", () => {
  const steps = (end: object) => {
    let looks = 0;
    return ({ path, method }: Seen): Step => {
      if (path === "/v2/upload") return { type: "json", body: { upload_url: "https://cdn.invalid/audio" } };
      if (method === "POST") return { type: "json", body: { id: "task-1", status: "queued" } };
      return { type: "json", body: looks++ < 1 ? { id: "task-1", status: "processing" } : end };
    };
  };
  test.each<[string, object, number]>([
    ["well", { status: "completed", text: "Good morning.", audio_duration: 2, words: [] }, 200],
    ["badly", { status: "error", error: "The audio cannot be read." }, 503],
  ])(
    "ends %s again, without the waits",
    async (_how, end, status) => {
      upstream.script(steps(end));
      gateway.engine.manage.connections.create(
        { provider: "assemblyai", name: "task", apiKey: PROVIDER_KEY, baseUrl: upstream.url },
        { name: "test" },
      );
      const asked = await ask("/v1/audio/transcriptions", form({ model: "assemblyai/best", file: sound }));
      const sent = asked.recording.exchanges.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
      expect(sent.slice(0, 4)).toEqual([
        "POST /v2/upload",
        "POST /v2/transcript",
        "GET /v2/transcript/task-1",
        "GET /v2/transcript/task-1",
      ]);
      expect(asked.text).not.toContain("canary");
      expect(await replay(asked.recording)).toMatchObject({
        now: { status },
        sameOutcome: true,
        sameAnswer: true,
        departures: [],
      });
    },
    30_000,
  );
});

describe("calls that reach no provider", () => {
  test.each<[string, string, Body, number, string]>([
    ["a body that is no JSON", "/v1/embeddings", "{oops", 400, "bad_request"],
    ["a field that is missing", "/v1/audio/speech", { model: "one/t" }, 400, "bad_request"],
    ["a chat without messages", "/v1/messages", { model: "one/m" }, 400, "bad_request"],
    [
      "a model nobody has",
      "/v1/rerank",
      { model: "no/r", query: "q", documents: ["a"] },
      404,
      "model_not_found",
    ],
    ["a form without a file", "/v1/audio/transcriptions", form({ model: "one/w" }), 400, "bad_request"],
    ["JSON where a form is due", "/v1/images/edits", { model: "one/i" }, 400, "bad_request"],
  ])("%s is refused alike", async (_name, path, body, status, errorCode) => {
    const asked = await ask(path, body);
    expect(asked.status).toBe(status);
    expect(asked.recording.outcome).toMatchObject({ status, errorCode });
    expect(await replay(asked.recording)).toMatchObject({ sameOutcome: true, sameAnswer: true });
  });

  test("what a key may not is kept without its body, and only repeated", async () => {
    const { key } = gateway.engine.access.createKey({
      name: "narrow",
      allowedEndpoints: ["chat"],
    });
    const asked = await ask(
      "/v1/embeddings",
      { model: "one/e", input: "a" },
      { authorization: `Bearer ${key}` },
    );
    expect(asked.status).toBe(403);
    expect(asked.recording.request).toMatchObject({ unfinished: "unread", body: { size: 0 } });
    expect(await replay(asked.recording)).toMatchObject({
      refusedAtDoor: true,
      sameOutcome: true,
      sameAnswer: true,
    });
  });

  test("who is not known is not recorded", async () => {
    const { key, record } = gateway.engine.access.createKey({ name: "gone" });
    gateway.engine.access.revokeKey(record.id);
    const response = await fetch(`${gateway.url}/v1/embeddings`, {
      method: "POST",
      headers: { "x-omniroute-debug": "true", authorization: `Bearer ${key}` },
      body: "{}",
    });
    expect(response.status).toBe(401);
    expect(gateway.engine.recorder.find(response.headers.get("x-request-id")!)).toBeUndefined();
  });

  test("an answer from the cache is kept with its question, and there is nothing to play", async () => {
    upstream.script(() => ({ type: "json", body: chatReply("Hello") }));
    const body = { model: "one/m", temperature: 0, messages: [{ role: "user", content: "Hi" }] };
    const first = await ask("/v1/chat/completions", body);
    const second = await ask("/v1/chat/completions", body);
    expect(first.recording.exchanges).toHaveLength(1);
    expect(second.recording).toMatchObject({ outcome: { status: 200, cache: "hit" }, exchanges: [] });
    expect(second.recording.answer!.body.data).toContain("Hello");
    expect(gateway.engine.recorder.list(1)).toMatchObject([{ kind: "chat", isPlayable: false }]);
    expect(replay(second.recording)).rejects.toThrow("from a cache");
  });

  test("an answer given again says so, and where to look", async () => {
    upstream.script(openaiService);
    const again = { "idempotency-key": "once" };
    const body = { model: "one/e", input: "a" };
    const first = await ask("/v1/embeddings", body, again);
    const second = await ask("/v1/embeddings", body, again);
    expect(second.recording).toMatchObject({ outcome: { status: 200, cache: "replay" }, exchanges: [] });
    expect(second.recording.answer!.body.data).toBe(first.recording.answer!.body.data);
    expect(replay(second.recording)).rejects.toThrow("equal one");
  });
});

describe("bounds", () => {
  const keep = (recordedBodyMb: number) =>
    gateway.engine.manage.settings.change({ recordedBodyMb }, { name: "test" });
  afterEach(() => keep(1));

  test("of each body a megabyte is kept, unless somebody wants more", async () => {
    upstream.script(openaiService);
    const asked = await ask("/v1/embeddings", { model: "one/e", input: "x".repeat(1_200_000) });
    expect(asked.recording.request.body).toMatchObject({ whole: false });
    expect(asked.recording.request.body.data.length).toBe(1024 * 1024);
    expect(asked.recording.request.body.size).toBeGreaterThan(1_200_000);
    expect(replay(asked.recording)).rejects.toThrow("recordedBodyMb");
  });

  test("an upload of several megabytes is kept whole and plays again; what went to the provider is cut", async () => {
    keep(4);
    upstream.script(openaiService);
    const large = new File([new Uint8Array(3_000_000).fill(200)], "long.mp3", { type: "audio/mpeg" });
    const asked = await ask("/v1/audio/transcriptions", form({ model: "one/w", file: large }));
    const [exchange] = asked.recording.exchanges;
    expect(asked.recording.request.body).toMatchObject({ whole: true, encoding: "base64" });
    expect(exchange!.body).toMatchObject({ whole: false });
    expect(exchange!.body.size).toBeGreaterThan(3_000_000);
    expect(await replay(asked.recording)).toMatchObject({ sameAnswer: true, departures: [] });
    expect(gateway.engine.recorder.list(1)).toMatchObject([
      { kind: "audio/transcriptions", isCut: true, isPlayable: true },
    ]);
  });

  test("an upload that is larger than what is kept says so, and is not played", async () => {
    keep(32);
    upstream.script(openaiService);
    const large = new File([new Uint8Array(34 * 1024 * 1024)], "longer.wav", { type: "audio/wav" });
    const asked = await ask("/v1/audio/transcriptions", form({ model: "one/w", file: large }));
    expect(asked.status).toBe(200);
    expect(asked.recording.request.body.whole).toBe(false);
    expect(asked.recording.request.body.size).toBeGreaterThan(34 * 1024 * 1024);
    expect(gateway.engine.recorder.list(1)).toMatchObject([{ isCut: true, isPlayable: false }]);
    expect(replay(asked.recording)).rejects.toThrow("too long to be kept whole");
  }, 30_000);
});

describe("uploads that do not come to their end", () => {
  const head = (length: number) =>
    [
      "POST /v1/audio/transcriptions HTTP/1.1",
      "Host: localhost",
      "X-OmniRoute-Debug: true",
      "Content-Type: multipart/form-data; boundary=edge",
      `Content-Length: ${length}`,
      "",
      "",
    ].join("\r\n");
  const part = (name: string, value: string) =>
    `--edge\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const file = '--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\nID3 and';

  /** Sends a piece of a form and hangs up, at once or when the answer is there. Gives the recording. */
  async function sent(body: string, hangsUp: boolean): Promise<Recording> {
    const before = gateway.engine.recorder.list(1)[0]?.id;
    const answered = Promise.withResolvers<void>();
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: gateway.port,
      socket: { data: () => answered.resolve(), close: () => answered.resolve() },
    });
    socket.write(head(body.length + 10_000) + body);
    if (hangsUp) {
      await Bun.sleep(100);
      socket.end();
    } else await answered.promise;
    for (let wait = 0; wait < 2000 && gateway.engine.recorder.list(1)[0]?.id === before; wait++)
      await Bun.sleep(5);
    socket.end();
    return gateway.engine.recorder.find(gateway.engine.recorder.list(1)[0]!.id)!;
  }

  test("one that the client breaks off", async () => {
    upstream.script(openaiService);
    const recording = await sent(part("model", "one/w") + file, true);
    expect(recording.request.unfinished).toBeDefined();
    const { then, now } = await replay(recording);
    expect(now).toEqual(then);
  });

  test("one that is answered before it is all there", async () => {
    const recording = await sent(part("model", "nobody/w") + file, false);
    expect(recording).toMatchObject({ request: { unfinished: "unread" }, outcome: { status: 404 } });
    expect(await replay(recording)).toMatchObject({ sameOutcome: true, sameAnswer: true });
  });
});
