import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import type { Message } from "@anthropic-ai/sdk/resources/messages";
import { anthropic } from "../../../src/formats/anthropic/index.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { collect, FORMAT_IDS, type Part } from "../../../src/core/reply.ts";
import {
  decodeRecorded,
  encodeContext,
  encodeStream,
  loadFormat,
  recordedAnswers,
  type DecodedStream,
} from "../../kit/answers.ts";
import { canonicalJson, factsOf } from "../../kit/reply-facts.ts";

/** What the official SDK understands of the streams we write, whatever format the provider spoke. */
let server: ReturnType<typeof Bun.serve>;
let client: Anthropic;
const bodies = new Map<string, Uint8Array>();

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { model } = (await request.json()) as { model: string };
      return new Response(inPieces(bodies.get(model) ?? new Uint8Array()), {
        headers: { "content-type": "text/event-stream" },
      });
    },
  });
  client = new Anthropic({ apiKey: "test", baseURL: `http://127.0.0.1:${server.port}`, maxRetries: 0 });
});

afterAll(() => server.stop(true));

/** Small pieces, so that events and characters are cut apart. */
function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, (at += 1009)));
    },
  });
}

function ask(name: string, wire: Uint8Array): Promise<Message> {
  bodies.set(name, wire);
  return client.messages
    .stream({ model: name, max_tokens: 100, messages: [{ role: "user", content: "hi" }] })
    .finalMessage();
}

for (const id of FORMAT_IDS) {
  const format = await loadFormat(id);
  if (!format) continue;
  describe(`a provider that speaks ${id}`, () => {
    for (const answer of recordedAnswers.filter((one) => one.format === id && one.kind === "stream"))
      test(`${answer.name} reaches the Anthropic SDK`, async () => {
        const decoded = decodeRecorded(format, answer);
        const asked = ask(answer.name, encodeStream(anthropic, decoded));
        if (decoded.failure) expect(await asked.catch(String)).toContain("error");
        else expectSame(await asked, decoded);
      });
  });
}

function expectSame(message: Message, decoded: DecodedStream): void {
  const reply = collect(decoded.events);
  const facts = factsOf(reply);
  const texts = message.content.flatMap((block) => (block.type === "text" ? [block.text] : []));
  const thoughts = message.content.flatMap((block) => (block.type === "thinking" ? [block.thinking] : []));
  const calls = message.content.flatMap((block) => (block.type === "tool_use" ? [block] : []));
  const hasMedia = reply.parts.some((part) => part.type === "media");
  if (!hasMedia) expect(texts.join("")).toBe(facts.text + facts.refusal);
  expect(thoughts.join("").replace(/\s+/g, "")).toBe(facts.reasoning);
  expect(calls.map((call) => ({ id: call.id, name: call.name }))).toEqual(
    facts.calls.map((call) => ({ id: String(call.id), name: call.name })),
  );
  const asked = reply.parts.filter((part) => part.type === "tool-call");
  if (reply.finish !== "length") for (const [at, call] of calls.entries()) expectInput(call.input, asked[at]);
  expect(new Set(calls.map((call) => call.id)).size).toBe(calls.length);
  if (reply.finish !== "length") expect(message.stop_reason === "tool_use").toBe(calls.length > 0);
  if (facts.usage) {
    const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens } =
      message.usage;
    expect((input_tokens ?? 0) + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0)).toBe(
      facts.usage.input,
    );
    expect(cache_read_input_tokens).toBe(facts.usage.cacheRead);
    expect(output_tokens).toBe(facts.usage.output);
  }
}

function expectInput(input: unknown, asked: Part | undefined): void {
  if (asked?.type !== "tool-call") throw new Error("The SDK found a call that nobody made.");
  if (asked.freeText) return expect(input).toEqual({ input: asked.input });
  // The SDK rounds integers beyond 2^53 when it reads them; on the wire they are whole.
  if (!/\d{16,}/.test(asked.input))
    expect(canonicalJson(JSON.stringify(input))).toBe(canonicalJson(asked.input));
}

test("a whole answer is what the SDK calls a message", async () => {
  const whole = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () =>
      Response.json(
        anthropic.encodeReply(
          {
            id: "chatcmpl-1",
            model: "gpt-5",
            parts: [
              { type: "text", text: "Let me look." },
              { type: "tool-call", id: "call_1", name: "read", input: '{"path":"a"}' },
            ],
            finish: "tool-calls",
            usage: { input: 25, cacheRead: 75, output: 9, reasoning: 3 },
          },
          encodeContext(),
        ),
      ),
  });
  try {
    const sdk = new Anthropic({ apiKey: "test", baseURL: `http://127.0.0.1:${whole.port}`, maxRetries: 0 });
    const message = await sdk.messages.create({
      model: "any",
      max_tokens: 100,
      messages: [{ role: "user", content: "hi" }],
    });
    expect(message).toMatchObject({
      type: "message",
      role: "assistant",
      model: "shown-model",
      stop_reason: "tool_use",
      content: [
        { type: "text", text: "Let me look." },
        { type: "tool_use", id: "call_1", name: "read", input: { path: "a" } },
      ],
      usage: {
        input_tokens: 25,
        cache_read_input_tokens: 75,
        cache_creation_input_tokens: 0,
        output_tokens: 9,
      },
    });
  } finally {
    await whole.stop(true);
  }
});

test("an error in the middle of a stream reaches the SDK as that error", async () => {
  const encoder = anthropic.streamEncoder(encodeContext());
  const wire =
    encoder.push({ type: "reply-start", id: "x", model: "m" }) +
    encoder.push({ type: "part-start", index: 0, part: { type: "text", text: "" } }) +
    encoder.push({ type: "part-delta", index: 0, delta: "half" }) +
    encoder.fail(new GatewayError("service_unavailable", "Overloaded"), "req_1");
  expect(await ask("fails", Buffer.from(wire)).catch(String)).toContain("overloaded_error");
});
