import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../../src/core/errors.ts";
import { replay, type Reply } from "../../../src/core/reply.ts";
import { openaiCompletions } from "../../../src/formats/openai-completions/index.ts";
import { encodeContext } from "../../kit/answers.ts";

const REPLY: Reply = {
  id: "chatcmpl-1",
  model: "upstream",
  parts: [
    { type: "reasoning", text: "Hm." },
    { type: "text", text: "Once " },
    { type: "text", text: "upon" },
  ],
  finish: "length",
  usage: { input: 3, output: 2 },
};

describe("a legacy completion", () => {
  test("asks as for a chat with one message", () => {
    const request = openaiCompletions.decodeRequest({
      model: "m",
      prompt: "Tell",
      max_tokens: 5,
      stop: "\n",
      temperature: 0,
    });
    expect(request).toEqual({
      model: "m",
      stream: false,
      messages: [{ role: "user", parts: [{ type: "text", text: "Tell" }] }],
      maxOutputTokens: 5,
      stop: ["\n"],
      temperature: 0,
    });
    expect(openaiCompletions.decodeRequest({ model: "m", prompt: ["Tell"] }).messages).toEqual(
      request.messages,
    );
  });

  test.each([
    { body: { prompt: "a" }, code: "bad_request", param: "model" },
    { body: { model: "m" }, code: "bad_request", param: "prompt" },
    { body: { model: "m", prompt: ["a", "b"] }, code: "bad_request", param: "prompt" },
    { body: { model: "m", prompt: [[1, 2]] }, code: "bad_request", param: "prompt" },
    { body: { model: "m", prompt: "a", suffix: "z" }, code: "unsupported", param: "suffix" },
    { body: { model: "m", prompt: "a", echo: true }, code: "unsupported", param: "echo" },
    { body: { model: "m", prompt: "a", best_of: 3 }, code: "unsupported", param: "best_of" },
  ])("is refused with $code naming $param", ({ body, code, param }) => {
    expect(() => openaiCompletions.decodeRequest(body)).toThrow(
      expect.objectContaining({ code, param }) as GatewayError,
    );
  });

  test("is answered with a text_completion", () => {
    expect(openaiCompletions.encodeReply(REPLY, encodeContext({ id: "chatcmpl-9" }))).toEqual({
      id: "cmpl-9",
      object: "text_completion",
      created: 1_790_000_000,
      model: "shown-model",
      choices: [{ text: "Once upon", index: 0, logprobs: null, finish_reason: "length" }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
  });

  test("streams text_completion objects, with usage where it was asked for", () => {
    const stream = (includeUsage: boolean) => {
      const encoder = openaiCompletions.streamEncoder(
        encodeContext({ request: { model: "m", stream: true, messages: [], includeUsage } }),
      );
      return [...replay(REPLY)]
        .map((event) => encoder.push(event))
        .join("")
        .split("\n\n")
        .slice(0, -1);
    };
    const payloads = stream(true)
      .slice(0, -1)
      .map(
        (line) =>
          JSON.parse(line.slice(6)) as {
            object: string;
            choices: { text: string; finish_reason: string | null }[];
            usage: unknown;
          },
      );
    expect(payloads.every((payload) => payload.object === "text_completion")).toBe(true);
    expect(
      payloads.flatMap((payload) => payload.choices.map((choice) => [choice.text, choice.finish_reason])),
    ).toEqual([
      ["Once ", null],
      ["upon", null],
      ["", "length"],
    ]);
    expect(payloads.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 3 } });
    expect(stream(true).at(-1)).toBe("data: [DONE]");
    expect(stream(false).join()).not.toContain("usage");
  });

  test("tells a failure inside the stream without [DONE]", () => {
    const wire = openaiCompletions
      .streamEncoder(encodeContext())
      .fail(new GatewayError("bad_gateway", "broke"), "req_1");
    expect(wire).toContain('"message":"broke"');
    expect(wire).not.toContain("[DONE]");
  });
});
