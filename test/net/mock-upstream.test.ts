import { describe, expect, test } from "bun:test";
import { isObject, type JsonObject } from "../../src/lib/json.ts";
import { mockArguments } from "../../src/net/mock-arguments.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { failureOf, HandClock, testOutbound, testRequest } from "./kit.ts";

type Change = { body?: JsonObject; caller?: string; signal?: AbortSignal };

function mock(clock = new HandClock()) {
  const outbound = testOutbound({ clock });
  const send = (model: string, { body = {}, caller = "key-1", signal }: Change = {}) =>
    outbound.send(
      testRequest("mock://local/v1/chat/completions", {
        headers: { "x-omniroute-caller": caller },
        body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello big world" }], ...body }),
        ...(signal && { signal }),
      }),
    );
  return { clock, outbound, send };
}

const streaming = { stream: true, stream_options: { include_usage: true } };

/** The JSON of a stream's events; `[DONE]` stays text. */
const eventsOf = (text: string): unknown[] =>
  text
    .split("\n\n")
    .filter(Boolean)
    .map((frame) => frame.slice("data: ".length))
    .map((data) => (data === "[DONE]" ? data : (JSON.parse(data) as unknown)));

const choiceOf = (event: unknown) =>
  (event as { choices: { delta: JsonObject; finish_reason: string | null }[] }).choices[0];

const wholeText = async (call: ReturnType<ReturnType<typeof mock>["send"]>) => {
  const body = JSON.parse(await (await call).text(1e6));
  return body.choices[0].message.content as string;
};

test("the list and the catalogue name the same models", async () => {
  const answer = await mock().outbound.send(testRequest("mock://local/v1/models", { method: "GET" }));
  const body = JSON.parse(await answer.text(1e6)) as { data: { id: string }[] };
  const provider = PROVIDERS.find(({ id }) => id === "mock")!;
  expect(body.data.map((model) => model.id)).toEqual(provider.models.map((model) => model.id));
});

describe("echo", () => {
  test("answers the last user text, and counts a token for every four characters begun", async () => {
    const answer = await mock().send("echo", {
      body: {
        messages: [
          { role: "system", content: "Be brief." },
          {
            role: "user",
            content: [
              { type: "text", text: "Hé" },
              { type: "text", text: "llo 👋" },
            ],
          },
          { role: "assistant", content: null },
        ],
      },
    });
    expect(answer.status).toBe(200);
    const body = JSON.parse(await answer.text(1e6));
    expect(body.choices).toEqual([
      { index: 0, message: { role: "assistant", content: "Héllo 👋" }, finish_reason: "stop" },
    ]);
    expect(body.usage).toEqual({ prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 });
  });

  test("streams the same", async () => {
    const answer = await mock().send("echo", { body: streaming });
    expect(answer.headers.get("content-type")).toStartWith("text/event-stream");
    const events = eventsOf(await answer.text(1e6));
    expect(events.at(-1)).toBe("[DONE]");
    expect((events.at(-2) as JsonObject).usage).toEqual({
      prompt_tokens: 4,
      completion_tokens: 4,
      total_tokens: 8,
    });
    expect(choiceOf(events.at(-3))?.finish_reason).toBe("stop");
    const deltas = events.slice(0, -3).map((event) => choiceOf(event)!.delta);
    expect(deltas[0]).toEqual({ role: "assistant", content: "Hello" });
    expect(deltas.map((delta) => delta.content).join("")).toBe("Hello big world");
  });

  test("sends usage in a stream only when asked", async () => {
    const answer = await mock().send("echo", { body: { stream: true } });
    expect(await answer.text(1e6)).not.toContain("usage");
  });

  test.each(["", "  ", "a", " a  b ", "line\n\nline\n", "x".repeat(100_000), "w ".repeat(50_000)])(
    "keeps every character of a text",
    async (content) => {
      const messages = [{ role: "user", content }];
      const answer = await mock().send("echo", { body: { stream: true, messages } });
      const events = eventsOf(await answer.text(1e9)).slice(0, -2);
      expect(events.length).toBeLessThanOrEqual(200);
      const text = events.map((event) => choiceOf(event)!.delta.content).join("");
      expect(text).toBe(content === "" ? "(no text)" : content);
    },
  );
});

test("think reasons first, and reasoning is a part of the output", async () => {
  const events = eventsOf(await (await mock().send("think", { body: streaming })).text(1e6));
  const deltas = events.slice(0, -3).map((event) => choiceOf(event)!.delta);
  const firstText = deltas.findIndex((delta) => "content" in delta);
  expect(firstText).toBeGreaterThan(0);
  expect(deltas.slice(0, firstText).every((delta) => typeof delta.reasoning_content === "string")).toBe(true);
  expect(deltas.slice(firstText).every((delta) => !("reasoning_content" in delta))).toBe(true);
  const usage = (
    events.at(-2) as { usage: { completion_tokens: number; completion_tokens_details: JsonObject } }
  ).usage;
  const reasoned = usage.completion_tokens_details.reasoning_tokens as number;
  expect(reasoned).toBeGreaterThan(0);
  expect(usage.completion_tokens).toBeGreaterThan(reasoned);
});

describe("tools", () => {
  const tools = [
    {
      type: "function",
      function: {
        name: "get_weather",
        parameters: {
          type: "object",
          properties: { city: { type: "string" }, days: { type: "integer", minimum: 3 } },
          required: ["city", "days"],
        },
      },
    },
    { type: "function", function: { name: "second", parameters: {} } },
  ];

  test("calls the first offered tool with fitting arguments", async () => {
    const body = JSON.parse(await (await mock().send("tools", { body: { tools } })).text(1e6));
    const [choice] = body.choices;
    expect(choice.finish_reason).toBe("tool_calls");
    expect(choice.message.content).toBeNull();
    const [call] = choice.message.tool_calls;
    expect(call.function.name).toBe("get_weather");
    expect(JSON.parse(call.function.arguments)).toEqual({ city: "example", days: 3 });
  });

  test("streams the arguments in fragments under one index", async () => {
    const events = eventsOf(await (await mock().send("tools", { body: { ...streaming, tools } })).text(1e6));
    const calls = events
      .slice(0, -3)
      .map(
        (event) =>
          (choiceOf(event)!.delta.tool_calls as { index: number; function: { arguments: string } }[])[0]!,
      );
    expect(calls.length).toBeGreaterThan(1);
    expect(calls.every((call) => call.index === 0)).toBe(true);
    expect(calls.filter((call) => "id" in call)).toHaveLength(1);
    const input = calls.map((call) => call.function.arguments).join("");
    expect(JSON.parse(input)).toEqual({ city: "example", days: 3 });
    expect(choiceOf(events.at(-3))?.finish_reason).toBe("tool_calls");
  });

  test("then answers the results", async () => {
    const messages = [
      { role: "user", content: "Weather?" },
      { role: "assistant", tool_calls: [] },
      { role: "tool", tool_call_id: "a", content: "sunny" },
      { role: "tool", tool_call_id: "b", content: [{ type: "text", text: "rainy" }] },
    ];
    expect(await wholeText(mock().send("tools", { body: { tools, messages } }))).toBe(
      "The tool answered: sunny\nrainy",
    );
  });

  test("echoes when there is nothing to call", async () => {
    expect(await wholeText(mock().send("tools"))).toBe("Hello big world");
    expect(await wholeText(mock().send("tools", { body: { tools, tool_choice: "none" } }))).toBe(
      "Hello big world",
    );
  });
});

describe("arguments fit their schema", () => {
  test.each<[string, unknown, unknown]>([
    ["nothing", undefined, {}],
    ["no requirement", { type: "object", properties: { a: { type: "string" } } }, {}],
    ["an enum", { required: ["a"], properties: { a: { enum: ["x", "y"] } } }, { a: "x" }],
    ["a constant", { required: ["a"], properties: { a: { const: 7 } } }, { a: 7 }],
    ["a default", { required: ["a"], properties: { a: { type: "string", default: "d" } } }, { a: "d" }],
    [
      "a list with a minimum",
      { required: ["a"], properties: { a: { type: "array", minItems: 2, items: { type: "boolean" } } } },
      { a: [true, true] },
    ],
    [
      "a pair",
      {
        required: ["a"],
        properties: { a: { type: "array", prefixItems: [{ type: "number" }, { type: "null" }] } },
      },
      { a: [1, null] },
    ],
    [
      "a nested object",
      {
        required: ["a"],
        properties: { a: { type: "object", required: ["b"], properties: { b: { type: "integer" } } } },
      },
      { a: { b: 1 } },
    ],
    [
      "a nullable",
      { required: ["a"], properties: { a: { type: ["null", "integer"], minimum: 5 } } },
      { a: 5 },
    ],
    [
      "a choice",
      { required: ["a"], properties: { a: { anyOf: [{ type: "boolean" }, { type: "string" }] } } },
      { a: true },
    ],
    [
      "a reference",
      {
        $defs: { P: { type: "object", required: ["x"], properties: { x: { type: "integer" } } } },
        required: ["a"],
        properties: { a: { $ref: "#/$defs/P" } },
      },
      { a: { x: 1 } },
    ],
    [
      "joined branches",
      {
        required: ["a"],
        properties: {
          a: {
            allOf: [
              { type: "object", required: ["b"], properties: { b: { const: 1 } } },
              { required: ["c"], properties: { c: { const: 2 } } },
            ],
          },
        },
      },
      { a: { b: 1, c: 2 } },
    ],
    [
      "short and long texts",
      {
        required: ["a", "b"],
        properties: { a: { type: "string", maxLength: 3 }, b: { type: "string", minLength: 9 } },
      },
      { a: "exa", b: "exampleee" },
    ],
    [
      "bounds",
      {
        required: ["a", "b", "c", "d", "e"],
        properties: {
          a: { type: "number", exclusiveMinimum: 4 },
          b: { type: "integer", maximum: -3 },
          c: { type: "integer", multipleOf: 5, minimum: 7 },
          d: { type: "number", exclusiveMaximum: 0 },
          e: { type: "integer", maximum: 9 },
        },
      },
      { a: 5, b: -3, c: 10, d: -1, e: 1 },
    ],
    [
      "a form",
      { required: ["a"], properties: { a: { type: "string", format: "date" } } },
      { a: "2026-01-01" },
    ],
    ["an undeclared requirement", { required: ["a"] }, { a: "example" }],
  ])("%s", (_name, schema, expected) => {
    expect(mockArguments(schema) as unknown).toEqual(expected);
  });

  test("a schema that refers to itself has an end", () => {
    const schema = {
      $ref: "#/$defs/N",
      $defs: { N: { type: "object", required: ["next"], properties: { next: { $ref: "#/$defs/N" } } } },
    };
    expect(isObject(mockArguments(schema).next)).toBe(true);
  });
});

describe("slow and stall", () => {
  /** Reads a stream and notes at which moment each piece came. */
  async function momentsOf(model: string, total: number): Promise<number[]> {
    const { clock, send } = mock();
    const answer = await send(model, { body: { stream: true } });
    const begun = clock.now();
    const moments: number[] = [];
    const reading = (async () => {
      for await (const _chunk of answer.body!) moments.push(clock.now() - begun);
    })();
    await clock.advance(total);
    await reading;
    return moments;
  }

  test.each([
    ["slow", 3000, [2000, 2200, 2400, 2400]],
    ["slow?first=50&gap=10", 100, [50, 60, 70, 70]],
    ["slow?first=x&gap=0", 3000, [2000, 2000, 2000, 2000]],
    ["stall", 31_000, [0, 30_000, 30_000, 30_000]],
    ["stall?ms=500&at=0", 600, [500, 500, 500, 500]],
    ["stall?ms=500&at=2", 600, [0, 0, 500, 500]],
    ["stall?ms=500&at=99", 600, [0, 0, 0, 500]],
  ])("%s comes at %d", async (model, total, expected) => {
    expect(await momentsOf(model, total)).toEqual(expected);
  });

  test("a whole answer comes after all its waits", async () => {
    const { clock, send } = mock();
    let text: string | undefined;
    const reading = wholeText(send("slow?first=100&gap=50")).then((whole) => (text = whole));
    await clock.advance(199);
    expect(text).toBeUndefined();
    await clock.advance(1);
    expect(await reading).toBe("Hello big world");
  });

  test("whoever leaves ends the wait, and no timer stays", async () => {
    const { clock, send } = mock();
    const leaving = new AbortController();
    const answer = await send("stall?at=0", { body: { stream: true }, signal: leaving.signal });
    const reading = answer.text(100).then(
      () => "ended",
      () => "broken",
    );
    await clock.advance(10);
    expect(clock.due).toHaveLength(1);
    leaving.abort();
    expect(await reading).toBe("broken");
    expect(clock.due).toEqual([]);
  });

  test("cancelling the answer ends the wait as well", async () => {
    const { clock, send } = mock();
    const answer = await send("stall?at=0", { body: { stream: true } });
    const reading = answer
      .body!.getReader()
      .read()
      .catch(() => "broken");
    await clock.advance(10);
    answer.cancel();
    expect(await reading).toBe("broken");
    expect(clock.due).toEqual([]);
  });

  test("leaving before a whole answer is there cancels the call", async () => {
    const { clock, send } = mock();
    const leaving = new AbortController();
    const call = failureOf(send("slow", { signal: leaving.signal }));
    await clock.advance(10);
    leaving.abort();
    expect((await call).kind).toBe("cancelled");
    expect(clock.due).toEqual([]);
  });
});

describe("cut and error-first", () => {
  test.each([
    ["cut?at=0", 0],
    ["cut", 1],
    ["cut?at=2", 2],
    ["cut?at=99", 3],
  ])("%s breaks off after %d parts without a finish", async (model, parts) => {
    const text = await (await mock().send(model, { body: streaming })).text(1e6);
    const events = eventsOf(text);
    expect(events).toHaveLength(parts);
    expect(events.every((event) => choiceOf(event)?.finish_reason === null)).toBe(true);
    expect(text).not.toContain("[DONE]");
  });

  test("a whole answer that is cut is no JSON", async () => {
    const text = await (await mock().send("cut")).text(1e6);
    expect(text.length).toBeGreaterThan(0);
    expect(() => JSON.parse(text) as unknown).toThrow();
  });

  test("a 200 whose first event is an error", async () => {
    const answer = await mock().send("error-first", { body: streaming });
    expect(answer.status).toBe(200);
    const [event, ...rest] = eventsOf(await answer.text(1e6));
    expect(event).toMatchObject({ error: { type: "server_error", code: "overloaded" } });
    expect(rest).toEqual([]);
    expect(JSON.parse(await (await mock().send("error-first")).text(1e6))).toHaveProperty("error");
  });
});

describe("refusals", () => {
  const statuses = async (
    send: ReturnType<typeof mock>["send"],
    model: string,
    times: number,
    caller?: string,
  ) => {
    const seen: number[] = [];
    for (let turn = 0; turn < times; turn++) seen.push((await send(model, caller ? { caller } : {})).status);
    return seen;
  };

  test.each([
    ["429", [429, 429]],
    ["429?after=2", [200, 200, 429, 429]],
    ["500", [500]],
    ["500?after=1&status=503", [200, 503]],
    ["500?status=404", [404]],
    ["500?status=200", [500]],
    ["500?status=600", [500]],
    ["bad-key", [401]],
    ["nothing-such", [404]],
  ])("%s answers %j", async (model, expected) => {
    expect(await statuses(mock().send, model, expected.length)).toEqual(expected);
  });

  test("a 429 names its wait", async () => {
    expect((await mock().send("429")).headers.get("retry-after")).toBe("30");
    expect((await mock().send("429?retry=7")).headers.get("retry-after")).toBe("7");
  });

  test("callers and names are counted apart, for ten minutes", async () => {
    const { clock, send } = mock();
    expect(await statuses(send, "429?after=1", 2, "a")).toEqual([200, 429]);
    expect(await statuses(send, "429?after=1", 2, "b")).toEqual([200, 429]);
    expect(await statuses(send, "429?after=1&retry=5", 2, "a")).toEqual([200, 429]);
    clock.time += 599_999;
    expect(await statuses(send, "429?after=1", 1, "a")).toEqual([429]);
    clock.time += 1;
    expect(await statuses(send, "429?after=1", 2, "a")).toEqual([200, 429]);
  });

  test("what is no call is told so", async () => {
    const { outbound } = mock();
    const statusOf = async (url: string, body?: string) =>
      (await outbound.send(testRequest(url, body === undefined ? {} : { body }))).status;
    expect(await statusOf("mock://local/v1/chat/completions", "not json")).toBe(400);
    expect(await statusOf("mock://local/v1/chat/completions", "{}")).toBe(400);
    expect(await statusOf("mock://local/v1/chat/completions")).toBe(400);
    expect(await statusOf("mock://local/v1/embeddings", "{}")).toBe(404);
  });
});
