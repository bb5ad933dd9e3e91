import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { Response as SdkResponse, ResponseOutputItem } from "openai/resources/responses/responses";
import { openaiResponses } from "../../../src/formats/openai-responses/index.ts";
import { collect, FORMAT_IDS, type Reply } from "../../../src/core/reply.ts";
import {
  decodeRecorded,
  encodeContext,
  encodeStream,
  loadFormat,
  recordedAnswers,
} from "../../kit/answers.ts";
import { factsOf } from "../../kit/reply-facts.ts";

/** What the official SDK understands of what we write, whatever format the provider spoke. */
let server: ReturnType<typeof Bun.serve>;
let client: OpenAI;
const streams = new Map<string, Uint8Array>();
const wholes = new Map<string, unknown>();

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { model, stream } = (await request.json()) as { model: string; stream?: boolean };
      if (!stream) return Response.json(wholes.get(model));
      return new Response(inPieces(streams.get(model) ?? new Uint8Array()), {
        headers: { "content-type": "text/event-stream" },
      });
    },
  });
  client = new OpenAI({ apiKey: "test", baseURL: `http://127.0.0.1:${server.port}/v1`, maxRetries: 0 });
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

for (const id of FORMAT_IDS) {
  const format = await loadFormat(id);
  if (!format) continue;
  describe(`a provider that speaks ${id}`, () => {
    for (const answer of recordedAnswers.filter((one) => one.format === id && one.kind === "stream"))
      test(`${answer.name} reaches the OpenAI SDK`, async () => {
        const decoded = decodeRecorded(format, answer);
        streams.set(answer.name, encodeStream(openaiResponses, decoded));
        const streamed = await client.responses.stream({ model: answer.name, input: "hi" }).finalResponse();
        if (decoded.failure) {
          expect(streamed.status).toBe("failed");
          expect(streamed.error?.message).toBe(decoded.failure.message);
          return;
        }
        const reply = collect(decoded.events);
        expectSame(streamed, reply);
        wholes.set(answer.name, openaiResponses.encodeReply(reply, encodeContext()));
        const whole = await client.responses.create({ model: answer.name, input: "hi" });
        expectSame(whole, reply);
        expect(idsOf(whole.output)).toEqual(idsOf(streamed.output));
      });
  });
}

function expectSame(response: SdkResponse, reply: Reply): void {
  const facts = factsOf(reply);
  const content = response.output.flatMap((item) => (item.type === "message" ? item.content : []));
  const refusals = content.flatMap((piece) => (piece.type === "refusal" ? [piece.refusal] : []));
  const thoughts = response.output.flatMap((item) =>
    item.type === "reasoning" ? [...item.summary, ...(item.content ?? [])].map((piece) => piece.text) : [],
  );
  expect(response.output_text).toBe(facts.text);
  expect(refusals.join("")).toBe(facts.refusal);
  expect(thoughts.join("").replace(/\s+/g, "")).toBe(facts.reasoning);
  expect(response.output.flatMap(callOf)).toEqual(
    reply.parts.flatMap((part) =>
      part.type === "tool-call" ? [{ id: part.id, name: part.name, input: part.input || "{}" }] : [],
    ),
  );
  expect(response.status).toBe(
    facts.finish === "length" || facts.finish === "content-filter" ? "incomplete" : "completed",
  );
  expect(response.usage?.input_tokens).toBe(facts.usage?.input ?? 0);
  expect(response.usage?.input_tokens_details.cached_tokens).toBe(facts.usage?.cacheRead ?? 0);
  expect(response.usage?.output_tokens).toBe(facts.usage?.output ?? 0);
  expect(response.usage?.output_tokens_details.reasoning_tokens).toBe(facts.usage?.reasoning ?? 0);
}

function callOf(item: ResponseOutputItem): { id: string; name: string; input: string }[] {
  if (item.type === "function_call") return [{ id: item.call_id, name: item.name, input: item.arguments }];
  if (item.type === "custom_tool_call") return [{ id: item.call_id, name: item.name, input: item.input }];
  return [];
}

/** The same answer has the same ids, streamed or whole. */
const idsOf = (output: ResponseOutputItem[]): (string | undefined | null)[] => output.map((item) => item.id);
