import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import type { OutboundScript } from "../kit/scripted-outbound.ts";
import { chatReply, chatStream } from "../kit/upstream.ts";

const ACTOR = { name: "test" };
let gateway: InProcess;
let count = 0;
const script: OutboundScript = ({ body, url }) => {
  if (url.endsWith("/embeddings")) {
    const text = String(body.input);
    const vector = [1, text.includes("cheap") ? 0.1 : 0, text.includes("Rome") ? 9 : 0];
    return { type: "answer", body: { data: [{ index: 0, embedding: vector }], usage: { prompt_tokens: 1 } } };
  }
  // A new node is asked for its models.
  if (!url.endsWith("/chat/completions")) return { type: "refuse" };
  count++;
  if (body.stream === true) return { type: "stream", chunks: chatStream(`stream ${count}`) };
  return { type: "answer", body: chatReply(`answer ${count}`) };
};
beforeEach(async () => {
  count = 0;
  gateway = await startInProcess({ script });
  gateway.node("one");
  gateway.node("two");
});
afterEach(() => gateway.stop());

const CHAT = { model: "one/m", temperature: 0, messages: [{ role: "user", content: "2+2?" }] };
const keyNamed = (name: string) => gateway.engine.access.createKey({ name }).key;

async function ask(change: object = {}, options: { path?: string; headers?: object } = {}) {
  const { path = "/v1/chat/completions", headers = {} } = options;
  const answer = await gateway.call(path, { ...CHAT, ...change }, { headers: headers as {} });
  return { ...answer, cache: answer.headers.get("x-omniroute-cache"), body: parsed(answer.text) };
}
const parsed = (text: string) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const BODIES: { [path: string]: object } = {
  "/v1/responses": { messages: undefined, input: [{ role: "user", content: "2+2?" }] },
  "/v1/api/chat": { stream: false, temperature: undefined, options: { temperature: 0 } },
  "/v1beta/models/one/m:generateContent": {
    model: undefined,
    messages: undefined,
    temperature: undefined,
    contents: [{ role: "user", parts: [{ text: "2+2?" }] }],
    generationConfig: { temperature: 0 },
  },
};

describe("an equal call at temperature 0", () => {
  test("gets the first answer, without cost, and no provider is asked", async () => {
    const first = await ask();
    const second = await ask();
    expect([first.cache, second.cache]).toEqual(["MISS", "HIT"]);
    expect(second.headers.get("x-omniroute-cache-hit")).toBe("true");
    expect(second.headers.get("x-omniroute-response-cost")).toBe("0.0000000000");
    expect(second.headers.get("x-omniroute-tokens-in")).toBe("11");
    expect(second.body.choices).toEqual(first.body.choices);
    expect(second.body.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7 });
    expect(count).toBe(1);
    const row = gateway.lastRequest();
    expect(row).toMatchObject({ status: 200, model: "one/m", cache: "hit", cost: 0, attempts: [] });
    expect(row.provider).toBeUndefined();
  });

  test("is found again after a restart, and so are the numbers; on disk it cannot be read", async () => {
    await gateway.stop();
    const dataDir = mkdtempSync(join(tmpdir(), "omniroute-cache-"));
    try {
      gateway = await startInProcess({ script, config: { dataDir } });
      gateway.node("one");
      await ask();
      await ask();
      await gateway.stop();
      const files = readdirSync(dataDir).filter((name) => name.startsWith("logs.sqlite"));
      for (const name of files) expect(readFileSync(join(dataDir, name)).includes("answer 1")).toBe(false);
      gateway = await startInProcess({ script, config: { dataDir } });
      expect(gateway.engine.caches.answers.stats()).toMatchObject({
        memoryEntries: 0,
        dbEntries: 1,
        hits: 1,
      });
      expect((await ask()).cache).toBe("HIT");
      expect(count).toBe(1);
    } finally {
      await gateway.stop();
      rmSync(dataDir, { recursive: true, force: true });
      gateway = await startInProcess({ script });
    }
  });

  test.each([
    ["Messages", "/v1/messages"],
    ["Responses", "/v1/responses"],
    ["Ollama", "/v1/api/chat"],
    ["Gemini", "/v1beta/models/one/m:generateContent"],
  ])("an answer earned by one protocol serves %s", async (_name, path) => {
    const maxed = path === "/v1/messages" ? { max_tokens: 50 } : {};
    const first = await ask(maxed);
    const second = await ask(BODIES[path] ?? maxed, { path });
    expect([first.cache, second.cache]).toEqual(["MISS", "HIT"]);
    expect(second.text).toContain("answer 1");
  });

  test("the order of fields and the spelling of texts do not matter", async () => {
    await ask();
    const messages = [{ content: [{ type: "text", text: "2+2?" }], role: "user" }];
    expect((await ask({ messages, user: "me", stream_options: undefined })).cache).toBe("HIT");
  });
});

describe("is asked anew", () => {
  test.each<[string, object]>([
    ["another amount", { messages: [{ role: "user", content: "2+3?" }] }],
    ["a negation", { messages: [{ role: "user", content: "not 2+2?" }] }],
    ["another system text", { messages: [{ role: "system", content: "x" }, ...CHAT.messages] }],
    ["tools", { tools: [{ type: "function", function: { name: "f" } }] }],
    ["another format", { response_format: { type: "json_object" } }],
    ["another length", { max_tokens: 5 }],
    ["another seed", { seed: 1 }],
    ["another model", { model: "one/n" }],
    ["a field of its own", { logit_bias: { "1": 2 } }],
  ])("%s", async (_what, change) => {
    await ask();
    expect((await ask(change)).cache).toBe("MISS");
    expect(count).toBe(2);
  });

  test.each<[string, object]>([
    ["temperature 0.7", { temperature: 0.7 }],
    ["no temperature", { temperature: undefined }],
    ["two choices", { n: 2 }],
    ["a stream", { stream: true }],
    ["log probabilities", { logprobs: true }],
  ])("%s: neither read nor kept", async (_what, change) => {
    await ask(change);
    expect((await ask(change)).cache).toBe("BYPASS");
    expect(gateway.engine.caches.answers.stats().memoryEntries).toBe(0);
  });

  test("with the header that wants no cache", async () => {
    await ask();
    const second = await ask({}, { headers: { "x-omniroute-no-cache": "true" } });
    expect(second.cache).toBe("BYPASS");
    expect(count).toBe(2);
  });

  test("with another API key, and without one", async () => {
    const [one, two] = [keyNamed("one"), keyNamed("two")];
    const as = (key: string) => ask({}, { headers: { authorization: `Bearer ${key}` } });
    expect([(await as(one)).cache, (await as(two)).cache, (await ask()).cache]).toEqual([
      "MISS",
      "MISS",
      "MISS",
    ]);
    expect((await as(one)).cache).toBe("HIT");
    gateway.engine.manage.settings.change({ cacheScope: "instance" }, ACTOR);
    expect([(await as(one)).cache, (await as(two)).cache, (await ask()).cache]).toEqual([
      "MISS",
      "HIT",
      "HIT",
    ]);
  });

  test("with a key whose words are written down nowhere", async () => {
    const { key } = gateway.engine.access.createKey({ name: "private", noLog: true });
    const as = () => ask({}, { headers: { authorization: `Bearer ${key}` } });
    expect([(await as()).cache, (await as()).cache]).toEqual(["BYPASS", "BYPASS"]);
    expect(gateway.engine.caches.answers.stats().dbEntries).toBe(0);
  });

  test("after the time is over, after clearing, and when switched off", async () => {
    await ask();
    gateway.clock.advance(3_600_001);
    expect((await ask()).cache).toBe("MISS");
    expect((await gateway.admin("DELETE", "/api/cache?scope=cache")).body).toMatchObject({
      ok: true,
      cleared: 1,
    });
    expect((await ask()).cache).toBe("MISS");
    gateway.engine.manage.settings.change({ cacheEnabled: false }, ACTOR);
    expect((await ask()).cache).toBe("BYPASS");
  });

  test("when the system prompt of the settings has changed", async () => {
    await ask();
    gateway.engine.manage.settings.change({ systemPrompt: { enabled: true, prompt: "Be kind." } }, ACTOR);
    expect((await ask()).cache).toBe("MISS");
  });

  test("when the key may no longer use the model", async () => {
    const { key, record } = gateway.engine.access.createKey({ name: "x" });
    const as = () => ask({}, { headers: { authorization: `Bearer ${key}` } });
    await as();
    gateway.engine.access.updateKey(record.id, { allowedModels: ["two/*"] });
    expect((await as()).status).toBe(403);
  });
});

describe("what is not kept", () => {
  test.each<[string, object]>([
    ["cut short", { finish_reason: "length" }],
    ["filtered", { finish_reason: "content_filter" }],
  ])("an answer that was %s", async (_what, { finish_reason }: any) => {
    gateway.outbound.script = () => {
      const reply: any = chatReply("half");
      reply.choices[0].finish_reason = finish_reason;
      return { type: "answer", body: reply };
    };
    await ask();
    expect((await ask()).cache).toBe("MISS");
  });

  test("an error", async () => {
    gateway.outbound.script = () => ({ type: "answer", status: 400, body: { error: { message: "no" } } });
    expect([(await ask()).status, (await ask()).status]).toEqual([400, 400]);
    const asked = gateway.outbound.sent.filter(({ url }) => url.endsWith("/chat/completions"));
    expect(asked.length).toBe(2);
  });
});

describe("streams, when they are wanted", () => {
  beforeEach(() => void gateway.engine.manage.settings.change({ cacheStreams: true }, ACTOR));

  test("are kept and replayed, also whole, and the other way round", async () => {
    const first = await ask({ stream: true });
    const second = await ask({ stream: true });
    const whole = await ask();
    expect([first.cache, second.cache, whole.cache]).toEqual(["MISS", "HIT", "HIT"]);
    expect(second.text).toContain("data: [DONE]");
    expect(whole.body.choices[0].message.content).toBe("stream 1");
    expect(second.headers.get("content-type")).toContain("text/event-stream");
  });

  test("not when they broke off", async () => {
    gateway.outbound.script = () => ({
      type: "stream",
      chunks: chatStream("half", { end: false }),
      then: "break",
    });
    await ask({ stream: true });
    expect(gateway.engine.caches.answers.stats().memoryEntries).toBe(0);
  });
});

describe("similar questions", () => {
  beforeEach(() => {
    gateway.engine.manage.settings.change(
      { cacheSimilarity: { model: "two/embed", threshold: 0.97 } },
      ACTOR,
    );
  });
  const question = (content: string) => ask({ messages: [{ role: "user", content }] });

  test("get an earlier answer where they are similar enough, and say so", async () => {
    expect((await question("Flights to Oslo?")).cache).toBe("MISS");
    const similar = await question("Any cheap flights to Oslo?");
    expect(similar.cache).toBe("SEMANTIC");
    expect(Number(similar.headers.get("x-omniroute-cache-similarity"))).toBeGreaterThan(0.97);
    expect(similar.body.choices[0].message.content).toBe("answer 1");
    expect((await question("Flights to Rome?")).cache).toBe("MISS");
    const { similar: list } = (await gateway.admin("GET", "/api/cache/similar")).body;
    expect(list).toMatchObject([{ asked: "Any cheap flights to Oslo?", answered: "Flights to Oslo?" }]);
    expect((await gateway.admin("DELETE", `/api/cache/similar?hash=${list[0].hash}`)).status).toBe(200);
    expect((await question("Any cheap flights to Oslo?")).cache).toBe("MISS");
  });

  test("not where a number differs, nor anything before the question", async () => {
    await question("Send 10 apples");
    expect((await question("Send 100 apples")).cache).toBe("MISS");
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Please send 10 apples" },
    ];
    expect((await ask({ messages })).cache).toBe("MISS");
  });

  test("an embeddings model that fails costs nothing but the try", async () => {
    gateway.engine.manage.settings.change({ cacheSimilarity: { model: "no/model", threshold: 0.97 } }, ACTOR);
    expect((await question("Hello")).status).toBe(200);
    expect((await question("Hello")).cache).toBe("HIT");
  });
});

test("the numbers say what it saved", async () => {
  await ask();
  await ask();
  await ask();
  const { semanticCache } = (await gateway.admin("GET", "/api/cache/stats")).body;
  expect(semanticCache).toMatchObject({
    memoryEntries: 1,
    dbEntries: 1,
    hits: 2,
    misses: 1,
    hitRate: 2 / 3,
    tokensSaved: 36,
  });
});

test("a dry run says whether the answer is there, and counts nothing", async () => {
  const plan = async () => (await ask({}, { headers: { "x-omniroute-dry-run": "true" } })).body.cache;
  expect(await plan()).toBe("miss");
  await ask();
  expect(await plan()).toBe("hit");
  expect(gateway.engine.caches.answers.stats()).toMatchObject({ hits: 0, misses: 1 });
});

test("memory is bounded by number", async () => {
  gateway.engine.manage.settings.change({ cacheMaxEntries: 3 }, ACTOR);
  for (let index = 0; index < 6; index++) await ask({ seed: index });
  expect(gateway.engine.caches.answers.stats().memoryEntries).toBe(3);
});
