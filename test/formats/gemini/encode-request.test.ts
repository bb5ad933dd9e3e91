import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../../src/core/errors.ts";
import type { TargetModel } from "../../../src/core/format.ts";
import { NO_QUIRKS, type Quirks } from "../../../src/core/quirks.ts";
import type { Part, Proof } from "../../../src/core/reply.ts";
import type { ChatRequest, Message, Reasoning, Tool, ToolChoice } from "../../../src/core/request.ts";
import { gemini } from "../../../src/formats/gemini/index.ts";

const ASK: Message = { role: "user", parts: [{ type: "text", text: "go" }] };
const OLD: TargetModel = { id: "gemini-2.5-flash", maker: "gemini/gemini-2.5-flash" };
const NEW: TargetModel = { id: "gemini-3-pro-preview", maker: "gemini/gemini-3-pro-preview" };

const encode = (request: Partial<ChatRequest>, target = OLD, quirks: Quirks = NO_QUIRKS) =>
  gemini.encodeRequest({ model: "x", stream: false, messages: [ASK], ...request }, target, quirks);
const contentsOf = (messages: Message[], target = OLD) =>
  encode({ messages }, target).body["contents"] as any[];

const text = (value: string): Part => ({ type: "text", text: value });
const call = (id: string, name: string, input = "{}", proof?: Proof): Part => ({
  type: "tool-call",
  id,
  name,
  input,
  ...(proof && { proof }),
});
const result = (id: string, output: string, failed?: boolean): Part => ({
  type: "tool-result",
  id,
  output: output === "" ? [] : [text(output)],
  ...(failed && { failed }),
});
const user = (...parts: Part[]): Message => ({ role: "user", parts });
const assistant = (...parts: Part[]): Message => ({ role: "assistant", parts });
const own = (value: string, maker = NEW.maker): Proof => ({ format: "gemini", maker, value });
const claude: Proof = { format: "anthropic", maker: "anthropic/c", value: "CLAUDE" };
const responseOf = (part: any) => part.functionResponse?.response;

describe("turns", () => {
  test("speakers alternate, a user begins, empty parts and turns vanish", () => {
    const messages = [
      assistant(text("hi")),
      user(text("")),
      assistant(text("there")),
      user(text(""), text("a")),
      user(text("b")),
    ];
    expect(contentsOf(messages)).toEqual([
      { role: "user", parts: [{ text: expect.any(String) }] },
      { role: "model", parts: [{ text: "hi" }, { text: "there" }] },
      { role: "user", parts: [{ text: "a" }, { text: "b" }] },
    ]);
  });

  test("instructions go first, later ones keep their place", () => {
    const system = (value: string): Message => ({ role: "system", parts: [text(value)] });
    const { body } = encode({
      messages: [system("A"), system("B"), ASK, system("C"), assistant(text("ok"))],
    });
    expect(body["systemInstruction"]).toEqual({ parts: [{ text: "A" }, { text: "B" }] });
    expect(body["contents"]).toEqual([
      { role: "user", parts: [{ text: "go" }, { text: "<system>\nC\n</system>" }] },
      { role: "model", parts: [{ text: "ok" }] },
    ]);
  });

  test("a request of instructions alone asks them as the user, as one does whose target takes none", () => {
    const messages: Message[] = [{ role: "system", parts: [text("A")] }];
    expect(encode({ messages }).body).toEqual({ contents: [{ role: "user", parts: [{ text: "A" }] }] });
    const asUser = encode({ messages: [...messages, ASK] }, OLD, { systemAsUser: true });
    expect(asUser.body).toEqual({ contents: [{ role: "user", parts: [{ text: "A" }, { text: "go" }] }] });
  });
});

describe("calls and results", () => {
  test("parallel results stand in one content, in the order of the calls, with their names", () => {
    const contents = contentsOf([
      ASK,
      assistant(call("1", "read", '{"p":"a"}'), call("2", "list")),
      user(result("2", "L"), result("1", "A"), text("next")),
    ]);
    expect(contents.slice(1)).toEqual([
      {
        role: "model",
        parts: [
          { functionCall: { id: "1", name: "read", args: { p: "a" } } },
          { functionCall: { id: "2", name: "list", args: {} } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "1", name: "read", response: { output: "A" } } },
          { functionResponse: { id: "2", name: "list", response: { output: "L" } } },
          { text: "next" },
        ],
      },
    ]);
  });

  test("a call without a result gets an error, a result without a call becomes text", () => {
    const contents = contentsOf([
      ASK,
      assistant(call("1", "read")),
      user(result("9", "lost"), text("go on")),
    ]);
    expect(contents.map((content) => content.role)).toEqual(["user", "model", "user"]);
    expect(responseOf(contents[2].parts[0])).toEqual({ error: expect.stringContaining("interrupted") });
    expect(JSON.stringify(contents[2].parts.slice(1))).toContain("lost");
    expect(contents[2].parts.filter((part: any) => part.functionResponse)).toHaveLength(1);
  });

  test("a result given late or before its call moves to it, and an id used twice pairs in order", () => {
    const contents = contentsOf([
      user(result("a", "early")),
      assistant(call("a", "f")),
      user(text("wait")),
      assistant(call("b", "g")),
      assistant(call("b", "g")),
      user(result("b", "1"), result("b", "2")),
    ]);
    const responses = contents.flatMap((content) => content.parts.map(responseOf).filter(Boolean));
    expect(responses).toEqual([{ output: "early" }, { output: "1" }, { output: "2" }]);
  });

  const outputs: [string, Part, unknown][] = [
    ["text", result("1", "plain"), { output: "plain" }],
    ["nothing", result("1", ""), { output: "" }],
    ["an object", result("1", '{"ok":true}'), { ok: true }],
    ["a list", result("1", "[1]"), { output: [1] }],
    ["what only looks like JSON", result("1", "{not json"), { output: "{not json" }],
    ["an object with a reserved name alone", result("1", '{"error":0}'), { output: { error: 0 } }],
    ["references stay text", result("1", '{"a":{"$ref":"#/x"}}'), { output: '{"a":{"$ref":"#/x"}}' }],
    ["a failure", result("1", "boom", true), { error: "boom" }],
  ];
  test.each(outputs)("result: %s", (_name, output, expected) =>
    expect(responseOf(contentsOf([ASK, assistant(call("1", "f")), user(output)])[2].parts[0])).toEqual(
      expected,
    ),
  );

  test("integers of results keep their digits", () => {
    const { body } = encode({
      messages: [
        ASK,
        assistant(call("1", "f", '{"id":12345678901234567890}')),
        user(result("1", '{"id":98765432109876543210}')),
      ],
    });
    expect(JSON.stringify(body)).toContain('"args":{"id":12345678901234567890}');
    expect(JSON.stringify(body)).toContain('"response":{"id":98765432109876543210}');
  });

  test("pictures stand inside a response since Gemini 3, beside the responses before", () => {
    const picture: Part = { type: "media", kind: "image", mediaType: "image/png", data: "AA==" };
    const messages = [
      ASK,
      assistant(call("1", "f"), call("2", "g")),
      user({ type: "tool-result", id: "1", output: [text("see"), picture] }, result("2", "B")),
    ];
    const inline = { inlineData: { mimeType: "image/png", data: "AA==" } };
    const [first, second] = contentsOf(messages, NEW)[2].parts;
    expect([first.functionResponse.parts, second.functionResponse.parts]).toEqual([[inline], undefined]);
    const before = contentsOf(messages, OLD)[2].parts;
    expect(before.map((part: any) => Object.keys(part)[0])).toEqual([
      "functionResponse",
      "functionResponse",
      "inlineData",
    ]);
  });

  const inputs: [string, Part, unknown][] = [
    ["nothing", call("1", "f", ""), {}],
    ["broken JSON", call("1", "f", '{"a":'), { input: '{"a":' }],
    ["a list", call("1", "f", "[1]"), { input: [1] }],
    [
      "free text",
      { type: "tool-call", id: "1", name: "f", input: "*** Begin", freeText: true },
      { input: "*** Begin" },
    ],
  ];
  test.each(inputs)("arguments: %s", (_name, part, expected) =>
    expect(contentsOf([ASK, assistant(part)])[1].parts[0].functionCall.args).toEqual(expected),
  );

  test("ids we made up are not sent: Gemini pairs those calls by name", () => {
    const history = gemini.decodeRequest({
      contents: [{ role: "model", parts: [{ functionCall: { name: "f" } }] }],
    });
    const parts = contentsOf(history.messages).flatMap((content) => content.parts);
    expect(
      parts.flatMap((part: any) => Object.keys(part.functionCall ?? part.functionResponse ?? {})),
    ).not.toContain("id");
  });
});

describe("signatures", () => {
  const signatures = (parts: Part[], target = NEW) =>
    contentsOf([ASK, assistant(...parts)], target)[1].parts.map((part: any) => part.thoughtSignature);
  const SKIP = "skip_thought_signature_validator";
  const rows: [string, Part[], (string | undefined)[], TargetModel?][] = [
    ["first call of a turn without one, Gemini 3", [call("1", "f"), call("2", "f")], [SKIP, undefined]],
    [
      "the moving names are as new",
      [call("1", "f")],
      [SKIP],
      { id: "gemini-flash-latest", maker: "gemini/x" },
    ],
    ["no stand-in before Gemini 3", [call("1", "f")], [undefined], OLD],
    ["own", [call("1", "f", "{}", own("S")), call("2", "f")], ["S", undefined]],
    ["a client's own, of an unknown maker", [call("1", "f", "{}", own("S", ""))], ["S"]],
    ["of another Gemini model", [call("1", "f", "{}", own("S", OLD.maker))], [SKIP]],
    ["of another vendor", [call("1", "f", "{}", claude)], [SKIP]],
    ["on text", [{ ...text("a"), proof: own("S") }], ["S"]],
    [
      "alone before a call",
      [{ type: "reasoning", text: "", redacted: true, proof: own("S") }, call("1", "f")],
      ["S"],
    ],
    [
      "alone before a text",
      [{ type: "reasoning", text: "", redacted: true, proof: own("S") }, text("a")],
      ["S", undefined],
    ],
    ["on thoughts", [{ type: "reasoning", text: "why", proof: own("S") }, text("a")], ["S", undefined]],
  ];
  test.each(rows)("%s", (...[_name, parts, expected, target]) =>
    expect(signatures(parts, target)).toEqual(expected),
  );

  test("thoughts go back only with Gemini's own signature", () => {
    const parts = [
      { type: "reasoning", text: "secret", proof: claude },
      { type: "reasoning", text: "unsigned" },
      text("a"),
    ] as Part[];
    expect(contentsOf([ASK, assistant(...parts)], NEW)[1].parts).toEqual([{ text: "a" }]);
    const signed = contentsOf([ASK, assistant({ type: "reasoning", text: "why", proof: own("S") })], NEW);
    expect(signed[1].parts).toEqual([{ text: "why", thought: true, thoughtSignature: "S" }]);
  });
});

describe("files", () => {
  const media = (fields: object): Part => ({ type: "media", kind: "image", mediaType: "", ...fields });
  const rows: [string, Part, unknown][] = [
    [
      "data",
      media({ mediaType: "image/png", data: "AA==", name: "n.png" }),
      { inlineData: { mimeType: "image/png", data: "AA==", displayName: "n.png" } },
    ],
    [
      "a data URL",
      media({ url: "data:image/webp;base64,AA==" }),
      { inlineData: { mimeType: "image/webp", data: "AA==" } },
    ],
    [
      "a link, its type by the ending",
      media({ url: "https://x/a.png?b" }),
      { fileData: { mimeType: "image/png", fileUri: "https://x/a.png?b" } },
    ],
    [
      "a link without an ending",
      media({ url: "https://x/a" }),
      { fileData: { mimeType: "image/jpeg", fileUri: "https://x/a" } },
    ],
    [
      "plain text",
      media({ kind: "document", data: "hé", plain: true }),
      { inlineData: { mimeType: "text/plain", data: "aMOp" } },
    ],
    [
      "a file at Google",
      media({ mediaType: "image/png", fileId: "gs://b/c" }),
      { fileData: { mimeType: "image/png", fileUri: "gs://b/c" } },
    ],
  ];
  test.each(rows)("%s", (_name, part, expected) =>
    expect(contentsOf([user(part)])[0].parts).toEqual([expected]),
  );

  test("a file kept at another vendor is told as left out", () =>
    expect(encode({ messages: [user(text("a"), media({ fileId: "file-1" }))] }).losses).toEqual([
      { what: "image input", why: "the file is kept at another vendor" },
    ]));
});

describe("tools", () => {
  const fn = (name: string, parameters = {}): Tool => ({
    type: "function",
    name,
    parameters: { type: "object", ...parameters },
  });
  const search: Tool = { type: "hosted", kind: "web-search", name: "web_search", vendor: { anthropic: {} } };
  const run: Tool = { type: "hosted", kind: "code-execution", name: "code_interpreter" };
  const own: Tool = {
    type: "hosted",
    kind: "web-search",
    name: "googleSearch",
    vendor: { gemini: { googleSearch: { a: 1 } } },
  };

  test("functions stand in one entry; schemas go as they are where the target takes them", () => {
    const tools = [fn("f", { $defs: {} }), { ...fn("g"), description: "d" } as Tool];
    expect(encode({ tools }, OLD, { jsonSchemaParameters: true }).body["tools"]).toEqual([
      {
        functionDeclarations: [
          { name: "f", parametersJsonSchema: { type: "object", $defs: {} } },
          { name: "g", description: "d", parametersJsonSchema: { type: "object" } },
        ],
      },
    ]);
    expect(encode({ tools: [fn("f", { $defs: {} })] }).body["tools"]).toEqual([
      { functionDeclarations: [{ name: "f", parameters: { type: "OBJECT" } }] },
    ]);
  });

  test("names Gemini forbids are changed, stay distinct and come back", () => {
    const names = ["my.tool:v-2", "1st", "a b", "a/b", "x".repeat(80), `${"x".repeat(80)}y`];
    const { body, toolNames } = encode({ tools: names.map((name) => fn(name)) });
    const written = (body["tools"] as any)[0].functionDeclarations.map((one: any) => one.name) as string[];
    expect(written[0]).toBe("my.tool:v-2");
    for (const name of written) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/);
    expect(new Set(written).size).toBe(names.length);
    expect(written.map((name) => toolNames.fromWire(name).name)).toEqual(names);
  });

  test("a free-text tool takes one string, and its call comes back as text", () => {
    const tool: Tool = {
      type: "custom",
      name: "apply_patch",
      namespace: "fs",
      grammar: { syntax: "lark", definition: "start: x" },
    };
    const { body, toolNames } = encode({ tools: [tool] });
    const [declared] = (body["tools"] as any)[0].functionDeclarations;
    expect(declared).toMatchObject({
      name: "fs__apply_patch",
      parameters: { required: ["input"], properties: { input: { type: "STRING" } } },
    });
    const part = { functionCall: { name: "fs__apply_patch", args: { input: "*** Begin\n" } } };
    const reply = gemini.decodeReply(
      { candidates: [{ content: { parts: [part] }, finishReason: "STOP" }] },
      { quirks: NO_QUIRKS, toolNames, maker: "m" },
    );
    expect(reply.parts[0]).toMatchObject({
      type: "tool-call",
      name: "apply_patch",
      namespace: "fs",
      freeText: true,
      input: "*** Begin\n",
    });
  });

  const hosted: [string, Tool[], unknown, string[]][] = [
    ["search and code alone", [search, run], [{ googleSearch: {} }, { codeExecution: {} }], []],
    [
      "yield to functions",
      [search, fn("f")],
      [{ functionDeclarations: [{ name: "f", parameters: { type: "OBJECT" } }] }],
      ["tool web_search"],
    ],
    [
      "a Gemini client's own stay beside functions",
      [own, fn("f")],
      [{ functionDeclarations: [{ name: "f", parameters: { type: "OBJECT" } }] }, { googleSearch: { a: 1 } }],
      [],
    ],
    [
      "unknown ones are told",
      [{ type: "hosted", kind: "computer-use", name: "computer" }],
      undefined,
      ["tool computer"],
    ],
  ];
  test.each(hosted)("hosted: %s", (_name, tools, expected, lost) => {
    const { body, losses } = encode({ tools });
    expect(body["tools"]).toEqual(expected as never);
    expect(losses.map((loss) => loss.what)).toEqual(lost);
  });

  const choices: [ToolChoice, unknown][] = [
    [{ type: "auto" }, { mode: "AUTO" }],
    [{ type: "none" }, { mode: "NONE" }],
    [{ type: "required" }, { mode: "ANY" }],
    [
      { type: "tool", name: "f" },
      { mode: "ANY", allowedFunctionNames: ["f"] },
    ],
    [
      { type: "tool", name: "g", namespace: "n" },
      { mode: "ANY", allowedFunctionNames: ["n__g"] },
    ],
    [
      { type: "allowed", names: ["f", "g"], required: true },
      { mode: "ANY", allowedFunctionNames: ["f", "n__g"] },
    ],
    [
      { type: "allowed", names: ["f"], required: false },
      { mode: "VALIDATED", allowedFunctionNames: ["f"] },
    ],
  ];
  test.each(choices)("choice %p", (toolChoice, functionCallingConfig) => {
    const tools: Tool[] = [fn("f"), { ...fn("g"), namespace: "n" }];
    expect(encode({ tools, toolChoice }).body["toolConfig"]).toEqual({ functionCallingConfig });
  });

  const forced: [string, Tool[], ToolChoice][] = [
    ["a hosted tool that yields", [search, fn("f")], { type: "tool", name: "web_search" }],
    ["a tool Gemini lacks", [{ type: "hosted", kind: "mcp", name: "mcp" }], { type: "required" }],
    ["only such tools", [search, fn("f")], { type: "allowed", names: ["web_search"], required: true }],
  ];
  test.each(forced)("refuses to drop a forced tool: %s", (_name, tools, toolChoice) =>
    expect(() => encode({ tools, toolChoice })).toThrow(
      expect.objectContaining({ code: "unsupported", param: "tool_choice" }),
    ),
  );
});

describe("settings", () => {
  const config = (request: Partial<ChatRequest>, target = OLD, quirks: Quirks = NO_QUIRKS) =>
    encode(request, target, quirks).body["generationConfig"];

  test("each in its place", () => {
    const request = {
      maxOutputTokens: 99_999,
      temperature: 0.1,
      topP: 0.2,
      topK: 3,
      seed: 4,
      stop: ["A"],
      frequencyPenalty: 0.5,
      presencePenalty: 0.6,
    };
    const { stop, ...same } = request;
    expect(config(request, { ...OLD, maxOutputTokens: 65_536 })).toEqual({
      ...same,
      maxOutputTokens: 65_536,
      stopSequences: stop,
    });
  });

  test("what Gemini cannot do is told or silently left out", () => {
    const { body, losses } = encode({
      choices: 2,
      logprobs: true,
      stop: ["1", "2", "3", "4", "5", "6"],
      seed: 2 ** 40,
      parallelToolCalls: false,
      user: "u",
      metadata: { a: 1 },
      promptCacheKey: "k",
      serviceTier: "flex",
      verbosity: "low",
    });
    expect(
      losses
        .filter((loss) => !loss.silent)
        .map((loss) => loss.what)
        .sort(),
    ).toEqual(["logprobs", "n", "stop"]);
    expect(
      losses
        .filter((loss) => loss.silent)
        .map((loss) => loss.what)
        .sort(),
    ).toEqual([
      "metadata",
      "parallelToolCalls",
      "promptCacheKey",
      "seed",
      "serviceTier",
      "user",
      "verbosity",
    ]);
    expect(body).toEqual({
      contents: [{ role: "user", parts: [{ text: "go" }] }],
      generationConfig: { stopSequences: ["1", "2", "3", "4", "5"] },
    });
  });

  test("a conversation kept elsewhere is refused", () =>
    expect(() => encode({ previousResponseId: "resp_1" })).toThrow(GatewayError));

  test("the shape of the answer", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
    expect(config({ output: { type: "json" } })).toEqual({ responseMimeType: "application/json" });
    expect(config({ output: { type: "schema", schema, name: "o", strict: true } })).toEqual({
      responseMimeType: "application/json",
      responseSchema: { type: "OBJECT", properties: { a: { type: "STRING" } } },
    });
    expect(config({ output: { type: "schema", schema } }, OLD, { jsonSchemaParameters: true })).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: schema,
    });
  });

  const PRO: TargetModel = { id: "gemini-2.5-pro", maker: "x" };
  const FLASH3: TargetModel = { id: "gemini-3-flash-preview", maker: "x" };
  const thinking: [string, Reasoning, TargetModel, unknown, Partial<ChatRequest>?][] = [
    ["effort as a budget", { effort: "medium" }, OLD, { thinkingBudget: 10_240, includeThoughts: true }],
    ["clamped to the model", { effort: "high" }, OLD, { thinkingBudget: 24_576, includeThoughts: true }],
    [
      "clamped to the answer",
      { budget: 31_999 },
      PRO,
      { thinkingBudget: 1999, includeThoughts: true },
      { maxOutputTokens: 2000 },
    ],
    ["off", { effort: "none" }, OLD, { thinkingBudget: 0 }],
    ["off cannot be shown", { effort: "none", visible: true }, OLD, { thinkingBudget: 0 }],
    ["Pro cannot be turned off", { effort: "none" }, PRO, { thinkingBudget: 128 }],
    [
      "as the model likes",
      { adaptive: true, visible: false },
      OLD,
      { thinkingBudget: -1, includeThoughts: false },
    ],
    ["a level since 3", { effort: "minimal" }, FLASH3, { thinkingLevel: "MINIMAL", includeThoughts: true }],
    [
      "the nearest level",
      { effort: "max", summary: "none" },
      NEW,
      { thinkingLevel: "HIGH", includeThoughts: true },
    ],
    [
      "the first Pro of 3 knows two levels",
      { effort: "medium" },
      NEW,
      { thinkingLevel: "LOW", includeThoughts: true },
    ],
    [
      "its successor three",
      { effort: "medium" },
      { id: "gemini-3.1-pro-preview", maker: "x" },
      { thinkingLevel: "MEDIUM", includeThoughts: true },
    ],
    ["a budget as a level", { budget: 31_999 }, FLASH3, { thinkingLevel: "HIGH", includeThoughts: true }],
    ["as the model likes is the default since 3", { adaptive: true }, FLASH3, { includeThoughts: true }],
    ["models that do not think", { effort: "high" }, { id: "gemini-2.0-flash", maker: "x" }, undefined],
    ["open models", { effort: "high" }, { id: "gemma-3-27b-it", maker: "x" }, undefined],
    ["models that are known not to", { effort: "high" }, { ...NEW, reasoning: false }, undefined],
    [
      "models nobody knows are told what was said",
      { budget: 777 },
      { id: "my-tuned-model", maker: "x" },
      { thinkingBudget: 777, includeThoughts: true },
    ],
  ];
  test.each(thinking)("thinking: %s", (...[_name, reasoning, target, expected, more]) => {
    const written = config({ reasoning, ...more }, target) as { thinkingConfig?: unknown } | undefined;
    expect(written?.thinkingConfig).toEqual(expected as never);
  });

  test("fields a provider refuses are left out or renamed", () => {
    const quirks = { drop: ["safetySettings", "topK"], rename: { cachedContent: "cached" } };
    const vendor = { gemini: { safetySettings: [], cachedContent: "c" } };
    expect(encode({ vendor, topK: 3, topP: 1 }, OLD, quirks).body).toEqual({
      cached: "c",
      contents: [{ role: "user", parts: [{ text: "go" }] }],
      generationConfig: { topP: 1 },
    });
  });

  test("the same conversation gives the same bytes, also when it goes on", () => {
    const turns = [ASK, assistant(call("1", "f")), user(result("1", "A"))];
    const once = JSON.stringify(contentsOf(turns, NEW));
    expect(JSON.stringify(contentsOf(turns, NEW))).toBe(once);
    expect(
      JSON.stringify(contentsOf([...turns, assistant(text("done")), ASK], NEW)).startsWith(once.slice(0, -1)),
    ).toBe(true);
  });
});
