import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../../kit/in-process.ts";
import { PICTURE } from "../../kit/service-answers.ts";
import { json } from "../../kit/wires/wire.ts";

/** What one shape of a service can say and another cannot. */
let app: InProcess;

const PROVIDERS = [
  "cohere",
  "gemini",
  "nvidia",
  "deepgram",
  "elevenlabs",
  "hyperbolic",
  "mistral",
  "fireworks",
  "minimax",
  "xai",
  "jina",
  "voyage",
  "openrouter",
];

beforeAll(async () => {
  app = await startInProcess();
  for (const provider of PROVIDERS)
    app.engine.manage.connections.create({ provider, name: provider, apiKey: "k" }, { name: "test" });
});
afterAll(() => app.stop());
beforeEach(() => {
  app.engine.health.resetAll();
  app.outbound.sent.length = 0;
});
const bodies = () => app.outbound.sent.map(({ body }) => body);

describe("embeddings", () => {
  const texts = (count: number) => Array.from({ length: count }, (_unused, at) => `text ${at}`);
  const cohere = () => {
    app.outbound.script = ({ body }) =>
      json({
        embeddings: { float: body.texts.map((text: string) => [Number(text.slice(5))]) },
        meta: { billed_units: { input_tokens: body.texts.length } },
      });
  };

  test("more than a provider takes at once are asked for one after the other", async () => {
    cohere();
    const { text } = await app.call("/v1/embeddings", { model: "cohere/embed-v4.0", input: texts(200) });
    const answer = JSON.parse(text);
    expect(bodies().map((body) => body.texts.length)).toEqual([96, 96, 8]);
    expect(answer.data.map(({ embedding }: any) => embedding[0])).toEqual(texts(200).map((_text, at) => at));
    expect(answer.usage).toEqual({ prompt_tokens: 200, total_tokens: 200 });
  });

  test("purpose and length are said in each provider's words", async () => {
    cohere();
    const wish = { input: "text 1", input_type: "query", dimensions: 256 };
    await app.call("/v1/embeddings", { model: "cohere/embed-v4.0", ...wish });
    expect(bodies()[0]).toMatchObject({ input_type: "search_query", output_dimension: 256 });
    app.outbound.script = () => json({ embeddings: [{ values: [1] }] });
    await app.call("/v1/embeddings", { model: "gemini/gemini-embedding-001", ...wish });
    expect(bodies()[1].requests[0]).toMatchObject({ taskType: "RETRIEVAL_QUERY", outputDimensionality: 256 });
  });

  test("the same is asked for under each provider's own field", async () => {
    app.outbound.script = () => json({ data: [{ index: 0, embedding: [1] }], usage: { total_tokens: 1 } });
    const asked = { input: "x", input_type: "document", dimensions: 256, user: "u" };
    await app.call("/v1/embeddings", { model: "jina/jina-embeddings-v4", ...asked });
    await app.call("/v1/embeddings", { model: "voyage/voyage-3.5", ...asked });
    expect(bodies()).toEqual([
      { model: "jina-embeddings-v4", input: "x", task: "retrieval.passage", dimensions: 256 },
      { model: "voyage-3.5", input: "x", input_type: "document", output_dimension: 256 },
    ]);
  });

  test("lists of tokens go only where they are understood", async () => {
    cohere();
    for (const model of ["cohere/embed-v4.0", "gemini/gemini-embedding-001"]) {
      const answer = await app.call("/v1/embeddings", { model, input: [1, 2, 3] });
      expect([answer.status, JSON.parse(answer.text).error.param]).toEqual([400, "input"]);
    }
    expect(app.outbound.sent).toEqual([]);
  });

  test("Gemini's own clients may ask anyone", async () => {
    cohere();
    const content = { parts: [{ text: "text 7" }] };
    const one = await app.call("/v1beta/models/cohere/embed-v4.0:embedContent", {
      content,
      taskType: "RETRIEVAL_DOCUMENT",
    });
    expect(JSON.parse(one.text)).toMatchObject({ embedding: { values: [7] } });
    expect(bodies()[0]).toMatchObject({ input_type: "search_document" });
    const many = await app.call("/v1beta/models/cohere/embed-v4.0:batchEmbedContents", {
      requests: [{ content }, { content: { parts: [{ text: "text 8" }] } }],
    });
    expect(JSON.parse(many.text)).toMatchObject({ embeddings: [{ values: [7] }, { values: [8] }] });
  });
});

describe("transcripts", () => {
  const deepgram = () => {
    const words = ["good", "morning.", "bye."].map((word, at) => ({
      word,
      punctuated_word: word,
      start: at,
      end: at + 0.5,
    }));
    const utterances = [
      { start: 0, end: 1.5, transcript: "Good morning." },
      { start: 2, end: 2.5, transcript: "Bye." },
    ];
    app.outbound.script = () =>
      json({
        metadata: { duration: 2.5 },
        results: {
          channels: [
            { detected_language: "en", alternatives: [{ transcript: "Good morning. Bye.", words }] },
          ],
          utterances,
        },
      });
  };
  const ask = (fields: { [name: string]: string }) => {
    const form = new FormData();
    form.set("file", new File(["sound"], "talk.ogg", { type: "audio/ogg" }));
    form.set("model", "dg/nova-3");
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return app.call("/v1/audio/transcriptions", form);
  };

  test.each([
    ["text", "Good morning. Bye.\n"],
    ["srt", "1\n00:00:00,000 --> 00:00:01,500\nGood morning.\n\n2\n00:00:02,000 --> 00:00:02,500\nBye.\n\n"],
    ["vtt", "WEBVTT\n\n00:00.000 --> 00:01.500\nGood morning.\n\n00:02.000 --> 00:02.500\nBye.\n\n"],
  ])("are written as %s where the provider does not", async (response_format, expected) => {
    deepgram();
    expect((await ask({ response_format })).text).toBe(expected);
  });

  test("tell segments, and words where they are wanted", async () => {
    deepgram();
    const plain = JSON.parse((await ask({ response_format: "verbose_json" })).text);
    expect(plain).toMatchObject({ task: "transcribe", language: "en", duration: 2.5 });
    expect(plain.segments).toMatchObject([
      { id: 0, start: 0, end: 1.5, text: "Good morning." },
      { id: 1, start: 2, end: 2.5, text: "Bye." },
    ]);
    expect(plain.words).toBeUndefined();
    const worded = JSON.parse(
      (await ask({ response_format: "verbose_json", "timestamp_granularities[]": "word" })).text,
    );
    expect(worded.words[2]).toEqual({ word: "bye.", start: 2, end: 2.5 });
    expect(app.outbound.sent[0]!.url).toContain("detect_language=true");
  });

  test.each([
    ["elevenlabs/scribe_v1", { language_code: "eng" }],
    ["xai/grok-stt", { language: "eng", duration: 2.5 }],
  ])("%s gives words, which become lines", async (model, facts) => {
    const word = (text: string, start: number, end: number) => ({ text, start, end, type: "word" });
    app.outbound.script = () =>
      json({
        ...facts,
        text: "Good morning. Bye.",
        words: [
          word("Good", 0, 0.5),
          { text: " ", start: 0.5, end: 0.6, type: "spacing" },
          word("morning.", 0.6, 1.5),
          word("Bye.", 2, 2.5),
        ],
      });
    const { text } = await ask({ model, response_format: "srt" });
    expect(text).toBe(
      "1\n00:00:00,000 --> 00:00:01,500\nGood morning.\n\n2\n00:00:02,000 --> 00:00:02,500\nBye.\n\n",
    );
    expect(app.lastRequest().usage).toMatchObject({ units: { seconds: 2.5 } });
  });

  test("come from sound in JSON where the provider takes no form, however it arrives", async () => {
    app.outbound.script = () => json({ text: "Hi." });
    const sound = Buffer.from(Array.from({ length: 200_003 }, (_unused, at) => at % 251));
    const form = new FormData();
    form.set("model", "or/openai/whisper-1");
    form.set("file", new File([sound], "talk.wav", { type: "audio/wav" }));
    form.set("temperature", "0.2");
    expect((await app.call("/v1/audio/transcriptions", form)).status).toBe(200);
    const { model, input_audio, temperature } = bodies()[0];
    expect([model, input_audio.format, temperature]).toEqual(["openai/whisper-1", "wav", 0.2]);
    expect(Buffer.from(input_audio.data, "base64").equals(sound)).toBe(true);
  });

  test("come from a form with its file at the end, where the provider insists", async () => {
    app.outbound.script = () => json({ text: "Hi." });
    await ask({ model: "xai/grok-stt", language: "de" });
    const { text } = app.outbound.sent[0]!;
    expect(text).not.toContain('name="model"');
    expect(text.indexOf('name="language"')).toBeLessThan(text.indexOf('name="file"'));
  });

  test("of a client that streams come as events", async () => {
    deepgram();
    const { text } = await ask({ stream: "true" });
    expect(text).toContain('data: {"type":"transcript.text.delta","delta":"Good morning. Bye."}');
    expect(text).toContain('"type":"transcript.text.done"');
  });
});

describe("speech", () => {
  const warningOf = async (model: string, more: object) => {
    app.outbound.script = () => ({
      type: "stream",
      headers: { "content-type": "audio/mpeg" },
      chunks: ["ID3"],
    });
    const body = { model, input: "Hi", voice: "v", ...more };
    const { headers } = await app.call("/v1/audio/speech", body);
    return headers.get("x-omniroute-warnings");
  };

  test("formats and speeds are asked for in each provider's words", async () => {
    expect(await warningOf("dg/aura-luna-en", { response_format: "wav" })).toBeNull();
    expect(app.outbound.sent[0]!.url).toContain("encoding=linear16&container=wav");
    expect(await warningOf("elevenlabs/eleven_v3", { response_format: "opus", speed: 1.1 })).toBeNull();
    expect(app.outbound.sent[1]!.url).toContain("output_format=opus_48000_128");
    expect(bodies()[1].voice_settings).toEqual({ speed: 1.1 });
  });

  test("bare samples become a file for all who did not ask for samples", async () => {
    const data = Buffer.from([1, 2, 3, 4]).toString("base64");
    app.outbound.script = () =>
      json({
        candidates: [{ content: { parts: [{ inlineData: { mimeType: "audio/L16;rate=16000", data } }] } }],
      });
    const say = (more: object) =>
      app.call("/v1/audio/speech", { model: "gemini/gemini-2.5-flash-preview-tts", input: "Hi", ...more });
    const file = await say({ instructions: "Whisper" });
    expect(file.headers.get("content-type")).toBe("audio/wav");
    expect(bodies()[0].contents[0].parts).toEqual([{ text: "Whisper: Hi" }]);
    const samples = await say({ response_format: "pcm" });
    expect(samples.headers.get("content-type")).toBe("audio/pcm;rate=16000;channels=1");
    expect(samples.text).toBe("\u0001\u0002\u0003\u0004");
    expect((await say({ response_format: "mp3" })).headers.get("x-omniroute-warnings")).toContain("mp3");
  });

  test("a voice of OpenAI's becomes the usual one of who has others", async () => {
    const warning = await warningOf("elevenlabs/eleven_v3", { voice: "alloy" });
    expect(app.outbound.sent[0]!.url).toContain("/text-to-speech/21m00Tcm4TlvDq8ikWAM/stream");
    expect(warning).toContain("voice alloy");
    expect(await warningOf("mistral/voxtral-mini-tts-2506", { voice: "nova" })).toContain("coeur_de_lion");
    expect(bodies()[1].voice).toBe("coeur_de_lion");
    expect(await warningOf("xai/grok-tts", { voice: "leo" })).toBeNull();
    expect(bodies()[2].voice_id).toBe("leo");
  });

  test("what cannot be had is told", async () => {
    expect(await warningOf("dg/aura-luna-en", { speed: 2 })).toContain("speed");
    expect(await warningOf("elevenlabs/eleven_v3", { response_format: "flac" })).toContain("flac");
  });
});

describe("pictures", () => {
  test("sizes become the nearest shape where there are only shapes", async () => {
    app.outbound.script = () => json({ data: { image_base64: [PICTURE] }, base_resp: { status_code: 0 } });
    for (const size of ["1024x1024", "1792x1024", "1024x1536"])
      await app.call("/v1/images/generations", { model: "minimax/image-01", prompt: "a cat", size });
    expect(bodies().map((body) => body.aspect_ratio)).toEqual(["1:1", "16:9", "2:3"]);
  });

  test("Gemini draws one after the other, and what its filter withholds is refused", async () => {
    const drawn = {
      candidates: [{ content: { parts: [{ inlineData: { mimeType: "image/png", data: PICTURE } }] } }],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 1290 },
    };
    app.outbound.script = () => json(drawn);
    const draw = () =>
      app.call("/v1/images/generations", { model: "gemini/gemini-2.5-flash-image", prompt: "a cat", n: 2 });
    expect(JSON.parse((await draw()).text).data.length).toBe(2);
    expect(app.lastRequest().usage).toMatchObject({ input: 20, output: 2580 });
    app.outbound.script = () => json({ candidates: [{ finishReason: "IMAGE_SAFETY" }] });
    const refused = await draw();
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining("IMAGE_SAFETY")]);
  });

  test("data for who wants data, an address for who wants an address", async () => {
    app.outbound.script = () => json({ base64: [PICTURE] });
    const model = "fireworks/accounts/fireworks/models/flux-1-schnell-fp8";
    const ask = async (response_format: string) =>
      JSON.parse((await app.call("/v1/images/generations", { model, prompt: "x", response_format })).text)
        .data;
    expect(await ask("b64_json")).toEqual([{ b64_json: PICTURE }]);
    expect(await ask("url")).toEqual([{ url: `data:image/png;base64,${PICTURE}` }]);
  });

  test("Stable Diffusion at Fireworks has an address of its own", async () => {
    app.outbound.script = () => json([{ base64: PICTURE, finishReason: "SUCCESS", seed: 1 }]);
    const model = "fireworks/accounts/fireworks/models/stable-diffusion-xl-1024-v1-0";
    const { text } = await app.call("/v1/images/generations", {
      model,
      prompt: "x",
      n: 2,
      size: "1024x1024",
    });
    expect(JSON.parse(text).data).toEqual([{ b64_json: PICTURE }]);
    expect(app.outbound.sent[0]!.url).toEndWith(
      "/image_generation/accounts/fireworks/models/stable-diffusion-xl-1024-v1-0",
    );
    expect(bodies()[0]).toEqual({ prompt: "x", samples: 2, width: 1024, height: 1024 });
  });
});

describe("rankings and verdicts", () => {
  test("NVIDIA's logits become scores, cut to what was asked for", async () => {
    const rankings = [
      { index: 2, logit: 2 },
      { index: 0, logit: 0 },
      { index: 1, logit: -2 },
    ];
    app.outbound.script = () => json({ rankings });
    const { text } = await app.call("/v1/rerank", {
      model: "nvidia/nvidia/rerank-qa-mistral-4b",
      query: "q",
      documents: ["a", { text: "b" }, { title: "c" }],
      top_n: 2,
      return_documents: false,
    });
    const { results } = JSON.parse(text);
    expect(results).toEqual([
      { index: 2, relevance_score: expect.closeTo(0.8808, 4) },
      { index: 0, relevance_score: 0.5 },
    ]);
    expect(bodies()[0].passages).toEqual([{ text: "a" }, { text: "b" }, { text: '{"title":"c"}' }]);
  });

  test("Mistral's categories become a verdict", async () => {
    app.outbound.script = () =>
      json({ id: "m", results: [{ categories: { violence: true }, category_scores: { violence: 0.9 } }] });
    const model = "mistral/mistral-moderation-latest";
    const { text } = await app.call("/v1/moderations", { model, input: "x" });
    expect(JSON.parse(text).results[0]).toMatchObject({ flagged: true, categories: { violence: true } });
  });
});
