import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { findConnection } from "../../src/store/index.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { startUpstream, type Step, type Upstream } from "../kit/upstream.ts";

/**
 * The official SDKs as clients, each against both upstream formats. The upstream says the same thing in its own
 * format: a thought, a sentence, two parallel calls; the tests read what the SDK understood, and what the upstream
 * got.
 */
const THOUGHT = "Two files are asked for.";
const TEXT = "I will read both. 😀";
const CALLS = [
  { id: "call_A1", name: "read_file", input: { path: "a.txt", big: 12 } },
  { id: "call_B2", name: "read_file", input: { path: "b/ü.txt" } },
];
const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const chatMessage = {
  role: "assistant",
  content: TEXT,
  reasoning_content: THOUGHT,
  tool_calls: CALLS.map(({ id, name, input }) => ({
    id,
    type: "function",
    function: { name, arguments: JSON.stringify(input) },
  })),
};
const chatUsage = {
  prompt_tokens: 120,
  completion_tokens: 30,
  total_tokens: 150,
  prompt_tokens_details: { cached_tokens: 100 },
};

function chatAnswer(stream: boolean): Step {
  const head = { id: "chatcmpl-1", created: 1_700_000_000, model: "up" };
  if (!stream) {
    const choice = { index: 0, message: chatMessage, finish_reason: "tool_calls" };
    return {
      type: "json",
      body: { ...head, object: "chat.completion", choices: [choice], usage: chatUsage },
    };
  }
  const line = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const chunks = [
    line({ role: "assistant", content: "" }),
    line({ reasoning_content: THOUGHT }),
    line({ content: TEXT.slice(0, 6) }),
    line({ content: TEXT.slice(6) }),
  ];
  for (const [index, { id, name, input }] of CALLS.entries()) {
    const text = JSON.stringify(input);
    chunks.push(line({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }));
    chunks.push(line({ tool_calls: [{ index, function: { arguments: text.slice(0, 7) } }] }));
    chunks.push(line({ tool_calls: [{ index, function: { arguments: text.slice(7) } }] }));
  }
  chunks.push(line({}, "tool_calls"));
  chunks.push(
    `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [], usage: chatUsage })}\n\n`,
    "data: [DONE]\n\n",
  );
  return { type: "stream", chunks };
}

const blocks = [
  { type: "thinking", thinking: THOUGHT, signature: "c2lnbmVk" },
  { type: "text", text: TEXT },
  ...CALLS.map(({ id, name, input }) => ({ type: "tool_use", id, name, input })),
];
const messagesUsage = {
  input_tokens: 20,
  cache_read_input_tokens: 100,
  cache_creation_input_tokens: 0,
  output_tokens: 30,
};

function messagesAnswer(stream: boolean): Step {
  const head = { id: "msg_1", type: "message", role: "assistant", model: "up", stop_sequence: null };
  if (!stream)
    return {
      type: "json",
      body: { ...head, content: blocks, stop_reason: "tool_use", usage: messagesUsage },
    };
  const event = (value: { type: string; [field: string]: unknown }) =>
    `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
  const chunks = [
    event({
      type: "message_start",
      message: { ...head, content: [], stop_reason: null, usage: { ...messagesUsage, output_tokens: 1 } },
    }),
  ];
  for (const [index, block] of blocks.entries()) {
    const pieces: object[] = [];
    let start: object = block;
    if ("thinking" in block) {
      start = { ...block, thinking: "", signature: "" };
      pieces.push(
        { type: "thinking_delta", thinking: block.thinking },
        { type: "signature_delta", signature: block.signature },
      );
    } else if ("text" in block) {
      start = { ...block, text: "" };
      pieces.push(
        { type: "text_delta", text: block.text.slice(0, 6) },
        { type: "text_delta", text: block.text.slice(6) },
      );
    } else {
      const text = JSON.stringify(block.input);
      start = { ...block, input: {} };
      pieces.push(
        { type: "input_json_delta", partial_json: text.slice(0, 7) },
        { type: "input_json_delta", partial_json: text.slice(7) },
      );
    }
    chunks.push(event({ type: "content_block_start", index, content_block: start }));
    for (const delta of pieces) chunks.push(event({ type: "content_block_delta", index, delta }));
    chunks.push(event({ type: "content_block_stop", index }));
  }
  chunks.push(
    event({
      type: "message_delta",
      delta: { stop_reason: "tool_use", stop_sequence: null },
      usage: { output_tokens: 30 },
    }),
    event({ type: "message_stop" }),
  );
  return { type: "stream", chunks };
}

const ANSWERS = { chat: chatAnswer, messages: messagesAnswer };
const SCHEMA = {
  type: "object",
  properties: { path: { type: "string" }, big: { type: "number" } },
  required: ["path"],
} as const;

for (const format of ["chat", "messages"] as const) {
  describe(`an upstream that speaks ${format}`, () => {
    let gateway: TestGateway;
    let upstream: Upstream;
    let openai: OpenAI;
    let anthropic: Anthropic;
    let connection: string;

    beforeAll(async () => {
      upstream = startUpstream((seen) => ANSWERS[format](seen.body.stream === true));
      gateway = await startGateway();
      connection = gateway.node("up", `${upstream.url}/v1`, {
        type: format === "chat" ? "openai-compatible" : "anthropic-compatible",
      });
      openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "dummy", maxRetries: 0 });
      anthropic = new Anthropic({ baseURL: gateway.url, apiKey: "dummy", maxRetries: 0 });
    });
    beforeEach(() => {
      upstream.seen.length = 0;
      upstream.script((seen) => ANSWERS[format](seen.body.stream === true));
    });
    afterAll(async () => {
      await gateway.stop();
      await upstream.stop();
    });

    const chatRequest = {
      model: "up/m",
      messages: [
        { role: "system" as const, content: "Be brief." },
        {
          role: "user" as const,
          content: [
            { type: "text" as const, text: "Read both files." },
            { type: "image_url" as const, image_url: { url: `data:image/png;base64,${PICTURE}` } },
          ],
        },
      ],
      tools: [
        {
          type: "function" as const,
          function: {
            name: "read_file",
            description: "Reads",
            parameters: SCHEMA as unknown as Record<string, unknown>,
          },
        },
      ],
    };
    const messagesRequest = {
      model: "up/m",
      max_tokens: 4000,
      system: "Be brief.",
      messages: [
        {
          role: "user" as const,
          content: [
            { type: "text" as const, text: "Read both files." },
            {
              type: "image" as const,
              source: { type: "base64" as const, media_type: "image/png" as const, data: PICTURE },
            },
          ],
        },
      ],
      tools: [{ name: "read_file", description: "Reads", input_schema: SCHEMA as any }],
    };

    const reachedUpstream = () => {
      const [seen] = upstream.seen;
      expect(seen?.path).toBe(format === "chat" ? "/v1/chat/completions" : "/v1/messages");
      expect(seen?.body.model).toBe("m");
      expect(seen?.text).toContain(PICTURE);
      expect(seen?.text).toContain("Be brief.");
      const [tool] = seen?.body.tools ?? [];
      expect(format === "chat" ? tool.function.parameters : tool.input_schema).toEqual(SCHEMA);
    };

    const readsChat = (
      message: OpenAI.ChatCompletionMessage & { reasoning_content?: string },
      finish: string | null,
    ) => {
      expect(message.content).toBe(TEXT);
      const calls = (message.tool_calls ?? []) as OpenAI.ChatCompletionMessageFunctionToolCall[];
      expect(calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)])).toEqual(
        CALLS.map(({ name, input }) => [name, input]),
      );
      expect(new Set(calls.map((call) => call.id)).size).toBe(2);
      expect(finish).toBe("tool_calls");
    };

    test("the OpenAI SDK reads a whole answer", async () => {
      const answer = await openai.chat.completions.create(chatRequest);
      reachedUpstream();
      const [choice] = answer.choices;
      readsChat(choice!.message, choice!.finish_reason);
      expect((choice!.message as { reasoning_content?: string }).reasoning_content).toBe(THOUGHT);
      expect(answer.usage?.prompt_tokens).toBe(120);
      expect(answer.usage?.prompt_tokens_details?.cached_tokens).toBe(100);
      expect(answer.usage?.completion_tokens).toBe(30);
    });

    test("the OpenAI SDK reads a stream", async () => {
      let thought = "";
      const stream = openai.chat.completions.stream({
        ...chatRequest,
        stream: true,
        stream_options: { include_usage: true },
      });
      stream.on(
        "chunk",
        (chunk) =>
          (thought += (chunk.choices[0]?.delta as { reasoning_content?: string })?.reasoning_content ?? ""),
      );
      const answer = await stream.finalChatCompletion();
      reachedUpstream();
      const [choice] = answer.choices;
      readsChat(choice!.message as OpenAI.ChatCompletionMessage, choice!.finish_reason);
      expect(thought).toBe(THOUGHT);
      expect(answer.usage?.prompt_tokens).toBe(120);
      expect(answer.usage?.completion_tokens).toBe(30);
    });

    test("a stream without include_usage has no usage chunk, and the log knows the count all the same", async () => {
      const chunks: OpenAI.ChatCompletionChunk[] = [];
      for await (const chunk of await openai.chat.completions.create({ ...chatRequest, stream: true }))
        chunks.push(chunk);
      expect(chunks.every((chunk) => chunk.choices.length === 1 && !chunk.usage)).toBe(true);
      expect(gateway.lastRequest()?.usage).toMatchObject({ input: 20, cacheRead: 100, output: 30 });
    });

    const readsMessages = (message: Anthropic.Message) => {
      const [thinking, text, ...calls] = message.content;
      expect(thinking).toMatchObject({ type: "thinking", thinking: THOUGHT });
      expect(text).toMatchObject({ type: "text", text: TEXT });
      expect(calls.map((call) => call.type === "tool_use" && [call.name, call.input])).toEqual(
        CALLS.map(({ name, input }) => [name, input]),
      );
      expect(message.stop_reason).toBe("tool_use");
      expect(message.usage).toMatchObject({
        input_tokens: 20,
        cache_read_input_tokens: 100,
        output_tokens: 30,
      });
    };

    test("the Anthropic SDK reads a whole answer", async () => {
      readsMessages(await anthropic.messages.create(messagesRequest));
      reachedUpstream();
    });

    test("the Anthropic SDK reads a stream", async () => {
      readsMessages(await anthropic.messages.stream(messagesRequest).finalMessage());
      reachedUpstream();
    });

    test("results of both calls go back and pair with their calls", async () => {
      const first = await anthropic.messages.create(messagesRequest);
      const results = first.content.flatMap((block) =>
        block.type === "tool_use"
          ? [{ type: "tool_result" as const, tool_use_id: block.id, content: `content of ${block.id}` }]
          : [],
      );
      upstream.seen.length = 0;
      await anthropic.messages.create({
        ...messagesRequest,
        messages: [
          ...messagesRequest.messages,
          { role: "assistant", content: first.content as never },
          { role: "user", content: results },
        ],
      });
      const sent = upstream.seen[0]?.body;
      const paired =
        format === "chat"
          ? sent.messages
              .filter((message: any) => message.role === "tool")
              .map((message: any) => [message.tool_call_id, message.content])
          : sent.messages.at(-1).content.map((block: any) => [block.tool_use_id, block.content]);
      expect(paired).toEqual(CALLS.map(({ id }) => [id, `content of ${id}`]));
    });

    const refusal: Step =
      format === "chat"
        ? {
            type: "json",
            status: 400,
            body: {
              error: {
                message: "This model's maximum context length is 100 tokens.",
                type: "invalid_request_error",
                code: "context_length_exceeded",
                param: "messages",
              },
            },
          }
        : {
            type: "json",
            status: 400,
            body: {
              type: "error",
              error: {
                type: "invalid_request_error",
                message: "prompt is too long: 200 tokens > 100 maximum",
              },
            },
          };

    test("errors reach both SDKs as their own error classes", async () => {
      upstream.script(() => refusal);
      const fromOpenai = await openai.chat.completions.create(chatRequest).catch((error) => error);
      expect(fromOpenai).toBeInstanceOf(OpenAI.BadRequestError);
      expect(fromOpenai.code).toBe("context_length_exceeded");
      expect(fromOpenai.message).toContain("prompt is too long");
      const fromAnthropic = await anthropic.messages.create(messagesRequest).catch((error) => error);
      expect(fromAnthropic).toBeInstanceOf(Anthropic.BadRequestError);
      expect(fromAnthropic.message).toContain("prompt is too long");
    });

    test("an account's 401 never looks like the client's own", async () => {
      upstream.script(() => ({
        type: "json",
        status: 401,
        body: {
          error: { message: "bad key sk-secret-secret-secret-1234567890", type: "authentication_error" },
        },
      }));
      const error = await openai.chat.completions.create(chatRequest).catch((failure) => failure);
      expect(error.status).toBe(502);
      expect(error.message).not.toContain("sk-secret");
      // The credential is tested beside and found bad; a new key makes the connection usable again.
      while (findConnection(gateway.engine.store, connection)?.lastTest?.ok !== false) await Bun.sleep(5);
      gateway.engine.manage.connections.update(connection, { apiKey: "a new key" }, { name: "test" });
    });

    test("a client that leaves ends the upstream call, in the stream and before the first byte", async () => {
      upstream.script(() => ({ type: "stall" }));
      const early = new AbortController();
      const call = openai.chat.completions
        .create({ ...chatRequest, stream: true }, { signal: early.signal })
        .catch(() => "left");
      while (upstream.seen.length === 0) await Bun.sleep(5);
      early.abort();
      await upstream.seen[0]!.aborted;
      expect(await call).toBe("left");

      const chunks = (ANSWERS[format](true) as Extract<Step, { type: "stream" }>).chunks;
      upstream.script(() => ({ type: "stream", chunks: chunks.slice(0, 6), then: "silence" }));
      const stream = await openai.chat.completions.create({ ...chatRequest, stream: true });
      for await (const _chunk of stream) break;
      stream.controller.abort();
      await upstream.seen[1]!.aborted;
      while (gateway.lastRequest()?.status !== 499) await Bun.sleep(5);
    });
  });
}
