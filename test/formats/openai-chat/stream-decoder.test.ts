import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import type { FailureKind } from "../../../src/core/errors.ts";
import type { Quirks } from "../../../src/core/quirks.ts";
import { collect, type Part, type Reply, type Usage } from "../../../src/core/reply.ts";
import { ToolNames } from "../../../src/core/tool-names.ts";
import { openaiChat } from "../../../src/formats/openai-chat/index.ts";
import { collectPartial, decodeBytes, decodeContext, TEST_MAKER } from "../../kit/answers.ts";
import { answerQuirks } from "../../kit/corpus-quirks.ts";

/** A part in one word and its text, so that an answer can be read at a glance. */
function told(part: Part): string {
  switch (part.type) {
    case "text":
    case "reasoning":
    case "refusal":
      return `${part.type}: ${part.text}`;
    case "tool-call":
      return `${part.name}(${part.input})`;
    case "media":
      return `${part.kind}: ${part.data ?? part.url ?? ""}`;
    case "tool-result":
    case "other":
      return part.type;
  }
}

const COUNTED: Usage = { input: 40, output: 12 };

const FIXTURES: { file: string; why: string; parts: string[]; finish?: Reply["finish"]; usage?: Usage }[] = [
  {
    file: "calls-without-index",
    why: "tells calls apart by id where the index is missing",
    parts: ['read_file({"path":"a.txt"})', 'read_file({"path":"b.txt"})'],
    finish: "tool-calls",
  },
  {
    file: "calls-without-ids",
    why: "tells calls apart by their complete arguments where nothing else does",
    parts: ['list_dir({"path":"/src"})', 'list_dir({"path":"/test"})', 'run({"cmd":"ls"})'],
    finish: "tool-calls",
    usage: undefined,
  },
  {
    file: "finish-missing-with-calls",
    why: "ends with the calls where only [DONE] ends the stream",
    parts: ["text: Looking.", 'grep({"pattern":"port"})'],
    finish: "tool-calls",
  },
  {
    file: "limit-inside-arguments",
    why: "keeps `length` when the limit cut a call in two",
    parts: ['write_file({"path":"a.txt","text":"half of wh)'],
    finish: "length",
  },
  {
    file: "limit-behind-a-call",
    why: "ends with the calls when the limit hit behind them",
    parts: ['write_file({"path":"a.txt"})'],
    finish: "tool-calls",
  },
  {
    file: "arguments-cut-in-escapes",
    why: "joins arguments that are cut inside an escape",
    parts: ['say({"text":"line\\nnext \\u00e9 \\"quoted\\""})'],
    finish: "tool-calls",
  },
  {
    file: "reasoning-between-texts",
    why: "keeps the order of text, reasoning, text",
    parts: ["text: Let me see", "reasoning: Is it even?", "text: : it is even."],
  },
  {
    file: "think-tags",
    why: "lifts think tags out of the text wherever they are cut, and leaves later ones alone",
    parts: ["reasoning: \nFirst a < b, then </b. ", "text: B is larger, see <think> in the docs."],
  },
  {
    file: "think-lookalikes",
    why: "leaves text that only looks like a think tag unchanged to its last character",
    parts: ["text: <thinker> wrote a < b and ended with <th"],
  },
  {
    file: "usage-in-choice",
    why: "reads usage inside the choice, with Moonshot's cached tokens",
    parts: ["text: Hi"],
    usage: { input: 10, output: 12, cacheRead: 30 },
  },
  { file: "usage-beside-the-answer", why: "reads usage in x_groq", parts: ["text: Hi"] },
  {
    file: "usage-before-finish",
    why: "reads DeepSeek's cache hits, a final choice without a delta, and nothing behind [DONE]",
    parts: ["text: Hi"],
    usage: { input: 8, output: 12, cacheRead: 32 },
  },
  {
    file: "reasoning-by-openai-elsewhere",
    why: "reads a summary once, and the encrypted reasoning as a proof",
    parts: ["reasoning: **Weighing** both", "reasoning: ", "text: Done."],
  },
  {
    file: "two-signed-thoughts",
    why: "keeps two signed thoughts apart",
    parts: ["reasoning: One.", "reasoning: Two.", "go({})"],
    finish: "tool-calls",
  },
  {
    file: "signed-call",
    why: "ends a turn with calls as such although the provider says stop",
    parts: ['look({"at":"sky"})'],
    finish: "tool-calls",
  },
  { file: "two-choices", why: "answers with the first of several choices", parts: ["text: Heads"] },
  { file: "logprobs-and-annotations", why: "reads text beside annotations", parts: ["text: Yes"] },
  {
    file: "picture-and-text",
    why: "reads pictures as pictures",
    parts: ["text: A red dot:", "image: iVBORw0KGgo="],
  },
  { file: "spoken-answer", why: "joins audio that comes in pieces", parts: ["audio: AAAABBBB"] },
  {
    file: "custom-call",
    why: "reads free-text calls",
    parts: ['apply_patch(*** Begin Patch\n*** End "Patch"\n)'],
    finish: "tool-calls",
  },
  {
    file: "function-of-2023",
    why: "reads function_call as a call",
    parts: ['add({"a":1,"b":2})'],
    finish: "tool-calls",
  },
  { file: "broken-line", why: "skips a broken line among good ones", parts: ["text: before"] },
  {
    file: "unknown-everything",
    why: "goes on past fields, parts and finish words that nobody knows",
    parts: ["text: Hi", "other", "text:  there"],
  },
];

describe("a chat stream", () => {
  test.each(FIXTURES)("$file: $why", ({ file, parts, finish = "stop", ...rest }) => {
    const decoded = decodeFixture(file);
    expect(decoded.failure).toBeUndefined();
    const reply = collect(decoded.events);
    expect(reply.parts.map(told)).toEqual(parts);
    expect(reply.finish).toBe(finish);
    expect(reply.usage).toEqual("usage" in rest ? rest.usage : COUNTED);
  });

  test.each<{ file: string; kind: FailureKind; text: string; why: string }>([
    {
      file: "broken-last-line",
      kind: "malformed",
      text: "be",
      why: "is cut off when its last line is broken",
    },
    {
      file: "error-first",
      kind: "quota-exhausted",
      text: "",
      why: "fails with the kind its first event names",
    },
    { file: "error-in-choice", kind: "overloaded", text: "Th", why: "fails with an error inside the choice" },
    {
      file: "done-inside-arguments",
      kind: "malformed",
      text: "I write.",
      why: "is cut off when [DONE] comes inside a call and nobody said why",
    },
    { file: "only-done", kind: "malformed", text: "", why: "is no answer when only [DONE] comes" },
  ])("$file: $why", ({ file, kind, text }) => {
    const { events, failure } = decodeFixture(file);
    expect(failure?.kind).toBe(kind);
    expect(collectPartial(events).parts.map(told)[0] ?? "").toBe(text && `text: ${text}`);
    expect(events.some((event) => event.type === "reply-end")).toBe(false);
  });

  test("without ids its calls get ids that differ, and are the same when it is read again", () => {
    const ids = () =>
      collect(decodeFixture("calls-without-ids").events).parts.map(
        (part) => part.type === "tool-call" && part.id,
      );
    expect(new Set(ids()).size).toBe(3);
    expect(ids()).toEqual(ids());
  });

  test("keeps proofs with what they prove", () => {
    const proofs = (file: string) =>
      collect(decodeFixture(file).events).parts.flatMap((part) => part.proof ?? []);
    expect(proofs("two-signed-thoughts")).toEqual([
      {
        format: "openai-chat",
        maker: TEST_MAKER,
        value:
          '{"type":"reasoning.text","format":"anthropic-claude-v1","index":0,"signature":"c2lnLW9uZQ=="}',
      },
      {
        format: "openai-chat",
        maker: TEST_MAKER,
        value:
          '{"type":"reasoning.text","format":"anthropic-claude-v1","index":1,"signature":"c2lnLXR3bw=="}',
      },
    ]);
    expect(proofs("signed-call")).toEqual([
      {
        format: "openai-chat",
        maker: TEST_MAKER,
        value: '{"google":{"thought_signature":"Z29vZ2xlLXNpZw=="}}',
      },
    ]);
  });

  test("keeps further choices, log probabilities and annotations for chat clients", () => {
    const choices = collect(decodeFixture("two-choices").events).vendor?.["openai-chat"]?.["choices"];
    expect(choices).toEqual([
      {
        index: 1,
        message: { role: "assistant", content: "Tails", refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ]);
    const fields = collect(decodeFixture("logprobs-and-annotations").events).vendor?.["openai-chat"];
    expect(fields?.["logprobs"]).toMatchObject({ content: [{ token: "Ye" }, { token: "s" }], refusal: null });
    expect(fields?.["annotations"]).toHaveLength(1);
  });
});

describe("a call of a tool that takes free text", () => {
  const names = new ToolNames([{ type: "custom", name: "apply_patch" }]);
  const stream = (...pieces: string[]) => {
    const decoder = openaiChat.streamDecoder({ quirks: {}, toolNames: names, maker: "" });
    const deltas = pieces.map((args, at) => ({
      tool_calls: [
        {
          index: 0,
          ...(at === 0 && { id: "c1" }),
          function: { ...(at === 0 && { name: "apply_patch" }), arguments: args },
        },
      ],
    }));
    const lines = [
      ...deltas.map((delta) => ({ choices: [{ index: 0, delta }] })),
      { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
    ];
    return [
      ...lines.flatMap((line) => decoder.push({ event: "", data: JSON.stringify(line) })),
      ...decoder.end(),
    ];
  };

  test.each([
    { why: "in one piece", pieces: ['{"input":"a\\nb"}'], text: "a\nb", deltas: 1 },
    {
      why: "cut inside escapes",
      pieces: ['{"in', 'put": "caf\\u0', "0e9\\", "n\\ud83d", '\\ude00"', "}"],
      text: "café\n😀",
      deltas: 4,
    },
    { why: "under another name", pieces: ['{"patch":', '"x"}'], text: "x", deltas: 1 },
    { why: "as bare text", pieces: ["*** Begin"], text: "*** Begin", deltas: 1 },
    { why: "with line breaks nobody escaped", pieces: ['{"input":"a\n\\"b\\""}'], text: 'a\n"b"', deltas: 1 },
    { why: "without any", pieces: ["{}"], text: "{}", deltas: 1 },
  ])("is unwrapped while it streams: $why", ({ pieces, text, deltas }) => {
    const events = stream(...pieces);
    expect(collect(events).parts).toEqual([
      { type: "tool-call", id: "c1", name: "apply_patch", input: text, freeText: true },
    ]);
    expect(events.filter((event) => event.type === "part-delta")).toHaveLength(deltas);
  });
});

describe("usage", () => {
  const read = (usage: object, quirks: Quirks = {}) => {
    const body = { id: "x", choices: [{ message: { content: "a" }, finish_reason: "stop" }], usage };
    return openaiChat.decodeReply(body, decodeContext(quirks)).usage;
  };

  test.each([
    {
      why: "counts cached tokens apart",
      usage: { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 75 } },
      want: { input: 25, output: 5, cacheRead: 75 },
    },
    {
      why: "counts written tokens apart",
      usage: {
        prompt_tokens: 100,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 10, cache_write_tokens: 80 },
      },
      want: { input: 10, output: 5, cacheRead: 10, cacheWrite: 80 },
    },
    {
      why: "takes Anthropic's names as not counted in the prompt where they exceed it",
      usage: { prompt_tokens: 4, completion_tokens: 5, cache_read_input_tokens: 900 },
      want: { input: 4, output: 5, cacheRead: 900 },
    },
    {
      why: "leaves unknown what nobody counted",
      usage: { prompt_tokens: 4, completion_tokens: 5 },
      want: { input: 4, output: 5 },
    },
  ])("$why", ({ usage, want }) => {
    expect(read(usage)).toEqual(want);
  });

  test("adds reasoning tokens that the provider counts apart", () => {
    const usage = {
      prompt_tokens: 12,
      completion_tokens: 2,
      total_tokens: 334,
      completion_tokens_details: { reasoning_tokens: 320 },
    };
    expect(read(usage, { reasoningApart: true })).toEqual({ input: 12, output: 322, reasoning: 320 });
    const untold = { prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 };
    expect(read(untold, { reasoningApart: true })).toEqual({ input: 35, output: 74, reasoning: 62 });
  });
});

function decodeFixture(name: string) {
  const file = join(import.meta.dir, `../../fixtures/openai-chat/${name}.sse`);
  return decodeBytes(openaiChat, [readFileSync(file)], answerQuirks(`openai-chat/${name}.sse`));
}
