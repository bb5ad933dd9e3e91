import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ApiError, GoogleGenAI, Type } from "@google/genai";
import { GatewayError } from "../../../src/core/errors.ts";
import type { StreamEncoder } from "../../../src/core/format.ts";
import { collect, FORMAT_IDS, type Part, type Proof, replay, type Reply } from "../../../src/core/reply.ts";
import type { ChatRequest } from "../../../src/core/request.ts";
import { gemini } from "../../../src/formats/gemini/index.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import {
  decodeRecorded,
  encodeContext,
  encodeStream,
  loadFormat,
  recordedAnswers,
  type DecodedStream,
} from "../../kit/answers.ts";
import { canonicalJson, factsOf } from "../../kit/reply-facts.ts";

/** What the gateway's side answers next, and what it was asked. */
const wall: { reply: Reply | GatewayError; failAfter?: number; asked: ChatRequest[]; paths: string[] } = {
  reply: { id: "", model: "", parts: [], finish: "stop" },
  asked: [],
  paths: [],
};

let server: ReturnType<typeof Bun.serve>;
let client: GoogleGenAI;

beforeAll(() => {
  server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
  client = new GoogleGenAI({
    apiKey: "test",
    httpOptions: { baseUrl: server.url.href, retryOptions: { attempts: 1 } },
  });
});

afterAll(() => server.stop(true));

/** Streams of the corpus in Gemini's words, by the model they are asked for. */
const recordings = new Map<string, Uint8Array>();

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

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const [, model, verb] = /\/models\/(.+):(\w+)$/.exec(decodeURIComponent(url.pathname)) ?? [];
  const stream = verb === "streamGenerateContent";
  const recorded = recordings.get(model ?? "");
  if (recorded) return new Response(inPieces(recorded), { headers: { "content-type": gemini.streamType } });
  wall.paths.push(url.pathname + url.search);
  wall.asked.push(gemini.decodeRequest((await request.json()) as JsonObject, { model: model ?? "", stream }));
  const { reply } = wall;
  if (reply instanceof GatewayError)
    return Response.json(gemini.encodeError(reply, "req_1"), { status: reply.status });
  if (!stream) return Response.json(gemini.encodeReply(reply, encodeContext({ model: "shown" })));
  return new Response(pieces(gemini.streamEncoder(encodeContext({ model: "shown" })), reply), {
    headers: { "content-type": gemini.streamType },
  });
}

/** One event a time, as a provider sends them. */
function pieces(encoder: StreamEncoder, reply: Reply): ReadableStream<Uint8Array> {
  const events = [...replay(reply)].entries();
  return new ReadableStream({
    pull(controller) {
      const { value, done } = events.next();
      if (done) return controller.close();
      const [index, event] = value;
      if (event.type === "reply-end") encoder.trailer?.(["x-omniroute-tokens-in=12"]);
      const failed = index === wall.failAfter;
      controller.enqueue(Buffer.from(failed ? encoder.fail(OVERLOADED, "req_1") : encoder.push(event)));
      if (failed) controller.close();
    },
  });
}

const OVERLOADED = new GatewayError("service_unavailable", "The model is overloaded.");

const CLAUDE: Proof = { format: "anthropic", maker: "anthropic/c", value: "SIG" };
const THINKS: Reply = {
  id: "r1",
  model: "m",
  parts: [
    { type: "reasoning", text: "I should look.", proof: CLAUDE },
    { type: "text", text: "Let me look: naïve 😀" },
    { type: "tool-call", id: "c1", name: "read", input: '{"path":"a.ts"}' },
    { type: "tool-call", id: "c2", name: "read", input: '{"path":"b.ts"}' },
  ],
  finish: "tool-calls",
  usage: { input: 10, cacheRead: 4, output: 9, reasoning: 3 },
};
const TOOLS = [
  {
    functionDeclarations: [
      { name: "read", parameters: { type: Type.OBJECT, properties: { path: { type: Type.STRING } } } },
    ],
  },
];

describe("Google's own SDK", () => {
  test("reads a whole answer", async () => {
    wall.reply = THINKS;
    const response = await client.models.generateContent({
      model: "gc/x",
      contents: "go",
      config: { tools: TOOLS },
    });
    expect(wall.paths.at(-1)).toBe("/v1/models/gc/x:generateContent");
    expect(response.text).toBe("Let me look: naïve 😀");
    expect(response.functionCalls?.map(({ id, name, args }) => [id, name, args])).toEqual([
      ["c1", "read", { path: "a.ts" }],
      ["c2", "read", { path: "b.ts" }],
    ]);
    expect(response.usageMetadata).toMatchObject({
      promptTokenCount: 14,
      cachedContentTokenCount: 4,
      candidatesTokenCount: 6,
      thoughtsTokenCount: 3,
      totalTokenCount: 23,
    });
    expect([response.responseId, response.modelVersion]).toEqual(["r1", "shown"]);
  });

  test("reads a stream, comments and all", async () => {
    wall.reply = THINKS;
    let text = "";
    let thoughts = "";
    const names: unknown[] = [];
    const finishes: unknown[] = [];
    for await (const chunk of await client.models.generateContentStream({ model: "x", contents: "go" })) {
      for (const part of chunk.candidates?.[0]?.content?.parts ?? []) {
        if (part.thought) thoughts += part.text ?? "";
        else text += part.text ?? "";
        if (part.functionCall) names.push(part.functionCall.args?.["path"]);
      }
      finishes.push(chunk.candidates?.[0]?.finishReason);
    }
    expect([text, thoughts, names]).toEqual(["Let me look: naïve 😀", "I should look.", ["a.ts", "b.ts"]]);
    expect(finishes.slice(0, -1).every((finish) => finish === undefined)).toBe(true);
    expect(finishes.at(-1)).toBe("STOP");
  });

  test("keeps a chat whose proofs and calls come back as they went", async () => {
    wall.reply = THINKS;
    const chat = client.chats.create({ model: "x", config: { tools: TOOLS } });
    for await (const _chunk of await chat.sendMessageStream({ message: "go" }));
    wall.reply = { ...THINKS, parts: [{ type: "text", text: "Done." }], finish: "stop" };
    const results = ["c2", "c1"].map((id) => ({
      functionResponse: { id, name: "read", response: { output: id } },
    }));
    expect((await chat.sendMessage({ message: results })).text).toBe("Done.");
    const [, said, given] = wall.asked.at(-1)?.messages ?? [];
    expect(said?.parts).toEqual([{ ...THINKS.parts[0], summary: true } as never, ...THINKS.parts.slice(1)]);
    expect(given?.parts.map((part) => part.type === "tool-result" && part.id)).toEqual(["c2", "c1"]);
  });

  test("is told of an answer that says nothing without losing the turn", async () => {
    wall.reply = { ...THINKS, parts: [], finish: "stop" };
    const chat = client.chats.create({ model: "x" });
    for await (const _chunk of await chat.sendMessageStream({ message: "go" }));
    expect(chat.getHistory(true)).toHaveLength(2);
  });

  test("throws errors with their status", async () => {
    wall.reply = new GatewayError("model_not_found", "No such model.");
    const asked = client.models.generateContent({ model: "x", contents: "go" });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).status).toBe(404);
    expect((error as ApiError).message).toContain("No such model.");
  });

  test("throws an error inside a stream", async () => {
    wall.reply = THINKS;
    wall.failAfter = 4;
    const seen: string[] = [];
    const run = async () => {
      for await (const chunk of await client.models.generateContentStream({ model: "x", contents: "go" }))
        seen.push(JSON.stringify(chunk));
    };
    const error = await run().catch((thrown: unknown) => thrown);
    delete wall.failAfter;
    expect((error as ApiError).status).toBe(503);
    expect(seen.join("")).not.toContain("finishReason");
  });
});

for (const id of FORMAT_IDS) {
  const format = await loadFormat(id);
  if (!format) continue;
  describe(`a provider that speaks ${id}`, () => {
    for (const recorded of recordedAnswers.filter((one) => one.format === id && one.kind === "stream"))
      test(`${recorded.name} reaches the SDK`, async () => {
        const decoded = decodeRecorded(format, recorded);
        const model = recorded.name.replace(/[^a-z0-9.-]/gi, "_");
        recordings.set(model, encodeStream(gemini, decoded));
        await understood(model, decoded);
      });
  });
}

async function understood(model: string, decoded: DecodedStream): Promise<void> {
  const said = { text: "", reasoning: "", calls: [] as unknown[], finish: undefined as string | undefined };
  const read = async () => {
    for await (const chunk of await client.models.generateContentStream({ model, contents: "go" })) {
      const [candidate] = chunk.candidates ?? [];
      for (const part of candidate?.content?.parts ?? []) {
        if (part.thought) said.reasoning += part.text ?? "";
        else said.text += part.text ?? "";
        if (part.functionCall)
          said.calls.push([
            part.functionCall.id,
            part.functionCall.name,
            canonicalJson(JSON.stringify(part.functionCall.args)),
          ]);
      }
      said.finish = candidate?.finishReason ?? said.finish;
    }
  };
  if (decoded.failure) {
    expect(await read().catch((thrown: unknown) => thrown)).toBeInstanceOf(ApiError);
    return expect(said.finish).toBeUndefined();
  }
  await read();
  const reply = collect(decoded.events);
  const facts = factsOf(reply);
  expect(said.text).toBe(facts.text + facts.refusal);
  expect(said.reasoning.replace(/\s+/g, "")).toBe(facts.reasoning);
  expect(said.calls).toEqual(reply.parts.flatMap((part) => callsOf(part, reply)));
  expect(said.finish).toBe((gemini.encodeReply(reply, encodeContext()) as any).candidates[0].finishReason);
}

/** A call as the SDK shows it; its `JSON.parse` rounds integers that no JavaScript client can hold. */
function callsOf(part: Part, reply: Reply): unknown[] {
  if (part.type !== "tool-call") return [];
  if (reply.finish === "length" && !part.freeText && !isJson(part.input)) return [];
  const input = part.freeText
    ? JSON.stringify({ input: part.input })
    : JSON.stringify(JSON.parse(part.input || "{}"));
  return [[part.id, part.name, canonicalJson(input)]];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text || "{}");
    return true;
  } catch {
    return false;
  }
}
