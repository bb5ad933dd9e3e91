import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TargetFailure } from "../../../src/core/errors.ts";
import { NO_QUIRKS } from "../../../src/core/quirks.ts";
import { collect, type Reply, type ReplyEvent } from "../../../src/core/reply.ts";
import { ToolNames } from "../../../src/core/tool-names.ts";
import { openaiResponses } from "../../../src/formats/openai-responses/index.ts";
import { decodeBytes, decodeContext, TEST_MAKER } from "../../kit/answers.ts";

type Wire = { type: string; [field: string]: unknown };

const fixture = (name: string) => join(import.meta.dir, "../../fixtures/openai-responses", name);

async function fromFile(name: string): Promise<Reply> {
  const { events, failure } = decodeBytes(
    openaiResponses,
    [await Bun.file(fixture(name)).bytes()],
    NO_QUIRKS,
  );
  expect(failure).toBeUndefined();
  return collect(events);
}

function decode(events: Wire[], context = decodeContext(NO_QUIRKS)): ReplyEvent[] {
  const decoder = openaiResponses.streamDecoder(context);
  const told = events.flatMap((event) => decoder.push({ event: event.type, data: JSON.stringify(event) }));
  return [...told, ...decoder.end()];
}

function failureOf(run: () => unknown): TargetFailure {
  try {
    run();
  } catch (error) {
    if (error instanceof TargetFailure) return error;
    throw error;
  }
  throw new Error("It did not fail.");
}

const created: Wire = {
  type: "response.created",
  response: { id: "resp_1", model: "m", status: "in_progress", output: [] },
};
const ended = (response: object = {}, type = "completed"): Wire => ({
  type: `response.${type}`,
  response: { id: "resp_1", model: "m", status: type, output: [], ...response },
});

describe("a whole answer in all its parts", () => {
  test.each(["everything.sse", "everything.json"])("%s", async (name) => {
    const reply = name.endsWith(".sse")
      ? await fromFile(name)
      : openaiResponses.decodeReply(await Bun.file(fixture(name)).json(), decodeContext(NO_QUIRKS));
    expect(reply).toMatchObject({
      id: "resp_k",
      model: "made-6",
      created: 1_790_000_100,
      finish: "tool-calls",
    });
    expect(reply.usage).toEqual({ input: 30, cacheRead: 80, cacheWrite: 10, output: 33, reasoning: 12 });
    expect(reply.parts).toMatchObject([
      {
        type: "reasoning",
        text: "**Plan**\n\nSearch first.\n\n**Act**",
        summary: true,
        proof: { format: "openai-responses", maker: TEST_MAKER, value: "c2VhbGVkLWxhc3Q=" },
      },
      { type: "other" },
      { type: "text", text: "High at noon 🌊.", phase: "commentary" },
      { type: "refusal", text: "No more than that." },
      {
        type: "tool-call",
        id: "call_k1",
        name: "note",
        namespace: "mcp__diary",
        input: '{"id":12345678901234567890}',
      },
      { type: "tool-call", id: "call_k2", name: "exec", input: 'await tools.run("ls");\n', freeText: true },
    ]);
  });

  test("told only by its end, it is told once", async () => {
    const reply = await fromFile("completed-only.sse");
    expect(reply.parts).toMatchObject([
      { type: "reasoning", text: "Short." },
      { type: "text", text: "Only here." },
      { type: "tool-call", id: "call_c", name: "go", input: "{}" },
    ]);
    expect(reply.finish).toBe("tool-calls");
  });

  test("items are known by their place when every event has another id", async () =>
    expect((await fromFile("rotating-ids.sse")).parts).toMatchObject([
      { text: "Same text.", vendor: { "openai-responses": { item: { id: "a2" } } } },
    ]));
});

describe("what a stream may leave out", () => {
  const item = { type: "function_call", id: "fc", call_id: "c", name: "f", arguments: '{"a":1}' };
  const cases: [title: string, events: Wire[], parts: object[]][] = [
    [
      "deltas",
      [{ type: "response.output_item.done", output_index: 0, item }],
      [{ type: "tool-call", id: "c", name: "f", input: '{"a":1}' }],
    ],
    [
      "some of the deltas",
      [
        { type: "response.output_item.added", output_index: 0, item: { ...item, arguments: "" } },
        { type: "response.function_call_arguments.delta", output_index: 0, delta: '{"a"' },
        { type: "response.output_item.done", output_index: 0, item },
      ],
      [{ input: '{"a":1}' }],
    ],
    [
      "the item's beginning",
      [
        { type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "Hi" },
        { type: "response.output_text.done", output_index: 0, content_index: 0, text: "Hi there" },
      ],
      [{ type: "text", text: "Hi there" }],
    ],
    [
      "the call's name until the end",
      [
        { type: "response.output_item.added", output_index: 0, item: { ...item, name: "", arguments: "" } },
        { type: "response.function_call_arguments.delta", output_index: 0, delta: '{"a":1}' },
        { type: "response.output_item.done", output_index: 0, item },
      ],
      [{ name: "f", input: '{"a":1}' }],
    ],
    [
      "the item's end",
      [
        { type: "response.output_item.added", output_index: 0, item: { ...item, arguments: "" } },
        { type: "response.function_call_arguments.delta", output_index: 0, delta: '{"a":1}' },
      ],
      [{ name: "f", input: '{"a":1}' }],
    ],
    [
      "any text of the reasoning",
      [
        {
          type: "response.output_item.done",
          output_index: 0,
          item: { type: "reasoning", id: "rs", summary: [], encrypted_content: "x" },
        },
      ],
      [{ type: "reasoning", text: "", proof: { value: "x" } }],
    ],
    [
      "any text and any proof of the reasoning",
      [
        {
          type: "response.output_item.done",
          output_index: 0,
          item: { type: "reasoning", id: "rs", summary: [] },
        },
      ],
      [{ type: "other" }],
    ],
  ];
  test.each(cases)("%s", (_title, events, parts) =>
    expect(collect(decode([created, ...events, ended()])).parts).toMatchObject(parts),
  );

  test("one that does not begin is begun", () =>
    expect(
      collect(decode([{ type: "response.output_text.delta", output_index: 0, delta: "Hi" }, ended()])).parts,
    ).toMatchObject([{ text: "Hi" }]));
  test("two calls of one id become distinct", () => {
    const done = (output_index: number): Wire => ({ type: "response.output_item.done", output_index, item });
    expect(collect(decode([created, done(0), done(1), ended()])).parts).toMatchObject([
      { id: "c" },
      { id: "c_2" },
    ]);
  });
  test("what comes after the end is passed over", () =>
    expect(
      collect(decode([created, ended(), { type: "response.output_text.delta", output_index: 0, delta: "x" }]))
        .parts,
    ).toEqual([]));
});

describe("why an answer ended", () => {
  const shell = { type: "local_shell_call", id: "l", call_id: "c", action: {}, status: "completed" };
  const cases: [title: string, event: Wire, finish: string][] = [
    ["done", ended(), "stop"],
    ["the limit", ended({ incomplete_details: { reason: "max_output_tokens" } }, "incomplete"), "length"],
    ["a filter", ended({ incomplete_details: { reason: "content_filter" } }, "incomplete"), "content-filter"],
    [
      "a call",
      ended({ output: [{ type: "function_call", call_id: "c", name: "f", arguments: "" }] }),
      "tool-calls",
    ],
    ["a call in this format's own shape", ended({ output: [shell] }), "tool-calls"],
    [
      "a shell the provider ran",
      ended({ output: [{ ...shell, type: "shell_call", environment: { type: "container_reference" } }] }),
      "stop",
    ],
  ];
  test.each(cases)("%s", (_title, event, finish) => {
    expect(collect(decode([created, event])).finish).toBe(finish as Reply["finish"]);
    expect(openaiResponses.decodeReply(event["response"], decodeContext(NO_QUIRKS)).finish).toBe(
      finish as Reply["finish"],
    );
  });

  test("an answer in the queue is handed on as queued", () => {
    const queued = { id: "resp_1", model: "m", status: "queued", background: true, output: [] };
    const reply = openaiResponses.decodeReply(queued, decodeContext(NO_QUIRKS));
    expect(reply.finish).toBe("pause");
    expect(collect(decode([created, { type: "response.queued", response: queued }]))).toMatchObject({
      finish: "pause",
    });
  });
});

describe("failures", () => {
  const cases: [code: object, kind: string][] = [
    [{ code: "rate_limit_exceeded", message: "x" }, "rate-limited"],
    [{ code: "insufficient_quota", message: "x" }, "quota-exhausted"],
    [{ type: "usage_limit_reached", message: "x", resets_at: 1_790_000_000 }, "quota-exhausted"],
    [{ code: "context_length_exceeded", message: "x" }, "context-length"],
    [{ code: "server_error", message: "x" }, "overloaded"],
    [{ code: "server_is_overloaded", message: "x" }, "overloaded"],
    [{ code: "invalid_prompt", message: "x" }, "rejected"],
    [{ code: "invalid_api_key", message: "x" }, "credentials"],
    [{ code: "model_not_found", message: "x" }, "no-such-model"],
    [{ message: "Your input exceeds the context window of this model." }, "context-length"],
    [{}, "overloaded"],
  ];
  test.each(cases)("%j", (error, kind) => {
    const failure = failureOf(() => decode([created, ended({ error, status: "failed" }, "failed")]));
    expect(failure.kind).toBe(kind as TargetFailure["kind"]);
    expect(failureOf(() => decode([{ type: "error", error }])).kind).toBe(failure.kind);
    expect(
      failureOf(() => openaiResponses.decodeReply({ status: "failed", error }, decodeContext(NO_QUIRKS)))
        .kind,
    ).toBe(failure.kind);
  });

  test("the flat error event is read too", () =>
    expect(
      failureOf(() => decode([{ type: "error", code: "rate_limit_exceeded", message: "Slow." }])),
    ).toMatchObject({
      kind: "rate-limited",
      message: "Slow.",
      providerCode: "rate_limit_exceeded",
    }));
  test("a used-up plan says when it works again", () =>
    expect(
      failureOf(() =>
        decode([{ type: "error", error: { type: "usage_limit_reached", message: "x", resets_at: 5 } }]),
      ).until,
    ).toBe(5000));
  test("a stream that stops before its end was cut off", () => {
    const delta: Wire = { type: "response.output_text.delta", output_index: 0, delta: "Hi" };
    expect(failureOf(() => decode([created, delta])).kind).toBe("malformed");
  });
  test("a broken line costs only itself, unless it was the end", () => {
    const decoder = openaiResponses.streamDecoder(decodeContext(NO_QUIRKS));
    expect(decoder.push({ event: "", data: '{"type":"response.comp' })).toEqual([]);
    expect(decoder.push({ event: "", data: "[DONE]" })).toEqual([]);
    expect(failureOf(() => decoder.end()).kind).toBe("malformed");
  });
  test.each([["no object"], [null], [{ id: "x" }]])("what is no answer: %j", (body) =>
    expect(failureOf(() => openaiResponses.decodeReply(body, decodeContext(NO_QUIRKS))).kind).toBe(
      "malformed",
    ),
  );

  const bodies: [body: unknown, error: object | undefined][] = [
    [{ error: { message: "m", type: "t", code: "c", param: null } }, { message: "m", type: "t", code: "c" }],
    [{ error: "plain" }, { message: "plain" }],
    [{ detail: "backend" }, { message: "backend" }],
    [
      { message: "m", code: 7 },
      { message: "m", code: "7" },
    ],
    ["text", undefined],
    [{ unrelated: 1 }, undefined],
  ];
  test.each(bodies)("error body %j", (body, error) =>
    expect(openaiResponses.readError(body)).toEqual(error as never),
  );
});

describe("names and numbers", () => {
  test("a shortened name is the declared one again", () => {
    const name = "n".repeat(80);
    const toolNames = new ToolNames([{ type: "function", name }]);
    const item = { type: "function_call", call_id: "c", name: toolNames.toWire(name), arguments: "{}" };
    const events = decode([created, ended({ output: [item] })], { ...decodeContext(NO_QUIRKS), toolNames });
    expect(collect(events).parts).toMatchObject([{ name }]);
  });
  test("what a provider does not count is unknown, not zero", () =>
    expect(collect(decode([created, ended({ usage: { input_tokens: 3, output_tokens: 4 } })])).usage).toEqual(
      { input: 3, output: 4 },
    ));
  test("reasoning counted apart is added", () => {
    const usage = { input_tokens: 3, output_tokens: 4, output_tokens_details: { reasoning_tokens: 6 } };
    const context = decodeContext({ reasoningApart: true });
    expect(collect(decode([created, ended({ usage })], context)).usage).toEqual({
      input: 3,
      output: 10,
      reasoning: 6,
    });
  });
  test("no usage is no usage", () => expect(collect(decode([created, ended()])).usage).toBeUndefined());
});

describe("frames the meter must see", () => {
  const cases: [frame: string, seen: boolean][] = [
    ['event: response.created\ndata: {"type":"response.created"}', true],
    ['data: {"type":"response.completed"}', true],
    ['data: {"type":"response.incomplete"}', true],
    ['data: {"type":"response.failed"}', true],
    ['event: error\ndata: {"type":"error","message":"x"}', true],
    ['data: {"type":"response.output_text.delta","delta":"hello"}', false],
    ['data: {"type":"response.function_call_arguments.delta","delta":"{}"}', false],
  ];
  test.each(cases)("%s: %p", (frame, seen) =>
    expect(openaiResponses.isMeterFrame(Buffer.from(frame))).toBe(seen),
  );
});
