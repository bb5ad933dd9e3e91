import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatReply, chatStream, startUpstream, type Step, type Upstream } from "../kit/upstream.ts";

/**
 * What coding clients do at the door, row by row: the addresses they make of a base URL, the headers they put a key
 * into, what they ask beside chats, and the histories they hand on when one vendor takes over from another. See
 * `docs/CLIENTS.md`; `test/clients/run.ts` tries the real ones.
 */
const MODEL = "up/maker/model-1";
const GEMINI_HEADER = { "x-goog-api-client": "google-genai-sdk/3.1.0 gl-node/v24.0.0" };
const chatBody = { model: MODEL, messages: [{ role: "user", content: "hi" }], stream: true };
const messagesBody = { ...chatBody, max_tokens: 100 };
const responsesBody = { model: MODEL, input: [{ role: "user", content: "hi" }], stream: true };
const geminiBody = { contents: [{ role: "user", parts: [{ text: "hi" }] }] };

/** What ends a whole answer of each protocol. */
const ENDS = {
  chat: "data: [DONE]",
  messages: "event: message_stop",
  responses: "event: response.completed",
  gemini: '"finishReason":"STOP"',
};

describe("addresses", () => {
  let gateway: TestGateway;
  let upstream: Upstream;
  beforeAll(async () => {
    upstream = startUpstream(() => ({ type: "stream", chunks: chatStream("Hello") }));
    gateway = await startGateway();
    gateway.node("up", `${upstream.url}/v1`);
  });
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  test.each<[client: string, path: string, body: object, protocol: keyof typeof ENDS]>([
    ["Claude Code with the root", "/v1/messages?beta=true", messagesBody, "messages"],
    ["Claude Code with /v1", "/v1/v1/messages?beta=true", messagesBody, "messages"],
    ["Cline's Anthropic mode with the root", "/messages", messagesBody, "messages"],
    ["Codex with /v1", "/v1/responses", responsesBody, "responses"],
    ["Codex with the root", "/responses", responsesBody, "responses"],
    ["Codex with /v1 twice", "/v1/v1/responses", responsesBody, "responses"],
    ["chat clients with /v1", "/v1/chat/completions", chatBody, "chat"],
    ["chat clients with the root", "/chat/completions", chatBody, "chat"],
    ["chat clients with a slash too many", "/v1//chat/completions", chatBody, "chat"],
    ["Gemini CLI", `/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`, geminiBody, "gemini"],
    ["Gemini CLI with /v1", `/v1/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`, geminiBody, "gemini"],
    [
      "clients that escape the slash",
      `/v1beta/models/${encodeURIComponent(MODEL)}:streamGenerateContent?alt=sse`,
      geminiBody,
      "gemini",
    ],
    ["the AI SDK, opencode and Kilo", `/v1beta/${MODEL}:streamGenerateContent?alt=sse`, geminiBody, "gemini"],
    ["Google's SDK", `/v1/models/${MODEL}:streamGenerateContent?alt=sse`, geminiBody, "gemini"],
  ])("of %s: %s", async (_client, path, body, protocol) => {
    upstream.seen.length = 0;
    const response = await fetch(gateway.url + path, { method: "POST", body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(ENDS[protocol]);
    expect(upstream.seen.map(({ body: { model } }) => model)).toEqual(["maker/model-1"]);
  });

  test.each(["/v1/responses", "/responses", "/v1/v1/responses"])(
    "Codex's WebSocket at %s is sent to HTTP at once",
    async (path) => {
      const response = await fetch(gateway.url + path, {
        headers: {
          connection: "Upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
          "openai-beta": "responses_websockets=2026-02-06",
        },
      });
      expect(response.status).toBe(426);
    },
  );
});

describe("keys", () => {
  let gateway: TestGateway;
  let upstream: Upstream;
  let key: string;
  beforeAll(async () => {
    upstream = startUpstream(() => ({ type: "stream", chunks: chatStream("Hello") }));
    gateway = await startGateway({ requireApiKey: true });
    gateway.node("up", `${upstream.url}/v1`, { apiKey: "sk-upstream" });
    ({ key } = gateway.engine.access.createKey({ name: "client" }));
  });
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const forms: [form: string, headers: (key: string) => { [name: string]: string }][] = [
    ["Authorization: Bearer", (shown) => ({ authorization: `Bearer ${shown}` })],
    ["x-api-key", (shown) => ({ "x-api-key": shown })],
    ["x-goog-api-key", (shown) => ({ "x-goog-api-key": shown })],
    ["two at once", (shown) => ({ authorization: `Bearer ${shown}`, "x-goog-api-key": shown })],
  ];
  const calls: [path: string, body: object][] = [
    ["/v1/messages?beta=true", messagesBody],
    ["/v1/chat/completions", chatBody],
    ["/v1/responses", responsesBody],
    [`/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`, geminiBody],
  ];
  for (const [path, body] of calls)
    test.each(forms)(`open ${path} as %s and go no further`, async (_form, headers) => {
      upstream.seen.length = 0;
      const ask = (shown: string) =>
        fetch(gateway.url + path, { method: "POST", headers: headers(shown), body: JSON.stringify(body) });
      expect((await ask(key)).status).toBe(200);
      expect((await ask(`${key}x`)).status).toBe(401);
      expect(upstream.seen).toHaveLength(1);
      expect(JSON.stringify(upstream.seen)).not.toContain(key);
    });
});

describe("beside chats", () => {
  let gateway: TestGateway;
  let upstream: Upstream;
  beforeAll(async () => {
    upstream = startUpstream(() => ({ type: "json", status: 500, body: {} }));
    gateway = await startGateway();
    gateway.node("up", `${upstream.url}/v1`);
    gateway.combo("my-team", ["up/a", "up/b"]);
  });
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  test("one list of models answers each client in its own shape", async () => {
    const list = async (headers: { [name: string]: string }) =>
      (await (await fetch(`${gateway.url}/v1/models?limit=1000`, { headers })).json()) as any;
    const claude = await list({ "anthropic-version": "2023-06-01" });
    expect(claude).toMatchObject({ has_more: false, first_id: "my-team" });
    expect(claude.data[0]).toMatchObject({ type: "model", id: "my-team", display_name: "my-team" });
    expect((await list(GEMINI_HEADER)).models[0]).toMatchObject({ name: "models/my-team" });
    expect((await list({})).data[0]).toMatchObject({ object: "model", id: "my-team", owned_by: "combo" });
  });

  test("Claude Code counts the tokens of all its tools at once, whatever the provider does", async () => {
    const body = JSON.stringify({ ...messagesBody, max_tokens: undefined, stream: undefined });
    const count = async () => {
      const path = "/v1/messages/count_tokens?beta=true";
      const response = await fetch(gateway.url + path, { method: "POST", body });
      return [response.status, (await response.json()) as { input_tokens: number }] as const;
    };
    for (const [status, { input_tokens }] of await Promise.all(Array.from({ length: 32 }, count))) {
      expect(status).toBe(200);
      expect(input_tokens).toBeGreaterThan(0);
    }
  });

  test("its warm-up is answered, and says nothing", async () => {
    const response = await fetch(`${gateway.url}/api/hello`, { method: "HEAD" });
    expect(response.status).toBeLessThan(500);
    expect(await response.text()).toBe("");
  });
});

/** The first vendor of a combo is over its limit; what the second one gets of the task so far. */
describe("another vendor takes the task over", () => {
  let gateway: TestGateway;
  let first: Upstream;
  let second: Upstream;
  beforeEach(async () => {
    const limited: Step = {
      type: "json",
      status: 429,
      headers: { "retry-after": "60" },
      body: { error: { message: "Rate limit reached", type: "rate_limit_error" } },
    };
    first = startUpstream(() => limited);
    // Its answer does not matter: what it was asked does.
    second = startUpstream(() => ({ type: "json", status: 500, body: {} }));
    gateway = await startGateway();
    gateway.node("first", `${first.url}/v1`);
  });
  afterEach(async () => {
    await gateway.stop();
    await Promise.all([first.stop(), second.stop()]);
  });

  async function handOver(provider: string, path: string, model: string, call: string, body: object) {
    gateway.engine.manage.connections.create(
      { provider, name: provider, apiKey: "k", baseUrl: second.url + path },
      { name: "test" },
    );
    gateway.combo("my-team", ["first/a", `${provider}/${model}`]);
    await fetch(gateway.url + call, { method: "POST", body: JSON.stringify({ model: "my-team", ...body }) });
    expect(first.seen).toHaveLength(1);
    const [seen] = second.seen;
    if (!seen) throw new Error("The second vendor was not asked.");
    return seen.body;
  }

  const anthropicTask = (thinking: object) => ({
    max_tokens: 32_000,
    thinking: { type: "enabled", budget_tokens: 16_000 },
    tools: [{ name: "write", input_schema: { type: "object", properties: {} } }],
    messages: [
      { role: "user", content: "Write." },
      {
        role: "assistant",
        content: [thinking, { type: "tool_use", id: "functions.write:0", name: "write", input: {} }],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "functions.write:0", content: "ok" }] },
    ],
  });

  test.each<[client: string, thinking: object]>([
    ["Claude Code", { type: "thinking", thinking: "Hm.", signature: "" }],
    ["Qwen Code", { type: "thinking", thinking: "Hm." }],
  ])("%s: Anthropic gets no unsigned thoughts and no ids it forbids", async (_client, thinking) => {
    const body = await handOver("anthropic", "/v1", "claude-sonnet-4-5", "/v1/messages?beta=true", {
      ...anthropicTask(thinking),
    });
    expect(body.messages[1].content).toEqual([
      { type: "tool_use", id: "functions_write_0", name: "write", input: {} },
    ]);
    expect(body.messages[2].content[0].tool_use_id).toBe("functions_write_0");
    // Where the turn did not begin with a thought, it cannot go on with one.
    expect(body.thinking?.type).not.toBe("enabled");
  });

  test("Gemini's clients: calls without a signature get the documented stand-in", async () => {
    const call = { functionCall: { name: "write", args: {} } };
    const result = { functionResponse: { name: "write", response: { output: "ok" } } };
    const path = "/v1beta/models/my-team:generateContent";
    const body = await handOver("gemini", "/v1beta", "gemini-3.5-flash", path, {
      contents: [
        { role: "user", parts: [{ text: "Write." }] },
        { role: "model", parts: [{ text: "Hm.", thought: true }, call] },
        { role: "user", parts: [result] },
      ],
      tools: [{ functionDeclarations: [{ name: "write" }] }],
    });
    const [signed] = body.contents[1].parts.filter((part: object) => "functionCall" in part);
    expect(signed.thoughtSignature).toBe("skip_thought_signature_validator");
  });

  test("Codex: OpenAI gets no items that were made here, and no thoughts that it cannot open", async () => {
    const body = await handOver("openai", "/v1", "gpt-5.5", "/v1/responses", {
      store: false,
      input: [
        { type: "message", role: "user", content: [{ type: "input_text", text: "Write." }] },
        {
          type: "reasoning",
          id: "rs_omni0123_0",
          summary: [{ type: "summary_text", text: "Hm." }],
          encrypted_content: null,
        },
        {
          type: "custom_tool_call",
          id: "ctc_omni0123_1",
          call_id: "call_1",
          name: "exec",
          namespace: "functions",
          input: "text(1)",
        },
        {
          type: "custom_tool_call_output",
          call_id: "call_1",
          output: [{ type: "input_text", text: "1" }],
        },
      ],
    });
    expect(JSON.stringify(body)).not.toContain("_omni");
    expect(body.input.map((item: { type: string }) => item.type)).toEqual([
      "message",
      "custom_tool_call",
      "custom_tool_call_output",
    ]);
  });

  test("opencode, Kilo and Qwen Code: OpenAI gets no thoughts on its chat wire", async () => {
    const body = await handOver("openai", "/v1", "gpt-5.5", "/v1/chat/completions", {
      messages: [
        { role: "user", content: "Write." },
        {
          role: "assistant",
          content: null,
          reasoning_content: "Hm.",
          tool_calls: [{ id: "call_1", type: "function", function: { name: "write", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "call_1", content: "ok" },
      ],
      tools: [{ type: "function", function: { name: "write", parameters: { type: "object" } } }],
    });
    expect(Object.keys(body.messages[1]).toSorted()).toEqual(["content", "role", "tool_calls"]);
  });
});

test("pi: services that only resemble OpenAI are not asked to keep nothing", async () => {
  const upstream = startUpstream(() => ({ type: "json", body: chatReply("Hello") }));
  const gateway = await startGateway();
  gateway.node("up", `${upstream.url}/v1`);
  const body = { ...chatBody, stream: false, store: false, max_completion_tokens: 16_384 };
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  expect(upstream.seen[0]?.body).toEqual({
    model: "maker/model-1",
    messages: [{ role: "user", content: "hi" }],
    max_tokens: 16_384,
  });
  await gateway.stop();
  await upstream.stop();
});

test("Claude Code without a screen prints an answer of Gemini, which signs its last words", async () => {
  const chunk = (parts: object[], ending: object = {}) =>
    `data: ${JSON.stringify({ candidates: [{ content: { role: "model", parts }, index: 0, ...ending }] })}\r\n\r\n`;
  const upstream = startUpstream(() => ({
    type: "stream",
    chunks: [
      chunk([{ text: "Done." }]),
      chunk([{ text: "", thoughtSignature: "c2ln" }], { finishReason: "STOP" }),
    ],
  }));
  const gateway = await startGateway();
  const actor = { name: "test" };
  const connection = { provider: "gemini", name: "g", apiKey: "k", baseUrl: `${upstream.url}/v1beta` };
  gateway.engine.manage.connections.create(connection, actor);
  const body = JSON.stringify({ ...messagesBody, model: "gemini/gemini-3.5-flash" });
  const response = await fetch(`${gateway.url}/v1/messages?beta=true`, { method: "POST", body });
  const blocks = (await response.text())
    .split("\n")
    .filter((line) => line.includes('"content_block_start"'))
    .map((line) => JSON.parse(line.slice("data: ".length)).content_block.type);
  expect(blocks).toEqual(["text"]);
  await gateway.stop();
  await upstream.stop();
});
