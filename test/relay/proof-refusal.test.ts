import { describe, expect, test } from "bun:test";
import { TargetFailure } from "../../src/core/errors.ts";
import type { Part } from "../../src/core/reply.ts";
import { isProofRefusal, withoutProofs } from "../../src/relay/proof-refusal.ts";

describe("a provider refuses the proofs of a history", () => {
  test.each<[message: string, expected: boolean]>([
    ["messages.1.content.0: Invalid `signature` in `thinking` block", true],
    ["messages.1.content.0.thinking.signature: Field required", true],
    ["messages.3.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.", true],
    ["The encrypted content gAAA could not be verified.", true],
    ["Item with id 'rs_0123' not found. Items are not persisted when `store` is set to false.", true],
    ["Function call is missing a thought_signature in functionCall parts.", true],
    ["messages: at least one message is required", false],
    ["The model `gpt-x` does not exist", false],
  ])("%s", (message, expected) => {
    expect(isProofRefusal(new TargetFailure("rejected", message))).toBe(expected);
    expect(isProofRefusal(new TargetFailure("overloaded", message))).toBe(false);
  });
});

test("what is left without proofs is nobody's", () => {
  const proof = { format: "openai-responses" as const, maker: "", value: "c2VhbGVk" };
  const vendor = { "openai-responses": { item: { id: "rs_1" } } };
  const parts: Part[] = [
    { type: "reasoning", text: "Hm.", proof, vendor },
    { type: "reasoning", text: "", proof, vendor },
    { type: "reasoning", text: "Hm.", redacted: true, proof },
    { type: "text", text: "Well.", proof },
    { type: "tool-call", id: "a", name: "f", input: "{}", proof },
  ];
  const request = { model: "m", stream: false, messages: [{ role: "assistant" as const, parts }] };
  expect(withoutProofs(request).messages[0]?.parts).toEqual([
    { type: "reasoning", text: "Hm." },
    { type: "text", text: "Well." },
    { type: "tool-call", id: "a", name: "f", input: "{}" },
  ]);
});
