import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { TargetFailure } from "../../../src/core/errors.ts";
import { NO_QUIRKS } from "../../../src/core/quirks.ts";
import type { Part, Reply } from "../../../src/core/reply.ts";
import { collect } from "../../../src/core/reply.ts";
import { gemini } from "../../../src/formats/gemini/index.ts";
import { parseJson } from "../../../src/lib/json.ts";
import { decodeBytes, decodeContext } from "../../kit/answers.ts";
import { corpus } from "../../kit/corpus.ts";

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dir, "../../fixtures/gemini", name));
const stream = (name: string) => decodeBytes(gemini, [fixture(name)], NO_QUIRKS);
const whole = (body: unknown): Reply => gemini.decodeReply(body, decodeContext(NO_QUIRKS));
const ended = (parts: unknown[], finishReason: string, more = {}) => ({
  candidates: [{ content: { parts }, finishReason, ...more }],
});
/** Chunks as a stream, so that a row needs no file. */
const chunks = (...list: unknown[]) =>
  decodeBytes(
    gemini,
    [
      Buffer.from(
        list.map((one) => `data: ${typeof one === "string" ? one : JSON.stringify(one)}\r\n\r\n`).join(""),
      ),
    ],
    NO_QUIRKS,
  );
const calls = (reply: Reply) => reply.parts.filter((part) => part.type === "tool-call");
const failureOf = (run: () => unknown): TargetFailure => {
  try {
    run();
  } catch (error) {
    if (error instanceof TargetFailure) return error;
    throw error;
  }
  throw new Error("It did not fail.");
};

describe("calls in pieces", () => {
  test("nested objects, lists, quoted names, numbers, booleans, null, and no word that the call ended", () => {
    const reply = collect(stream("partial-args-nested.sse").events);
    expect(calls(reply).map((call) => [call.name, JSON.parse(call.input)])).toEqual([
      [
        "edit",
        {
          file: { path: 'src/a "b".ts' },
          "first line": 12,
          dry: false,
          mode: null,
          changes: [{ from: "x", to: ["y", "z"] }],
        },
      ],
      ["read", { path: "b.ts" }],
    ]);
    expect(calls(reply)[0]?.proof?.value).toBe("c2lnLW9uZQ==");
    expect(reply.finish).toBe("tool-calls");
  });

  test("a call that the limit cut is no call", () => {
    const reply = collect(stream("partial-args-cut-by-limit.sse").events);
    expect(reply.parts).toEqual([{ type: "text", text: "Editing." }]);
    expect(reply.finish).toBe("length");
  });

  const broken: [string, unknown][] = [
    ["no path", [{ stringValue: "x" }]],
    ["a path that is none", [{ jsonPath: "location", stringValue: "x" }]],
    ["a path of nothing", [{ jsonPath: "$", stringValue: "x" }]],
    ["an index out of all bounds", [{ jsonPath: "$.a[999999999]", stringValue: "x" }]],
    [
      "a name inside a list",
      [
        { jsonPath: "$.a[0]", numberValue: 1 },
        { jsonPath: "$.a.b", numberValue: 1 },
      ],
    ],
  ];
  test.each(broken)("arguments that lead nowhere end the answer: %s", (_name, partialArgs) => {
    const { failure } = chunks({
      candidates: [{ content: { parts: [{ functionCall: { name: "f", partialArgs } }] } }],
    });
    expect(failure?.kind).toBe("malformed");
  });

  test("names from outside cannot reach the program's own objects", () => {
    const partialArgs = [{ jsonPath: "$.__proto__.polluted", stringValue: "x" }];
    const { events } = chunks(ended([{ functionCall: { name: "f", partialArgs } }], "STOP"));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(calls(collect(events))[0]?.input).toBe('{"__proto__":{"polluted":"x"}}');
  });
});

test("calls without ids get distinct ones, the same on every replay, and others in another answer", () => {
  const twins = (responseId: string) =>
    calls(
      whole({
        ...ended([{ functionCall: { name: "f" } }, { functionCall: { name: "f" } }], "STOP"),
        responseId,
      }),
    ).map((call) => call.id);
  expect(new Set([...twins("a"), ...twins("b")]).size).toBe(4);
  expect(twins("a")).toEqual(twins("a"));
});

test("integers beyond 2^53 keep their digits", () =>
  expect(calls(whole(parseJson(fixture("big-integers.json").toString())))[0]?.input).toBe(
    '{"id":12345678901234567890,"small":1.5}',
  ));

test("each signature stays with its part", () => {
  const reply = collect(stream("signatures-everywhere.sse").events);
  expect(reply.parts.map((part) => [part.type, part.proof?.value && atob(part.proof.value)])).toEqual([
    ["reasoning", "sig-thought"],
    ["text", "sig-text"],
    ["text", undefined],
    ["tool-call", "sig-call"],
    ["tool-call", undefined],
    ["reasoning", "sig-alone"],
  ]);
  expect(reply.parts.every((part) => part.type !== "text" || part.text !== "")).toBe(true);
  expect(reply.parts[0]?.proof).toMatchObject({ format: "gemini", maker: "test/model-1" });
});

test("pictures are media, parts nobody knows are kept, sources stay with the answer", () => {
  const reply = collect(stream("pictures-and-new-parts.sse").events);
  expect(reply.parts.map(({ proof: _proof, ...part }) => part as Part)).toEqual([
    { type: "text", text: "Here it is: " },
    { type: "media", kind: "image", mediaType: "image/png", data: "iVBORw0KGgo=" },
    { type: "other", vendor: { gemini: { holodeckScene: { name: "beach" } } } },
    { type: "text", text: "Done." },
  ]);
  expect(reply.vendor).toEqual({ gemini: { groundingMetadata: { webSearchQueries: ["beach"] } } });
  expect(reply.usage).toEqual({ input: 17, cacheRead: 30, output: 1300 });
});

test("Code Assist's envelope is taken off", () => {
  const reply = collect(stream("code-assist.sse").events);
  expect(reply.parts).toMatchObject([
    { type: "text", text: "Hi " },
    { type: "tool-call", id: "c1", name: "ls", input: "{}" },
  ]);
  expect(whole({ response: ended([{ text: "a" }], "STOP") }).parts).toEqual([{ type: "text", text: "a" }]);
});

test("a stream without server-sent events, read as one list, is the same answer", () => {
  const list = [{ candidates: [{ content: { parts: [{ text: "a" }] } }] }, ended([{ text: "b" }], "STOP")];
  expect(whole(list)).toMatchObject({ parts: [{ type: "text", text: "ab" }], finish: "stop" });
});

describe("endings", () => {
  const TEXT = [{ text: "a" }];
  const CALL = [{ functionCall: { name: "f" } }];
  const rows: [string, unknown[], Reply["finish"]][] = [
    ["STOP", TEXT, "stop"],
    ["STOP", [], "stop"],
    ["STOP", CALL, "tool-calls"],
    ["MAX_TOKENS", TEXT, "length"],
    ["MAX_TOKENS", CALL, "tool-calls"],
    ["SAFETY", TEXT, "content-filter"],
    ["RECITATION", [], "content-filter"],
    ["MODEL_ARMOR", [], "content-filter"],
    ["PROHIBITED_CONTENT", CALL, "content-filter"],
    ["UNEXPECTED_TOOL_CALL", CALL, "tool-calls"],
    ["MALFORMED_FUNCTION_CALL", CALL, "tool-calls"],
    ["SOMETHING_NEW", TEXT, "stop"],
    ["constructor", TEXT, "stop"],
  ];
  test.each(rows)("%s after %j is %s", (word, parts, finish) => {
    const reply = whole(ended(parts, word));
    expect(reply.finish).toBe(finish);
    expect((gemini.encodeReply(reply, CONTEXT) as any).candidates[0].finishReason).toBe(word);
  });

  test.each(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER"])(
    "%s without a call is a fault",
    (word) => {
      const failure = failureOf(() => whole(ended([], word, { finishMessage: "because" })));
      expect([failure.kind, failure.providerCode]).toEqual(["malformed", word]);
      expect(failure.message).toContain("because");
    },
  );

  test("a refused prompt is an empty answer that was filtered, and Gemini clients see why", () => {
    const body = {
      promptFeedback: { blockReason: "SAFETY" },
      usageMetadata: { promptTokenCount: 3 },
      modelVersion: "m",
    };
    const reply = whole(body);
    expect(reply).toMatchObject({ parts: [], finish: "content-filter", usage: { input: 3, output: 0 } });
    const told = gemini.encodeReply(reply, CONTEXT) as any;
    expect([told.promptFeedback, told.candidates]).toEqual([{ blockReason: "SAFETY" }, undefined]);
  });

  const cut: [string, unknown[]][] = [
    ["without a finish", [{ candidates: [{ content: { parts: TEXT } }] }]],
    ["without anything", []],
    [
      "with a broken line as its last",
      [{ candidates: [{ content: { parts: TEXT } }] }, '{"candidates":[{"finishRea'],
    ],
  ];
  test.each(cut)("a stream %s was cut off", (_name, list) =>
    expect(chunks(...list).failure?.kind).toBe("malformed"),
  );

  test("a broken line among good ones is passed over", () => {
    const { events } = chunks(
      { candidates: [{ content: { parts: TEXT } }] },
      "{oops",
      ended([{ text: "b" }], "STOP"),
    );
    expect(collect(events).parts).toEqual([{ type: "text", text: "ab" }]);
  });

  test.each([[{}], [{ candidates: [] }], ["text"]])("an answer like %j is malformed", (body) =>
    expect(failureOf(() => whole(body)).kind).toBe("malformed"),
  );
});

describe("errors inside an answer", () => {
  const quota = (quotaId: string) => [
    { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId }] },
  ];
  const reason = (word: string) => [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: word }];
  const rows: [string, object, string][] = [
    ["overloaded", { code: 503, status: "UNAVAILABLE", message: "The model is overloaded." }, "overloaded"],
    ["internal", { code: 500, status: "INTERNAL", message: "x" }, "overloaded"],
    ["too slow", { code: 504, status: "DEADLINE_EXCEEDED", message: "x" }, "timeout"],
    ["by code alone", { code: 429, message: "x" }, "rate-limited"],
    [
      "per minute",
      {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        message: "check your plan and billing",
        details: quota("GenerateRequestsPerMinutePerProject"),
      },
      "rate-limited",
    ],
    [
      "per day",
      {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        message: "x",
        details: quota("GenerateRequestsPerDayPerProject"),
      },
      "quota-exhausted",
    ],
    [
      "spent",
      { code: 429, status: "RESOURCE_EXHAUSTED", message: "You have exhausted your capacity on this model." },
      "quota-exhausted",
    ],
    ["a bad request", { code: 400, status: "INVALID_ARGUMENT", message: "x" }, "rejected"],
    [
      "too long",
      {
        code: 400,
        status: "INVALID_ARGUMENT",
        message: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
      },
      "context-length",
    ],
    [
      "a bad key",
      { code: 400, status: "INVALID_ARGUMENT", message: "x", details: reason("API_KEY_INVALID") },
      "credentials",
    ],
    ["no permission", { code: 403, status: "PERMISSION_DENIED", message: "x" }, "credentials"],
    ["no model", { code: 404, status: "NOT_FOUND", message: "x" }, "no-such-model"],
  ];
  test.each(rows)("%s", (_name, error, kind) => {
    const told = failureOf(() => whole({ error }));
    expect([told.kind, told.message]).toEqual([kind as never, (error as { message: string }).message]);
    expect(chunks({ candidates: [{ content: { parts: [{ text: "a" }] } }] }, { error }).failure?.kind).toBe(
      kind as never,
    );
  });

  test("bodies of refused calls are read, also in a list or an envelope", () => {
    const error = {
      code: 400,
      message: "Bad.",
      status: "INVALID_ARGUMENT",
      details: reason("API_KEY_INVALID"),
    };
    const expected = { message: "Bad.", code: "API_KEY_INVALID", type: "INVALID_ARGUMENT" };
    for (const body of [{ error }, [{ error }], { response: { error } }])
      expect(gemini.readError(body)).toEqual(expected);
    for (const body of [undefined, "text", {}, { error: "text" }, []])
      expect(gemini.readError(body)).toBeUndefined();
  });
});

test("tokens are counted as they are billed; the last count holds", () => {
  const { events } = chunks(
    { usageMetadata: { trafficType: "ON_DEMAND" } },
    { usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 1 } },
    {
      ...ended([{ text: "a" }], "STOP"),
      usageMetadata: {
        promptTokenCount: 10,
        toolUsePromptTokenCount: 5,
        cachedContentTokenCount: 8,
        candidatesTokenCount: 3,
        thoughtsTokenCount: 4,
      },
    },
  );
  expect(collect(events).usage).toEqual({ input: 7, cacheRead: 8, output: 7, reasoning: 4 });
});

const CONTEXT = {
  id: "id",
  model: "shown",
  created: 1,
  request: { model: "m", stream: false, messages: [] },
  sealProof: () => "",
};

describe("frames for the meter", () => {
  const rows: [string, boolean][] = [
    [
      'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"trafficType":"ON_DEMAND"}}',
      false,
    ],
    ['data: {"candidates":[],"usageMetadata":{"promptTokenCount":1}}', true],
    ['data: {"candidates":[{"finishReason":"STOP"}]}', true],
    ['data: {"error": {"code": 503}}', true],
    ['data: {"promptFeedback":{}}', true],
  ];
  test.each(rows)("%s", (frame, tells) => expect(gemini.isMeterFrame(Buffer.from(frame))).toBe(tells));

  test.skipIf(!corpus)("miss neither finish nor usage of any recording", () => {
    for (const answer of corpus?.answers ?? []) {
      if (answer.format !== "gemini" || answer.kind !== "stream" || answer.encoding === "json-array")
        continue;
      const wire = corpus?.wire(answer).toString() ?? "";
      const all = decodeBytes(gemini, [Buffer.from(wire)], NO_QUIRKS);
      const told = wire.split(/\r?\n\r?\n/).filter((frame) => gemini.isMeterFrame(Buffer.from(frame)));
      const metered = decodeBytes(
        gemini,
        [Buffer.from(told.map((frame) => `${frame}\n\n`).join(""))],
        NO_QUIRKS,
      );
      const last = (events: typeof all.events) => events.filter((event) => event.type === "usage").at(-1);
      expect(last(metered.events)).toEqual(last(all.events) as never);
      expect(metered.failure?.kind).toBe(all.failure?.kind as never);
    }
  });
});
