import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply, messagesReply, messagesStream } from "../kit/upstream.ts";

let gateway: InProcess;
beforeAll(async () => {
  gateway = await startInProcess({
    script: ({ body, url }) =>
      url.includes("refuses")
        ? { type: "answer", status: 400, body: { error: { message: "no", type: "invalid_request_error" } } }
        : body.stream === true
          ? { type: "stream", chunks: [messagesStream("Hello").join("")] }
          : { type: "answer", body: messagesReply("Hello") },
  });
  gateway.node("ant", { type: "anthropic-compatible" });
  gateway.node("refuses");
});
afterAll(() => gateway.stop());

const post = (path: string, body: unknown) => gateway.admin("POST", `/api/translator/${path}`, body);
const CHAT = { model: "ant/m", messages: [{ role: "user", content: "hi" }] };
const CLAUDE = { model: "claude-x", max_tokens: 9, system: "s", messages: [{ role: "user", content: "hi" }] };

describe("detect", () => {
  test.each([
    ["openai", "request", CHAT],
    ["openai", "request", { ...CLAUDE, system: undefined, response_format: { type: "json_object" } }],
    ["claude", "request", CLAUDE],
    ["claude", "request", { model: "m", messages: [{ role: "user", content: [{ type: "tool_result" }] }] }],
    ["openai-responses", "request", { model: "m", input: "hi" }],
    ["gemini", "request", { contents: [{ parts: [{ text: "hi" }] }] }],
    ["gemini", "request", { project: "p", request: { contents: [] } }],
    ["kiro", "request", { conversationState: {} }],
    ["ollama", "request", { model: "m", messages: [], options: { seed: 1 } }],
    ["openai-completions", "request", { model: "m", prompt: "hi" }],
    ["openai", "response", chatReply("hi")],
    ["claude", "response", { type: "message", content: [] }],
    ["gemini", "response", { candidates: [] }],
    ["openai-responses", "response", { object: "response", output: [] }],
    ["claude", "stream", messagesStream("hi").join("")],
    ["openai", "stream", 'data: {"object":"chat.completion.chunk","choices":[]}\n\n'],
    ["openai-responses", "stream", 'event: x\ndata: {"type":"response.created"}\n\n'],
    ["gemini", "stream", 'data: {"candidates":[]}\n\n'],
  ])("%s %s", async (format, kind, body) => {
    expect((await post("detect", { body })).body).toEqual({ success: true, format, kind });
  });

  test.each([[{}], [{ body: 7 }], [{ body: {} }], [{ body: "words" }]])(
    "%j is nothing: 400",
    async (body) => {
      const answer = await post("detect", body);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ success: false, code: "bad_request" });
    },
  );
});

describe("translate", () => {
  test("a request, with what the target cannot say", async () => {
    const body = { ...CHAT, logprobs: true, seed: 1 };
    const { body: told } = await post("translate", { targetFormat: "claude", body });
    expect(told).toMatchObject({ success: true, sourceFormat: "openai", targetFormat: "claude" });
    expect(told.result).toMatchObject({ model: "m", messages: [{ role: "user" }] });
    expect(told.losses.map(({ what }: { what: string }) => what)).toContain("logprobs");
  });

  test("each stage by its number", async () => {
    const stage = async (step: number | "direct") =>
      (await post("translate", { step, provider: "ant", targetFormat: "claude", body: CHAT })).body.result;
    expect(await stage(1)).toEqual({ format: "openai", kind: "request" });
    expect(await stage(2)).toMatchObject({ messages: [{ role: "user", parts: [{ text: "hi" }] }] });
    expect(await stage(3)).toEqual(await stage("direct"));
    expect(await stage(4)).toMatchObject({
      method: "POST",
      url: "http://ant.invalid/v1/messages",
      headers: { "x-api-key": "•••" },
      body: { model: "m" },
      passesThrough: false,
    });
  });

  test("no stage shows a credential", async () => {
    const { body } = await post("translate", { step: 4, provider: "ant/m", body: CHAT });
    expect(JSON.stringify(body)).not.toContain("key-of-ant");
  });

  test("Gemini's model and streaming go from the body into the path", async () => {
    const body = { model: "m", stream: true, contents: [{ role: "user", parts: [{ text: "hi" }] }] };
    const { body: told } = await post("translate", { targetFormat: "openai", body });
    expect(told.result).toMatchObject({ model: "m", stream: true });
  });

  test("a provider that is not connected can be looked at", async () => {
    const { body } = await post("translate", {
      step: 4,
      provider: "mistral",
      body: { ...CHAT, model: "large" },
    });
    expect(body.result.url).toContain("mistral.ai");
  });

  test("answers and streams", async () => {
    const whole = await post("translate", {
      targetFormat: "openai",
      body: messagesReply("Hello"),
    });
    expect(whole.body.result.choices[0].message.content).toBe("Hello");
    const stream = await post("translate", {
      targetFormat: "openai",
      body: messagesStream("Hello").join(""),
    });
    expect(stream.body.result).toContain('"content":"Hell"');
    expect(stream.body.result).toContain("data: [DONE]");
    const canonical = await post("translate", { step: 2, body: messagesStream("Hello").join("") });
    expect(canonical.body.result.parts).toMatchObject([{ type: "text", text: "Hello" }]);
  });

  test("long integers keep their digits", async () => {
    const text = `{"targetFormat":"claude","sourceFormat":"openai","body":{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"n":{"const":12345678901234567890}}}}}]}}`;
    const { result } = gateway.engine.translator.translate(
      (await import("../../src/lib/json.ts")).parseJson(text),
    );
    expect(JSON.stringify(result)).toContain("12345678901234567890");
  });

  test.each([
    [{}, 400],
    [{ body: CHAT }, 400],
    [{ body: CHAT, targetFormat: "morse" }, 400],
    [{ body: CHAT, targetFormat: "ollama" }, 400],
    [{ body: CHAT, step: 9, targetFormat: "claude" }, 400],
    [{ body: CHAT, step: 4 }, 400],
    [{ body: CHAT, provider: "nobody" }, 404],
    [{ body: { model: "m", messages: 7 }, sourceFormat: "openai", targetFormat: "claude" }, 400],
    [{ body: "data: {", kind: "stream", sourceFormat: "claude", targetFormat: "openai" }, 400],
  ])("%j is refused with %i", async (input, status) => {
    const answer = await post("translate", input);
    expect(answer.status).toBe(status);
    expect(answer.body.success).toBe(false);
    expect(answer.body.error).toBeString();
  });

  test("a body is sent to a provider that is there, and to no other", async () => {
    const body = { ...CHAT, model: "echo" };
    expect(await post("send", { provider: "nobody", body })).toMatchObject({
      status: 404,
      body: { success: false, error: "There is no provider `nobody`." },
    });
    const sent = await gateway.engine.translator.send(
      { provider: "mock", body },
      AbortSignal.timeout(10_000),
    );
    expect(sent.status).toBe(200);
    await sent.body?.cancel();
  });

  test("every template can be translated into every format", async () => {
    const { templates } = (await gateway.admin("GET", "/api/translator/templates")).body;
    expect(templates.length).toBeGreaterThan(5);
    for (const { bodies } of templates)
      for (const [sourceFormat, body] of Object.entries(bodies))
        for (const targetFormat of ["openai", "openai-responses", "claude", "gemini", "kiro"])
          gateway.engine.translator.translate({ sourceFormat, targetFormat, body });
  });
});

describe("chat test", () => {
  test.each([false, true])("all four stages, stream: %p", async (stream) => {
    const { body } = await post("chat", { body: { ...CHAT, stream } });
    expect(body).toMatchObject({
      success: true,
      input: { format: "openai", body: { model: "ant/m" } },
      canonicalRequest: { model: "ant/m" },
      exchanges: [
        {
          format: "claude",
          request: { url: "http://ant.invalid/v1/messages", body: { model: "m" } },
          response: { status: 200 },
        },
      ],
      canonicalReply: { parts: [{ type: "text", text: "Hello" }] },
      output: { status: 200 },
    });
    expect(JSON.stringify(body)).not.toContain("key-of-ant");
    if (stream) expect(body.output.body).toContain("[DONE]");
    else expect(body.output.body.choices[0].message.content).toBe("Hello");
  });

  test("a provider's refusal is shown in both shapes", async () => {
    const { body } = await post("chat", { body: { ...CHAT, model: "refuses/m" } });
    expect(body.exchanges[0].response).toMatchObject({ status: 400 });
    expect(body.output).toMatchObject({ status: 400, body: { error: { code: "bad_request" } } });
    expect(body.canonicalReply).toBeNull();
  });

  test("the provider's own stream", async () => {
    const response = await gateway.engine.translator.send(
      { provider: "ant", body: CHAT },
      new AbortController().signal,
    );
    expect(await response.text()).toBe(messagesStream("Hello").join(""));
  });
});

test("the live monitor tells what was translated, the newest first", async () => {
  const seen: string[] = [];
  const stop = gateway.engine.subscribe((event) => {
    if (event.type === "translation") seen.push(event.translation.targetFormat);
  });
  await gateway.call("/v1/chat/completions", { ...CHAT, logprobs: true });
  stop();
  expect(seen).toEqual(["claude"]);
  const { events, total } = (await gateway.admin("GET", "/api/translator/history?limit=1")).body;
  expect(events).toMatchObject([
    { sourceFormat: "openai", targetFormat: "claude", translated: true, status: 200 },
  ]);
  expect(events[0].losses[0]).toContain("logprobs");
  expect(total).toBeGreaterThan(0);
});

describe("samples", () => {
  test("are kept under a name, and removed", async () => {
    expect((await post("save", { file: "one.json", content: { a: 1 } })).body).toEqual({ success: true });
    const loaded = await gateway.admin("GET", "/api/translator/load?file=one.json");
    expect(JSON.parse(loaded.body.content)).toEqual({ a: 1 });
    expect((await gateway.admin("GET", "/api/translator/load")).body.files).toEqual(["one.json"]);
    expect((await gateway.admin("DELETE", "/api/translator/load?file=one.json")).body.removed).toBe(true);
    expect((await gateway.admin("GET", "/api/translator/load?file=one.json")).status).toBe(404);
  });

  test.each(["../x", "a b", "", "x".repeat(65), "a.txt"])("%p is no name", async (file) => {
    expect((await post("save", { file, content: "x" })).status).toBe(400);
  });
});

describe("the test bench", () => {
  test("without a word: every template from the chat format into every other", async () => {
    const { body } = await post("bench", {});
    expect(body.success).toBe(true);
    expect(body.pairs.length).toBeGreaterThan(30);
    expect(body.pairs.filter(({ passed }: { passed: boolean }) => !passed)).toEqual([]);
  });

  test("every template over every pair of formats says the same", async () => {
    const formats = ["openai", "openai-responses", "claude", "gemini"];
    const { body } = await post("bench", { sources: formats, targets: formats });
    expect(body.pairs.filter(({ passed }: { passed: boolean }) => !passed)).toEqual([]);
  });

  test("cases with expectations, over formats and over models", async () => {
    const cases = [
      {
        name: "greets",
        body: CHAT,
        expected: { strategy: "exact", value: "Hello" },
        expectedBody: { strategy: "regex", value: '"model":"m"' },
      },
      { name: "says bye", body: CHAT, expected: { strategy: "contains", value: "bye" } },
    ];
    const { body } = await post("bench", { cases, targets: ["claude"], models: ["ant/m", "refuses/m"] });
    expect(body.pairs).toMatchObject([
      { case: "greets", source: "openai", target: "claude", passed: true },
      { case: "says bye", passed: true },
    ]);
    expect(body.models).toMatchObject([
      { case: "greets", model: "ant/m", passed: true, status: 200, output: "Hello", target: "claude" },
      { case: "greets", model: "refuses/m", passed: false, status: 400 },
      { case: "says bye", model: "ant/m", passed: false },
      { case: "says bye", model: "refuses/m", passed: false },
    ]);
    expect(body.summary).toEqual({ total: 6, passed: 3, failed: 3 });
  });

  test("what cannot be written is a failed cell that says why", async () => {
    const cases = [
      { name: "x", body: { ...CHAT, messages: [{ role: "user", content: [{ type: "strange" }] }] } },
    ];
    const { body, status } = await post("bench", { cases, sources: ["openai"], targets: ["ollama"] });
    expect(status).toBe(200);
    expect(body.pairs).toMatchObject([{ passed: false, details: expect.any(String) }]);
  });

  test.each([
    [{ cases: [] }],
    [{ cases: [{ name: "x", body: {} }] }],
    [{ targets: ["morse"] }],
    [{ models: [], targets: [] }],
    [
      {
        cases: Array.from({ length: 100 }, (_, n) => ({ name: `${n}`, body: CHAT })),
        models: ["a", "b", "c"],
      },
    ],
  ])("%j is refused", async (input) => {
    expect((await post("bench", input)).status).toBe(400);
  });
});
