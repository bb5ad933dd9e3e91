import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../../src/core/errors.ts";
import type { EncodeContext } from "../../../src/core/format.ts";
import type { FinishReason, Part, Reply, ReplyEvent } from "../../../src/core/reply.ts";
import type { ChatRequest } from "../../../src/core/request.ts";
import { openaiResponses } from "../../../src/formats/openai-responses/index.ts";
import { SseSplitter } from "../../../src/lib/sse.ts";
import { encodeContext } from "../../kit/answers.ts";

type Wire = { type: string; [field: string]: unknown };
type Item = { [field: string]: unknown };

/** The events a client reads, from parts that come one after another, each piece of text a delta of its own. */
function stream(
  parts: Step[],
  finish: FinishReason = "stop",
  context: EncodeContext = encodeContext(),
): Wire[] {
  const encoder = openaiResponses.streamEncoder(context);
  return read(
    eventsOf(parts, finish)
      .map((event) => encoder.push(event))
      .join(""),
  );
}

/** A part with the deltas of its text and what its end brings. */
type Step = { part: Part; deltas?: string[]; end?: Partial<Extract<ReplyEvent, { type: "part-end" }>> };

function eventsOf(steps: Step[], finish: FinishReason): ReplyEvent[] {
  return [
    { type: "reply-start", id: "chatcmpl-1", model: "x" },
    ...steps.flatMap(({ part, deltas = [], end }, index): ReplyEvent[] => [
      { type: "part-start", index, part },
      ...deltas.map((delta): ReplyEvent => ({ type: "part-delta", index, delta })),
      { type: "part-end", index, ...end },
    ]),
    { type: "reply-end", finish },
  ];
}

function read(text: string): Wire[] {
  const splitter = new SseSplitter();
  return [...splitter.push(Buffer.from(text)), ...splitter.end()].map((event) => {
    const wire = JSON.parse(event.data) as Wire;
    expect(wire.type).toBe(event.event);
    return wire;
  });
}

const text = (...deltas: string[]): Step => ({ part: { type: "text", text: "" }, deltas });
const call = (name: string, ...deltas: string[]): Step => ({
  part: { type: "tool-call", id: `call_${name}`, name, input: "" },
  deltas,
});
const types = (events: Wire[]): string[] => events.map((event) => event.type.replace(/^response\./, ""));
function items(events: Wire[]): Item[] {
  const { response } = events[events.length - 1] as unknown as { response: { output: Item[] } };
  return response.output;
}
const asking = (request: Partial<ChatRequest>): EncodeContext =>
  encodeContext({ request: { model: "m", stream: true, messages: [], ...request } });

describe("the order of events", () => {
  test("a message", () =>
    expect(types(stream([text("a", "b")]))).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "completed",
    ]));

  test("thinking, then a call", () =>
    expect(
      types(
        stream([{ part: { type: "reasoning", text: "" }, deltas: ["a"] }, call("f", "{}")], "tool-calls"),
      ),
    ).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "reasoning_summary_part.added",
      "reasoning_summary_text.delta",
      "reasoning_summary_text.done",
      "reasoning_summary_part.done",
      "output_item.done",
      "output_item.added",
      "function_call_arguments.delta",
      "function_call_arguments.done",
      "output_item.done",
      "completed",
    ]));

  const mixed: Step[] = [
    { part: { type: "other", vendor: { anthropic: { type: "server_tool_use" } } } },
    text("One."),
    call("f", '{"a"', ":1}"),
    text("Two."),
    { part: { type: "reasoning", text: "" } },
    call("g"),
  ];
  test("numbers have no gaps, items rise, and nothing is left for what cannot be shown", () => {
    const events = stream(mixed, "tool-calls");
    expect(events.map((event) => event["sequence_number"])).toEqual(events.map((_, index) => index));
    const added = events.filter((event) => event.type === "response.output_item.added");
    const done = events.filter((event) => event.type === "response.output_item.done");
    expect(added.map((event) => event["output_index"])).toEqual([0, 1, 2, 3]);
    expect(done.map((event) => event["output_index"])).toEqual([0, 1, 2, 3]);
    expect(done.map((event) => event["item"])).toEqual(items(events));
    expect(items(events).map((item) => item["type"])).toEqual([
      "message",
      "function_call",
      "message",
      "function_call",
    ]);
  });
  test("ids are all different and the same every time", () => {
    const ids = items(stream(mixed)).map((item) => item["id"]);
    expect(new Set(ids).size).toBe(4);
    expect(items(stream(mixed)).map((item) => item["id"])).toEqual(ids);
  });
  test("texts in a row are one message", () =>
    expect(items(stream([text("a"), text("b")]))).toMatchObject([
      { content: [{ text: "a" }, { text: "b" }] },
    ]));
  test("texts of another phase are another message", () =>
    expect(
      items(stream([text("a"), { part: { type: "text", text: "", phase: "final_answer" }, deltas: ["b"] }])),
    ).toMatchObject([{ content: [{ text: "a" }] }, { phase: "final_answer", content: [{ text: "b" }] }]));
  test("parts that are open side by side are told one by one, whole", () => {
    const encoder = openaiResponses.streamEncoder(encodeContext());
    const open = (index: number): Part => ({ type: "tool-call", id: `call_${index}`, name: "f", input: "" });
    const events: ReplyEvent[] = [
      { type: "reply-start", id: "", model: "" },
      { type: "part-start", index: 0, part: open(0) },
      { type: "part-start", index: 1, part: open(1) },
      { type: "part-delta", index: 1, delta: '{"b"' },
      { type: "part-delta", index: 0, delta: '{"a"' },
      { type: "part-delta", index: 1, delta: ":2}" },
      { type: "part-end", index: 1 },
      { type: "part-delta", index: 0, delta: ":1}" },
      { type: "part-end", index: 0 },
      { type: "reply-end", finish: "tool-calls" },
    ];
    expect(items(read(events.map((event) => encoder.push(event)).join("")))).toMatchObject([
      { call_id: "call_0", arguments: '{"a":1}', status: "completed" },
      { call_id: "call_1", arguments: '{"b":2}', status: "completed" },
    ]);
  });
});

describe("calls", () => {
  const request: Partial<ChatRequest> = {
    tools:
      openaiResponses.decodeRequest({
        model: "m",
        input: "hi",
        tools: [
          { type: "custom", name: "apply_patch" },
          {
            type: "namespace",
            name: "mcp__repl",
            description: "",
            tools: [{ type: "function", name: "js" }],
          },
          { type: "local_shell" },
          { type: "tool_search", execution: "client" },
        ],
      }).tools ?? [],
  };
  const told = (step: Step) => stream([step], "tool-calls", asking(request));

  test("arguments are told once as a whole, before the item is done", () => {
    const events = stream([call("f", '{"a"', ":1}")], "tool-calls");
    const done = events.filter((event) => event.type === "response.function_call_arguments.done");
    expect(done).toMatchObject([{ arguments: '{"a":1}' }]);
  });
  test("no arguments are an empty object", () =>
    expect(items(stream([call("f")], "tool-calls"))).toMatchObject([{ arguments: "{}" }]));
  test("free text is a custom call with the bare text", () => {
    const patch = '*** Begin Patch\n+hé "x"\n';
    const events = told({
      part: { type: "tool-call", id: "c", name: "apply_patch", input: "", freeText: true },
      deltas: [patch],
    });
    expect(types(events)).toContain("custom_tool_call_input.delta");
    expect(items(events)).toMatchObject([{ type: "custom_tool_call", name: "apply_patch", input: patch }]);
  });
  test("free text that came as a function's argument is taken out of it", () => {
    const events = told({
      part: { type: "tool-call", id: "c", name: "apply_patch", input: "" },
      deltas: ['{"inp', 'ut":"a\\nb"}'],
    });
    const delta = events.find((event) => event.type === "response.custom_tool_call_input.delta");
    expect(delta?.["delta"]).toBe("a\nb");
    expect(items(events)).toMatchObject([{ type: "custom_tool_call", input: "a\nb" }]);
  });
  test("free text for a tool that the client declared as a function is wrapped into arguments", () => {
    const part = { type: "tool-call" as const, id: "c", name: "js", input: "", freeText: true };
    const events = told({ part, deltas: ["a\n", "b"] });
    const delta = events.find((event) => event.type === "response.function_call_arguments.delta");
    expect(delta?.["delta"]).toBe('{"input":"a\\nb"}');
    expect(items(events)).toMatchObject([
      { type: "function_call", name: "js", arguments: '{"input":"a\\nb"}' },
    ]);
  });
  test("namespace and name stand apart, also where the provider named only the tool", () => {
    const expected = [{ type: "function_call", namespace: "mcp__repl", name: "js" }];
    expect(items(told(call("js", "{}")))).toMatchObject(expected);
    expect(
      items(told({ part: { type: "tool-call", id: "c", name: "js", namespace: "mcp__repl", input: "" } })),
    ).toMatchObject(expected);
  });
  test("tools with a shape of their own are called in it", () => {
    expect(items(told(call("local_shell", '{"type":"exec",', '"command":["ls"]}')))).toMatchObject([
      {
        type: "local_shell_call",
        call_id: "call_local_shell",
        action: { type: "exec", command: ["ls"] },
        status: "completed",
      },
    ]);
    expect(items(told(call("tool_search", '{"query":"x"}')))).toMatchObject([
      { type: "tool_search_call", execution: "client", arguments: { query: "x" } },
    ]);
  });
  test("two calls of one id are told apart", () => {
    const ids = items(stream([call("f", "{}"), call("f", "{}")], "tool-calls")).map(
      (item) => item["call_id"],
    );
    expect(ids).toEqual(["call_f", "call_f_2"]);
  });
});

describe("reasoning", () => {
  const proof = { format: "anthropic", maker: "claude/opus", value: "c2ln" } as const;
  const back = (events: Wire[]): Part | undefined =>
    openaiResponses.decodeRequest({ model: "m", input: items(events) }).messages[0]?.parts[0];

  test("foreign thinking comes back with its proof, word for word", () => {
    const events = stream([
      { part: { type: "reasoning", text: "" }, deltas: ["A\n\n", "\n\n", "B "], end: { proof } },
    ]);
    expect(items(events)[0]?.["encrypted_content"]).not.toBe("c2ln");
    expect(back(events)).toMatchObject({ type: "reasoning", text: "A\n\n\n\nB ", proof });
    expect(back(events)).not.toContainKey("summary");
  });
  test("withheld thinking comes back as withheld", () => {
    const events = stream([{ part: { type: "reasoning", text: "", redacted: true }, end: { proof } }]);
    expect(items(events)).toMatchObject([{ type: "reasoning", summary: [] }]);
    expect(back(events)).toMatchObject({ redacted: true, proof });
  });
  test("a proof of this format goes out as it is", () =>
    expect(
      items(
        stream([
          { part: { type: "reasoning", text: "" }, end: { proof: { ...proof, format: "openai-responses" } } },
        ]),
      ),
    ).toMatchObject([{ encrypted_content: "c2ln" }]));
});

describe("what else an answer can hold", () => {
  test("a picture is a picture's item", () =>
    expect(
      items(stream([{ part: { type: "media", kind: "image", mediaType: "image/webp", data: "AAAA" } }])),
    ).toMatchObject([
      { type: "image_generation_call", status: "completed", result: "AAAA", output_format: "webp" },
    ]));
  test("a refusal is a refusal", () =>
    expect(items(stream([{ part: { type: "refusal", text: "" }, deltas: ["No."] }]))).toMatchObject([
      { content: [{ type: "refusal", refusal: "No." }] },
    ]));
  test("a character cut in two between deltas is put together", () => {
    const deltas = stream([text("a\ud83c", "\udf0ab")]).filter(
      (event) => event.type === "response.output_text.delta",
    );
    expect(deltas.map((event) => event["delta"])).toEqual(["a", "🌊b"]);
  });
  test("white space alone is kept", () =>
    expect(items(stream([text("a", "\n    ", "b")]))).toMatchObject([{ content: [{ text: "a\n    b" }] }]));
});

describe("how an answer ends", () => {
  const last = (events: Wire[]) => events.at(-1) as Wire & { response: Item };
  const ends: [finish: FinishReason, type: string, response: object][] = [
    ["stop", "response.completed", { status: "completed", incomplete_details: null, error: null }],
    ["tool-calls", "response.completed", { status: "completed" }],
    ["pause", "response.completed", { status: "completed" }],
    [
      "length",
      "response.incomplete",
      { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
    ],
    [
      "content-filter",
      "response.incomplete",
      { status: "incomplete", incomplete_details: { reason: "content_filter" } },
    ],
  ];
  test.each(ends)("%s", (finish, type, response) =>
    expect(last(stream([text("a")], finish))).toMatchObject({ type, response }),
  );

  test("half a call at the limit cannot be run", () => {
    const events = stream([call("f", '{"path":"a')], "length");
    expect(types(events)).not.toContain("function_call_arguments.done");
    expect(items(events)).toMatchObject([{ status: "incomplete", arguments: '{"path":"a' }]);
  });
  test("half a script at the limit is never done", () => {
    const events = stream(
      [
        {
          part: { type: "tool-call", id: "c", name: "x", input: "", freeText: true },
          deltas: ["rm -rf build"],
        },
      ],
      "length",
    );
    expect(types(events)).not.toContain("output_item.done");
    expect(items(events)).toMatchObject([{ status: "incomplete" }]);
  });
  test("a whole call at the limit is whole", () =>
    expect(items(stream([call("f", '{"a":1}')], "length"))).toMatchObject([{ status: "completed" }]));

  test("usage is always there, with its details", () => {
    const none = last(stream([text("a")])).response["usage"];
    expect(none).toEqual({
      input_tokens: 0,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 0,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 0,
    });
    const reply: Reply = {
      id: "",
      model: "",
      parts: [],
      finish: "stop",
      usage: { input: 25, cacheRead: 75, cacheWrite: 5, output: 10, reasoning: 4 },
    };
    expect(openaiResponses.encodeReply(reply, encodeContext())["usage"]).toEqual({
      input_tokens: 105,
      input_tokens_details: { cached_tokens: 75, cache_write_tokens: 5 },
      output_tokens: 10,
      output_tokens_details: { reasoning_tokens: 4 },
      total_tokens: 115,
    });
  });

  test("the request is echoed, and nothing is said to be stored", () => {
    const request = openaiResponses.decodeRequest({
      model: "m",
      input: "hi",
      instructions: "Be brief.",
      store: true,
      tools: [{ type: "function", name: "f", parameters: {}, strict: true }],
      tool_choice: "required",
      metadata: { a: "b" },
    });
    expect(last(stream([text("a")], "stop", encodeContext({ request }))).response).toMatchObject({
      id: "resp_test-answer-1",
      object: "response",
      created_at: 1_790_000_000,
      model: "shown-model",
      instructions: "Be brief.",
      store: false,
      tools: [{ type: "function", name: "f", parameters: {}, strict: true }],
      tool_choice: "required",
      parallel_tool_calls: true,
      metadata: { a: "b" },
      previous_response_id: null,
      truncation: "disabled",
      temperature: 1,
      top_p: 1,
      text: { format: { type: "text" } },
    });
  });

  test("comments stand directly before the last event", () => {
    const encoder = openaiResponses.streamEncoder(encodeContext());
    encoder.push({ type: "reply-start", id: "", model: "" });
    encoder.trailer?.(["x-omniroute-tokens-in=1", "x-omniroute-tokens-out=2"]);
    expect(encoder.push({ type: "reply-end", finish: "stop" })).toMatch(
      /^: x-omniroute-tokens-in=1\n: x-omniroute-tokens-out=2\nevent: response\.completed\n/,
    );
  });
  test("a comment keeps the client awake", () =>
    expect(openaiResponses.streamEncoder(encodeContext()).heartbeat()).toBe(": ping\n\n"));
});

describe("a failure", () => {
  const failing = (steps: ReplyEvent[], error: GatewayError) => {
    const encoder = openaiResponses.streamEncoder(encodeContext());
    const before = steps.map((event) => encoder.push(event)).join("");
    const events = read(before + encoder.fail(error, "req_1"));
    expect(encoder.push({ type: "reply-end", finish: "stop" })).toBe("");
    expect(encoder.fail(error, "req_1")).toBe("");
    return events;
  };
  const start: ReplyEvent = { type: "reply-start", id: "", model: "" };
  const down = new GatewayError("upstream_unreachable", "[502]: gone");

  test("before anything was told, still begins a response", () =>
    expect(types(failing([], down))).toEqual(["created", "in_progress", "failed"]));
  test("in the middle of a text closes it as incomplete", () => {
    const events = failing(
      [
        start,
        { type: "part-start", index: 0, part: { type: "text", text: "" } },
        { type: "part-delta", index: 0, delta: "Half" },
      ],
      down,
    );
    expect(types(events).slice(-4)).toEqual([
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "failed",
    ]);
    expect(items(events)).toMatchObject([{ status: "incomplete", content: [{ text: "Half" }] }]);
    expect(events.at(-1)).toMatchObject({
      response: { status: "failed", error: { code: "server_error", message: "[502]: gone" } },
    });
  });
  test("in the middle of a call leaves nothing to run", () => {
    const part: Part = { type: "tool-call", id: "c", name: "f", input: "" };
    const events = failing(
      [start, { type: "part-start", index: 0, part }, { type: "part-delta", index: 0, delta: '{"a' }],
      down,
    );
    expect(types(events)).not.toContain("function_call_arguments.done");
    expect(items(events)).toMatchObject([{ status: "incomplete" }]);
  });
  test.each([
    ["context_length_exceeded", "context_length_exceeded"],
    ["rate_limit_exceeded", "rate_limit_exceeded"],
    ["quota_exhausted", "insufficient_quota"],
    ["bad_request", "invalid_prompt"],
    ["gateway_timeout", "server_error"],
  ] as const)("%s is told in the words clients know: %s", (code, told) =>
    expect(failing([], new GatewayError(code, "x")).at(-1)).toMatchObject({
      response: { error: { code: told } },
    }),
  );
  test("as a whole answer has the shape of the protocol", () =>
    expect(
      openaiResponses.encodeError(new GatewayError("bad_request", "x", { param: "input" }), "req_1"),
    ).toEqual({
      error: { message: "x", type: "invalid_request_error", code: "bad_request", param: "input" },
    }));
});
