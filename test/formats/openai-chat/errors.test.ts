import { describe, expect, test } from "bun:test";
import { GatewayError, TargetFailure, type FailureKind } from "../../../src/core/errors.ts";
import { openaiChat } from "../../../src/formats/openai-chat/index.ts";
import { decodeContext } from "../../kit/answers.ts";

describe("an error body of a chat provider", () => {
  test.each<{ why: string; body: unknown; want: ReturnType<typeof openaiChat.readError> }>([
    {
      why: "OpenAI's object",
      body: { error: { message: "Bad.", type: "invalid_request_error", code: "x", param: null } },
      want: { message: "Bad.", code: "x", type: "invalid_request_error" },
    },
    { why: "a bare text", body: { error: "Bad." }, want: { message: "Bad." } },
    { why: "Mistral's detail", body: { detail: "Unauthorized" }, want: { message: "Unauthorized" } },
    {
      why: "Mistral's message",
      body: { object: "error", message: "Bad.", type: "invalid_model", code: "1500" },
      want: { message: "Bad.", type: "invalid_model", code: "1500" },
    },
    {
      why: "FastAPI's list",
      body: {
        detail: [
          { loc: ["body", "messages"], msg: "Field required" },
          { loc: ["body", "n"], msg: "too big" },
        ],
      },
      want: { message: "body.messages: Field required; body.n: too big" },
    },
    {
      why: "a number as code",
      body: { error: { message: "Bad.", code: 400 } },
      want: { message: "Bad.", code: "400" },
    },
    {
      why: "what stands behind OpenRouter's words",
      body: {
        error: {
          message: "Provider returned error",
          code: 429,
          metadata: { raw: '{"error":{"message":"slow down"}}' },
        },
      },
      want: { message: "Provider returned error: slow down", code: "429" },
    },
    { why: "a list with one in it", body: [{ error: { message: "Bad." } }], want: { message: "Bad." } },
    {
      why: "an error without words",
      body: { error: {} },
      want: { message: "The provider gave an error without a message." },
    },
    {
      why: "MiniMax's status beside an empty answer",
      body: { choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } },
      want: { message: "insufficient balance", code: "1008" },
    },
    {
      why: "a code and words in place of an answer",
      body: { success: false, code: 50501, msg: "internal" },
      want: { message: "internal", code: "50501" },
    },
    {
      why: "nothing in MiniMax's good answer",
      body: { choices: [{}], base_resp: { status_code: 0, status_msg: "" } },
      want: undefined,
    },
    { why: "nothing in an answer", body: { choices: [], message: "hello" }, want: undefined },
    { why: "nothing in a page", body: "<html>", want: undefined },
  ])("is read: $why", ({ body, want }) => {
    expect(openaiChat.readError(body)).toEqual(want);
  });
});

describe("an error inside an answer", () => {
  test.each<{ error: { message: string; [field: string]: unknown }; kind: FailureKind }>([
    { error: { message: "Slow down.", code: "rate_limit_exceeded" }, kind: "rate-limited" },
    { error: { message: "Slow down.", code: "RateLimitReached" }, kind: "rate-limited" },
    { error: { message: "Slow down.", code: 429 }, kind: "rate-limited" },
    {
      error: { message: "Pay.", code: "insufficient_quota", type: "insufficient_quota" },
      kind: "quota-exhausted",
    },
    { error: { message: "Pay.", code: 402 }, kind: "quota-exhausted" },
    { error: { message: "Busy.", type: "server_error", code: "overloaded" }, kind: "overloaded" },
    { error: { message: "Busy.", code: 502 }, kind: "overloaded" },
    { error: { message: "Something." }, kind: "overloaded" },
    {
      error: {
        message: "This model's maximum context length is 8192 tokens.",
        type: "invalid_request_error",
      },
      kind: "context-length",
    },
    { error: { message: "Too big.", code: "context_length_exceeded" }, kind: "context-length" },
    {
      error: { message: "prompt too long; exceeded max context length", code: null },
      kind: "context-length",
    },
    { error: { message: "No.", type: "invalid_request_error", code: "tool_use_failed" }, kind: "rejected" },
    { error: { message: "No.", type: "invalid_request_error" }, kind: "rejected" },
    {
      error: { message: "No.", code: "unsupported_parameter", type: "invalid_request_error" },
      kind: "unsupported",
    },
    {
      error: { message: "No.", code: "model_not_found", type: "invalid_request_error" },
      kind: "no-such-model",
    },
    {
      error: { message: "No.", code: "invalid_api_key", type: "invalid_request_error" },
      kind: "credentials",
    },
    { error: { message: "No.", code: 401 }, kind: "credentials" },
    { error: { message: "Late.", type: "timeout" }, kind: "timeout" },
  ])("$error.message ($error.code, $error.type) is a failure of kind $kind", ({ error, kind }) => {
    const decoder = openaiChat.streamDecoder(decodeContext({}));
    const fail = () => decoder.push({ event: "", data: JSON.stringify({ error }) });
    expect(fail).toThrow(expect.objectContaining({ kind }) as TargetFailure);
    expect(() => openaiChat.decodeReply({ error }, decodeContext({}))).toThrow(
      expect.objectContaining({ kind }) as TargetFailure,
    );
  });

  test("is told by the event's name alone, too", () => {
    const decoder = openaiChat.streamDecoder(decodeContext({}));
    expect(() => decoder.push({ event: "error", data: "upstream exploded" })).toThrow("upstream exploded");
  });

  test.each([{}, { choices: [] }, { hello: "world" }, "text", null])("%p is no answer", (body) => {
    expect(() => openaiChat.decodeReply(body, decodeContext({}))).toThrow(
      expect.objectContaining({ kind: "malformed" }) as TargetFailure,
    );
  });
});

describe("an error for a chat client", () => {
  test("is OpenAI's object with our code", () => {
    const error = new GatewayError("rate_limit_exceeded", "[429]: slow down", {
      param: "model",
      extra: { hint: "h" },
    });
    expect(openaiChat.encodeError(error, "req_1")).toEqual({
      error: {
        message: "[429]: slow down",
        type: "rate_limit_error",
        param: "model",
        code: "rate_limit_exceeded",
        hint: "h",
      },
    });
  });

  test("keeps the words that make clients compact a conversation", () => {
    const error = new GatewayError("context_length_exceeded", "[400]: maximum context length is 8192");
    expect(openaiChat.encodeError(error, "req_1")).toMatchObject({
      error: { message: expect.stringContaining("prompt is too long") as string },
    });
  });
});

describe("a raw frame", () => {
  test.each([
    ['data: {"choices":[{"delta":{"role":"assistant"}}]}', true],
    ['data: {"choices":[{"delta":{"content":"x"},"finish_reason":null}],"usage":null}', false],
    ['data: {"choices":[{"delta":{},"finish_reason":"stop"}]}', true],
    ['data: {"choices":[],"usage":{"prompt_tokens":1}}', true],
    ['data: {"choices":[], "usage": {"prompt_tokens":1}}', true],
    ['data: {"error":{"message":"x"}}', true],
    ["data: [DONE]", true],
    [
      'data: {"choices":[{"delta":{"content":"\\"error\\" and \\"usage\\":{ and \\"finish_reason\\":\\"stop\\""}}]}',
      false,
    ],
  ])("%s tells the meter something: %p", (frame, want) => {
    expect(openaiChat.isMeterFrame(Buffer.from(frame))).toBe(want);
  });
});
