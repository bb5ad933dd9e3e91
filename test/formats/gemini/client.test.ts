import { describe, expect, test } from "bun:test";
import { openProof } from "../../../src/core/envelope.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { ClientFormat } from "../../../src/core/format.ts";
import { NO_QUIRKS } from "../../../src/core/quirks.ts";
import {
  collect,
  type Part,
  type Proof,
  replay,
  type Reply,
  type ReplyEvent,
} from "../../../src/core/reply.ts";
import { gemini, geminiArray, readsComments } from "../../../src/formats/gemini/index.ts";
import { decodeBytes, encodeContext } from "../../kit/answers.ts";

const SIGNED: Proof = { format: "anthropic", maker: "anthropic/c", value: "SIG" };
const reply = (parts: Part[], more: Partial<Reply> = {}): Reply => ({
  id: "r1",
  model: "upstream",
  parts,
  finish: "stop",
  ...more,
});
const write = (events: Iterable<ReplyEvent>, format: ClientFormat = gemini) => {
  const encoder = format.streamEncoder(encodeContext());
  return [...events].map((event) => encoder.push(event));
};
const chunksOf = (wire: string): any[] =>
  wire
    .split("\r\n\r\n")
    .filter((frame) => frame.startsWith("data: "))
    .map((frame) => JSON.parse(frame.slice(6)));
const partsOf = (wire: string): any[] =>
  chunksOf(wire).flatMap((chunk) => chunk.candidates?.[0].content.parts ?? []);
const call = (input: string, more = {}): Part => ({ type: "tool-call", id: "c1", name: "f", input, ...more });

test("text and thoughts leave as they come, calls whole, the finish and the usage last", () => {
  const answer = reply(
    [{ type: "reasoning", text: "why" }, { type: "text", text: "Hello" }, call('{"a":[1]}')],
    {
      finish: "tool-calls",
      usage: { input: 10, cacheRead: 5, cacheWrite: 2, output: 9, reasoning: 4 },
    },
  );
  const wire = write(replay(answer)).join("");
  expect(chunksOf(wire)).toEqual([
    {
      candidates: [{ content: { parts: [{ text: "why", thought: true }], role: "model" }, index: 0 }],
      modelVersion: "shown-model",
      responseId: "r1",
    },
    {
      candidates: [{ content: { parts: [{ text: "Hello" }], role: "model" }, index: 0 }],
      modelVersion: "shown-model",
      responseId: "r1",
    },
    {
      candidates: [
        {
          content: { parts: [{ functionCall: { id: "c1", name: "f", args: { a: [1] } } }], role: "model" },
          index: 0,
        },
      ],
      modelVersion: "shown-model",
      responseId: "r1",
    },
    {
      candidates: [{ content: { role: "model", parts: [{ text: "" }] }, finishReason: "STOP", index: 0 }],
      usageMetadata: {
        promptTokenCount: 17,
        candidatesTokenCount: 5,
        totalTokenCount: 26,
        cachedContentTokenCount: 5,
        thoughtsTokenCount: 4,
      },
      modelVersion: "shown-model",
      responseId: "r1",
    },
  ]);
});

test("a whole answer says the same as its stream", () => {
  const answer = reply(
    [{ type: "reasoning", text: "why", proof: SIGNED }, { type: "text", text: "Hello" }, call("{}")],
    { finish: "tool-calls" },
  );
  const whole = gemini.encodeReply(answer, encodeContext()) as any;
  const streamed = partsOf(write(replay(answer)).join(""));
  expect(streamed.filter((part) => part.text !== "")).toEqual(whole.candidates[0].content.parts);
  expect(whole).toMatchObject({
    modelVersion: "shown-model",
    responseId: "r1",
    candidates: [{ finishReason: "STOP", index: 0 }],
  });
});

test("each delta is sent at once", () => {
  const events: ReplyEvent[] = [
    { type: "reply-start", id: "", model: "m" },
    { type: "part-start", index: 0, part: { type: "text", text: "" } },
    { type: "part-delta", index: 0, delta: "a" },
    { type: "part-delta", index: 0, delta: "b" },
  ];
  const written = write(events);
  expect(written.slice(0, 2)).toEqual(["", ""]);
  expect(written.slice(2).map((wire) => partsOf(wire)[0].text)).toEqual(["a", "b"]);
  expect(chunksOf(written[2] as string)[0].responseId).toBe("test-answer-1");
});

test("parts that overlap follow each other, none is lost", () => {
  const wire = write([
    { type: "reply-start", id: "r", model: "m" },
    { type: "part-start", index: 0, part: call("") },
    { type: "part-delta", index: 0, delta: '{"p":' },
    { type: "part-start", index: 1, part: { type: "text", text: "" } },
    { type: "part-delta", index: 1, delta: "between" },
    { type: "part-delta", index: 0, delta: '"x"}' },
    { type: "part-end", index: 1 },
    { type: "part-end", index: 0 },
    { type: "reply-end", finish: "tool-calls" },
  ]).join("");
  expect(partsOf(wire)).toEqual([
    { functionCall: { id: "c1", name: "f", args: { p: "x" } } },
    { text: "between" },
    { text: "" },
  ]);
});

describe("calls", () => {
  const rows: [string, Part, Reply["finish"], unknown][] = [
    ["no arguments", call(""), "tool-calls", {}],
    ["free text", call("*** Begin", { freeText: true }), "tool-calls", { input: "*** Begin" }],
    ["broken arguments in an answer that ended well", call('{"a":'), "tool-calls", { input: '{"a":' }],
    [
      "arguments the limit cut never reach the client",
      call('{"path":"a.txt","text":"unfin'),
      "length",
      undefined,
    ],
  ];
  test.each(rows)("%s", (_name, part, finish, args) => {
    const answer = reply([part], { finish });
    const [streamed] = partsOf(write(replay(answer)).join(""));
    const [whole] = (gemini.encodeReply(answer, encodeContext()) as any).candidates[0].content.parts;
    expect(streamed.functionCall?.args).toEqual(args);
    expect(whole.functionCall?.args).toEqual(args);
  });

  test("integers beyond 2^53 keep their digits", () =>
    expect(write(replay(reply([call('{"id":12345678901234567890}')]))).join("")).toContain(
      '"args":{"id":12345678901234567890}',
    ));
});

describe("proofs", () => {
  const signatures = (parts: Part[]) =>
    partsOf(write(replay(reply(parts))).join("")).map((part) => [
      part.functionCall ? "call" : part.thought ? "thought" : part.text,
      part.thoughtSignature && (openProof(part.thoughtSignature) ?? part.thoughtSignature),
    ]);
  const reasoning = (text: string, proof: Proof, more = {}): Part => ({
    type: "reasoning",
    text,
    proof,
    ...more,
  });
  const own: Proof = { format: "gemini", maker: "g/x", value: "OWN" };
  const END = ["", undefined];
  const rows: [string, Part[], unknown[]][] = [
    [
      "Claude's goes on the text behind the thoughts",
      [reasoning("why", SIGNED), { type: "text", text: "a" }],
      [["thought", undefined], ["a", SIGNED], END],
    ],
    [
      "Claude's goes on the call behind the thoughts",
      [reasoning("why", SIGNED), call("{}")],
      [["thought", undefined], ["call", SIGNED], END],
    ],
    [
      "withheld thoughts are told as such",
      [reasoning("", SIGNED, { redacted: true }), call("{}")],
      [["call", { ...SIGNED, redacted: true }], END],
    ],
    [
      "with nothing behind them it stands alone",
      [reasoning("why", SIGNED)],
      [["thought", undefined], ["thought", SIGNED], END],
    ],
    [
      "two in a row keep their thoughts",
      [reasoning("a", SIGNED), reasoning("b", { ...SIGNED, value: "2" }), call("{}")],
      [
        ["thought", undefined],
        ["thought", SIGNED],
        ["thought", undefined],
        ["call", { ...SIGNED, value: "2" }],
        END,
      ],
    ],
    [
      "Gemini's own is as it was",
      [reasoning("why", own), { type: "text", text: "a", proof: own }, call("{}", { proof: own })],
      [["thought", undefined], ["thought", "OWN"], ["a", undefined], ["", "OWN"], ["call", "OWN"], END],
    ],
  ];
  test.each(rows)("%s", (_name, parts, expected) => expect(signatures(parts)).toEqual(expected as never));

  test("what the client gives back is what was said", () => {
    const parts: Part[] = [
      reasoning("why", SIGNED),
      { type: "text", text: "Hello" },
      reasoning("", { ...SIGNED, value: "D" }, { redacted: true }),
      call("{}"),
    ];
    const contents = chunksOf(write(replay(reply(parts, { finish: "tool-calls" }))).join("")).map(
      (chunk) => chunk.candidates[0].content,
    );
    expect(gemini.decodeRequest({ contents }).messages[0]?.parts).toEqual([
      { type: "reasoning", text: "why", summary: true, proof: SIGNED },
      { type: "text", text: "Hello" },
      { type: "reasoning", text: "", redacted: true, proof: { ...SIGNED, value: "D", redacted: true } },
      { type: "tool-call", id: "c1", name: "f", input: "{}" },
    ]);
  });
});

test("a character in two deltas stays one, and line ends of Unicode stay on their line", () => {
  const wire = write([
    { type: "reply-start", id: "r", model: "m" },
    { type: "part-start", index: 0, part: { type: "text", text: "" } },
    { type: "part-delta", index: 0, delta: "a\ud83d" },
    { type: "part-delta", index: 0, delta: "\ude00\u2028b\ud83d" },
    { type: "part-end", index: 0 },
    { type: "reply-end", finish: "stop" },
  ]).join("");
  expect(partsOf(wire).map((part) => part.text)).toEqual(["a", "😀\u2028b", "\ud83d", ""]);
  expect(wire).toContain("😀\\u2028b");
});

test("pictures, refusals and Gemini's own parts", () => {
  const parts: Part[] = [
    { type: "refusal", text: "No." },
    { type: "media", kind: "image", mediaType: "image/png", data: "AA==" },
    { type: "other", vendor: { gemini: { executableCode: { code: "1" } } } },
    { type: "other", vendor: { anthropic: { type: "server_tool_use" } } },
  ];
  expect(partsOf(write(replay(reply(parts))).join(""))).toEqual([
    { text: "No." },
    { inlineData: { mimeType: "image/png", data: "AA==" } },
    { executableCode: { code: "1" } },
    { text: "" },
  ]);
});

const ERROR = new GatewayError("rate_limit_exceeded", "Slow down.", { retryAfterMs: 1500 });
const STATUS = {
  error: {
    code: 429,
    message: "Slow down.",
    status: "RESOURCE_EXHAUSTED",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "rate_limit_exceeded",
        domain: "omniroute",
      },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2s" },
    ],
  },
};

test("errors have Google's shape", () => expect(gemini.encodeError(ERROR, "req_1")).toEqual(STATUS));

describe("framing", () => {
  const EVENTS = [...replay(reply([{ type: "text", text: "Hi" }, call("{}")], { finish: "tool-calls" }))];

  test("server-sent events end in CRLF, nothing keeps a Gemini client awake", () => {
    const wire = write(EVENTS).join("");
    expect(
      wire
        .split("\r\n\r\n")
        .slice(0, -1)
        .every((frame) => /^data: \{.*\}$/.test(frame)),
    ).toBe(true);
    expect(gemini.streamEncoder(encodeContext()).heartbeat()).toBe("");
    expect([gemini.streamType, geminiArray.streamType, geminiArray.id]).toEqual([
      "text/event-stream",
      "application/json",
      "gemini",
    ]);
  });

  test("the array can be read at every moment and is closed at the end", () => {
    let wire = "";
    const sizes: number[] = [];
    for (const piece of write(EVENTS, geminiArray)) {
      wire += piece;
      if (wire !== "") sizes.push(JSON.parse(wire.endsWith("]") ? wire : `${wire}]`).length);
    }
    expect(sizes.at(-1)).toBe(3);
    expect(JSON.parse(wire)).toEqual(chunksOf(write(EVENTS).join("")));
  });

  test("a failure is the last thing said, without any finish", () => {
    const encoder = gemini.streamEncoder(encodeContext());
    const wire =
      EVENTS.slice(0, 3)
        .map((event) => encoder.push(event))
        .join("") + encoder.fail(ERROR, "req_1");
    expect(chunksOf(wire).at(-1)).toEqual(STATUS);
    expect(wire).not.toContain("finishReason");
    const array = geminiArray.streamEncoder(encodeContext());
    const list =
      EVENTS.slice(0, 3)
        .map((event) => array.push(event))
        .join("") + array.fail(ERROR, "req_1");
    expect(JSON.parse(list).at(-1)).toEqual(STATUS);
    expect(JSON.parse(geminiArray.streamEncoder(encodeContext()).fail(ERROR, "req_1"))).toEqual([STATUS]);
  });

  test("comments stand before the last event as a frame of their own; the array has none", () => {
    const withTrailer = (format: ClientFormat) => {
      const encoder = format.streamEncoder(encodeContext());
      return EVENTS.map((event) => {
        if (event.type === "reply-end")
          encoder.trailer?.(["x-omniroute-tokens-in=12", "x-omniroute-tokens-out=3"]);
        return encoder.push(event);
      }).join("");
    };
    const frames = withTrailer(gemini).split("\r\n\r\n").slice(0, -1);
    expect(frames.at(-2)).toBe(": x-omniroute-tokens-in=12\r\n: x-omniroute-tokens-out=3");
    expect(frames.at(-1)).toContain('"finishReason":"STOP"');
    expect(withTrailer(geminiArray)).not.toContain("x-omniroute");
    expect(
      collect(decodeBytes(gemini, [Buffer.from(withTrailer(gemini))], NO_QUIRKS).events).parts,
    ).toHaveLength(2);
  });

  const clients: [string | undefined, boolean][] = [
    [undefined, true],
    ["google-genai-sdk/1.30.0 gl-node/v24.1.0", false],
    ["google-genai-sdk/2.6.0 gl-node/v24.1.0", true],
    ["google-genai-sdk/3.1.0 gl-node/v24.1.0", true],
    ["google-genai-sdk/2.1.0 gl-python/3.13", false],
    ["genai-js/0.24.1", false],
  ];
  test.each(clients)("client %s reads comments: %p", (client, expected) =>
    expect(readsComments(client)).toBe(expected),
  );
});
