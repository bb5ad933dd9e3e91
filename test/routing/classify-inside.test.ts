import { describe, expect, test } from "bun:test";
import type { FailureKind } from "../../src/core/errors.ts";
import { TargetFailure } from "../../src/core/errors.ts";
import { FORMAT_IDS, type FormatId } from "../../src/core/reply.ts";
import { NO_QUIRKS } from "../../src/core/quirks.ts";
import { ToolNames } from "../../src/core/tool-names.ts";
import { FORMATS } from "../../src/formats/index.ts";
import { SseSplitter } from "../../src/lib/sse.ts";
import { classifyInside } from "../../src/routing/index.ts";

const NOW = Date.UTC(2026, 10, 21, 9, 30);

/** The failure that a stream ends with. */
function failureIn(format: FormatId, stream: string): TargetFailure {
  const decoder = FORMATS[format].streamDecoder({ quirks: NO_QUIRKS, toolNames: new ToolNames(), maker: "" });
  try {
    const splitter = new SseSplitter();
    for (const event of [...splitter.push(Buffer.from(stream)), ...splitter.end()]) decoder.push(event);
    decoder.end();
  } catch (error) {
    if (error instanceof TargetFailure) return error;
    throw error;
  }
  throw new Error("the stream told no failure");
}

const data = (value: unknown, event?: string) =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`;

type Expected = { kind: FailureKind; scope?: "model" | "connection"; inSeconds?: number };
const ROWS: [format: FormatId, stream: string, expected: Expected][] = [
  [
    "openai-chat",
    data({ error: { message: "Rate limit reached. Please try again in 20s.", code: "rate_limit_exceeded" } }),
    { kind: "rate-limited", scope: "model", inSeconds: 20 },
  ],
  [
    "openai-chat",
    data({ error: { message: "You exceeded your current quota", type: "insufficient_quota" } }),
    { kind: "quota-exhausted", scope: "connection" },
  ],
  [
    "openai-chat",
    data({ error: { code: 429, message: "slow", metadata: { retry_after: 7 } } }),
    { kind: "rate-limited", inSeconds: 7 },
  ],
  ["openai-chat", data({ error: { message: "something odd" } }), { kind: "overloaded" }],
  [
    "openai-chat",
    data({
      error: {
        message: "This model's maximum context length is 8192 tokens",
        code: "context_length_exceeded",
      },
    }),
    { kind: "context-length" },
  ],
  [
    "anthropic",
    data({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }, "error"),
    { kind: "overloaded" },
  ],
  [
    "anthropic",
    data(
      {
        type: "error",
        error: { type: "rate_limit_error", message: "Number of tokens; retry in 12 seconds" },
      },
      "error",
    ),
    { kind: "rate-limited", inSeconds: 12 },
  ],
  [
    "openai-responses",
    data(
      {
        type: "error",
        error: {
          type: "usage_limit_reached",
          message: "The usage limit has been reached",
          resets_in_seconds: 5400,
        },
      },
      "error",
    ),
    { kind: "quota-exhausted", scope: "connection", inSeconds: 5400 },
  ],
  [
    "openai-responses",
    data({
      type: "response.failed",
      response: {
        id: "r",
        status: "failed",
        error: { code: "rate_limit_exceeded", message: "Try again in 1.5s" },
      },
    }),
    { kind: "rate-limited", inSeconds: 1.5 },
  ],
  [
    "gemini",
    data({
      error: {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        message: "Quota exceeded",
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }],
          },
          { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3600s" },
        ],
      },
    }),
    { kind: "quota-exhausted", scope: "model", inSeconds: 3600 },
  ],
  ["gemini", data({ error: { code: 503, status: "UNAVAILABLE", message: "busy" } }), { kind: "overloaded" }],
];

describe("an error told inside a good answer", () => {
  test.each(ROWS)("%s %s", (format, stream, { kind, scope, inSeconds }) => {
    const failure = classifyInside(failureIn(format, stream), { headers: new Headers(), now: NOW });
    expect(failure.kind).toBe(kind);
    if (scope) expect(failure.scope).toBe(scope);
    if (inSeconds === undefined) expect(failure.until).toBeUndefined();
    else expect(failure.until).toBe(NOW + inSeconds * 1000);
  });

  test("has rows for every format", () => {
    expect(new Set(ROWS.map(([format]) => format))).toEqual(new Set(FORMAT_IDS));
  });

  test("keys in it are struck out", () => {
    const stream = data({
      error: { message: "Bad key sk-proj-abcdefghijklmnop1234567890", code: "invalid_api_key" },
    });
    const failure = classifyInside(failureIn("openai-chat", stream), { headers: new Headers(), now: NOW });
    expect(failure.kind).toBe("credentials");
    expect(failure.message).not.toContain("abcdefghijklmnop");
  });

  test("a cut is no error of the provider's words and stays as it is", () => {
    const cut = new TargetFailure("malformed", "broke off");
    expect(classifyInside(cut, { headers: new Headers(), now: NOW })).toBe(cut);
  });
});
