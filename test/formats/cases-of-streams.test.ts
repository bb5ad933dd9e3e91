import { describe, expect, test } from "bun:test";
import type { EncodeContext } from "../../src/core/format.ts";
import type { Quirks } from "../../src/core/quirks.ts";
import { collect, type FormatId, FORMAT_IDS } from "../../src/core/reply.ts";
import type { Tool } from "../../src/core/request.ts";
import { ToolNames } from "../../src/core/tool-names.ts";
import { FORMATS } from "../../src/formats/index.ts";
import { decodeBytes, encodeContext, encodeStream } from "../kit/answers.ts";
import { STRICT_READERS, type Piece, type StrictlyRead } from "../kit/strict-readers.ts";
import type { Wire } from "../kit/strict/rules.ts";
import {
  block,
  callDelta,
  chatStreamOf,
  chatUsage,
  chunk,
  geminiStreamOf,
  messagesStreamOf,
  responsesStreamOf,
  sse,
  usageChunk,
} from "../kit/wire-builders.ts";

/*
 * Streams as providers really send them, and what every client must make of them. The numbers are those of the table
 * in cases.test.ts.
 */

type Options = { quirks?: Quirks; tools?: Tool[]; context?: Partial<EncodeContext> };

/** What a client is told of a provider's stream; read by the letter of the client's protocol. */
function told(client: FormatId, provider: FormatId, wire: Buffer, options: Options = {}): StrictlyRead {
  const { quirks = {}, tools, context } = options;
  const decoded = decodeBytes(FORMATS[provider], [wire], quirks);
  const request = { model: "m", stream: true, includeUsage: true, messages: [], ...(tools && { tools }) };
  return STRICT_READERS[client](
    encodeStream(FORMATS[client], decoded, encodeContext({ request, ...context })),
  );
}

/** Kinds and texts in order; ids left out. */
const outline = ({ pieces }: StrictlyRead): unknown[] =>
  pieces.map((piece) => {
    if (piece.type === "call") return ["call", piece.name, JSON.parse(piece.input) as unknown];
    return "text" in piece ? [piece.type, piece.text] : [piece.type];
  });
const callsOf = (read: StrictlyRead): Extract<Piece, { type: "call" }>[] =>
  read.pieces.filter((piece) => piece.type === "call");
const texts = (read: StrictlyRead, type = "text"): string =>
  read.pieces.map((piece) => (piece.type === type && "text" in piece ? piece.text : "")).join("");

const CALL_WORDS: Readonly<Record<FormatId, string>> = {
  "openai-chat": "tool_calls",
  "openai-responses": "completed",
  anthropic: "tool_use",
  gemini: "STOP",
};
const LENGTH_WORDS: Readonly<Record<FormatId, string>> = {
  "openai-chat": "length",
  "openai-responses": "max_output_tokens",
  anthropic: "max_tokens",
  gemini: "MAX_TOKENS",
};

/** Chat streams with calls, as odd as they come. Each must reach every client as these calls and nothing else. */
const ODD_CALLS: readonly [number, string, Buffer, [string, unknown][]][] = [
  [
    1,
    "arguments of three calls alternate",
    chatStreamOf(
      ...[0, 1, 2].map((index) => chunk(callDelta(index, { id: `c${index}`, name: "f", input: '{"n":' }))),
      ...[2, 0, 1].map((index) => chunk(callDelta(index, { input: `${index}` }))),
      ...[1, 2, 0].map((index) => chunk(callDelta(index, { input: "}" }))),
      chunk({}, "tool_calls"),
    ),
    [0, 1, 2].map((n) => ["f", { n }]),
  ],
  [
    3,
    "id and name stand on every piece",
    chatStreamOf(
      chunk(callDelta(0, { id: "c0", name: "f", input: '{"a":' })),
      chunk(callDelta(0, { id: "c0", name: "f", input: "1}" })),
      chunk({}, "tool_calls"),
    ),
    [["f", { a: 1 }]],
  ],
  [
    4,
    "the turn ends with `stop`",
    chatStreamOf(chunk(callDelta(0, { id: "c0", name: "f", input: "{}" })), chunk({}, "stop")),
    [["f", {}]],
  ],
  [
    4,
    "the turn ends with an empty word",
    chatStreamOf(chunk(callDelta(0, { id: "c0", name: "f", input: "{}" })), chunk({}, "")),
    [["f", {}]],
  ],
  [
    4,
    "the turn ends with nothing but [DONE]",
    chatStreamOf(chunk(callDelta(0, { id: "c0", name: "f", input: '{"a":1}' }))),
    [["f", { a: 1 }]],
  ],
  [
    12,
    "two calls share an index, told apart by their ids",
    chatStreamOf(
      chunk(callDelta(0, { id: "c0", name: "f", input: '{"a":1}' })),
      chunk(callDelta(0, { id: "c1", name: "g", input: '{"b":' })),
      chunk(callDelta(0, { input: "2}" })),
      chunk({}, "tool_calls"),
    ),
    [
      ["f", { a: 1 }],
      ["g", { b: 2 }],
    ],
  ],
  [
    13,
    "two calls without an index, one delta",
    chatStreamOf(
      chunk({
        tool_calls: [
          { id: "c0", type: "function", function: { name: "f", arguments: '{"a":1}' } },
          { id: "c1", type: "function", function: { name: "f", arguments: '{"a":2}' } },
        ],
      }),
      chunk({}, "tool_calls"),
    ),
    [
      ["f", { a: 1 }],
      ["f", { a: 2 }],
    ],
  ],
  [
    13,
    "two calls without an index, in pieces",
    chatStreamOf(
      chunk(callDelta(undefined, { id: "c0", name: "f", input: '{"a":' })),
      chunk(callDelta(undefined, { input: "1}" })),
      chunk(callDelta(undefined, { id: "c1", name: "g", input: '{"b":' })),
      chunk(callDelta(undefined, { input: "2}" })),
      chunk({}, "tool_calls"),
    ),
    [
      ["f", { a: 1 }],
      ["g", { b: 2 }],
    ],
  ],
  [
    14,
    "the id comes late",
    chatStreamOf(
      chunk(callDelta(0, { name: "f", input: '{"a":' })),
      chunk(callDelta(0, { id: "late", input: "1}" })),
      chunk({}, "tool_calls"),
    ),
    [["f", { a: 1 }]],
  ],
  [
    14,
    "no id ever comes",
    chatStreamOf(
      chunk(callDelta(0, { name: "f", input: '{"a":' })),
      chunk(callDelta(0, { input: "1}" })),
      chunk(callDelta(1, { name: "f", input: '{"a":2}' })),
      chunk({}, "tool_calls"),
    ),
    [
      ["f", { a: 1 }],
      ["f", { a: 2 }],
    ],
  ],
  [
    14,
    "the name is empty at first",
    chatStreamOf(
      chunk(callDelta(0, { id: "c0", name: "", input: "" })),
      chunk(callDelta(0, { id: "c0", name: "f", input: '{"a":1}' })),
      chunk({}, "tool_calls"),
    ),
    [["f", { a: 1 }]],
  ],
  ...(
    [
      ['""', ""],
      ["none", undefined],
      ["{}", "{}"],
      ["white space", " "],
    ] as const
  ).map(([name, input]): [number, string, Buffer, [string, unknown][]] => [
    17,
    `arguments are ${name}`,
    chatStreamOf(
      chunk(callDelta(0, { id: "c0", name: "f", ...(input !== undefined && { input }) })),
      chunk({}, "tool_calls"),
    ),
    [["f", {}]],
  ]),
  [
    74,
    "arguments are cut inside an escape",
    chatStreamOf(
      ...['{"a":"\\', "u00", "e9 \\ud83d", "\\ude", "00 \\\\", '"}'].map((input, index) =>
        chunk(callDelta(0, index === 0 ? { id: "c0", name: "f", input } : { input })),
      ),
      chunk({}, "tool_calls"),
    ),
    [["f", { a: "é 😀 \\" }]],
  ],
];

describe("calls in a chat stream", () => {
  for (const client of FORMAT_IDS)
    for (const [number, name, wire, calls] of ODD_CALLS)
      test(`case ${number}, ${client}: ${name}`, () => {
        const read = told(client, "openai-chat", wire);
        expect(outline(read)).toEqual(calls.map(([tool, input]) => ["call", tool, input]));
        expect(read.finish).toBe(CALL_WORDS[client]);
        const ids = callsOf(read).map(({ id }) => id);
        expect(new Set(ids).size).toBe(calls.length);
        // Ids made up for calls are the same when the answer is read again.
        expect(callsOf(told(client, "openai-chat", wire)).map(({ id }) => id)).toEqual(ids);
      });

  for (const client of FORMAT_IDS) {
    test(`case 2, ${client}: text between two pieces of arguments`, () => {
      const wire = chatStreamOf(
        chunk(callDelta(0, { id: "c0", name: "f", input: '{"a":' })),
        chunk({ content: "Meanwhile." }),
        chunk(callDelta(0, { input: "1}" })),
        chunk({}, "tool_calls"),
      );
      const read = told(client, "openai-chat", wire);
      expect(outline({ ...read, pieces: callsOf(read) })).toEqual([["call", "f", { a: 1 }]]);
      expect(texts(read)).toBe("Meanwhile.");
    });

    test(`case 5, ${client}: the stream breaks off inside the arguments`, () => {
      const begin = [
        chunk({ role: "assistant", content: "" }),
        chunk(callDelta(0, { id: "c0", name: "write", input: '{"path": "a.txt", "text": "unfin' })),
      ];
      for (const wire of [sse(...begin), sse(...begin, "[DONE]")]) {
        const read = told(client, "openai-chat", wire);
        expect(read.error).toBeDefined();
        expect(read.finish).toBeUndefined();
      }
    });

    test(`case 6, ${client}: the limit is reached inside the arguments`, () => {
      const wire = chatStreamOf(
        chunk({ content: "I write." }),
        chunk(callDelta(0, { id: "c0", name: "write", input: '{"path": "a.txt", "text": "unfin' })),
        chunk({}, "length"),
      );
      const read = told(client, "openai-chat", wire);
      expect(read.finish).toBe(LENGTH_WORDS[client]);
      expect(texts(read)).toBe("I write.");
      for (const { input } of callsOf(read)) expect(() => JSON.parse(input)).toThrow();
      const whole = collect(decodeBytes(FORMATS["openai-chat"], [wire], {}).events);
      const context = { quirks: {}, toolNames: new ToolNames(), maker: "test/m" };
      const again = FORMATS[client].decodeReply(FORMATS[client].encodeReply(whole, encodeContext()), context);
      for (const part of again.parts)
        if (part.type === "tool-call") expect(() => JSON.parse(part.input)).toThrow();
    });

    test(`case 7, ${client}: thought, call, thought, call`, () => {
      const wire = chatStreamOf(
        chunk({ reasoning_content: "One." }),
        chunk(callDelta(0, { id: "c0", name: "f", input: '{"a":1}' })),
        chunk({ reasoning_content: "Two." }),
        chunk(callDelta(1, { id: "c1", name: "f", input: '{"a":2}' })),
        chunk({}, "tool_calls"),
      );
      const expected = [
        ["reasoning", "One."],
        ["call", "f", { a: 1 }],
        ["reasoning", "Two."],
        ["call", "f", { a: 2 }],
      ];
      // In a chat message calls stand behind everything that is said.
      if (client === "openai-chat") expected.splice(0, 3, ["reasoning", "One.Two."], ["call", "f", { a: 1 }]);
      expect(outline(told(client, "openai-chat", wire))).toEqual(expected);
    });

    test(`case 8, ${client}: text, then a thought, then text`, () => {
      const wire = chatStreamOf(
        chunk({ content: "Well, " }),
        chunk({ reasoning_content: "Hm." }),
        chunk({ content: "yes." }),
        chunk({}, "stop"),
      );
      expect(outline(told(client, "openai-chat", wire))).toEqual([
        ["text", "Well, "],
        ["reasoning", "Hm."],
        ["text", "yes."],
      ]);
    });
  }
});

describe("what else a chat stream does", () => {
  /** Usage in all the places where it is found. Every client must be told 20 and 9, once. */
  const COUNTS = chatUsage(20, 9);
  const USAGE: readonly [string, Buffer][] = [
    ["on a chunk of its own", chatStreamOf(chunk({ content: "a" }), chunk({}, "stop"), usageChunk(COUNTS))],
    [
      "on a chunk of its own before the finish",
      chatStreamOf(chunk({ content: "a" }), usageChunk(COUNTS), chunk({}, "stop")),
    ],
    ["beside the finish", chatStreamOf(chunk({ content: "a" }), chunk({}, "stop", { usage: COUNTS }))],
    [
      "on every chunk, growing",
      chatStreamOf(
        chunk({ content: "a" }, null, { usage: chatUsage(20, 1) }),
        chunk({ content: "b" }, null, { usage: chatUsage(20, 5) }),
        chunk({}, "stop", { usage: COUNTS }),
      ),
    ],
    [
      "zeros until the last",
      chatStreamOf(
        chunk({ content: "a" }, null, { usage: chatUsage(0, 0) }),
        chunk({}, "stop", { usage: COUNTS }),
        usageChunk(chatUsage(0, 0)),
      ),
    ],
    [
      "on a choice without a delta",
      chatStreamOf(chunk({ content: "a" }), {
        ...chunk({}),
        choices: [{ index: 0, finish_reason: "stop" }],
        usage: COUNTS,
      }),
    ],
    [
      "inside the choice",
      chatStreamOf(chunk({ content: "a" }), {
        ...chunk({}),
        choices: [{ index: 0, delta: {}, finish_reason: "stop", usage: COUNTS }],
      }),
    ],
    [
      "on an empty delta behind the finish",
      chatStreamOf(
        chunk({ content: "a" }),
        chunk({}, "stop"),
        chunk({ content: "" }, null, { usage: COUNTS }),
      ),
    ],
    [
      "in Groq's own field",
      chatStreamOf(chunk({ content: "a" }), chunk({}, "stop", { x_groq: { usage: COUNTS } })),
    ],
  ];
  const tokens = (client: FormatId, usage: Wire): [number, number] => {
    switch (client) {
      case "openai-chat":
        return [usage.prompt_tokens, usage.completion_tokens];
      case "openai-responses":
      case "anthropic":
        return [usage.input_tokens, usage.output_tokens];
      case "gemini":
        return [usage.promptTokenCount, usage.candidatesTokenCount];
    }
  };

  for (const client of FORMAT_IDS) {
    test.each(USAGE)(`case 18, ${client}: usage %s`, (_name, wire) =>
      expect(tokens(client, told(client, "openai-chat", wire).usage)).toEqual([20, 9]),
    );

    test(`case 20, ${client}: 75 of 100 tokens came from the cache`, () => {
      const usage = chatUsage(100, 9, { prompt_tokens_details: { cached_tokens: 75 } });
      const read = told(
        client,
        "openai-chat",
        chatStreamOf(chunk({ content: "a" }), chunk({}, "stop", { usage })),
      );
      const wanted = {
        "openai-chat": { prompt_tokens: 100, prompt_tokens_details: { cached_tokens: 75 } },
        "openai-responses": { input_tokens: 100, input_tokens_details: { cached_tokens: 75 } },
        anthropic: { input_tokens: 25, cache_read_input_tokens: 75 },
        gemini: { promptTokenCount: 100, cachedContentTokenCount: 75 },
      }[client];
      expect(read.usage).toMatchObject(wanted);
    });

    test(`case 25, ${client}: <think> cut over chunks, and one that never closes`, () => {
      const quirks = { thinkTags: true };
      const said = (...pieces: string[]) =>
        told(
          client,
          "openai-chat",
          chatStreamOf(...pieces.map((content) => chunk({ content })), chunk({}, "stop")),
          { quirks },
        );
      expect(outline(said("<th", "ink>Hm", ".</thi", "nk>\n\n", "Yes."))).toEqual([
        ["reasoning", "Hm."],
        ["text", "Yes."],
      ]);
      expect(outline(said("<think>", "On and on"))).toEqual([["reasoning", "On and on"]]);
    });

    test(`case 26, ${client}: look-alikes of tags stay as they are, to the last character`, () => {
      for (const text of ["<thinker> is a word", "a < b", "the tail <th", "<", "x <think>y</think>"]) {
        const deltas = [...text].map((content) => chunk({ content }));
        const read = told(client, "openai-chat", chatStreamOf(...deltas, chunk({}, "stop")), {
          quirks: { thinkTags: true },
        });
        expect(outline(read)).toEqual([["text", text]]);
      }
    });

    test(`case 27, ${client}: a thought told in two fields at once is told once`, () => {
      const details = (text: string) => [{ type: "reasoning.text", text, index: 0 }];
      for (const delta of [
        { reasoning: "Hm." },
        { reasoning_content: "Hm." },
        { reasoning: "Hm.", reasoning_content: "Hm." },
        { reasoning: "Hm.", reasoning_details: details("Hm.") },
        { content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm." }] }] },
      ]) {
        const read = told(
          client,
          "openai-chat",
          chatStreamOf(chunk(delta), chunk({ content: "Yes." }), chunk({}, "stop")),
        );
        expect(outline(read)).toEqual([
          ["reasoning", "Hm."],
          ["text", "Yes."],
        ]);
      }
    });

    test(`case 29, ${client}: a refusal`, () => {
      const read = told(
        client,
        "openai-chat",
        chatStreamOf(chunk({ refusal: "I will not." }), chunk({}, "stop")),
      );
      expect(texts(read) + texts(read, "refusal")).toBe("I will not.");
      if (client === "anthropic") expect(read.finish).toBe("refusal");
    });

    test(`case 31, ${client}: white space alone is kept`, () => {
      const deltas = ["def f():", "\n", "    ", "return", " ", "1", "\n"].map((content) =>
        chunk({ content }),
      );
      const read = told(client, "openai-chat", chatStreamOf(...deltas, chunk({}, "stop")));
      expect(texts(read)).toBe("def f():\n    return 1\n");
    });

    test(`case 33, ${client}: fields and chunks nobody knows do not stop the stream`, () => {
      const read = told(
        client,
        "openai-chat",
        chatStreamOf(
          chunk({ content: "a", invented: { x: 1 } }),
          { object: "chat.completion.heartbeat" },
          chunk({ invented_parts: [1] }),
          chunk({ content: "b" }),
          chunk({}, "stop", { invented: true }),
        ),
      );
      expect(texts(read)).toBe("ab");
    });

    test(`case 38, ${client}: an empty list of calls on every delta`, () => {
      const deltas = ["a", "b", "c"].map((content) => chunk({ content, tool_calls: [] }));
      const read = told(client, "openai-chat", chatStreamOf(...deltas, chunk({ tool_calls: [] }, "stop")));
      expect(outline(read)).toEqual([["text", "abc"]]);
    });

    test(`cases 52, 53, 61, ${client}: no role, no finish reason, another id in every chunk`, () => {
      const other = (n: number, delta: Wire) => ({
        ...chunk(delta),
        id: n === 3 ? "" : `c${n}`,
        model: `m${n}`,
      });
      const wire = sse(
        other(1, { content: "a" }),
        other(2, { content: "b" }),
        other(3, { content: "c" }),
        "[DONE]",
      );
      expect(outline(told(client, "openai-chat", wire))).toEqual([["text", "abc"]]);
    });

    test(`case 60, ${client}: chunks behind the usage and behind [DONE] are dropped`, () => {
      const wire = sse(
        chunk({ role: "assistant", content: "a" }),
        chunk({}, "stop"),
        usageChunk(COUNTS),
        { ...usageChunk(undefined), moderation: {} },
        "[DONE]",
        chunk({ content: "late" }),
      );
      const read = told(client, "openai-chat", wire);
      expect(outline(read)).toEqual([["text", "a"]]);
      expect(tokens(client, read.usage)).toEqual([20, 9]);
    });

    test(`case 73, ${client}: one character in two escapes over two deltas`, () => {
      const wire = Buffer.from(
        sse(chunk({ role: "assistant", content: "" })).toString() +
          String.raw`data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"a \ud83d"},"finish_reason":null}]}` +
          "\n\n" +
          String.raw`data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"\ude00 b"},"finish_reason":null}]}` +
          "\n\n" +
          sse(chunk({}, "stop"), "[DONE]").toString(),
      );
      expect(texts(told(client, "openai-chat", wire))).toBe("a 😀 b");
    });

    test(`case 79, ${client}: one broken line costs only itself; as the last thing it is a failure`, () => {
      const good = sse(chunk({ role: "assistant", content: "a" })).toString();
      const end = sse(chunk({ content: "b" }), chunk({}, "stop"), "[DONE]").toString();
      const broken = 'data: {"id":"chatcmpl-1","choices":[{"ind\n\n';
      expect(texts(told(client, "openai-chat", Buffer.from(good + broken + end)))).toBe("ab");
      expect(told(client, "openai-chat", Buffer.from(good + broken)).error).toBeDefined();
    });
  }
});

describe("errors inside a stream", () => {
  const TYPES: readonly [Wire, { [F in FormatId]: string }][] = [
    [
      { message: "Slow down", type: "rate_limit_error", code: "rate_limit_exceeded" },
      {
        "openai-chat": "rate_limit_error",
        "openai-responses": "rate_limit_exceeded",
        anthropic: "rate_limit_error",
        gemini: "RESOURCE_EXHAUSTED",
      },
    ],
    [
      { message: "Overloaded", type: "server_error", code: "overloaded_error" },
      {
        "openai-chat": "service_unavailable",
        "openai-responses": "server_error",
        anthropic: "overloaded_error",
        gemini: "UNAVAILABLE",
      },
    ],
    [
      { message: "prompt is too long", code: "context_length_exceeded" },
      {
        "openai-chat": "invalid_request_error",
        "openai-responses": "context_length_exceeded",
        anthropic: "invalid_request_error",
        gemini: "INVALID_ARGUMENT",
      },
    ],
  ];
  const wordOf = (client: FormatId, error: Wire): string =>
    client === "openai-responses" ? error.code : client === "gemini" ? error.status : error.type;

  for (const client of FORMAT_IDS)
    test.each(TYPES)(`cases 15, 36, 54, 70, ${client}: %j`, (error, words) => {
      for (const begin of [
        [],
        [chunk({ content: "Half an ans" })],
        [chunk(callDelta(0, { id: "c", name: "f" }))],
      ]) {
        const decoded = decodeBytes(
          FORMATS["openai-chat"],
          [sse(chunk({ role: "assistant", content: "" }), ...begin, { error })],
          {},
        );
        const failure = decoded.failure?.toGatewayError(0);
        expect(failure).toBeDefined();
        const encoder = FORMATS[client].streamEncoder(encodeContext());
        let wire = decoded.events.map((event) => encoder.push(event)).join("");
        if (failure) wire += encoder.fail(failure, "req_1");
        const read = STRICT_READERS[client](Buffer.from(wire));
        expect(wordOf(client, read.error)).toBe(words[client]);
        expect(read.error.message).toContain(error.message);
      }
    });
});

describe("Gemini streams", () => {
  const call = (name: string, args: Wire, more: Wire = {}) => ({ functionCall: { name, args }, ...more });

  for (const client of FORMAT_IDS) {
    test(`case 9, ${client}: three calls of one name without ids`, () => {
      const wire = geminiStreamOf([1, 2, 3].map((n) => call("f", { n })));
      const read = told(client, "gemini", wire);
      expect(outline(read)).toEqual([1, 2, 3].map((n) => ["call", "f", { n }]));
      const ids = callsOf(read).map(({ id }) => id);
      expect(new Set(ids).size).toBe(3);
      expect(callsOf(told(client, "gemini", wire)).map(({ id }) => id)).toEqual(ids);
    });

    test(`case 10, ${client}: arguments by paths, nested, without the last piece`, () => {
      const part = (functionCall: Wire) => ({ functionCall });
      const wire = geminiStreamOf([
        part({ name: "f", willContinue: true }),
        part({
          partialArgs: [{ jsonPath: "$.a.b[0]", stringValue: "on", willContinue: true }],
          willContinue: true,
        }),
        part({ partialArgs: [{ jsonPath: "$.a.b[0]", stringValue: "e" }], willContinue: true }),
        part({ partialArgs: [{ jsonPath: "$.a.b[1]", numberValue: 2 }], willContinue: true }),
        part({ partialArgs: [{ jsonPath: "$.c", boolValue: true }], willContinue: true }),
      ]);
      expect(outline(told(client, "gemini", wire))).toEqual([
        ["call", "f", { a: { b: ["one", 2] }, c: true }],
      ]);
    });

    test(`case 24, ${client}: signatures alone, on a text, on a call; no empty piece is opened for one`, () => {
      const wire = geminiStreamOf([
        { text: "Hm.", thought: true },
        { text: "", thoughtSignature: "c2lnMQ==" },
        { text: "I look. ", thoughtSignature: "c2lnMg==" },
        call("f", { a: 1 }, { thoughtSignature: "c2lnMw==" }),
      ]);
      const said = told(client, "gemini", wire).pieces.flatMap((piece) => {
        if (piece.type === "call") return [["call", JSON.parse(piece.input) as unknown]];
        // Where calls and texts have no slot of their own, their proof stands beside them in a thought without words.
        return "text" in piece && piece.text !== "" ? [[piece.type, piece.text]] : [];
      });
      expect(said).toEqual([
        ["reasoning", "Hm."],
        ["text", "I look. "],
        ["call", { a: 1 }],
      ]);
    });

    test(`case 30, ${client}: an end without content, filtered content, a blocked prompt`, () => {
      expect(outline(told(client, "gemini", geminiStreamOf([])))).toEqual([]);
      const filtered = told(client, "gemini", geminiStreamOf([{ text: "I" }], "SAFETY"));
      const blocked = told(
        client,
        "gemini",
        Buffer.from('data: {"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}\r\n\r\n'),
      );
      const words = {
        "openai-chat": ["content_filter", "content_filter"],
        "openai-responses": ["content_filter", "content_filter"],
        anthropic: ["refusal", "refusal"],
        gemini: ["SAFETY", "PROMPT_BLOCKED"],
      }[client];
      expect([filtered.finish, blocked.finish]).toEqual(words);
    });

    test(`case 58, ${client}: thoughts are tokens of the answer`, () => {
      const wire = geminiStreamOf([{ text: "Hm.", thought: true }, { text: "Yes." }], "STOP", {
        thoughtsTokenCount: 7,
        toolUsePromptTokenCount: 3,
      });
      const wanted = {
        "openai-chat": { prompt_tokens: 23, completion_tokens: 12 },
        "openai-responses": { input_tokens: 23, output_tokens: 12 },
        anthropic: { input_tokens: 23, output_tokens: 12 },
        gemini: { promptTokenCount: 23, candidatesTokenCount: 5, thoughtsTokenCount: 7 },
      }[client];
      expect(told(client, "gemini", wire).usage).toMatchObject(wanted);
    });

    test(`case 71, ${client}: the envelope of Code Assist is taken off`, () => {
      const inner = JSON.parse(
        geminiStreamOf([{ text: "Hello" }])
          .toString()
          .split("\r\n")[0]
          ?.slice(6) ?? "",
      );
      inner.candidates[0].finishReason = "STOP";
      const wire = Buffer.from(`data: ${JSON.stringify({ response: inner, traceId: "t" })}\r\n\r\n`);
      expect(outline(told(client, "gemini", wire))).toEqual([["text", "Hello"]]);
    });
  }
});

describe("Responses streams", () => {
  const message = (text: string) => ({
    id: "msg_1",
    type: "message",
    status: "completed",
    role: "assistant",
    content: [{ type: "output_text", text, annotations: [] }],
  });
  const functionCall = (id: string, input: string) => ({
    id: `fc_${id}`,
    type: "function_call",
    status: "completed",
    call_id: id,
    name: "f",
    arguments: input,
  });
  const done = (output_index: number, item: Wire) => ({
    type: "response.output_item.done",
    output_index,
    item,
  });
  const added = (output_index: number, item: Wire) => ({
    type: "response.output_item.added",
    output_index,
    item,
  });

  for (const client of FORMAT_IDS) {
    test(`case 3, ${client}: id and type stand on every piece of the arguments`, () => {
      const item = functionCall("c0", '{"a":1}');
      const delta = (text: string) => ({
        type: "response.function_call_arguments.delta",
        item_id: "fc_c0",
        call_id: "c0",
        name: "f",
        output_index: 0,
        delta: text,
      });
      const wire = responsesStreamOf(
        [added(0, { ...item, arguments: "" }), delta('{"a"'), delta(":1}"), done(0, item)],
        [item],
      );
      expect(outline(told(client, "openai-responses", wire))).toEqual([["call", "f", { a: 1 }]]);
    });

    test(`case 11, ${client}: finished items alone, and an end with an empty output`, () => {
      const items = [message("Look:"), functionCall("c0", '{"a":1}')];
      const expected = [
        ["text", "Look:"],
        ["call", "f", { a: 1 }],
      ];
      const events = items.map((item, index) => done(index, item));
      expect(outline(told(client, "openai-responses", responsesStreamOf(events, items)))).toEqual(expected);
      expect(outline(told(client, "openai-responses", responsesStreamOf(events, [])))).toEqual(expected);
      expect(outline(told(client, "openai-responses", responsesStreamOf([], items)))).toEqual(expected);
    });

    test(`cases 22, 23, ${client}: two pieces of a summary and one proof, the last; a proof alone`, () => {
      const item = {
        id: "rs_1",
        type: "reasoning",
        summary: [
          { type: "summary_text", text: "One." },
          { type: "summary_text", text: "Two." },
        ],
        encrypted_content: "bGFzdA==",
      };
      const piece = (summary_index: number, delta: string) => ({
        type: "response.reasoning_summary_text.delta",
        item_id: "rs_1",
        output_index: 0,
        summary_index,
        delta,
      });
      const silent = { id: "rs_2", type: "reasoning", summary: [], encrypted_content: "c2lsZW50" };
      const wire = responsesStreamOf(
        [
          added(0, { ...item, summary: [], encrypted_content: "ZWFybHk=" }),
          piece(0, "One."),
          piece(1, "Two."),
          done(0, item),
          added(1, { ...silent, encrypted_content: "ZWFybHk=" }),
          done(1, silent),
          done(2, functionCall("c0", "{}")),
        ],
        [item, silent, functionCall("c0", "{}")],
      );
      const decoded = decodeBytes(FORMATS["openai-responses"], [wire], {});
      const proofs = collect(decoded.events).parts.map(({ proof }) => proof?.value);
      expect(proofs).toEqual(["bGFzdA==", "c2lsZW50", undefined]);
      const read = told(client, "openai-responses", wire);
      expect(texts(read, "reasoning").replaceAll("\n\n", "")).toBe("One.Two.");
      expect(callsOf(read)).toHaveLength(1);
      if (client === "anthropic") {
        const thoughts = read.pieces.filter((one) => one.type === "reasoning");
        expect(thoughts.map((one) => "proof" in one && one.proof !== undefined)).toEqual([true, true]);
      }
    });

    test(`cases 28, 44, ${client}: the work of a hosted search is nothing to run`, () => {
      const search = {
        id: "ws_1",
        type: "web_search_call",
        status: "completed",
        action: { type: "search", query: "q" },
      };
      const wire = responsesStreamOf(
        [added(0, { ...search, status: "in_progress" }), done(0, search), done(1, message("Found."))],
        [search, message("Found.")],
      );
      const read = told(client, "openai-responses", wire);
      expect(callsOf(read)).toEqual([]);
      expect(texts(read)).toBe("Found.");
    });

    test(`cases 40, 62, ${client}: free text in the family in which the client declared its tool`, () => {
      const item = { id: "ctc_1", type: "custom_tool_call", call_id: "c0", name: "patch", input: 'a "b"\n' };
      const wire = responsesStreamOf([done(0, item)], [item]);
      const [declared] = callsOf(
        told(client, "openai-responses", wire, { tools: [{ type: "custom", name: "patch" }] }),
      );
      const [undeclared] = callsOf(told(client, "openai-responses", wire));
      const bare = 'a "b"\n';
      const wrapped = JSON.stringify({ input: bare });
      const knowsFreeText = client === "openai-chat" || client === "openai-responses";
      expect(declared?.input).toBe(knowsFreeText ? bare : wrapped);
      expect(undeclared?.input).toBe(client === "openai-responses" ? bare : wrapped);
    });
  }

  test("case 49: labelled texts stay apart and labelled", () => {
    const labelled = (id: string, text: string, phase: string) => ({ ...message(text), id, phase });
    const items = [labelled("msg_1", "I look.", "commentary"), labelled("msg_2", "Found.", "final_answer")];
    const events = items.map((item, index) => done(index, item));
    const decoded = decodeBytes(FORMATS["openai-responses"], [responsesStreamOf(events, items)], {});
    const whole = FORMATS["openai-responses"].encodeReply(collect(decoded.events), encodeContext());
    expect(whole["output"]).toMatchObject([
      { phase: "commentary", content: [{ text: "I look." }] },
      { phase: "final_answer", content: [{ text: "Found." }] },
    ]);
  });
});

describe("Messages streams", () => {
  const use = (index: number, id: string, ...pieces: string[]) =>
    block(
      index,
      { type: "tool_use", id, name: "f", input: {} },
      ...pieces.map((partial_json) => ({ type: "input_json_delta", partial_json })),
    );
  const say = (index: number, text: string) =>
    block(index, { type: "text", text: "" }, { type: "text_delta", text });

  for (const client of FORMAT_IDS) {
    test(`cases 39, 43, 50, 51, ${client}: text, two calls, text keep their order and get numbers of their own`, () => {
      const wire = messagesStreamOf(
        [
          ...say(0, "One."),
          ...use(1, "toolu_1", '{"a":', "1}"),
          ...use(2, "toolu_2", '{"a":2}'),
          ...say(3, "Two."),
        ],
        "tool_use",
      );
      const expected = [
        ["text", "One."],
        ["call", "f", { a: 1 }],
        ["call", "f", { a: 2 }],
        ["text", "Two."],
      ];
      const inChat = [["text", "One.Two."], ...expected.slice(1, 3)];
      expect(outline(told(client, "anthropic", wire))).toEqual(client === "openai-chat" ? inChat : expected);
    });

    test(`case 42, ${client}: thinking and withheld thinking come back as such`, () => {
      const wire = messagesStreamOf(
        [
          ...block(
            0,
            { type: "thinking", thinking: "", signature: "" },
            { type: "thinking_delta", thinking: "Hm." },
            { type: "signature_delta", signature: "c2ln" },
          ),
          ...block(1, { type: "redacted_thinking", data: "d2l0aGhlbGQ=" }),
          ...use(2, "toolu_1", "{}"),
        ],
        "tool_use",
      );
      const decoded = decodeBytes(FORMATS.anthropic, [wire], {});
      const reply = FORMATS[client].encodeReply(collect(decoded.events), encodeContext());
      const turn = historyOf(client, reply);
      const request = FORMATS[client].decodeRequest(turn, { model: "m", stream: false });
      const { body } = FORMATS.anthropic.encodeRequest(request, { id: "m", maker: "test/model-1" }, {});
      const assistant = (body["messages"] as Wire[]).find(({ role }) => role === "assistant");
      expect(assistant.content.slice(0, 2)).toEqual([
        { type: "thinking", thinking: "Hm.", signature: "c2ln" },
        { type: "redacted_thinking", data: "d2l0aGhlbGQ=" },
      ]);
    });

    test(`cases 28, 44, ${client}: blocks of the provider's own tools are nothing to run`, () => {
      const wire = messagesStreamOf([
        ...block(
          0,
          { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} },
          { type: "input_json_delta", partial_json: '{"query":"q"}' },
        ),
        ...block(1, { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] }),
        ...say(2, "Found."),
      ]);
      const read = told(client, "anthropic", wire);
      expect(callsOf(read)).toEqual([]);
      expect(texts(read)).toBe("Found.");
    });

    test(`case 34, ${client}: a second beginning of the same answer is passed over, of another one a failure`, () => {
      const again = (id: string) => ({ type: "message_start", message: { id, usage: { input_tokens: 1 } } });
      const same = messagesStreamOf([...say(0, "a"), again("msg_1"), ...say(1, "b")]);
      expect(texts(told(client, "anthropic", same))).toBe("ab");
      const other = messagesStreamOf([...say(0, "a"), again("msg_2"), ...say(0, "b")]);
      expect(told(client, "anthropic", other).error).toBeDefined();
    });
  }

  /** The next request of a client that gives everything back. */
  function historyOf(client: FormatId, reply: Wire): Wire {
    switch (client) {
      case "openai-chat":
        return { model: "m", messages: [{ role: "user", content: "x" }, reply.choices[0].message] };
      case "openai-responses":
        return { model: "m", input: [{ role: "user", content: "x" }, ...reply.output] };
      case "anthropic":
        return {
          model: "m",
          max_tokens: 9,
          messages: [
            { role: "user", content: "x" },
            { role: "assistant", content: reply.content },
          ],
        };
      case "gemini":
        return { contents: [{ role: "user", parts: [{ text: "x" }] }, reply.candidates[0].content] };
    }
  }
});

describe("the pages an answer rests on", () => {
  const PAGES = [
    { url: "https://example.com/a", title: "A" },
    { url: "https://example.com/b", title: "B" },
  ];
  const cited = PAGES.map(({ url, title }) => ({
    type: "url_citation",
    start_index: 0,
    end_index: 5,
    url,
    title,
  }));
  const message = {
    id: "msg_1",
    type: "message",
    status: "completed",
    role: "assistant",
    content: [{ type: "output_text", text: "Found.", annotations: [...cited, cited[0]] }],
  };
  const ANSWERS: Readonly<Record<FormatId, Buffer>> = {
    "openai-chat": chatStreamOf(
      chunk({ content: "Found." }),
      chunk({ annotations: cited.map(({ type, ...citation }) => ({ type, url_citation: citation })) }),
      chunk({}, "stop"),
    ),
    "openai-responses": responsesStreamOf(
      [{ type: "response.output_item.done", output_index: 0, item: message }],
      [message],
    ),
    anthropic: messagesStreamOf(
      block(
        0,
        { type: "text", text: "", citations: [] },
        { type: "text_delta", text: "Found." },
        ...PAGES.map((page) => ({
          type: "citations_delta",
          citation: { type: "web_search_result_location", ...page, cited_text: "x", encrypted_index: "y" },
        })),
      ),
    ),
    gemini: Buffer.from(
      `data: ${JSON.stringify({
        candidates: [
          {
            content: { role: "model", parts: [{ text: "Found." }] },
            groundingMetadata: {
              groundingChunks: PAGES.map(({ url, title }) => ({ web: { uri: url, title } })),
            },
            finishReason: "STOP",
          },
        ],
      })}\r\n\r\n`,
    ),
  };
  const SEARCH: Tool = { type: "hosted", kind: "web-search", name: "web_search" };
  const context = (tools: Tool[] = [SEARCH]) =>
    encodeContext({ request: { model: "m", stream: true, includeUsage: true, messages: [], tools } });

  /** Addresses and titles in a whole answer, in the words of each client. */
  const pagesIn = (client: FormatId, reply: Wire): Wire[] => {
    switch (client) {
      case "openai-chat":
        return reply.choices[0].message.annotations.map((one: Wire) => one.url_citation);
      case "openai-responses":
        return reply.output[0].content[0].annotations;
      case "anthropic":
        return reply.content.flatMap(
          (one: Wire) => one.citations ?? (one.type === "web_search_tool_result" ? one.content : []),
        );
      case "gemini":
        return reply.candidates[0].groundingMetadata.groundingChunks.map(({ web }: Wire) => ({
          url: web.uri,
          title: web.title,
        }));
    }
  };

  for (const provider of FORMAT_IDS)
    for (const client of FORMAT_IDS)
      test(`case 28, ${provider} to ${client}`, () => {
        const decoded = decodeBytes(FORMATS[provider], [ANSWERS[provider]], {});
        const whole = FORMATS[client].encodeReply(collect(decoded.events), context());
        const found = pagesIn(client, whole).map(({ url, title }) => ({ url, title }));
        expect(found.slice(0, 2)).toEqual(PAGES);
        const wire = encodeStream(FORMATS[client], decoded, context());
        const read = STRICT_READERS[client](wire);
        expect(texts(read)).toBe("Found.");
        expect(callsOf(read)).toEqual([]);
        for (const { url, title } of PAGES) {
          expect(wire.toString()).toContain(url);
          expect(wire.toString()).toContain(`"${title}"`);
        }
      });

  test("Perplexity's, which stand beside the choices", () => {
    const wire = chatStreamOf(
      chunk({ content: "Found." }, null, { search_results: PAGES }),
      chunk({}, "stop", { search_results: PAGES }),
    );
    const parts = collect(decodeBytes(FORMATS["openai-chat"], [wire], {}).events).parts;
    expect(parts).toEqual([{ type: "text", text: "Found.", sources: PAGES }]);
  });

  test("a search made up for a Messages client is shown only to who asked for one, and never goes back", () => {
    const decoded = decodeBytes(FORMATS.gemini, [ANSWERS.gemini], {});
    const plain = encodeStream(FORMATS.anthropic, decoded, context([]));
    expect(plain.toString()).not.toContain("web_search");
    const reply = FORMATS.anthropic.encodeReply(collect(decoded.events), context()) as Wire;
    expect(reply.content.map(({ type }: Wire) => type)).toEqual([
      "text",
      "server_tool_use",
      "web_search_tool_result",
    ]);
    const body = {
      model: "m",
      max_tokens: 9,
      messages: [
        { role: "user", content: "x" },
        { role: "assistant", content: reply.content },
        { role: "user", content: "y" },
      ],
    };
    expect(FORMATS.anthropic.takesAsIs?.(Buffer.from(JSON.stringify(body)), { id: "m", maker: "m" })).toBe(
      false,
    );
    const again = FORMATS.anthropic.encodeRequest(
      FORMATS.anthropic.decodeRequest(body),
      { id: "claude-opus-4-7", maker: "m" },
      {},
    );
    expect(JSON.stringify(again.body)).not.toContain("srvtoolu");
  });
});
