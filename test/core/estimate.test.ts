import { describe, expect, test } from "bun:test";
import { estimateInputTokens, estimateTextTokens } from "../../src/core/estimate.ts";
import type { Part } from "../../src/core/reply.ts";
import type { ChatRequest } from "../../src/core/request.ts";

const ask = (changes: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "m",
  stream: false,
  messages: [],
  ...changes,
});
const saying = (part: Part) => ask({ messages: [{ role: "user", parts: [part] }] });

describe("everything a request carries is counted", () => {
  const long = "word ".repeat(1000);
  const picture: Part = { type: "media", kind: "image", mediaType: "image/png", data: "A".repeat(400_000) };
  const rows: [string, ChatRequest, number, number][] = [
    [
      "system text",
      ask({ messages: [{ role: "system", parts: [{ type: "text", text: long }] }] }),
      1000,
      2000,
    ],
    ["text", saying({ type: "text", text: long }), 1000, 2000],
    ["reasoning", saying({ type: "reasoning", text: long }), 1000, 2000],
    [
      "a call",
      saying({ type: "tool-call", id: "c", name: "f", input: JSON.stringify({ long }) }),
      1000,
      2000,
    ],
    [
      "a result",
      saying({ type: "tool-result", id: "c", output: [{ type: "text", text: long }] }),
      1000,
      2000,
    ],
    ["a picture", saying(picture), 1600, 1700],
    [
      "a picture by address",
      saying({ type: "media", kind: "image", mediaType: "", url: "https://x.example" }),
      1600,
      1700,
    ],
    ["a picture inside a result", saying({ type: "tool-result", id: "c", output: [picture] }), 1600, 1700],
    [
      "a PDF",
      saying({ type: "media", kind: "document", mediaType: "application/pdf", data: "A".repeat(200_000) }),
      4000,
      8000,
    ],
    [
      "a text document",
      saying({ type: "media", kind: "document", mediaType: "text/plain", data: long, plain: true }),
      1000,
      2000,
    ],
    ["a block of one format", saying({ type: "other", vendor: { anthropic: { long } } }), 1000, 2000],
    [
      "tools",
      ask({ tools: [{ type: "function", name: "f", description: long, parameters: { long } }] }),
      2000,
      4000,
    ],
    ["a schema", ask({ output: { type: "schema", schema: { long } } }), 1000, 2000],
  ];
  test.each(rows)("%s", (_name, request, least, most) => {
    const tokens = estimateInputTokens(request);
    expect(Number.isInteger(tokens)).toBe(true);
    expect(tokens).toBeGreaterThanOrEqual(least);
    expect(tokens).toBeLessThanOrEqual(most);
  });
});

test("other scripts than Latin weigh more", () => {
  expect(estimateTextTokens("a".repeat(100))).toBeLessThan(40);
  expect(estimateTextTokens("ж".repeat(100))).toBeGreaterThan(50);
  expect(estimateTextTokens("漢".repeat(100))).toBeGreaterThan(90);
  expect(estimateTextTokens("漢".repeat(100))).toBeLessThan(150);
});
