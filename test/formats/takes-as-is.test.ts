import { describe, expect, test } from "bun:test";
import type { TargetModel } from "../../src/core/format.ts";
import { anthropic } from "../../src/formats/anthropic/index.ts";
import { gemini } from "../../src/formats/gemini/index.ts";
import { openaiChat } from "../../src/formats/openai-chat/index.ts";
import { openaiResponses } from "../../src/formats/openai-responses/index.ts";

const target = (id: string): TargetModel => ({ id, maker: `test/${id}` });
const compact = (value: unknown) => Buffer.from(JSON.stringify(value));
const spaced = (value: unknown) => Buffer.from(JSON.stringify(value, null, 1));

describe("a Messages history goes on unread", () => {
  const turn = (...content: object[]) => ({ messages: [{ role: "assistant", content }] });
  const thought = (signature?: string) => ({ type: "thinking", thinking: "Hm.", signature });
  const withheld = { type: "redacted_thinking", data: "c2ln" };
  const call = { type: "tool_use", id: "toolu_1", name: "f", input: {} };
  const budget = { thinking: { type: "enabled", budget_tokens: 2000 } };
  const result = (id: string) => ({
    messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "ok" }] }],
  });
  test.each<[why: string, body: object, expected: boolean]>([
    ["without thoughts", turn({ type: "text", text: "Hi" }), true],
    ["with signed thoughts", turn(thought("c2ln"), thought("c2lnMg")), true],
    ["not with an empty signature", turn(thought("c2ln"), thought("")), false],
    ["not without a signature", turn(thought("c2ln"), thought()), false],
    ["with text that speaks of such things", turn({ type: "text", text: '{"type":"thinking"}' }), true],
    [
      "without thoughts, with a budget and no calls",
      { ...budget, ...turn({ type: "text", text: "Hi" }) },
      true,
    ],
    ["with thoughts before its calls", { ...budget, ...turn(thought("c2ln"), call) }, true],
    ["with withheld thoughts before its calls", { ...budget, ...turn(withheld, call) }, true],
    ["not with calls that no thought goes before", { ...budget, ...turn(call) }, false],
    ["with such calls where no thoughts are asked for", turn(call), true],
    ["with a call id of its own", result("toolu_01-A"), true],
    ["not with an id that Anthropic forbids", result("functions.Write:0"), false],
  ])("%s", (_why, body, expected) => {
    for (const bytes of [compact(body), spaced(body)])
      expect(anthropic.takesAsIs?.(bytes, target("claude-opus-5"))).toBe(expected);
  });
});

describe("a Gemini history goes on unread", () => {
  const call = (signature?: string) => ({
    functionCall: { name: "f", args: {} },
    thoughtSignature: signature,
  });
  const model = (...parts: object[]) => ({ parts, role: "model" });
  const results = (count: number) => ({
    role: "user",
    parts: Array.from({ length: count }, () => ({ functionResponse: { name: "f", response: {} } })),
  });
  const signed = [model(call("c2ln"), call()), results(2)];
  const unsigned = [model({ text: "Well.", thought: true }, call()), results(1)];
  test.each<[why: string, model: string, contents: object[], expected: boolean]>([
    ["without calls", "gemini-3.5-flash", [model({ text: "Hi" })], true],
    ["with a signature on the first call of each step", "gemini-3.5-flash", [...signed, ...signed], true],
    ["not with unsigned calls", "gemini-3.5-flash", unsigned, false],
    ["not with unsigned calls after signed ones", "gemini-3.5-flash", [...signed, ...unsigned], false],
    ["not with unsigned calls before signed ones", "gemini-3.5-flash", [...unsigned, ...signed], false],
    ["with unsigned calls where nobody asks for signatures", "gemini-2.5-flash", unsigned, true],
  ])("%s (%s)", (_why, id, contents, expected) => {
    for (const bytes of [compact({ contents }), spaced({ contents })])
      expect(gemini.takesAsIs?.(bytes, target(id))).toBe(expected);
  });
});

describe("a Responses history goes on unread", () => {
  const item = (id: string) => ({ input: [{ type: "message", id, role: "assistant", content: [] }] });
  test.each<[why: string, body: object, expected: boolean]>([
    ["with the vendor's ids", item("msg_0123"), true],
    ["not with ids made here", item("msg_omni0123_0"), false],
  ])("%s", (_why, body, expected) => {
    for (const bytes of [compact(body), spaced(body)])
      expect(openaiResponses.takesAsIs?.(bytes, target("gpt-5.5"))).toBe(expected);
  });
});

describe("a chat history goes on unread", () => {
  const said = (more: object) => ({ messages: [{ role: "assistant", content: "Hi", ...more }] });
  test.each<[why: string, body: object, expected: boolean]>([
    ["as OpenAI knows it", said({ refusal: null }), true],
    ["not with another service's thoughts", said({ reasoning_content: "Hm." }), false],
    ["not with the proofs of such", said({ reasoning_details: [] }), false],
    ["with text that speaks of such things", said({ content: 'Read "reasoning_content".' }), true],
  ])("%s", (_why, body, expected) => {
    for (const bytes of [compact(body), spaced(body)])
      expect(openaiChat.takesAsIs?.(bytes, target("gpt-5.5"))).toBe(expected);
  });
});
