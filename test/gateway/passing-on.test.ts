import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FORMAT_IDS, type FormatId } from "../../src/core/reply.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { type Step, startUpstream, type Upstream } from "../kit/upstream.ts";
import {
  block,
  chatStreamOf,
  chatUsage,
  chunk,
  geminiStreamOf,
  messagesStreamOf,
  responsesStreamOf,
  usageChunk,
} from "../kit/wire-builders.ts";

let upstream: Upstream;
let gateway: TestGateway;
beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "stall" }));
  gateway = await startGateway();
  for (const provider of ["openai", "anthropic", "gemini"])
    gateway.engine.manage.connections.create(
      { provider, name: provider, apiKey: "key-of-the-provider", baseUrl: `${upstream.url}/v1` },
      { name: "test" },
    );
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const PATHS: Readonly<Record<FormatId, string>> = {
  "openai-chat": "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  anthropic: "/v1/messages",
  gemini: "/v1beta/models/gemini/gemini-3.1-pro-preview:streamGenerateContent?alt=sse",
};
const post = (path: string, body: string, headers: { [name: string]: string } = {}) =>
  fetch(gateway.url + path, { method: "POST", body, headers });

describe("between a client and the vendor of its format", () => {
  /** What the client writes (`MODEL` stands for the name), and what the vendor answers. */
  const ROWS: readonly [FormatId, string, string, string, Buffer][] = [
    [
      "anthropic",
      "anthropic/claude-opus-4-7",
      "claude-opus-4-7",
      `{ "model":"MODEL","max_tokens":8000, "stream" : true,"invented":{"a":[1, 2.50e0]},
        "system":[{"type":"text","text":"x-anthropic-billing-header: cch=1;"},{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
        "thinking":{"type":"adaptive"},"context_management":{"edits":[]},
        "messages":[{"role":"user","content":"caf\\u00e9 12345678901234567890"},
          {"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"EqQ="},{"type":"tool_use","id":"toolu_1","name":"f","input":{"id":12345678901234567890}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"","cache_control":{"type":"ephemeral"}}]}],
        "tools":[{"name":"f","input_schema":{"type":"object"},"defer_loading":false}]}`,
      messagesStreamOf([
        ...block(
          0,
          { type: "thinking", thinking: "", signature: "" },
          { type: "signature_delta", signature: "Zm9v" },
        ),
        ...block(1, { type: "invented_block", x: 1 }, { type: "invented_delta", y: 2 }),
        ...block(2, { type: "text", text: "" }, { type: "text_delta", text: "Hi" }),
      ]),
    ],
    [
      "openai-responses",
      "openai/gpt-5.3-codex",
      "gpt-5.3-codex",
      `{"model":"MODEL","stream":true,"store":false,"include":["reasoning.encrypted_content"],"invented":1.0,
        "input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]},
          {"type":"reasoning","summary":[],"encrypted_content":"gAAAA"},{"type":"invented_item","id":"x_1"}],
        "tools":[{"type":"custom","name":"apply_patch","format":{"type":"grammar","syntax":"lark","definition":"start: A"}}]}`,
      responsesStreamOf(
        [
          { type: "response.output_item.added", output_index: 0, item: { id: "x", type: "invented" } },
          { type: "response.invented.delta", output_index: 0, delta: "a" },
          { type: "response.output_item.done", output_index: 0, item: { id: "x", type: "invented" } },
        ],
        [{ id: "x", type: "invented" }],
      ),
    ],
    [
      "openai-chat",
      "openai/gpt-5",
      "gpt-5",
      `{"model":"MODEL","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi","invented":true}],"logit_bias":{"1":-1e1}}`,
      chatStreamOf(
        chunk({ content: "Hi", invented: 1 }),
        chunk({}, "stop"),
        usageChunk(chatUsage(20, 9, { invented_tokens: 3 })),
      ),
    ],
    [
      "gemini",
      "",
      "",
      `{"contents":[{"role":"user","parts":[{"text":"Hi","invented":{}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"n":1.0}},"thoughtSignature":"c2ln"}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}],"safetySettings":[],"cachedContent":"cachedContents/1"}`,
      geminiStreamOf([{ text: "Hi", thoughtSignature: "c2ln" }, { inventedPart: { a: 1 } }]),
    ],
  ];

  test.each(ROWS)(
    "case 81, %s: all bytes pass but the model's name",
    async (format, name, model, body, answer) => {
      upstream.seen.length = 0;
      // In pieces that end in the middle of frames.
      const chunks = Array.from({ length: Math.ceil(answer.length / 50) }, (_, at) =>
        answer.subarray(at * 50, at * 50 + 50),
      );
      upstream.script(() => ({ type: "stream", chunks }));
      const response = await post(PATHS[format], body.replace("MODEL", name));
      const told = await response.text();
      expect(upstream.seen[0]?.text).toBe(body.replace("MODEL", model));
      expect(withoutComments(told)).toBe(withoutComments(answer.toString()));
      expect(gateway.lastRequest()).toMatchObject({ status: 200, usage: { input: 20 } });
    },
  );

  /** The gateway's own comment lines, and the blank lines around them. */
  const withoutComments = (wire: string): string => wire.replace(/^: .*\r?\n(?:\r?\n)?/gm, "");
});

describe("tokens are counted", () => {
  const count = async (model: string, fields: object) => {
    const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }], ...fields });
    return (await (await post("/v1/messages/count_tokens", body)).json()) as {
      input_tokens: number;
      source?: string;
    };
  };

  test("case 102: by the vendor, who is asked what the client asked", async () => {
    upstream.seen.length = 0;
    upstream.script(() => ({ type: "json", body: { input_tokens: 4321 } }));
    gateway.engine.manage.settings.change(
      { systemPrompt: { enabled: true, prompt: "Never counted." } },
      { name: "test" },
    );
    expect(await count("anthropic/claude-opus-4-7", {})).toEqual({ input_tokens: 4321 });
    expect(upstream.seen[0]?.path).toBe("/v1/messages/count_tokens");
    expect(upstream.seen[0]?.text).not.toContain("Never counted.");
    gateway.engine.manage.settings.change({ systemPrompt: { enabled: false, prompt: "" } }, { name: "test" });
  });

  test("case 102: elsewhere by an estimate over everything a request holds", async () => {
    upstream.script(() => ({ type: "json", status: 404, body: { error: { message: "no such path" } } }));
    const words = "many words of a long text ".repeat(40);
    const turns = (...content: object[]) => ({
      messages: [
        { role: "user", content: "Hello" },
        { role: "assistant", content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "r" }] },
      ],
    });
    const call = { type: "tool_use", id: "t", name: "f", input: {} };
    const plain = await count("mock/echo", turns(call));
    expect(plain.source).toBe("estimated");
    const more: { [what: string]: object } = {
      system: { ...turns(call), system: words },
      tools: { ...turns(call), tools: [{ name: "f", description: words, input_schema: { type: "object" } }] },
      "a call": turns({ ...call, input: { text: words } }),
      thinking: turns({ type: "thinking", thinking: words, signature: "s" }, call),
      "a result": {
        messages: [
          ...turns(call).messages.slice(0, 2),
          { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: words }] },
        ],
      },
      "a picture": {
        messages: [
          {
            role: "user",
            content: [
              {
                type: "image",
                source: { type: "base64", media_type: "image/png", data: "iVBOR".repeat(20_000) },
              },
            ],
          },
        ],
      },
    };
    for (const [what, fields] of Object.entries(more)) {
      const { input_tokens: counted } = await count("mock/echo", fields);
      expect([what, counted > plain.input_tokens + 150]).toEqual([what, true]);
    }
  });
});

describe("case 126: errors of a provider", () => {
  const BODIES: Readonly<Record<FormatId, (message: string) => object>> = {
    "openai-chat": (message) => ({ error: { message, type: "server_error", param: null, code: null } }),
    "openai-responses": (message) => ({ error: { message, type: "server_error", param: null, code: null } }),
    anthropic: (message) => ({ type: "error", error: { type: "api_error", message } }),
    gemini: (message) => ({ error: { code: 500, message, status: "INTERNAL" } }),
  };
  const MODELS: Readonly<Record<FormatId, string>> = {
    "openai-chat": "openai/gpt-5",
    "openai-responses": "openai/gpt-5.3-codex",
    anthropic: "anthropic/claude-opus-4-7",
    gemini: "gemini/gemini-3.1-pro-preview",
  };
  const ASKED: Readonly<Record<FormatId, object>> = {
    "openai-chat": { messages: [{ role: "user", content: "Hi" }] },
    "openai-responses": { input: "Hi" },
    anthropic: { max_tokens: 10, messages: [{ role: "user", content: "Hi" }] },
    gemini: { contents: [{ parts: [{ text: "Hi" }] }] },
  };
  const STATUSES: readonly [provider: number, client: number, message: string][] = [
    [400, 400, "Invalid value in field x"],
    [401, 502, "Incorrect API key provided: key-of-the-provider"],
    [403, 502, "Your account may not do this"],
    [404, 404, "The model does not exist"],
    [413, 400, "Request too large"],
    [429, 429, "Slow down"],
    [500, 503, "Internal error"],
    [529, 503, "Overloaded"],
  ];

  for (const client of FORMAT_IDS)
    for (const provider of FORMAT_IDS)
      test(`${client} client, a provider that speaks ${provider}`, async () => {
        for (const [status, wanted, message] of STATUSES) {
          gateway.engine.health.resetAll();
          gateway.combo(`only-${client}-${provider}-${status}`, [MODELS[provider]]);
          const headers = { "retry-after": "7" };
          const step: Step = { type: "json", status, headers, body: BODIES[provider](message) };
          // Only calls fail: a credential that is tested beside is found good.
          upstream.script(({ method }) => (method === "GET" ? { type: "json", body: { data: [] } } : step));
          const name = `only-${client}-${provider}-${status}`;
          const path = client === "gemini" ? `/v1beta/models/${name}:generateContent` : PATHS[client];
          const response = await post(path, JSON.stringify({ model: name, ...ASKED[client] }));
          const text = await response.text();
          expect([status, response.status]).toEqual([status, wanted]);
          checkShape(client, wanted, JSON.parse(text));
          expect(text).toContain(message.split(":")[0] as string);
          expect(text).not.toContain("key-of-the-provider");
          const told = response.headers.get("retry-after");
          if (wanted === 429 || wanted === 503) expect(Number(told)).toBeGreaterThan(0);
          if (status === 413) expect(text).toMatch(/prompt is too long/);
        }
      });

  function checkShape(client: FormatId, status: number, body: any): void {
    switch (client) {
      case "anthropic":
        expect(body).toMatchObject({ type: "error", error: { type: expect.any(String) } });
        return;
      case "gemini":
        expect(body.error).toMatchObject({ code: status, status: expect.any(String) });
        return;
      default:
        expect(Object.keys(body.error).toSorted()).toEqual(["code", "message", "param", "type"]);
    }
  }
});
