import { describe, expect, test } from "bun:test";
import { CODES, GatewayError, TargetFailure, type ErrorCode } from "../../../src/core/errors.ts";
import type { Part, Reply } from "../../../src/core/reply.ts";
import { anthropic } from "../../../src/formats/anthropic/index.ts";
import { decodeContext, encodeContext } from "../../kit/answers.ts";

const write = (parts: Part[], changes: Partial<Reply> = {}) =>
  anthropic.encodeReply({ id: "x", model: "m", parts, finish: "stop", ...changes }, encodeContext());
const call = (input: string, extra: object = {}): Part => ({
  type: "tool-call",
  id: "c",
  name: "f",
  input,
  ...extra,
});

describe("whole answers", () => {
  const rows: [string, Part[], Partial<Reply>, object][] = [
    [
      "a call without arguments",
      [call("")],
      {},
      { content: [{ type: "tool_use", id: "c", name: "f", input: {} }], stop_reason: "tool_use" },
    ],
    [
      "a call cut off by the limit is none",
      [call('{"path": "a')],
      { finish: "length" },
      { content: [], stop_reason: "max_tokens" },
    ],
    [
      "a whole call before the limit",
      [call("{}")],
      { finish: "length" },
      { content: [{ name: "f" }], stop_reason: "max_tokens" },
    ],
    ["free text", [call("say", { freeText: true })], {}, { content: [{ input: { input: "say" } }] }],
    [
      "a refusal",
      [{ type: "refusal", text: "No." }],
      {},
      { content: [{ type: "text", text: "No." }], stop_reason: "refusal" },
    ],
    ["empty text", [{ type: "text", text: "" }], {}, { content: [], stop_reason: "end_turn" }],
    ["no usage", [], {}, { usage: { input_tokens: 0, output_tokens: 0 } }],
    ["a stop sequence", [], { stopSequence: "X" }, { stop_reason: "stop_sequence", stop_sequence: "X" }],
    [
      "a picture by address",
      [{ type: "media", kind: "image", mediaType: "", url: "https://x.example" }],
      {},
      { content: [{ text: "[image](https://x.example)" }] },
    ],
    [
      "another vendor's server tool",
      [{ type: "other", vendor: { gemini: { executableCode: {} } } }],
      {},
      { content: [] },
    ],
  ];
  test.each(rows)("%s", (_name, parts, changes, expected) => {
    expect(write(parts, changes)).toMatchObject(expected);
  });

  test("what only this wire says comes back: stop details, container, server tool counts", () => {
    const body = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude",
      content: [{ type: "text", text: "a", citations: [{ cited_text: "c" }] }],
      stop_reason: "refusal",
      stop_sequence: null,
      stop_details: { type: "refusal", category: "bio" },
      container: { id: "c1" },
      usage: {
        input_tokens: 1,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 2,
        service_tier: "standard",
      },
    };
    const reply = anthropic.decodeReply(body, decodeContext({}));
    expect(anthropic.encodeReply(reply, encodeContext({ model: "claude" }))).toEqual(body);
  });

  const broken: [string, unknown][] = [
    ["nothing", undefined],
    ["text", "<html>"],
    ["an object of another protocol", { choices: [] }],
  ];
  test.each(broken)("%s is no answer", (_name, body) => {
    expect(() => anthropic.decodeReply(body, decodeContext({}))).toThrow(TargetFailure);
  });
});

describe("what a provider's error means", () => {
  const rows: [string, string, string][] = [
    ["overloaded_error", "Overloaded", "overloaded"],
    ["api_error", "Internal server error", "overloaded"],
    ["rate_limit_error", "Too many", "rate-limited"],
    ["authentication_error", "invalid x-api-key", "credentials"],
    ["permission_error", "Your key may not do this", "credentials"],
    ["permission_error", "No access to this model", "no-such-model"],
    ["billing_error", "Pay", "quota-exhausted"],
    ["not_found_error", "model: claude-9", "no-such-model"],
    ["timeout_error", "Too slow", "timeout"],
    ["request_too_large", "Request exceeds the maximum size", "context-length"],
    ["invalid_request_error", "prompt is too long: 200001 tokens > 200000 maximum", "context-length"],
    ["invalid_request_error", "input length and `max_tokens` exceed context limit", "context-length"],
    ["invalid_request_error", "Your credit balance is too low", "quota-exhausted"],
    ["invalid_request_error", "This model does not support effort level 'xhigh'", "unsupported"],
    ["invalid_request_error", "messages: at least one message is required", "rejected"],
  ];
  test.each(rows)("%s: %s → %s", (type, message, kind) => {
    const body = { type: "error", error: { type, message }, request_id: "req_p" };
    try {
      anthropic.decodeReply(body, decodeContext({}));
    } catch (error) {
      expect(error).toMatchObject({ kind, message, providerCode: type, providerRequestId: "req_p" });
      expect(anthropic.readError(body)).toEqual({ message, type });
      return;
    }
    throw new Error("It was taken for an answer.");
  });

  test("bodies of another shape say nothing", () => {
    for (const body of ["<html>", { error: "text" }, { message: "x" }, null])
      expect(anthropic.readError(body)).toBeUndefined();
  });
});

describe("errors for clients", () => {
  test.each(Object.keys(CODES) as ErrorCode[])("%s", (code) => {
    const body = anthropic.encodeError(new GatewayError(code, "why"), "req_1") as {
      error: { message: string };
    };
    expect(body).toMatchObject({
      type: "error",
      error: { type: CODES[code].anthropic },
      request_id: "req_1",
    });
    expect(body.error.message).toContain("why");
  });

  test("a history that is too long says so in the words clients look for", () => {
    const message = (text: string) =>
      (
        anthropic.encodeError(new GatewayError("context_length_exceeded", text), "r") as {
          error: { message: string };
        }
      ).error.message;
    expect(message("maximum context length is 8192")).toBe(
      "prompt is too long: maximum context length is 8192",
    );
    expect(message("Prompt is too long.")).toBe("Prompt is too long.");
  });
});
