import { describe, expect, test } from "bun:test";
import { TargetFailure } from "../../../src/core/errors.ts";
import { collect, type ReplyEvent } from "../../../src/core/reply.ts";
import { ToolNames } from "../../../src/core/tool-names.ts";
import { anthropic } from "../../../src/formats/anthropic/index.ts";

type Fields = { [field: string]: unknown };

const start = (changes: Fields = {}): Fields => ({
  type: "message_start",
  message: {
    id: "msg_1",
    model: "claude",
    content: [],
    usage: { input_tokens: 9, output_tokens: 1 },
    ...changes,
  },
});
const open = (index: number, content_block: Fields): Fields => ({
  type: "content_block_start",
  index,
  content_block,
});
const delta = (index: number, type: string, fields: Fields): Fields => ({
  type: "content_block_delta",
  index,
  delta: { type, ...fields },
});
const close = (index: number): Fields => ({ type: "content_block_stop", index });
const end = (stop_reason: string, usage: Fields = { output_tokens: 5 }): Fields => ({
  type: "message_delta",
  delta: { stop_reason, stop_sequence: null },
  usage,
});
const STOP = { type: "message_stop" };
const TEXT = [open(0, { type: "text", text: "" }), delta(0, "text_delta", { text: "hi" }), close(0)];
const json = (index: number, partial_json: string) => delta(index, "input_json_delta", { partial_json });

function decode(events: (Fields | string)[], toolNames = new ToolNames()): ReplyEvent[] {
  const decoder = anthropic.streamDecoder({ quirks: {}, toolNames, maker: "a/claude" });
  const out = events.flatMap((event) =>
    decoder.push({
      event: typeof event === "string" ? "" : String(event["type"]),
      data: typeof event === "string" ? event : JSON.stringify(event),
    }),
  );
  return [...out, ...decoder.end()];
}
const reply = (events: (Fields | string)[], toolNames?: ToolNames) => collect(decode(events, toolNames));

describe("stop reasons", () => {
  const rows: [string, string][] = [
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool-calls"],
    ["pause_turn", "pause"],
    ["refusal", "content-filter"],
    ["invented_reason", "stop"],
  ];
  test.each(rows)("%s is %s", (reason, finish) => {
    expect(reply([start(), ...TEXT, end(reason), STOP]).finish).toBe(finish as never);
  });

  const call = [open(0, { type: "tool_use", id: "t", name: "f", input: {} }), close(0)];
  test("a turn with calls asks for them to be run, whatever the provider says", () => {
    expect(reply([start(), ...call, end("end_turn"), STOP]).finish).toBe("tool-calls");
    expect(reply([start(), ...call, end("max_tokens"), STOP]).finish).toBe("length");
  });
});

describe("calls", () => {
  const rows: [string, Fields, string[], string][] = [
    ["pieces", {}, ['{"a"', ":1}"], '{"a":1}'],
    ["no pieces", {}, [], "{}"],
    ["an empty piece", {}, [""], "{}"],
    ["the input at once", { b: 2 }, [], '{"b":2}'],
    [
      "pieces cut inside escapes",
      {},
      ['{"t":"\\u00', "e9 \\ud83d", '\\ude00"}'],
      '{"t":"\\u00e9 \\ud83d\\ude00"}',
    ],
  ];
  test.each(rows)("%s", (_name, input, pieces, expected) => {
    const block = open(0, { type: "tool_use", id: "t", name: "f", input });
    const answer = reply([
      start(),
      block,
      ...pieces.map((piece) => json(0, piece)),
      close(0),
      end("tool_use"),
      STOP,
    ]);
    expect(answer.parts).toEqual([{ type: "tool-call", id: "t", name: "f", input: expected }]);
  });

  test("free text and flattened names are turned back", () => {
    const names = new ToolNames([
      { type: "custom", name: "apply_patch" },
      { type: "function", name: "js", namespace: "mcp__repl" },
    ]);
    const answer = reply(
      [
        start(),
        open(0, { type: "tool_use", id: "t", name: "apply_patch", input: {} }),
        json(0, '{"input":"*** Begin\\n'),
        json(0, '+\\"x\\""}'),
        close(0),
        open(1, { type: "tool_use", id: "u", name: "mcp__repl__js", input: {} }),
        json(1, '{"code":1}'),
        close(1),
        end("tool_use"),
        STOP,
      ],
      names,
    );
    expect(answer.parts).toEqual([
      { type: "tool-call", id: "t", name: "apply_patch", input: '*** Begin\n+"x"', freeText: true },
      { type: "tool-call", id: "u", name: "js", namespace: "mcp__repl", input: '{"code":1}' },
    ]);
  });

  test("an answer that goes on for a program has its calls in the first event", () => {
    const content = [{ type: "tool_use", id: "t", name: "roll", input: { player: 2 } }];
    const answer = reply([start({ content, stop_reason: "tool_use" }), STOP]);
    expect(answer).toMatchObject({ finish: "tool-calls", parts: [{ id: "t", input: '{"player":2}' }] });
  });
});

describe("usage counts are totals", () => {
  const rows: [string, Fields, Fields, object][] = [
    [
      "input only at the end",
      { input_tokens: 0, output_tokens: 1 },
      { input_tokens: 61, output_tokens: 2 },
      { input: 61, output: 2 },
    ],
    [
      "input only at the start",
      { input_tokens: 9, cache_read_input_tokens: 4, output_tokens: 1 },
      { output_tokens: 7 },
      { input: 9, cacheRead: 4, output: 7 },
    ],
    [
      "nulls say nothing",
      { input_tokens: 9, cache_read_input_tokens: 4 },
      { cache_read_input_tokens: null, output_tokens: 7 },
      { input: 9, cacheRead: 4, output: 7 },
    ],
    [
      "all of them, twice",
      {
        input_tokens: 3,
        cache_creation_input_tokens: 150,
        cache_read_input_tokens: 2000,
        cache_creation: { ephemeral_1h_input_tokens: 100 },
      },
      {
        input_tokens: 3,
        cache_creation_input_tokens: 150,
        cache_read_input_tokens: 2000,
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 4 },
      },
      { input: 3, cacheRead: 2000, cacheWrite: 150, cacheWrite1h: 100, output: 9, reasoning: 4 },
    ],
  ];
  test.each(rows)("%s", (_name, first, last, usage) => {
    expect(reply([start({ usage: first }), ...TEXT, end("end_turn", last), STOP]).usage).toMatchObject(usage);
  });

  test("none is none", () => {
    expect(
      reply([start({ usage: undefined }), ...TEXT, { ...end("end_turn"), usage: undefined }, STOP]).usage,
    ).toBeUndefined();
  });
});

describe("what providers do wrong or new", () => {
  const rows: [string, (Fields | string)[]][] = [
    ["an event nobody knows", [start(), { type: "new_event" }, ...TEXT, end("end_turn"), STOP]],
    ["a line that is no JSON", [start(), "{broken", ...TEXT, end("end_turn"), STOP]],
    ["pings", [start(), { type: "ping" }, ...TEXT, end("end_turn"), STOP]],
    ["the same start twice", [start(), start(), ...TEXT, end("end_turn"), STOP]],
    ["no end mark, but a stop reason", [start(), ...TEXT, end("end_turn")]],
    ["an end mark, but no stop reason", [start(), ...TEXT, STOP]],
    ["no block start", [start(), TEXT[1] as Fields, close(0), end("end_turn"), STOP]],
    ["no block stop", [start(), TEXT[0] as Fields, TEXT[1] as Fields, end("end_turn"), STOP]],
    ["events after the end", [start(), ...TEXT, end("end_turn"), STOP, ...TEXT]],
    ["no message start", [...TEXT, end("end_turn"), STOP]],
  ];
  test.each(rows)("%s", (_name, events) => {
    expect(reply(events)).toMatchObject({ finish: "stop", parts: [{ type: "text", text: "hi" }] });
  });

  const failures: [string, (Fields | string)[], string][] = [
    ["a stream cut off", [start(), TEXT[0] as Fields, TEXT[1] as Fields], "malformed"],
    [
      "a stream cut off inside a call",
      [start(), open(0, { type: "tool_use", id: "t", name: "f" }), json(0, '{"a')],
      "malformed",
    ],
    ["an empty stream", [], "malformed"],
    ["a second answer inside the first", [start(), ...TEXT, start({ id: "msg_2" })], "malformed"],
    [
      "an error",
      [start(), { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }],
      "overloaded",
    ],
    [
      "an error as the first event",
      [{ type: "error", error: { type: "rate_limit_error", message: "slow" } }],
      "rate-limited",
    ],
  ];
  test.each(failures)("%s is a failure", (_name, events, kind) => {
    try {
      decode(events);
    } catch (error) {
      expect(error).toBeInstanceOf(TargetFailure);
      expect((error as TargetFailure).kind).toBe(kind as never);
      return;
    }
    throw new Error("It was taken for an answer.");
  });
});

test("a thinking block ends with the proof of its maker", () => {
  const events = decode([
    start(),
    open(0, { type: "thinking", thinking: "", signature: "" }),
    delta(0, "thinking_delta", { thinking: "hm" }),
    delta(0, "signature_delta", { signature: "sig" }),
    close(0),
    end("end_turn"),
    STOP,
  ]);
  expect(events).toContainEqual({
    type: "part-end",
    index: 0,
    proof: { format: "anthropic", maker: "a/claude", value: "sig" },
  });
});

test("blocks of server tools are kept whole, with what streamed into them", () => {
  const answer = reply([
    start(),
    open(0, { type: "server_tool_use", id: "s", name: "web_search", input: {} }),
    json(0, '{"query":'),
    json(0, '"q"}'),
    close(0),
    open(1, { type: "compaction", content: null }),
    delta(1, "compaction_delta", { content: "summary" }),
    close(1),
    open(2, { type: "text", text: "", citations: [] }),
    delta(2, "citations_delta", { citation: { cited_text: "c" } }),
    delta(2, "text_delta", { text: "t" }),
    close(2),
    end("end_turn"),
    STOP,
  ]);
  expect(answer.parts).toEqual([
    {
      type: "other",
      vendor: { anthropic: { type: "server_tool_use", id: "s", name: "web_search", input: { query: "q" } } },
    },
    { type: "other", vendor: { anthropic: { type: "compaction", content: "summary" } } },
    { type: "text", text: "t", vendor: { anthropic: { citations: [{ cited_text: "c" }] } } },
  ]);
});

describe("frames for the meter", () => {
  const rows: [string, boolean][] = [
    ['event: message_start\ndata: {"type":"message_start"}', true],
    ['event: message_delta\ndata: {"type":"message_delta"}', true],
    ["event: message_stop", true],
    ['event: error\ndata: {"type":"error","error":{"message":"content_block_start"}}', true],
    ['event: content_block_delta\ndata: {"type":"content_block_delta","index":0}', false],
    ['data: {"type":"content_block_delta","index":0}', false],
    ['event: content_block_stop\ndata: {"type":"content_block_stop"}', false],
  ];
  test.each(rows)("%j: %p", (frame, told) => {
    expect(anthropic.isMeterFrame(Buffer.from(frame))).toBe(told);
  });
});
