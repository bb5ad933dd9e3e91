import { describe, expect, test } from "bun:test";
import { sealProof } from "../../../src/core/envelope.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { Message } from "../../../src/core/request.ts";
import { gemini } from "../../../src/formats/gemini/index.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { parseJson } from "../../../src/lib/json.ts";

const USER = { role: "user", parts: [{ text: "go" }] };
const decode = (body: JsonObject) => gemini.decodeRequest(body, { model: "m" });
const history = (...contents: unknown[]): Message[] => decode({ contents: [USER, ...contents] }).messages;
const model = (...parts: unknown[]) => ({ role: "model", parts });
const user = (...parts: unknown[]) => ({ role: "user", parts });
const call = (name: string, args: unknown = {}, id?: string) => ({ functionCall: { name, args, id } });
const result = (name: string, output: unknown, id?: string) => ({
  functionResponse: { name, response: { output }, id },
});

test("the path says the model and whether to stream", () => {
  const request = gemini.decodeRequest({ contents: [USER] }, { model: "models/gc/x", stream: true });
  expect(request).toEqual({
    model: "gc/x",
    stream: true,
    messages: [{ role: "user", parts: [{ type: "text", text: "go" }] }],
  });
});

describe("fields at fault are named", () => {
  const faults: [string, JsonObject][] = [
    ["contents", {}],
    ["contents", { contents: [] }],
    ["contents[0]", { contents: ["go"] }],
    ["contents[1].role", { contents: [USER, { role: "system", parts: [] }] }],
    ["contents[0].role", { contents: [{ role: "constructor", parts: [] }] }],
    ["contents[1].parts[0]", { contents: [USER, { parts: ["x"] }] }],
    ["contents[0].parts[1].text", { contents: [{ parts: [{ text: "a" }, { text: 5 }] }] }],
    ["contents[0].parts[0].functionCall.name", { contents: [model({ functionCall: { args: {} } })] }],
    ["contents[0].parts[0].functionCall.args", { contents: [model(call("f", "text"))] }],
    ["contents[0].parts[0].functionResponse.name", { contents: [user({ functionResponse: {} })] }],
    [
      "tools[0].functionDeclarations[1].name",
      { contents: [USER], tools: [{ functionDeclarations: [{ name: "f" }, {}] }] },
    ],
    ["generationConfig.topK", { contents: [USER], generationConfig: { topK: "many" } }],
    [
      "toolConfig.functionCallingConfig.mode",
      { contents: [USER], toolConfig: { functionCallingConfig: { mode: "MAYBE" } } },
    ],
    ["systemInstruction.parts[0]", { contents: [USER], systemInstruction: { parts: ["x"] } }],
  ];
  test.each(faults)("%s", (field, body) => {
    let thrown: unknown;
    try {
      decode(body);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GatewayError);
    expect((thrown as GatewayError).param).toBe(field);
    expect((thrown as GatewayError).message).toContain(field);
  });
});

describe("calls and results find each other", () => {
  const pairs = (messages: Message[]) => {
    const names = new Map<string, string>();
    const found: [string, string][] = [];
    for (const message of messages)
      for (const part of message.parts) {
        if (part.type === "tool-call") names.set(part.id, `${part.name}${part.input}`);
        if (part.type === "tool-result")
          found.push([
            names.get(part.id) ?? "nothing",
            part.output.map((o) => (o.type === "text" ? o.text : "")).join(),
          ]);
      }
    return found;
  };
  const rows: [string, unknown[], [string, string][]][] = [
    [
      "by name, first in first out, results in another order",
      [
        model(call("r", { p: 1 }), call("l"), call("r", { p: 2 })),
        user(result("l", "L"), result("r", "1"), result("r", "2")),
      ],
      [
        ["l{}", "L"],
        ['r{"p":1}', "1"],
        ['r{"p":2}', "2"],
      ],
    ],
    [
      "by id, whatever the order",
      [
        model(call("r", { p: 1 }, "a"), call("r", { p: 2 }, "b")),
        user(result("r", "2", "b"), result("r", "1", "a")),
      ],
      [
        ['r{"p":2}', "2"],
        ['r{"p":1}', "1"],
      ],
    ],
    [
      "by name where the client made the result's id up",
      [model(call("r", { p: 1 })), user(result("r", "1", "r-1699"))],
      [['r{"p":1}', "1"]],
    ],
    [
      "with the latest turn before one that was interrupted",
      [
        model(call("r", { p: "old" })),
        user({ text: "stop" }),
        model(call("r", { p: "new" })),
        user(result("r", "N")),
      ],
      [['r{"p":"new"}', "N"]],
    ],
    [
      "over contents that are chunks of one answer",
      [
        model(call("r", { p: 1 })),
        model(call("r", { p: 2 })),
        user(result("r", "1")),
        { role: "function", parts: [result("r", "2")] },
      ],
      [
        ['r{"p":1}', "1"],
        ['r{"p":2}', "2"],
      ],
    ],
  ];
  test.each(rows)("%s", (_name, contents, expected) => expect(pairs(history(...contents))).toEqual(expected));

  test("ids made up for calls are distinct, fit every vendor's rule and are the same on every replay", () => {
    const contents = [model(call("r", { p: 1 }), call("r", { p: 1 }), call("r", { p: 2 }))];
    const ids = () =>
      history(...contents).flatMap((m) => m.parts.flatMap((p) => (p.type === "tool-call" ? [p.id] : [])));
    expect(new Set(ids()).size).toBe(3);
    expect(ids()).toEqual(ids());
    for (const id of ids()) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
    const longer = history(...contents, user(result("r", "x")), model(call("r", { p: 3 })));
    expect(longer[1]).toEqual(history(...contents)[1] as Message);
  });

  test("results stand before what else the user says", () => {
    const last = history(model(call("r")), user({ text: "and hurry" }, result("r", "A"))).at(-1);
    expect(last?.parts.map((part) => part.type)).toEqual(["tool-result", "text"]);
  });

  test("integers beyond 2^53 keep their digits", () => {
    const body = parseJson(
      '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"id":12345678901234567890}}}]}]}',
    ) as JsonObject;
    expect(decode(body).messages[0]?.parts[0]).toMatchObject({ input: '{"id":12345678901234567890}' });
  });
});

describe("what a function answered", () => {
  const rows: [string, unknown, unknown][] = [
    ["the documented field", { output: "A" }, { output: [{ type: "text", text: "A" }] }],
    ["the SDKs' field", { result: "A" }, { output: [{ type: "text", text: "A" }] }],
    ["an error", { error: "no" }, { output: [{ type: "text", text: "no" }], failed: true }],
    ["a list", { output: [1, 2] }, { output: [{ type: "text", text: "[1,2]" }] }],
    ["an object of its own", { a: 1, error: 2 }, { output: [{ type: "text", text: '{"a":1,"error":2}' }] }],
    ["nothing", undefined, { output: [] }],
  ];
  test.each(rows)("%s", (_name, response, expected) => {
    const last = history(
      model(call("f", {}, "1")),
      user({ functionResponse: { name: "f", id: "1", response } }),
    ).at(-1);
    expect(last?.parts[0]).toEqual({
      type: "tool-result",
      id: "1",
      name: "f",
      ...(expected as object),
    } as never);
  });

  test("with a picture inside", () => {
    const functionResponse = {
      name: "f",
      response: { output: "see" },
      parts: [{ inlineData: { mimeType: "image/png", data: "AA==" } }],
    };
    const last = history(model(call("f")), user({ functionResponse })).at(-1);
    expect(last?.parts[0]).toMatchObject({
      output: [
        { type: "text", text: "see" },
        { type: "media", kind: "image", mediaType: "image/png", data: "AA==" },
      ],
    });
  });
});

describe("signatures", () => {
  const own = (value: string) => ({ format: "gemini" as const, maker: "", value });
  const sealed = sealProof({ format: "anthropic", maker: "anthropic/c", value: "SIG" });
  const withheld = sealProof({ format: "anthropic", maker: "anthropic/c", value: "DATA", redacted: true });
  const claude = { format: "anthropic", maker: "anthropic/c", value: "SIG" };
  const chat = sealProof({ format: "openai-chat", maker: "or/x", value: "{}" });
  const rows: [string, unknown[], unknown[]][] = [
    [
      "on a call",
      [{ ...call("f", {}, "1"), thoughtSignature: "s" }],
      [{ type: "tool-call", id: "1", name: "f", input: "{}", proof: own("s") }],
    ],
    [
      "in snake case",
      [{ text: "a", thought_signature: "s" }],
      [{ type: "text", text: "a", proof: own("s") }],
    ],
    [
      "on thoughts",
      [{ text: "a", thought: true, thoughtSignature: "s" }],
      [{ type: "reasoning", text: "a", summary: true, proof: own("s") }],
    ],
    [
      "alone after a text",
      [{ text: "a" }, { text: "", thoughtSignature: "s" }],
      [{ type: "text", text: "a", proof: own("s") }],
    ],
    [
      "alone",
      [{ text: "", thoughtSignature: "s" }],
      [{ type: "reasoning", text: "", redacted: true, proof: own("s") }],
    ],
    [
      "the documented stand-in proves nothing",
      [{ text: "a", thoughtSignature: "skip_thought_signature_validator" }],
      [{ type: "text", text: "a" }],
    ],
    [
      "the same in base64",
      [{ text: "a", thoughtSignature: btoa("context_engineering_is_the_way_to_go") }],
      [{ type: "text", text: "a" }],
    ],
    [
      "Claude's, which came on the part behind its thoughts",
      [
        { text: "why", thought: true },
        { text: "a", thoughtSignature: sealed },
      ],
      [
        { type: "reasoning", text: "why", summary: true, proof: claude },
        { type: "text", text: "a" },
      ],
    ],
    [
      "Claude's, where the client dropped the thoughts",
      [{ ...call("f", {}, "1"), thoughtSignature: sealed }],
      [
        { type: "reasoning", text: "", proof: claude },
        { type: "tool-call", id: "1", name: "f", input: "{}" },
      ],
    ],
    [
      "Claude's of withheld thoughts stays one of withheld thoughts",
      [
        { text: "why", thought: true, thoughtSignature: sealed },
        { text: "a", thoughtSignature: withheld },
      ],
      [
        { type: "reasoning", text: "why", summary: true, proof: claude },
        { type: "reasoning", text: "", redacted: true, proof: { ...claude, value: "DATA", redacted: true } },
        { type: "text", text: "a" },
      ],
    ],
    [
      "a chat provider's stays on its call",
      [{ ...call("f", {}, "1"), thoughtSignature: chat }],
      [
        {
          type: "tool-call",
          id: "1",
          name: "f",
          input: "{}",
          proof: { format: "openai-chat", maker: "or/x", value: "{}" },
        },
      ],
    ],
  ];
  test.each(rows)("%s", (_name, parts, expected) =>
    expect(history(model(...parts))[1]?.parts).toEqual(expected as never),
  );

  test("a history kept chunk by chunk is one answer again", () => {
    const chunks = [
      { text: "I ", thought: true },
      { text: "think", thought: true },
      { text: "Hel" },
      { text: "lo" },
      { text: "" },
    ];
    expect(history(...chunks.map((part) => model(part)))[1]?.parts).toEqual([
      { type: "reasoning", text: "I think", summary: true },
      { type: "text", text: "Hello" },
    ]);
  });
});

describe("settings", () => {
  const rows: [string, JsonObject, JsonObject][] = [
    [
      "thinking off",
      { thinkingConfig: { thinkingBudget: 0 } },
      { reasoning: { effort: "none", visible: false } },
    ],
    [
      "thinking as the model likes",
      { thinkingConfig: { thinkingBudget: -1, includeThoughts: true } },
      { reasoning: { adaptive: true, visible: true } },
    ],
    [
      "a level",
      { thinkingConfig: { thinkingLevel: "low" } },
      { reasoning: { effort: "low", visible: false } },
    ],
    [
      "only to see thoughts",
      { thinking_config: { include_thoughts: true } },
      { reasoning: { visible: true } },
    ],
    ["JSON", { responseMimeType: "application/json" }, { output: { type: "json" } }],
    [
      "a schema of Google's",
      {
        responseMimeType: "application/json",
        responseSchema: { type: "ARRAY", items: { type: "STRING" }, minItems: "2" },
      },
      { output: { type: "schema", schema: { type: "array", items: { type: "string" }, minItems: 2 } } },
    ],
    [
      "a plain schema",
      { responseMimeType: "application/json", responseJsonSchema: { $ref: "#/x" } },
      { output: { type: "schema", schema: { $ref: "#/x" } } },
    ],
    [
      "an unknown type",
      { responseMimeType: "text/x.enum", responseSchema: { type: "STRING" } },
      {
        vendor: {
          gemini: {
            generationConfig: { responseMimeType: "text/x.enum", responseSchema: { type: "STRING" } },
          },
        },
      },
    ],
    ["several answers", { candidateCount: 3 }, { choices: 3 }],
    [
      "log probabilities",
      { responseLogprobs: true, logprobs: 4 },
      {
        logprobs: true,
        topLogprobs: 4,
        vendor: { gemini: { generationConfig: { responseLogprobs: true, logprobs: 4 } } },
      },
    ],
  ];
  test.each(rows)("%s", (_name, generationConfig, expected) => {
    const {
      messages: _messages,
      model: _model,
      stream: _stream,
      ...rest
    } = decode({ contents: [USER], generationConfig });
    expect(rest).toEqual(expected as never);
  });

  const choices: [string, JsonObject, unknown][] = [
    ["AUTO", { mode: "AUTO" }, { type: "auto" }],
    ["NONE", { mode: "NONE" }, { type: "none" }],
    ["ANY", { mode: "ANY" }, { type: "required" }],
    ["ANY of one", { mode: "ANY", allowedFunctionNames: ["f"] }, { type: "tool", name: "f" }],
    [
      "ANY of two",
      { mode: "ANY", allowedFunctionNames: ["f", "g"] },
      { type: "allowed", names: ["f", "g"], required: true },
    ],
    [
      "VALIDATED of one",
      { mode: "VALIDATED", allowedFunctionNames: ["f"] },
      { type: "allowed", names: ["f"], required: false },
    ],
    ["VALIDATED", { mode: "VALIDATED" }, { type: "auto" }],
    ["MODE_UNSPECIFIED", { mode: "MODE_UNSPECIFIED" }, undefined],
  ];
  test.each(choices)("tool choice %s", (_name, functionCallingConfig, expected) =>
    expect(decode({ contents: [USER], toolConfig: { functionCallingConfig } }).toolChoice).toEqual(
      expected as never,
    ),
  );

  test("Google's schema becomes a plain one, names of properties untouched", () => {
    const parameters = {
      type: "OBJECT",
      properties: {
        type: { type: "STRING", nullable: true, format: "enum", enum: ["A"] },
        any_of: { any_of: [{ type: "INTEGER" }, { type: "NUMBER", nullable: true }], example: 3 },
      },
      propertyOrdering: ["any_of", "type"],
      required: ["type"],
    };
    const tools = [{ functionDeclarations: [{ name: "f", parameters, response: { type: "STRING" } }] }];
    const tool = decode({ contents: [USER], tools }).tools?.[0];
    expect(tool).toEqual({
      type: "function",
      name: "f",
      parameters: {
        type: "object",
        properties: {
          any_of: { anyOf: [{ type: "integer" }, { type: ["number", "null"] }], examples: [3] },
          type: { type: ["string", "null"], enum: ["A", null] },
        },
        required: ["type"],
      },
      vendor: { gemini: { response: { type: "STRING" } } },
    });
    const properties = (tool as any).parameters.properties;
    expect(Object.keys(properties)).toEqual(["any_of", "type"]);
  });

  test("hosted tools keep their settings for Gemini and a word for others", () => {
    const tools = [{ googleSearch: { a: 1 }, codeExecution: {} }, { urlContext: {} }, { googleMaps: {} }];
    expect(decode({ contents: [USER], tools }).tools).toEqual([
      {
        type: "hosted",
        kind: "web-search",
        name: "googleSearch",
        vendor: { gemini: { googleSearch: { a: 1 } } },
      },
      {
        type: "hosted",
        kind: "code-execution",
        name: "codeExecution",
        vendor: { gemini: { codeExecution: {} } },
      },
      { type: "hosted", kind: "web-fetch", name: "urlContext", vendor: { gemini: { urlContext: {} } } },
      { type: "hosted", kind: "googleMaps", name: "googleMaps", vendor: { gemini: { googleMaps: {} } } },
    ]);
  });

  test("an instruction may be plain text", () =>
    expect(decode({ contents: [USER], systemInstruction: "SYS" }).messages[0]).toEqual({
      role: "system",
      parts: [{ type: "text", text: "SYS" }],
    }));

  test("files are told apart by their type, and those kept at Google by their address", () => {
    const parts = [
      { inlineData: { mimeType: "audio/wav", data: "AA==", displayName: "n" } },
      { fileData: { mimeType: "application/pdf", fileUri: "gs://b/f" } },
      { fileData: { mimeType: "video/mp4", fileUri: "https://x/v" } },
    ];
    expect(decode({ contents: [user(...parts)] }).messages[0]?.parts).toEqual([
      { type: "media", kind: "audio", mediaType: "audio/wav", data: "AA==", name: "n" },
      { type: "media", kind: "document", mediaType: "application/pdf", fileId: "gs://b/f" },
      { type: "media", kind: "video", mediaType: "video/mp4", url: "https://x/v" },
    ]);
  });
});
