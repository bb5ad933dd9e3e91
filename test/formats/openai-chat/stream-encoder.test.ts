import { describe, expect, test } from "bun:test";
import { openProof } from "../../../src/core/envelope.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { EncodeContext } from "../../../src/core/format.ts";
import type { Part, Reply, ReplyEvent } from "../../../src/core/reply.ts";
import { replay } from "../../../src/core/reply.ts";
import type { ChatRequest } from "../../../src/core/request.ts";
import { openaiChat } from "../../../src/formats/openai-chat/index.ts";
import { encodeContext } from "../../kit/answers.ts";

type Chunk = {
  id: string;
  model: string;
  created: number;
  choices: {
    index: number;
    delta: { [field: string]: unknown };
    finish_reason: string | null;
    logprobs: unknown;
  }[];
  usage?: unknown;
};

const reply = (parts: Part[], rest: Partial<Reply> = {}): Reply => ({
  id: "chatcmpl-1",
  model: "upstream",
  parts,
  finish: "stop",
  ...rest,
});

/** Encodes and takes the stream apart into its payloads. */
function lines(events: Iterable<ReplyEvent>, context: Partial<EncodeContext> = {}): string[] {
  const encoder = openaiChat.streamEncoder(encodeContext(context));
  let wire = "";
  for (const event of events) wire += encoder.push(event);
  return wire.split("\n\n").filter((line) => line !== "");
}

const chunks = (events: Iterable<ReplyEvent>, context?: Partial<EncodeContext>): Chunk[] =>
  lines(events, context)
    .filter((line) => line !== "data: [DONE]")
    .map((line) => JSON.parse(line.slice(6)) as Chunk);

const deltas = (parts: Part[], context?: Partial<EncodeContext>) =>
  chunks(replay(reply(parts)), context)
    .flatMap((chunk) => chunk.choices.map((choice) => choice.delta))
    .slice(1, -1);

const asking = (request: Partial<ChatRequest>): Partial<EncodeContext> => ({
  request: { model: "m", stream: true, messages: [], ...request },
});

describe("a chat stream for a client", () => {
  test("begins with the role, ends with one finish reason and [DONE], and is one answer throughout", () => {
    const events = [...replay(reply([{ type: "text", text: "Hi" }], { usage: { input: 1, output: 2 } }))];
    const written = chunks(events);
    expect(written[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    expect(
      written.flatMap((chunk) => chunk.choices.map((choice) => choice.finish_reason)).filter(Boolean),
    ).toEqual(["stop"]);
    expect(lines(events).at(-1)).toBe("data: [DONE]");
    for (const field of ["id", "model", "created"] as const)
      expect(new Set(written.map((chunk) => chunk[field])).size).toBe(1);
    expect(written[0]).toMatchObject({ id: "chatcmpl-1", model: "shown-model", created: 1_790_000_000 });
  });

  test("has a usage chunk last where it was asked for, and none else", () => {
    const usage = { input: 25, output: 9, cacheRead: 70, cacheWrite: 5, reasoning: 4 };
    const events = [...replay(reply([{ type: "text", text: "Hi" }], { usage }))];
    const asked = chunks(events);
    expect(asked.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(asked.at(-1)).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 100,
        completion_tokens: 9,
        total_tokens: 109,
        prompt_tokens_details: { cached_tokens: 70, cache_write_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 4 },
      },
    });
    expect(chunks(events, asking({})).some((chunk) => "usage" in chunk)).toBe(false);
  });

  test("numbers calls from 0 and names each once", () => {
    const call = (id: string, input: string): Part => ({ type: "tool-call", id, name: "f", input });
    expect(deltas([{ type: "text", text: "Two." }, call("a", '{"x":1}'), call("b", "")])).toEqual([
      { content: "Two." },
      { tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"x":1}' } }] },
      { tool_calls: [{ index: 1, id: "b", type: "function", function: { name: "f", arguments: "" } }] },
      { tool_calls: [{ index: 1, function: { arguments: "{}" } }] },
    ]);
  });

  test("lets calls that grow side by side grow side by side", () => {
    const open = (index: number, id: string): ReplyEvent => ({
      type: "part-start",
      index,
      part: { type: "tool-call", id, name: "f", input: "" },
    });
    const events: ReplyEvent[] = [
      { type: "reply-start", id: "x", model: "m" },
      open(0, "a"),
      open(1, "b"),
      { type: "part-delta", index: 1, delta: "{" },
      { type: "part-delta", index: 0, delta: "{" },
    ];
    expect(
      chunks(events)
        .slice(3)
        .map((chunk) => chunk.choices[0]?.delta),
    ).toEqual([
      { tool_calls: [{ index: 1, function: { arguments: "{" } }] },
      { tool_calls: [{ index: 0, function: { arguments: "{" } }] },
    ]);
  });

  test("calls a tool in the family it was declared in", () => {
    const call: Part = { type: "tool-call", id: "a", name: "p", input: 'say "hi"', freeText: true };
    expect(deltas([call], asking({ tools: [{ type: "custom", name: "p" }] }))).toEqual([
      { tool_calls: [{ index: 0, id: "a", type: "custom", custom: { name: "p", input: "" } }] },
      { tool_calls: [{ index: 0, custom: { input: 'say "hi"' } }] },
    ]);
    // A tool nobody declared counts as a function: hardly a client reads the other family unasked.
    for (const tools of [[{ type: "function" as const, name: "p" }], []]) {
      const asFunction = deltas([call], asking({ tools }));
      expect(asFunction[0]).toEqual({
        tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "p", arguments: "" } }],
      });
      const args = asFunction
        .slice(1)
        .map(
          (delta) => (delta["tool_calls"] as { function: { arguments: string } }[])[0]?.function.arguments,
        );
      expect(JSON.parse(args.join(""))).toEqual({ input: 'say "hi"' });
      const whole = openaiChat.encodeReply(reply([call]), encodeContext(asking({ tools })));
      expect(whole["choices"]).toMatchObject([
        {
          message: {
            tool_calls: [{ type: "function", function: { arguments: '{"input":"say \\"hi\\""}' } }],
          },
        },
      ]);
    }
  });

  test("speaks of 2023 to those who do", () => {
    const request = openaiChat.decodeRequest({
      model: "m",
      messages: [{ role: "user", content: "a" }],
      functions: [{ name: "f" }],
    });
    // Of two calls they can be told one.
    const calls: Part[] = ["a", "b"].map((id) => ({
      type: "tool-call",
      id,
      name: "f",
      input: `{"of":"${id}"}`,
    }));
    expect(deltas(calls, { request })).toEqual([
      { function_call: { name: "f", arguments: "" } },
      { function_call: { arguments: '{"of":"a"}' } },
    ]);
    const whole = openaiChat.encodeReply(
      { ...reply(calls), finish: "tool-calls" },
      encodeContext({ request }),
    );
    expect(whole["choices"]).toMatchObject([
      { message: { function_call: { name: "f", arguments: '{"of":"a"}' } }, finish_reason: "function_call" },
    ]);
  });

  test("ends with calls only where some were told", () => {
    const other: Part = { type: "other", vendor: { "openai-responses": { item: { type: "shell_call" } } } };
    const whole = openaiChat.encodeReply({ ...reply([other]), finish: "tool-calls" }, encodeContext());
    expect(whole["choices"]).toMatchObject([{ finish_reason: "stop" }]);
    const encoder = openaiChat.streamEncoder(encodeContext());
    const wire = [...replay({ ...reply([other]), finish: "tool-calls" })].map((event) => encoder.push(event));
    expect(wire.join("")).toContain('"finish_reason":"stop"');
  });

  test("shows reasoning beside the text, and its proof sealed for those who give it back", () => {
    const proof = { format: "anthropic" as const, maker: "claude/x", value: "c2ln" };
    const [thought, entry, said] = deltas([
      { type: "reasoning", text: "Hm.", proof },
      { type: "text", text: "Yes." },
    ]);
    expect(thought).toEqual({ reasoning_content: "Hm." });
    const [detail] = (entry?.["reasoning_details"] ?? []) as { [field: string]: string }[];
    expect(detail).toMatchObject({ type: "reasoning.text", text: "Hm.", index: 0 });
    expect(openProof(detail?.["signature"] ?? "")).toEqual(proof);
    expect(said).toEqual({ content: "Yes." });
  });

  test("seals the proof of withheld reasoning, of a call and of a text where each belongs", () => {
    const proof = { format: "gemini" as const, maker: "gemini/x", value: "Z2Vt" };
    const parts: Part[] = [
      { type: "reasoning", text: "", redacted: true, proof },
      { type: "text", text: "a", proof },
      { type: "tool-call", id: "c1", name: "f", input: "{}", proof },
    ];
    const entries = deltas(parts).flatMap(
      (delta) => (delta["reasoning_details"] ?? []) as { id?: string; type: string; data: string }[],
    );
    expect(entries.map(({ id, type }) => [id, type])).toEqual([
      [undefined, "reasoning.encrypted"],
      ["text", "reasoning.encrypted"],
      ["c1", "reasoning.encrypted"],
    ]);
    expect(openProof(entries[0]?.data ?? "")).toEqual({ ...proof, redacted: true });
    const signed = deltas(parts).flatMap(
      (delta) =>
        (delta["tool_calls"] ?? []) as { extra_content?: { google: { thought_signature: string } } }[],
    );
    const slots = signed.flatMap((call) => call.extra_content?.google.thought_signature ?? []);
    expect(slots.map(openProof)).toEqual([proof]);
  });

  test("does not show reasoning to a client that asked not to see it", () => {
    const context = asking({ reasoning: { effort: "high", visible: false } });
    const parts: Part[] = [
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Yes." },
    ];
    expect(deltas(parts, context)).toEqual([{ content: "Yes." }]);
    expect(JSON.stringify(openaiChat.encodeReply(reply(parts), encodeContext(context)))).not.toContain("Hm.");
  });

  test("shows refusals, pictures and sound in their own fields, and nothing of parts it does not know", () => {
    expect(
      deltas([
        { type: "refusal", text: "No." },
        { type: "media", kind: "image", mediaType: "image/png", data: "iVBO" },
        {
          type: "media",
          kind: "audio",
          mediaType: "",
          data: "AAAA",
          vendor: { "openai-chat": { audio: { id: "audio_1", transcript: "hi" } } },
        },
        { type: "other", vendor: { anthropic: { type: "server_tool_use" } } },
      ]),
    ).toEqual([
      { refusal: "No." },
      { images: [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } }] },
      { audio: { id: "audio_1", transcript: "hi", data: "AAAA" } },
    ]);
  });

  test("gives further choices, log probabilities and annotations to clients of providers that have them", () => {
    const choice = {
      index: 1,
      message: { role: "assistant", content: "Tails", tool_calls: [{ id: "a" }] },
      logprobs: null,
      finish_reason: "stop",
    };
    const vendor = {
      "openai-chat": {
        choices: [choice],
        logprobs: { content: [1] },
        annotations: [{ type: "url_citation" }],
        service_tier: "flex",
      },
    };
    const written = chunks(replay(reply([{ type: "text", text: "Heads" }], { vendor })));
    const choices = written.flatMap((chunk) => chunk.choices);
    expect(choices.find((entry) => entry.index === 1)).toMatchObject({
      delta: { content: "Tails", tool_calls: [{ index: 0, id: "a" }] },
      finish_reason: "stop",
    });
    expect(choices.find((entry) => entry.index === 0 && entry.finish_reason)?.logprobs).toEqual({
      content: [1],
    });
    expect(choices.some((entry) => "annotations" in entry.delta)).toBe(true);
    expect(written.every((chunk) => (chunk as { service_tier?: string }).service_tier === "flex")).toBe(true);
  });

  test("puts comments right before [DONE] and keeps the client awake with comments", () => {
    const encoder = openaiChat.streamEncoder(encodeContext());
    const events = [...replay(reply([{ type: "text", text: "Hi" }]))];
    for (const event of events.slice(0, -1)) encoder.push(event);
    encoder.trailer?.([": x-omniroute-tokens-in=1", ": x-omniroute-tokens-out=2"]);
    const last = encoder.push(events.at(-1) as ReplyEvent);
    expect(last.endsWith("\n\n: x-omniroute-tokens-in=1\n: x-omniroute-tokens-out=2\ndata: [DONE]\n\n")).toBe(
      true,
    );
    expect(encoder.heartbeat()).toMatch(/^:.*\n\n$/);
  });

  test("tells a failure as an error object, without [DONE]", () => {
    const encoder = openaiChat.streamEncoder(encodeContext());
    const wire = encoder.fail(new GatewayError("service_unavailable", "[503]: overloaded"), "req_1");
    expect(JSON.parse(wire.replace(/^data: /, ""))).toEqual({
      error: {
        message: "[503]: overloaded",
        type: "service_unavailable",
        param: null,
        code: "service_unavailable",
      },
    });
    expect(wire).not.toContain("[DONE]");
  });

  test("has ids of its own where the answer's id is another format's", () => {
    for (const id of ["", "msg_1", "resp_1"])
      expect(openaiChat.encodeReply(reply([], { id }), encodeContext())["id"]).toBe("test-answer-1");
    expect(openaiChat.encodeReply(reply([], { id: "gen-1" }), encodeContext())["id"]).toBe("gen-1");
  });
});

describe("a whole chat answer for a client", () => {
  const message = (parts: Part[]) =>
    (
      openaiChat.encodeReply(reply(parts), encodeContext())["choices"] as {
        message: { [field: string]: unknown };
      }[]
    )[0]?.message;

  test.each<{ why: string; parts: Part[]; want: object }>([
    {
      why: "text",
      parts: [{ type: "text", text: "Hi" }],
      want: { role: "assistant", content: "Hi", refusal: null },
    },
    { why: "nothing", parts: [], want: { role: "assistant", content: "", refusal: null } },
    {
      why: "a refusal",
      parts: [{ type: "refusal", text: "No." }],
      want: { role: "assistant", content: null, refusal: "No." },
    },
    {
      why: "reasoning",
      parts: [
        { type: "reasoning", text: "Hm." },
        { type: "text", text: "Yes." },
      ],
      want: { role: "assistant", content: "Yes.", refusal: null, reasoning_content: "Hm." },
    },
    {
      why: "a call",
      parts: [{ type: "tool-call", id: "a", name: "f", input: "" }],
      want: {
        role: "assistant",
        content: null,
        refusal: null,
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
      },
    },
  ])("holds $why in the official fields", ({ parts, want }) => {
    expect(message(parts)).toEqual(want as { [field: string]: unknown });
  });

  test("has a usage object although nobody counted", () => {
    expect(openaiChat.encodeReply(reply([]), encodeContext())["usage"]).toEqual({
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 0,
    });
  });
});
