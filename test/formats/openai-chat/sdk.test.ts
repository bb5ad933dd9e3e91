import { afterAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { collect, replay, type Reply, type ReplyEvent } from "../../../src/core/reply.ts";
import { openaiChat } from "../../../src/formats/openai-chat/index.ts";
import { parseJson } from "../../../src/lib/json.ts";
import {
  decodeContext,
  decodeRecorded,
  encodeContext,
  encodeStream,
  recordedAnswers,
  type RecordedAnswer,
} from "../../kit/answers.ts";
import { canonicalJson, factsOf, type ReplyFacts } from "../../kit/reply-facts.ts";

/** Every recorded chat answer, decoded, written anew and read by OpenAI's own client. */
const answers = new Map<string, { whole: Reply; events: ReplyEvent[] }>();
for (const answer of recordedAnswers) {
  const decoded = answer.format === "openai-chat" ? decode(answer) : undefined;
  if (decoded) answers.set(answer.name, decoded);
}

function decode(answer: RecordedAnswer): { whole: Reply; events: ReplyEvent[] } | undefined {
  if (answer.status >= 400 || answer.expected?.error) return undefined;
  if (answer.kind === "response") {
    const whole = openaiChat.decodeReply(parseJson(answer.wire.toString()), decodeContext(answer.quirks));
    return { whole, events: [...replay(whole)] };
  }
  const { events, failure } = decodeRecorded(openaiChat, answer);
  return failure ? undefined : { whole: collect(events), events };
}

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const { model, stream } = (await request.json()) as { model: string; stream?: boolean };
    const answer = answers.get(model);
    if (!answer) return new Response(null, { status: 404 });
    if (!stream) return Response.json(openaiChat.encodeReply(answer.whole, encodeContext()));
    const wire = encodeStream(openaiChat, answer);
    return new Response(inPieces(wire), { headers: { "content-type": openaiChat.streamType } });
  },
});
const client = new OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${server.port}/v1`, maxRetries: 0 });

afterAll(() => server.stop(true));

/** Cuts lines and characters, as networks do. */
function inPieces(wire: Buffer): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < wire.length; at += 100) controller.enqueue(wire.subarray(at, at + 100));
      controller.close();
    },
  });
}

const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "x" }];

describe("OpenAI's own client", () => {
  for (const [model, { whole }] of answers) {
    test(`reads the stream of ${model}`, async () => {
      const stream = client.chat.completions.stream({
        model,
        messages,
        stream_options: { include_usage: true },
      });
      expectRead(await stream.finalChatCompletion(), whole);
    });

    test(`reads the whole answer of ${model}`, async () => {
      expectRead(await client.chat.completions.create({ model, messages }), whole);
    });
  }
});

function expectRead(read: OpenAI.ChatCompletion, whole: Reply): void {
  const facts = factsOf(whole);
  const [choice] = read.choices;
  expect(choice?.message.role).toBe("assistant");
  expect(choice?.message.content ?? "").toBe(facts.text);
  expect(choice?.message.refusal ?? "").toBe(facts.refusal);
  expect((choice?.message.tool_calls ?? []).map(readCall)).toEqual(facts.calls);
  expect(choice?.finish_reason.replace("_", "-")).toBe(facts.finish);
  expect(read.usage?.prompt_tokens).toBe(facts.usage?.input ?? 0);
  expect(read.usage?.completion_tokens).toBe(facts.usage?.output ?? 0);
}

const readCall = (call: OpenAI.ChatCompletionMessageToolCall): ReplyFacts["calls"][number] =>
  call.type === "function"
    ? { id: call.id, name: call.function.name, input: canonicalJson(call.function.arguments) }
    : { id: call.id, name: call.custom.name, input: call.custom.input };
