import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { openaiService, PICTURE, TRANSCRIPT, VECTOR } from "../kit/service-answers.ts";
import { startUpstream, type Step, type Upstream } from "../kit/upstream.ts";

/** The official SDK and plain calls against a node in OpenAI's shape, and what the upstream got. */
let gateway: TestGateway;
let upstream: Upstream;
let other: Upstream;
let openai: OpenAI;

beforeAll(async () => {
  gateway = await startGateway({ maxBodyBytes: 4 * 1024 * 1024 });
  upstream = startUpstream(openaiService);
  other = startUpstream(openaiService);
  gateway.node("up", `${upstream.url}/v1`);
  gateway.node("other", `${other.url}/v1`);
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "any", maxRetries: 0 });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
  await other.stop();
});
beforeEach(() => {
  gateway.engine.health.resetAll();
  upstream.script(openaiService);
  upstream.seen.length = 0;
  other.seen.length = 0;
});

const post = (path: string, body: unknown, headers: { [name: string]: string } = {}) =>
  fetch(gateway.url + path, {
    method: "POST",
    headers,
    body: body instanceof FormData ? body : JSON.stringify(body),
  });
const sound = (bytes = 1000) => new File([new Uint8Array(bytes).fill(7)], "talk.mp3", { type: "audio/mpeg" });

describe("the official SDK", () => {
  test("embeds, in its own base64 and in numbers", async () => {
    const coded = await openai.embeddings.create({ model: "up/e", input: ["a", "b"] });
    expect(coded.data.map(({ embedding }) => [...embedding])).toEqual([VECTOR, VECTOR]);
    expect(coded.model).toBe("up/e");
    expect(coded.usage).toEqual({ prompt_tokens: 8, total_tokens: 8 });
    const plain = await openai.embeddings.create({
      model: "up/e",
      input: "a",
      encoding_format: "float",
      dimensions: 3,
    });
    expect(plain.data[0]!.embedding).toEqual(VECTOR);
    expect(upstream.seen[1]!.body).toEqual({ model: "e", input: "a", dimensions: 3 });
  });

  test("draws and changes pictures", async () => {
    const drawn = await openai.images.generate({ model: "up/i", prompt: "a cat", size: "1024x1024" });
    expect(drawn.data).toEqual([{ b64_json: PICTURE }]);
    expect(drawn.created).toBe(1_700_000_000);
    expect(upstream.seen[0]!.body).toEqual({ model: "i", prompt: "a cat", size: "1024x1024" });
    const image = await toFile(Buffer.from(PICTURE, "base64"), "cat.png", { type: "image/png" });
    const edited = await openai.images.edit({ model: "up/i", prompt: "a hat", image });
    expect(edited.data).toEqual([{ b64_json: PICTURE }]);
    expect(upstream.seen[1]!.text).toContain('name="model"\r\n\r\ni\r\n');
    expect(upstream.seen[1]!.text).toContain('filename="cat.png"');
  });

  test("speaks, while the audio is still coming", async () => {
    upstream.script(() => ({
      type: "stream",
      headers: { "content-type": "audio/mpeg" },
      chunks: ["ID3", "-one", "-two"],
      gap: 100,
    }));
    const answer = await openai.audio.speech.create({ model: "up/t", voice: "alloy", input: "Hello" });
    expect(answer.headers.get("content-type")).toBe("audio/mpeg");
    const pieces: string[] = [];
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>)
      pieces.push(Buffer.from(piece).toString());
    expect(pieces.join("")).toBe("ID3-one-two");
    expect(pieces.length).toBeGreaterThan(1);
    expect(upstream.seen[0]!.body).toEqual({ model: "t", voice: "alloy", input: "Hello" });
    expect(gateway.lastRequest()).toMatchObject({ status: 200, usage: { units: { characters: 5 } } });
  });

  test.each([
    [
      "json",
      (answer: unknown) =>
        expect(answer).toMatchObject({ text: TRANSCRIPT, task: "transcribe", duration: 3 }),
    ],
    ["text", (answer: unknown) => expect(answer).toBe(`${TRANSCRIPT}\n`)],
    ["srt", (answer: unknown) => expect(answer).toContain("00:00:00,000 --> 00:00:02,500")],
    ["vtt", (answer: unknown) => expect(answer).toStartWith("WEBVTT")],
    [
      "verbose_json",
      (answer: unknown) =>
        expect(answer).toMatchObject({
          duration: 2.5,
          language: "english",
          segments: [{ tokens: [1] }, { end: 2.5 }],
        }),
    ],
  ] as const)("writes down what it hears as %s", async (format, check) => {
    const answer: unknown = await openai.audio.transcriptions.create({
      model: "up/w",
      file: sound(),
      response_format: format,
      language: "en",
    });
    check(answer);
    expect(upstream.seen[0]!.text).toContain('name="language"\r\n\r\nen\r\n');
  });

  test("judges texts", async () => {
    const judged = await openai.moderations.create({ model: "up/m", input: "I will hurt you" });
    expect(judged.results[0]!.flagged).toBe(true);
    expect(judged.model).toBe("up/m");
  });

  test("reads errors", async () => {
    const failure = (error: unknown) => error;
    const asked = await openai.embeddings.create({ model: "up/e", input: "" }).catch(failure);
    expect(asked).toMatchObject({ status: 400, param: "input" });
    const missing = await openai.audio.transcriptions
      .create({ model: "nobody/w", file: sound() })
      .catch(failure);
    expect(missing).toMatchObject({ status: 404, code: "model_not_found" });
  });
});

test("documents are ranked as Cohere's clients expect", async () => {
  const body = { model: "up/r", query: "q", documents: ["a", { text: "b", page: 2 }], top_n: 1 };
  const answer = await (await post("/v1/rerank", body)).json();
  expect(answer).toEqual({
    id: "rerank-1",
    model: "up/r",
    results: [{ index: 1, relevance_score: 0.9, document: { text: "b", page: 2 } }],
    meta: { billed_units: { search_units: 1 } },
  });
  expect(upstream.seen[0]!.body).toEqual({ model: "r", query: "q", documents: ["a", "b"], top_n: 1 });
  const bare = await (await post("/v1/rerank", { ...body, return_documents: false })).json();
  expect(bare.results).toEqual([{ index: 1, relevance_score: 0.9 }]);
});

describe("Gemini's clients embed", () => {
  const content = (text: string) => ({ content: { parts: [{ text }] } });

  test.each([
    [
      "/v1beta/models/up/e:embedContent",
      { ...content("a"), taskType: "RETRIEVAL_QUERY" },
      { embedding: { values: VECTOR } },
    ],
    ["/v1/models/up%2Fe:embedContent", content("a"), { embedding: { values: VECTOR } }],
    [
      "/v1beta/up/e:batchEmbedContents",
      { requests: [content("a"), content("b")] },
      { embeddings: [{ values: VECTOR }, { values: VECTOR }] },
    ],
  ])("%s", async (path, body, expected) => {
    const answer = await post(path, body);
    expect(await answer.json()).toEqual(expected);
  });

  test("and read errors in Google's shape", async () => {
    const answer = await post("/v1beta/models/up/e:embedContent", { content: {} });
    expect(answer.status).toBe(400);
    expect((await answer.json()).error.status).toBe("INVALID_ARGUMENT");
  });
});

describe("what is asked is checked before anything is sent", () => {
  const form = (fields: { [name: string]: string | File }) => {
    const written = new FormData();
    for (const [name, value] of Object.entries(fields)) written.append(name, value);
    return written;
  };

  test.each<[path: string, body: unknown, field: string]>([
    ["/v1/embeddings", { input: "a" }, "model"],
    ["/v1/embeddings", { model: "up/e" }, "input"],
    ["/v1/embeddings", { model: "up/e", input: ["a", ""] }, "input"],
    ["/v1/embeddings", { model: "up/e", input: "a", dimensions: "many" }, "dimensions"],
    ["/v1/embeddings", { model: "up/e", input: "a", encoding_format: "hex" }, "encoding_format"],
    ["/v1/images/generations", { model: "up/i" }, "prompt"],
    ["/v1/images/generations", { model: "up/i", prompt: "x", n: 0 }, "n"],
    ["/v1/images/generations", { model: "up/i", prompt: "x", size: "big" }, "size"],
    ["/v1/images/generations", { model: "up/i", prompt: "x", response_format: "tiff" }, "response_format"],
    ["/v1/images/edits", form({ model: "up/i", image: new File(["x"], "x.png") }), "prompt"],
    ["/v1/images/edits", form({ model: "up/i", prompt: "x" }), "image"],
    ["/v1/audio/transcriptions", form({ file: sound() }), "model"],
    ["/v1/audio/transcriptions", form({ model: "up/w" }), "file"],
    [
      "/v1/audio/transcriptions",
      form({ model: "up/w", response_format: "doc", file: sound() }),
      "response_format",
    ],
    ["/v1/audio/speech", { model: "up/t" }, "input"],
    ["/v1/audio/speech", { model: "up/t", input: "x", response_format: "midi" }, "response_format"],
    ["/v1/audio/speech", { model: "up/t", input: "x", speed: "fast" }, "speed"],
    ["/v1/moderations", { model: "up/m" }, "input"],
    ["/v1/rerank", { model: "up/r", documents: ["a"] }, "query"],
    ["/v1/rerank", { model: "up/r", query: "q" }, "documents"],
    ["/v1/rerank", { model: "up/r", query: "q", documents: [1] }, "documents"],
  ])("%s refuses a wrong or missing field", async (path, body, field) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect((await answer.json()).error).toMatchObject({ code: "bad_request", param: field });
    expect(upstream.seen).toEqual([]);
  });

  test.each(["/v1/audio/transcriptions", "/v1/images/edits"])("%s takes a form only", async (path) => {
    const answer = await post(path, { model: "up/w" });
    expect(answer.status).toBe(400);
  });

  test("GET of what takes POST is told so", async () => {
    const answer = await fetch(`${gateway.url}/v1/audio/speech`);
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });
});

describe("uploads", () => {
  /** A form in pieces, so that the test decides when each leaves. */
  function slowForm(parts: readonly (string | Uint8Array)[], between: () => Promise<void>) {
    async function* pieces() {
      for (const [index, part] of parts.entries()) {
        if (index > 0) await between();
        yield typeof part === "string" ? Buffer.from(part) : part;
      }
    }
    return fetch(`${gateway.url}/v1/audio/transcriptions`, {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=zz" },
      body: pieces() as unknown as BodyInit,
    });
  }
  const field = (name: string, value: string) =>
    `--zz\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const fileHead = `--zz\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n`;

  test("go on to the provider before the last byte is in", async () => {
    let begun = false;
    const seen = Promise.withResolvers<void>();
    const raw = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        for await (const piece of request.body!) {
          if (Buffer.from(piece).includes("RIFF")) {
            begun = true;
            seen.resolve();
          }
        }
        return Response.json({ text: "early" });
      },
    });
    gateway.node("early", `http://127.0.0.1:${raw.port}/v1`);
    const asked = slowForm([field("model", "early/w"), `${fileHead}RIFF`, "more\r\n--zz--\r\n"], async () => {
      if (!begun) await Promise.race([seen.promise, Bun.sleep(50)]);
      else await Bun.sleep(20);
    });
    await seen.promise;
    expect((await (await asked).json()).text).toBe("early");
    await raw.stop(true);
  });

  test("reach the next provider whole when the first one fails, wherever the model stands in the form", async () => {
    gateway.combo("listen", ["up/w", "other/w"]);
    upstream.script(() => ({ type: "json", status: 503, body: { error: { message: "busy" } } }));
    const content = crypto.getRandomValues(new Uint8Array(60_000));
    const bytes = Buffer.concat(Array.from({ length: 50 }, () => content));
    const form = new FormData();
    form.append("file", new File([bytes], "big.wav", { type: "audio/wav" }));
    form.append("model", "listen");
    form.append("language", "de");
    const answer = await post("/v1/audio/transcriptions", form);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-omniroute-fallback-attempts")).toBe("1");
    const got = await new Response(Buffer.from(other.seen[0]!.bytes), {
      headers: { "content-type": other.seen[0]!.headers["content-type"]! },
    }).formData();
    expect([got.get("model"), got.get("language")]).toEqual(["w", "de"]);
    const file = got.get("file") as File;
    expect(file.name).toBe("big.wav");
    expect(other.seen[0]!.text).toContain("Content-Type: audio/wav\r\n");
    expect(Buffer.compare(Buffer.from(await file.arrayBuffer()), bytes)).toBe(0);
  });

  test("that are all there state their length, for some servers take nothing without", async () => {
    await openai.audio.transcriptions.create({ file: sound(), model: "up/w" });
    const [seen] = upstream.seen;
    expect(seen!.headers["content-length"]).toBe(String(seen!.bytes.length));
  });

  test("larger than allowed are refused", async () => {
    const form = new FormData();
    form.append("model", "up/w");
    form.append("file", sound(5 * 1024 * 1024));
    expect((await post("/v1/audio/transcriptions", form)).status).toBe(413);
  });

  test("larger than allowed are refused also when nobody announced their size", async () => {
    const piece = new Uint8Array(1024 * 1024).fill(1);
    const parts = [field("model", "up/w"), fileHead, piece, piece, piece, piece, piece, "\r\n--zz--\r\n"];
    const answer = await slowForm(parts, () => Promise.resolve());
    expect(answer.status).toBe(413);
  });

  test("that break off in the middle are told as such, and counted against nobody", async () => {
    const answer = await slowForm([field("model", "up/w"), `${fileHead}RIFF`], () => Bun.sleep(10));
    expect(answer.status).toBe(400);
    expect(gateway.engine.health.cooldowns()).toEqual([]);
    expect(gateway.engine.health.breakers().filter(({ failureCount }) => failureCount > 0)).toEqual([]);
  });

  test("leave nothing on the disk", async () => {
    const { readdirSync } = await import("node:fs");
    expect(readdirSync(gateway.dataDir).filter((name) => name.startsWith("upload-"))).toEqual([]);
  });
});

describe("services are routed as chat is", () => {
  let failing = 0;
  const busy: Step = {
    type: "json",
    status: 429,
    headers: { "retry-after": "30" },
    body: { error: { message: "slow down" } },
  };

  test.each<[path: string, body: object]>([
    ["/v1/embeddings", { input: "a" }],
    ["/v1/images/generations", { prompt: "a" }],
    ["/v1/audio/speech", { input: "a" }],
    ["/v1/moderations", { input: "a" }],
    ["/v1/rerank", { query: "a", documents: ["b"] }],
  ])("%s falls over to the next target and remembers the limit", async (path, body) => {
    const name = `combo-${path.replaceAll("/", "-").slice(1)}`;
    gateway.combo(name, ["up/x", "other/x"]);
    upstream.script(() => busy);
    const answer = await post(path, { ...body, model: name });
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-omniroute-model")).toBe("other/x");
    expect(answer.headers.get("x-omniroute-fallback-attempts")).toBe("1");
    await (await post(path, { ...body, model: name })).arrayBuffer();
    expect(upstream.seen.length).toBe(1);
    expect(gateway.lastRequest()).toMatchObject({
      path,
      combo: name,
      status: 200,
      provider: expect.any(String),
    });
  });

  test.each<[status: number, step: Step]>([
    [502, { type: "json", status: 401, body: { error: { message: "bad key" } } }],
    [429, busy],
    [400, { type: "json", status: 400, body: { error: { message: "too many dimensions" } } }],
    [502, { type: "text", body: "<html></html>", headers: { "content-type": "text/html" } }],
    [502, { type: "json", body: { object: "list", data: [] } }],
  ])("a provider's failure is a %p: %j", async (status, step) => {
    const name = `failing-${++failing}`;
    gateway.node(name, `${upstream.url}/v1`);
    upstream.script(() => step);
    const answer = await post("/v1/embeddings", { model: `${name}/e`, input: "a" });
    expect(answer.status).toBe(status);
    expect(gateway.lastRequest()?.status).toBe(status);
  });

  test("a dry run sends nothing and names the targets", async () => {
    const body = { model: "up/e", input: "a" };
    const answer = await (await post("/v1/embeddings", body, { "x-omniroute-dry-run": "true" })).json();
    expect(answer).toMatchObject({ object: "omniroute.plan", targets: [{ model: "up/e" }] });
    expect(upstream.seen).toEqual([]);
  });

  test("audio that breaks off breaks the client's connection, and the log says so", async () => {
    upstream.script(() => ({
      type: "stream",
      headers: { "content-type": "audio/mpeg" },
      chunks: ["one", "two"],
      then: "break",
    }));
    const answer = await post("/v1/audio/speech", { model: "up/t", input: "a" });
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect(gateway.lastRequest()).toMatchObject({ status: 200, errorCode: "upstream_malformed" });
  });

  test("a client that leaves ends the provider's answer", async () => {
    upstream.script(() => ({
      type: "stream",
      headers: { "content-type": "audio/mpeg" },
      chunks: ["one"],
      then: "silence",
    }));
    const leaving = new AbortController();
    const answer = await fetch(`${gateway.url}/v1/audio/speech`, {
      method: "POST",
      body: JSON.stringify({ model: "up/t", input: "a" }),
      signal: leaving.signal,
    });
    await answer.body!.getReader().read();
    leaving.abort();
    await upstream.seen[0]!.aborted;
    while (gateway.lastRequest()?.status !== 499) await Bun.sleep(5);
  });

  test.each(["embeddings", "images/generations", "audio/speech", "moderations", "rerank"])(
    "the provider's own route of %s adds its prefix and refuses another's",
    async (path) => {
      const body = { model: "x", input: "a", prompt: "a", query: "a", documents: ["a"] };
      const answer = await post(`/v1/providers/up/${path}`, body);
      await answer.arrayBuffer();
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-omniroute-model")).toBe("up/x");
      const foreign = await post(`/v1/providers/up/${path}`, { ...body, model: "other/x" });
      expect(foreign.status).toBe(400);
      expect((await foreign.json()).error.message).toContain("`up/…`");
    },
  );

  test("transcriptions have a provider's own route too", async () => {
    const form = new FormData();
    form.append("model", "w");
    form.append("file", sound());
    const answer = await post("/v1/providers/up/audio/transcriptions", form);
    expect((await answer.json()).text).toBe(TRANSCRIPT);
  });

  test("models of another kind are left out of a combo where one of the right kind is there", async () => {
    const { manage } = gateway.engine;
    manage.models.add([{ provider: "up", id: "talker", type: "chat" }], { name: "test" });
    gateway.combo("mixed", ["up/talker", "other/e"]);
    const answer = await post("/v1/embeddings", { model: "mixed", input: "a" });
    expect(answer.headers.get("x-omniroute-model")).toBe("other/e");
    expect(upstream.seen).toEqual([]);
  });
});

describe("event streams pass through", () => {
  const events = (...list: object[]) => list.map((event) => `data: ${JSON.stringify(event)}\n\n`);

  test("of a transcript, and its usage is read on the way", async () => {
    const chunks = events(
      { type: "transcript.text.delta", delta: "Hi" },
      { type: "transcript.text.done", text: "Hi", usage: { input_tokens: 14, output_tokens: 3 } },
    );
    upstream.script(() => ({ type: "stream", chunks }));
    const heard = await openai.audio.transcriptions.create({ model: "up/w", file: sound(), stream: true });
    const types: string[] = [];
    for await (const event of heard) types.push(event.type);
    expect(types).toEqual(["transcript.text.delta", "transcript.text.done"]);
    expect(gateway.lastRequest()).toMatchObject({ stream: true, usage: { input: 14, output: 3 } });
  });

  test("of a picture, also from a provider that only gives whole ones", async () => {
    const drawn = await openai.images.generate({ model: "up/i", prompt: "a", stream: true });
    const types: string[] = [];
    for await (const event of drawn) types.push(event.type);
    expect(types).toEqual(["image_generation.completed"]);
  });
});
