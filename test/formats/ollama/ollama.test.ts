import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../../src/core/errors.ts";
import { replay, type Part, type Reply } from "../../../src/core/reply.ts";
import { ollama } from "../../../src/formats/ollama/index.ts";
import { encodeContext } from "../../kit/answers.ts";

type Body = { [field: string]: unknown };

const HELLO = { model: "m", messages: [{ role: "user", content: "hi" }] };
const reply = (parts: Part[], rest: Partial<Reply> = {}): Reply => ({
  id: "x",
  model: "upstream",
  parts,
  finish: "stop",
  ...rest,
});

function lines(answer: Reply): Body[] {
  const encoder = ollama.streamEncoder(encodeContext());
  const wire = [...replay(answer)].map((event) => encoder.push(event)).join("");
  expect(wire.endsWith("\n")).toBe(true);
  return wire
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Body);
}

describe("an Ollama chat request", () => {
  test("is a stream unless it says otherwise", () => {
    expect(ollama.decodeRequest(HELLO).stream).toBe(true);
    expect(ollama.decodeRequest({ ...HELLO, stream: false }).stream).toBe(false);
  });

  test("is read with its options, format, thinking and tools", () => {
    const request = ollama.decodeRequest({
      ...HELLO,
      options: { num_predict: 50, temperature: 0.1, top_k: 4, stop: ["END"], num_ctx: 8192 },
      format: { type: "object" },
      think: "low",
      keep_alive: "5m",
      tools: [
        { type: "function", function: { name: "f", description: "d", parameters: { type: "object" } } },
      ],
    });
    expect(request).toEqual({
      model: "m",
      stream: true,
      messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
      maxOutputTokens: 50,
      temperature: 0.1,
      topK: 4,
      stop: ["END"],
      output: { type: "schema", schema: { type: "object" } },
      reasoning: { effort: "low" },
      tools: [{ type: "function", name: "f", description: "d", parameters: { type: "object" } }],
    });
    expect(ollama.decodeRequest({ ...HELLO, think: false }).reasoning).toEqual({ effort: "none" });
    expect(ollama.decodeRequest({ ...HELLO, think: true }).reasoning).toEqual({ adaptive: true });
    expect(ollama.decodeRequest({ ...HELLO, options: { num_predict: -1 } }).maxOutputTokens).toBeUndefined();
  });

  test("pairs results with calls that have no ids, in order and by name", () => {
    const history = {
      model: "m",
      messages: [
        { role: "user", content: "go", images: ["/9j/AAAA"] },
        {
          role: "assistant",
          content: "",
          thinking: "Hm.",
          tool_calls: [
            { function: { name: "a", arguments: { n: 1 } } },
            { function: { name: "b", arguments: {} } },
            { function: { name: "a", arguments: { n: 2 } } },
          ],
        },
        { role: "tool", tool_name: "a", content: "first" },
        { role: "tool", tool_name: "a", content: "second" },
        { role: "tool", tool_name: "b", content: "third" },
        { role: "user", content: "and?" },
      ],
    };
    const [user, assistant, results] = ollama.decodeRequest(history).messages;
    expect(user?.parts[1]).toEqual({
      type: "media",
      kind: "image",
      mediaType: "image/jpeg",
      data: "/9j/AAAA",
    });
    expect(assistant?.parts[0]).toEqual({ type: "reasoning", text: "Hm." });
    const ids = (assistant?.parts ?? []).flatMap((part) => (part.type === "tool-call" ? [part.id] : []));
    expect(new Set(ids).size).toBe(3);
    expect(results?.parts.map((part) => (part.type === "tool-result" ? part.id : part.type))).toEqual([
      ids[0] ?? "",
      ids[2] ?? "",
      ids[1] ?? "",
      "text",
    ]);
    expect(ollama.decodeRequest(history)).toEqual(ollama.decodeRequest(history));
  });

  test("keeps ids where there are some", () => {
    const { messages } = ollama.decodeRequest({
      model: "m",
      messages: [
        {
          role: "assistant",
          content: "",
          tool_calls: [{ id: "c1", function: { name: "a", arguments: '{"big":12345678901234567890}' } }],
        },
        { role: "tool", tool_call_id: "c1", content: "x" },
      ],
    });
    expect(messages[0]?.parts[0]).toMatchObject({ id: "c1", input: '{"big":12345678901234567890}' });
    expect(messages[1]?.parts[0]).toMatchObject({ type: "tool-result", id: "c1" });
  });

  test.each([
    { body: { messages: HELLO.messages }, param: "model" },
    { body: { model: "m" }, param: "messages" },
    { body: { model: "m", messages: [{ role: "boss", content: "a" }] }, param: "messages[0].role" },
    { body: { model: "m", messages: [{ role: "user", content: [] }] }, param: "messages[0].content" },
    { body: { ...HELLO, options: { temperature: "hot" } }, param: "options.temperature" },
  ])("is refused naming $param", ({ body, param }) => {
    expect(() => ollama.decodeRequest(body)).toThrow(
      expect.objectContaining({ code: "bad_request", param }) as GatewayError,
    );
  });
});

describe("an Ollama chat answer", () => {
  const answer = reply(
    [
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Calling." },
      { type: "tool-call", id: "c1", name: "a", input: '{"n":12345678901234567890}' },
      { type: "tool-call", id: "c2", name: "b", input: "" },
    ],
    { finish: "tool-calls", usage: { input: 10, cacheRead: 5, output: 7 } },
  );
  const calls =
    '"tool_calls":[{"id":"c1","function":{"index":0,"name":"a","arguments":{"n":12345678901234567890}}}';

  test("is one object when no stream was asked for", () => {
    const whole = ollama.encodeReply(answer, encodeContext());
    expect(whole).toMatchObject({
      model: "shown-model",
      created_at: "2026-09-21T14:13:20.000Z",
      message: { role: "assistant", content: "Calling.", thinking: "Hm." },
      done: true,
      done_reason: "stop",
      prompt_eval_count: 15,
      eval_count: 7,
    });
    expect(JSON.stringify(whole)).toContain(calls);
  });

  test("is one object a line in a stream, calls whole, the counts last", () => {
    const written = lines(answer);
    expect(written.map((line) => line["done"])).toEqual([false, false, false, false, true]);
    expect(
      written.map((line) => (line["message"] as Body)["thinking"] ?? (line["message"] as Body)["content"]),
    ).toEqual(["Hm.", "Calling.", "", "", ""]);
    expect(written[3]).toMatchObject({
      message: { tool_calls: [{ id: "c2", function: { index: 1, name: "b", arguments: {} } }] },
    });
    expect(written.at(-1)).toMatchObject({ done_reason: "stop", prompt_eval_count: 15, eval_count: 7 });
  });

  test("has no call whose arguments were cut off", () => {
    const cut = reply(
      [{ type: "tool-call", id: "c1", name: "write", input: '{"path":"a.txt","text":"unfin' }],
      { finish: "length" },
    );
    expect(lines(cut)).toHaveLength(1);
    expect(lines(cut)[0]).toMatchObject({ done: true, done_reason: "length" });
    expect((ollama.encodeReply(cut, encodeContext())["message"] as Body)["tool_calls"]).toBeUndefined();
  });

  test("tells a failure as Ollama does", () => {
    const error = new GatewayError("bad_gateway", "broke");
    expect(ollama.encodeError(error, "req_1")).toEqual({ error: "broke" });
    const encoder = ollama.streamEncoder(encodeContext());
    expect(encoder.fail(error, "req_1")).toBe('{"error":"broke"}\n');
    expect(encoder.heartbeat()).toBe("");
  });
});
