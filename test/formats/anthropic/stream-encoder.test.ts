import { describe, expect, test } from "bun:test";
import { openProof } from "../../../src/core/envelope.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { EncodeContext } from "../../../src/core/format.ts";
import {
  collect,
  type FinishReason,
  type Part,
  type Proof,
  type ReplyEvent,
  type Usage,
} from "../../../src/core/reply.ts";
import { anthropic } from "../../../src/formats/anthropic/index.ts";
import { SseSplitter } from "../../../src/lib/sse.ts";
import { encodeContext } from "../../kit/answers.ts";

type Fields = { [field: string]: unknown };

const START: ReplyEvent = { type: "reply-start", id: "chatcmpl-1", model: "gpt" };
const END = (finish: FinishReason, extra: object = {}): ReplyEvent => ({
  type: "reply-end",
  finish,
  ...extra,
});
const USAGE = (usage: Usage): ReplyEvent => ({ type: "usage", usage });

/** A part with its deltas, closed. */
function part(index: number, begun: Part, deltas: string[] = [], end: object = {}): ReplyEvent[] {
  return [
    { type: "part-start", index, part: begun },
    ...deltas.map((delta): ReplyEvent => ({ type: "part-delta", index, delta })),
    { type: "part-end", index, ...end },
  ];
}
const text = (index: number, ...deltas: string[]) => part(index, { type: "text", text: "" }, deltas);
const thought = (index: number, deltas: string[], proof?: Proof) =>
  part(index, { type: "reasoning", text: "" }, deltas, proof ? { proof } : {});
const call = (index: number, id: string, ...deltas: string[]) =>
  part(index, { type: "tool-call", id, name: "f", input: "" }, deltas);

function encode(events: ReplyEvent[], context: Partial<EncodeContext> = {}): Fields[] {
  const encoder = anthropic.streamEncoder(encodeContext(context));
  const wire = events.map((event) => encoder.push(event)).join("");
  return new SseSplitter().push(Buffer.from(wire)).map(({ event, data }) => {
    const body = JSON.parse(data) as Fields;
    expect(body["type"]).toBe(event);
    return body;
  });
}

/** The blocks a client adds the events up to. Fails when two are open at once or a number is left out. */
function blocks(events: Fields[]): Fields[] {
  const found: Fields[] = [];
  let open: Fields | undefined;
  let json = "";
  for (const event of events) {
    const { type, index } = event;
    if (type === "content_block_start") {
      expect(open).toBeUndefined();
      expect(index).toBe(found.length);
      open = { ...(event["content_block"] as Fields) };
      json = "";
      found.push(open);
    } else if (type === "content_block_delta") {
      expect(index).toBe(found.length - 1);
      const delta = event["delta"] as { [field: string]: string };
      if (!open) throw new Error("A delta outside a block.");
      if (delta["type"] === "input_json_delta") json += delta["partial_json"];
      else
        for (const field in delta)
          if (field !== "type") open[field] = `${open[field] as string}${delta[field]}`;
    } else if (type === "content_block_stop") {
      expect(index).toBe(found.length - 1);
      if (open && String(open["type"]).endsWith("tool_use")) open["input"] = JSON.parse(json);
      open = undefined;
    }
  }
  return found;
}

const last = (events: Fields[]) =>
  events.find((event) => event["type"] === "message_delta") as { delta: Fields; usage: Fields };
const said = (words: string) => ({ type: "text", text: words });
const used = (id: string, input: unknown) => ({ type: "tool_use", id, name: "f", input });

describe("blocks", () => {
  const interleaved: ReplyEvent[] = [
    { type: "part-start", index: 0, part: { type: "tool-call", id: "a", name: "f", input: "" } },
    { type: "part-delta", index: 0, delta: '{"n":' },
    { type: "part-start", index: 1, part: { type: "tool-call", id: "b", name: "f", input: "" } },
    { type: "part-delta", index: 1, delta: '{"n":' },
    { type: "part-start", index: 2, part: { type: "text", text: "" } },
    { type: "part-delta", index: 2, delta: "meanwhile" },
    { type: "part-delta", index: 0, delta: "1}" },
    { type: "part-delta", index: 1, delta: "2}" },
    { type: "part-end", index: 2 },
    { type: "part-end", index: 1 },
    { type: "part-end", index: 0 },
  ];
  const own = { format: "anthropic" as const, maker: "a/b", value: "sig" };
  const rows: [string, ReplyEvent[], Fields[]][] = [
    ["text", text(0, "a", " ", "b"), [said("a b")]],
    ["white space alone", text(0, "\n    "), [said("\n    ")]],
    [
      "parts that are open side by side",
      interleaved,
      [used("a", { n: 1 }), used("b", { n: 2 }), said("meanwhile")],
    ],
    [
      "thought, call, thought, call",
      [...thought(0, ["one"]), ...call(1, "a", "{}"), ...thought(2, ["two"]), ...call(3, "b", "{}")],
      [
        { type: "thinking", thinking: "one", signature: "" },
        used("a", {}),
        { type: "thinking", thinking: "two", signature: "" },
        used("b", {}),
      ],
    ],
    [
      "text before a thought",
      [...text(0, "a"), ...thought(1, ["b"]), ...text(2, "c")],
      [said("a"), { type: "thinking", thinking: "b", signature: "" }, said("c")],
    ],
    ["a signed thought", thought(0, ["hm"], own), [{ type: "thinking", thinking: "hm", signature: "sig" }]],
    [
      "a proof without a thought",
      thought(0, [], own),
      [{ type: "thinking", thinking: "", signature: "sig" }],
    ],
    [
      "a withheld thought",
      part(0, { type: "reasoning", text: "", redacted: true }, [], { proof: own }),
      [{ type: "redacted_thinking", data: "sig" }],
    ],
    ["an empty thought and an empty text", [...thought(0, []), ...text(1)], []],
    ["arguments: none", call(0, "a"), [used("a", {})]],
    ["arguments: empty", call(0, "a", ""), [used("a", {})]],
    ["arguments: in pieces", call(0, "a", '{"t":"\\ud83d', '\\ude00"}'), [used("a", { t: "😀" })]],
    [
      "free text",
      part(0, { type: "tool-call", id: "a", name: "f", input: "", freeText: true }, ['say "', 'hi"\n']),
      [used("a", { input: 'say "hi"\n' })],
    ],
    [
      "free text that is empty",
      part(0, { type: "tool-call", id: "a", name: "f", input: "", freeText: true }),
      [used("a", { input: "" })],
    ],
    ["a refusal", part(0, { type: "refusal", text: "" }, ["No."]), [said("No.")]],
    ["half a character", text(0, "\ud83d", "\ude00"), [said("😀")]],
    [
      "a server tool's block of another vendor",
      [
        ...part(0, { type: "other", vendor: { "openai-responses": { type: "web_search_call" } } }),
        ...text(1, "a"),
      ],
      [said("a")],
    ],
    [
      "a server tool's block of this wire",
      part(
        0,
        {
          type: "other",
          vendor: { anthropic: { type: "server_tool_use", id: "s", name: "web_search", input: {} } },
        },
        [],
        {
          vendor: {
            anthropic: { type: "server_tool_use", id: "s", name: "web_search", input: { query: "q" } },
          },
        },
      ),
      [{ type: "server_tool_use", id: "s", name: "web_search", input: { query: "q" } }],
    ],
    [
      "a picture",
      part(0, { type: "media", kind: "image", mediaType: "image/png" }, ["AAAA"]),
      [said("[The model produced image/png (image), which this protocol cannot carry.]")],
    ],
  ];
  test.each(rows)("%s", (_name, events, expected) => {
    expect(blocks(encode([START, ...events, END("stop")]))).toEqual(expected);
  });

  test("a proof of another format rides sealed in the signature", () => {
    const proof: Proof = { format: "openai-responses", maker: "openai/gpt", value: "enc" };
    const [block] = blocks(encode([START, ...thought(0, [], proof), END("stop")]));
    expect(block?.["thinking"]).toBe("");
    expect(openProof(String(block?.["signature"]))).toEqual(proof);
  });

  test("Gemini's proofs of calls and texts come back to them", () => {
    const proof: Proof = { format: "gemini", maker: "gemini/g3", value: "c2ln" };
    const events = [
      START,
      ...part(0, { type: "text", text: "" }, ["a"], { proof }),
      ...part(1, { type: "tool-call", id: "c", name: "f", input: "", proof }, ["{}"]),
      ...part(2, { type: "tool-call", id: "d", name: "f", input: "" }, ["{}"], { proof }),
      END("tool-calls"),
    ];
    const content = blocks(encode(events));
    expect(content.map((block) => block["type"])).toEqual([
      "text",
      "redacted_thinking",
      "thinking",
      "tool_use",
      "tool_use",
      "redacted_thinking",
    ]);
    const request = anthropic.decodeRequest({
      model: "m",
      max_tokens: 1,
      messages: [{ role: "assistant", content }],
    });
    expect(request.messages[0]?.parts).toEqual([
      { type: "text", text: "a", proof },
      { type: "tool-call", id: "c", name: "f", input: "{}", proof },
      { type: "tool-call", id: "d", name: "f", input: "{}", proof },
    ]);
  });
});

test("the proof of a closing text is left out, so that the text stands last", () => {
  const proof: Proof = { format: "gemini", maker: "gemini/g3", value: "c2ln" };
  const closing = [
    ...part(0, { type: "text", text: "" }, ["Done."]),
    ...part(1, { type: "text", text: "" }, [], { proof }),
  ];
  for (const events of [closing, part(0, { type: "text", text: "" }, ["Done."], { proof })]) {
    expect(blocks(encode([START, ...events, END("stop")]))).toEqual([{ type: "text", text: "Done." }]);
    const reply = collect([START, ...events, END("stop")]);
    expect(anthropic.encodeReply(reply, encodeContext())["content"]).toEqual([
      { type: "text", text: "Done." },
    ]);
  }
});

describe("the end", () => {
  const rows: [string, ReplyEvent[], string][] = [
    ["an ordinary end", [...text(0, "a"), END("stop")], "end_turn"],
    ["calls, whatever the provider says", [...call(0, "a", "{}"), END("stop")], "tool_use"],
    ["a word for calls without any", [...text(0, "a"), END("tool-calls")], "end_turn"],
    ["the limit", [...text(0, "a"), END("length")], "max_tokens"],
    ["the limit inside a call", [...call(0, "a", '{"a'), END("length")], "max_tokens"],
    ["a filter", [END("content-filter")], "refusal"],
    ["a refusal in words", [...part(0, { type: "refusal", text: "" }, ["No."]), END("stop")], "refusal"],
    [
      "a refusal beside a call",
      [...part(0, { type: "refusal", text: "" }, ["No."]), ...call(1, "a", "{}"), END("tool-calls")],
      "tool_use",
    ],
    ["a pause", [END("pause")], "pause_turn"],
    ["a stop sequence", [END("stop", { stopSequence: "X" })], "stop_sequence"],
    [
      "this wire's own word",
      [END("length", { vendor: { anthropic: { stop_reason: "model_context_window_exceeded" } } })],
      "model_context_window_exceeded",
    ],
    [
      "this wire's word, overruled",
      [...call(0, "a", "{}"), END("tool-calls", { vendor: { anthropic: { stop_reason: "end_turn" } } })],
      "tool_use",
    ],
  ];
  test.each(rows)("%s", (_name, events, reason) => {
    expect(last(encode([START, ...events])).delta["stop_reason"]).toBe(reason);
  });

  test("usage is complete at both ends and true at the last", () => {
    const usage = { input: 25, cacheRead: 75, cacheWrite: 10, cacheWrite1h: 4, output: 9, reasoning: 3 };
    const events = encode(
      [START, ...text(0, "a"), USAGE({ input: 1, output: 1 }), USAGE(usage), END("stop")],
      { estimatedInput: 80 },
    );
    expect(events[0]).toMatchObject({
      type: "message_start",
      message: {
        type: "message",
        role: "assistant",
        model: "shown-model",
        content: [],
        stop_reason: null,
        usage: {
          input_tokens: 80,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 0,
          output_tokens: 1,
        },
      },
    });
    expect(last(events).usage).toEqual({
      input_tokens: 25,
      cache_creation_input_tokens: 10,
      cache_read_input_tokens: 75,
      cache_creation: { ephemeral_5m_input_tokens: 6, ephemeral_1h_input_tokens: 4 },
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 3 },
    });
  });

  test("an answer without usage has zeros, never a missing field", () => {
    expect(last(encode([START, END("stop")])).usage).toEqual({
      input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
    });
  });

  test("nothing stands between the last comments and message_stop", () => {
    const encoder = anthropic.streamEncoder(encodeContext());
    encoder.push(START);
    encoder.trailer?.(["x-omniroute-tokens-in=12", "x-omniroute-tokens-out=3"]);
    expect(encoder.push(END("stop"))).toEndWith(
      '}\n\n: x-omniroute-tokens-in=12\n: x-omniroute-tokens-out=3\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
    );
  });
});

test("ids begin with msg_", () => {
  const id = (event: ReplyEvent, own: string) => {
    const [start] = encode([event], { id: own }) as { message: Fields }[];
    return start?.message["id"];
  };
  expect(id({ type: "reply-start", id: "msg_provider", model: "m" }, "msg_ours")).toBe("msg_provider");
  expect(id(START, "msg_ours")).toBe("msg_ours");
  expect(id(START, "req-1")).toBe("msg_req1");
});

test("a failure is an error event, without an end", () => {
  const encoder = anthropic.streamEncoder(encodeContext());
  encoder.push(START);
  expect(encoder.fail(new GatewayError("rate_limit_exceeded", "Slow down."), "req_9")).toBe(
    'event: error\ndata: {"type":"error","error":{"type":"rate_limit_error","message":"Slow down."},"request_id":"req_9"}\n\n',
  );
});

test("silence is broken by pings", () => {
  expect(anthropic.streamEncoder(encodeContext()).heartbeat()).toBe('event: ping\ndata: {"type":"ping"}\n\n');
});
