import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../../src/core/errors.ts";
import type { TargetModel } from "../../../src/core/format.ts";
import type { Quirks } from "../../../src/core/quirks.ts";
import type { Part } from "../../../src/core/reply.ts";
import type { ChatRequest, Message } from "../../../src/core/request.ts";
import { anthropic } from "../../../src/formats/anthropic/index.ts";
import { strictSchema } from "../../../src/formats/anthropic/output-shape.ts";

const SONNET: TargetModel = {
  id: "claude-sonnet-4-5-20250929",
  maker: "anthropic/claude-sonnet-4-5-20250929",
};
const OPUS: TargetModel = { id: "claude-opus-5", maker: "anthropic/claude-opus-5" };
const GLM: TargetModel = { id: "glm-5", maker: "glm/glm-5" };

const user = (...parts: (string | Part)[]): Message => ({ role: "user", parts: parts.map(asPart) });
const assistant = (...parts: (string | Part)[]): Message => ({ role: "assistant", parts: parts.map(asPart) });
const system = (text: string): Message => ({ role: "system", parts: [asPart(text)] });
const asPart = (part: string | Part): Part =>
  typeof part === "string" ? { type: "text", text: part } : part;
const call = (id: string, input = "{}", extra: object = {}): Part => ({
  type: "tool-call",
  id,
  name: "f",
  input,
  ...extra,
});
const result = (id: string, text: string): Part => ({ type: "tool-result", id, output: [asPart(text)] });
const TOOL = { type: "function" as const, name: "f", parameters: { type: "object" } };

const ask = (changes: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "m",
  stream: false,
  messages: [user("go")],
  ...changes,
});
const encode = (changes: Partial<ChatRequest> = {}, target = SONNET, quirks: Quirks = {}) =>
  anthropic.encodeRequest(ask(changes), target, quirks);
const turns = (messages: Message[], target = SONNET): unknown[] =>
  (
    encode({ messages, tools: [TOOL] }, target).body["messages"] as { role: string; content: unknown[] }[]
  ).map((turn) => [turn.role, ...turn.content]);
const said = (text: string) => ({ type: "text", text });
const used = (id: string, input: unknown = {}) => ({ type: "tool_use", id, name: "f", input });
const gave = (id: string, content: unknown, extra: object = {}) => ({
  type: "tool_result",
  tool_use_id: id,
  content,
  ...extra,
});
const MISSING = gave("c1", "There is no result: the call was interrupted.", { is_error: true });

describe("turns stand in the order Anthropic insists on", () => {
  const rows: [string, Message[], unknown[]][] = [
    [
      "neighbours of one role are one turn",
      [user("a"), user("b"), assistant("c")],
      [
        ["user", said("a"), said("b")],
        ["assistant", said("c")],
      ],
    ],
    [
      "an answer at the beginning has somebody before it",
      [assistant("a"), user("b")],
      [
        ["user", said("Continue.")],
        ["assistant", said("a")],
        ["user", said("b")],
      ],
    ],
    [
      "results of parallel calls come first, in the order of the calls",
      [
        user("go"),
        assistant(call("c1"), call("c2")),
        user(result("c2", "two"), "and now?", result("c1", "one")),
      ],
      [
        ["user", said("go")],
        ["assistant", used("c1"), used("c2")],
        ["user", gave("c1", "one"), gave("c2", "two"), said("and now?")],
      ],
    ],
    [
      "a message between a call and its result comes after the result",
      [user("go"), assistant(call("c1")), user("wait"), user(result("c1", "one"))],
      [
        ["user", said("go")],
        ["assistant", used("c1")],
        ["user", gave("c1", "one"), said("wait")],
      ],
    ],
    [
      "a result that came before its call follows it",
      [user("go"), user(result("c1", "one")), assistant(call("c1"))],
      [
        ["user", said("go")],
        ["assistant", used("c1")],
        ["user", gave("c1", "one")],
      ],
    ],
    [
      "an interrupted call gets an error result",
      [user("go"), assistant("ok", call("c1")), user("stop")],
      [
        ["user", said("go")],
        ["assistant", said("ok"), used("c1")],
        ["user", MISSING, said("stop")],
      ],
    ],
    [
      "a call at the very end gets one too",
      [user("go"), assistant(call("c1"))],
      [
        ["user", said("go")],
        ["assistant", used("c1")],
        ["user", MISSING],
      ],
    ],
    [
      "a result without a call is told as text",
      [user("go", result("zz", "late"))],
      [["user", said("go"), said("Result of an earlier tool call:\nlate")]],
    ],
    [
      "an id used again pairs each call with its own result",
      [
        user("go"),
        assistant(call("c1", '{"n":1}')),
        user(result("c1", "one")),
        assistant(call("c1", '{"n":2}')),
        user(result("c1", "two")),
      ],
      [
        ["user", said("go")],
        ["assistant", used("c1", { n: 1 })],
        ["user", gave("c1", "one")],
        ["assistant", used("c1_2", { n: 2 })],
        ["user", gave("c1_2", "two")],
      ],
    ],
    [
      "an interrupted call does not take the result of a later one with the same id",
      [user("go"), assistant(call("c1")), user("again"), assistant(call("c1")), user(result("c1", "two"))],
      [
        ["user", said("go")],
        ["assistant", used("c1")],
        ["user", MISSING, said("again")],
        ["assistant", used("c1_2")],
        ["user", gave("c1_2", "two")],
      ],
    ],
    [
      "ids fit what Anthropic allows",
      [user("go"), assistant(call("call.1|x")), user(result("call.1|x", "one"))],
      [
        ["user", said("go")],
        ["assistant", used("call_1_x")],
        ["user", gave("call_1_x", "one")],
      ],
    ],
    [
      "empty texts and the messages they leave empty disappear",
      [user("go"), assistant(" \n"), user("", "next")],
      [["user", said("go"), said("next")]],
    ],
    [
      "white space at the end of an answer to be continued is left out",
      [user("go"), assistant("The answer is \n")],
      [
        ["user", said("go")],
        ["assistant", said("The answer is")],
      ],
    ],
    [
      "system text in the middle is marked as such",
      [user("one"), assistant("two"), system("RULE"), user("three")],
      [
        ["user", said("one")],
        ["assistant", said("two")],
        ["user", said("<system-reminder>\nRULE\n</system-reminder>"), said("three")],
      ],
    ],
    ["nothing but system text is said by the user", [system("Say hi.")], [["user", said("Say hi.")]]],
  ];
  test.each(rows)("%s", (_name, messages, expected) => {
    expect(turns(messages)).toEqual(expected);
  });

  test("newer models, which continue no answer, are asked to go on", () => {
    expect(turns([user("go"), assistant("half")], OPUS)).toEqual([
      ["user", said("go")],
      ["assistant", said("half")],
      ["user", said("Continue.")],
    ]);
  });

  test("leading system and developer turns are the system text", () => {
    const { body } = encode({ messages: [system("S"), { ...system("D"), developer: true }, user("go")] });
    expect(body["system"]).toEqual([said("S"), said("D")]);
    expect(body["messages"]).toEqual([{ role: "user", content: [said("go")] }]);
  });

  test("a Messages client's system turn stays in place where the model takes it", () => {
    const native: Message = { ...system("RULE"), vendor: { anthropic: {} } };
    const messages = [user("one"), native, assistant("two"), user("three")];
    const roles = (target: TargetModel) => turns(messages, target).map((turn) => (turn as string[])[0]);
    expect(roles(OPUS)).toEqual(["user", "system", "assistant", "user"]);
    expect(roles(SONNET)).toEqual(["user", "assistant", "user"]);
    expect(roles({ id: "claude-sonnet-5", maker: "a/b" })).toEqual(["user", "assistant", "user"]);
  });
});

describe("parts", () => {
  const inUserTurn = (part: Part, target = SONNET) => {
    const { body, losses } = encode({ messages: [user("look", part)] }, target);
    const [message] = body["messages"] as { content: unknown[] }[];
    return { block: message?.content[1], losses: losses.map((loss) => loss.what) };
  };
  const media = (kind: "image" | "document" | "audio" | "video", mediaType: string, extra: object): Part => ({
    type: "media",
    kind,
    mediaType,
    ...extra,
  });
  const taken: [string, Part, unknown][] = [
    [
      "a picture",
      media("image", "image/jpg", { data: "AA" }),
      { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "AA" } },
    ],
    [
      "a picture by address",
      media("image", "", { url: "https://x.example" }),
      { type: "image", source: { type: "url", url: "https://x.example" } },
    ],
    [
      "a PDF",
      media("document", "application/pdf", { data: "AA", name: "r.pdf" }),
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "AA" },
        title: "r.pdf",
      },
    ],
    [
      "a text file in base64",
      media("document", "text/csv", { data: Buffer.from("a,b").toString("base64") }),
      { type: "document", source: { type: "text", media_type: "text/plain", data: "a,b" } },
    ],
    ["a refusal in the history", { type: "refusal", text: "No." }, said("No.")],
    [
      "a chat client's cache mark",
      { type: "text", text: "a", vendor: { "openai-chat": { cache_control: { type: "ephemeral" } } } },
      { type: "text", text: "a", cache_control: { type: "ephemeral" } },
    ],
  ];
  test.each(taken)("%s", (_name, part, block) => {
    expect(inUserTurn(part)).toEqual({ block, losses: [] });
  });

  const lost: [string, Part, string][] = [
    ["sound", media("audio", "audio/wav", { data: "AA" }), "audio input"],
    ["film", media("video", "video/mp4", { url: "https://x.example" }), "video input"],
    [
      "a picture of another type",
      media("image", "image/svg+xml", { data: "AA" }),
      "image of type image/svg+xml",
    ],
    ["a file at another vendor", media("image", "", { fileId: "file-1" }), "image"],
    [
      "a spreadsheet",
      media("document", "application/vnd.ms-excel", { data: "AA" }),
      "document of type application/vnd.ms-excel",
    ],
  ];
  test.each(lost)("%s is left out and told", (_name, part, what) => {
    expect(inUserTurn(part)).toEqual({ block: undefined, losses: [what] });
  });

  test("a picture in a tool result stays a picture", () => {
    const output: Part[] = [asPart("seen"), media("image", "image/png", { data: "AA" })];
    const [, , answered] = turns([
      user("go"),
      assistant(call("c1")),
      user({ type: "tool-result", id: "c1", output }),
    ]);
    expect(answered).toEqual([
      "user",
      gave("c1", [
        said("seen"),
        { type: "image", source: { type: "base64", media_type: "image/png", data: "AA" } },
      ]),
    ]);
  });

  const inputs: [string, Part, unknown][] = [
    ["no arguments", call("c", ""), {}],
    ["broken arguments", call("c", '{"a": 1'), { _raw: '{"a": 1' }],
    ["arguments that are a list", call("c", "[1]"), { _raw: "[1]" }],
    ["free text", call("c", "*** Begin", { freeText: true }), { input: "*** Begin" }],
    ["free text that is wrapped already", call("c", '{"input":"x"}', { freeText: true }), { input: "x" }],
  ];
  test.each(inputs)("%s become an object", (_name, part, input) => {
    expect(turns([user("go"), assistant(part)])[1]).toEqual(["assistant", used("c", input)]);
  });

  test("integers beyond 2^53 keep their digits", () => {
    const { body } = encode({ messages: [user("go"), assistant(call("c", '{"id": 12345678901234567890}'))] });
    expect(JSON.stringify(body)).toContain('{"id":12345678901234567890}');
  });
});

describe("thinking goes back to its maker alone", () => {
  const thought = (proof: object | undefined, extra: object = {}): Part =>
    ({ type: "reasoning", text: "SECRET", ...extra, ...(proof && { proof }) }) as Part;
  const written = (part: Part) => turns([user("go"), assistant(part, "Visible."), user("on")])[1];
  const own = { format: "anthropic", maker: "anthropic/claude-sonnet-4-5", value: "sig" };
  const rows: [string, Part, unknown[]][] = [
    ["its own", thought(own), [{ type: "thinking", thinking: "SECRET", signature: "sig" }]],
    [
      "one whose maker nobody wrote down",
      thought({ ...own, maker: "" }),
      [{ type: "thinking", thinking: "SECRET", signature: "sig" }],
    ],
    ["withheld", thought(own, { text: "", redacted: true }), [{ type: "redacted_thinking", data: "sig" }]],
    [
      "withheld, back from another format's slot",
      thought({ ...own, redacted: true }, { text: "" }),
      [{ type: "redacted_thinking", data: "sig" }],
    ],
    ["another model's", thought({ ...own, maker: "anthropic/claude-opus-5" }), []],
    ["another vendor's", thought({ format: "openai-responses", maker: "openai/gpt-5", value: "enc" }), []],
    ["none at all", thought(undefined), []],
  ];
  test.each(rows)("%s", (_name, part, blocks) => {
    expect(written(part)).toEqual(["assistant", ...blocks, said("Visible.")]);
  });
});

describe("tools", () => {
  const toolsOf = (changes: Partial<ChatRequest>, target = SONNET) => {
    const { body, losses } = encode(changes, target);
    return { tools: body["tools"], choice: body["tool_choice"], losses: losses.map((loss) => loss.what) };
  };

  const choices: [string, Partial<ChatRequest>, unknown][] = [
    ["nothing said", {}, undefined],
    ["auto", { toolChoice: { type: "auto" } }, { type: "auto" }],
    ["required", { toolChoice: { type: "required" } }, { type: "any" }],
    ["none", { toolChoice: { type: "none" } }, { type: "none" }],
    ["a name", { toolChoice: { type: "tool", name: "f" } }, { type: "tool", name: "f" }],
    ["one at a time", { parallelToolCalls: false }, { type: "auto", disable_parallel_tool_use: true }],
    [
      "one, required",
      { toolChoice: { type: "required" }, parallelToolCalls: false },
      { type: "any", disable_parallel_tool_use: true },
    ],
    [
      "one of some, required",
      { toolChoice: { type: "allowed", names: ["f"], required: true } },
      { type: "any" },
    ],
  ];
  test.each(choices)("choice: %s", (_name, changes, choice) => {
    expect(toolsOf({ tools: [TOOL], ...changes }).choice).toEqual(choice);
  });

  test("only the allowed tools are offered", () => {
    const tools = [TOOL, { ...TOOL, name: "g" }];
    expect(
      toolsOf({ tools, toolChoice: { type: "allowed", names: ["g"], required: false } }).tools,
    ).toMatchObject([{ name: "g" }]);
  });

  test("models that decide for themselves are not forced, which is told", () => {
    const changes = { tools: [TOOL], toolChoice: { type: "required" as const } };
    expect(toolsOf(changes, { id: "claude-opus-5-5", maker: "a/b" })).toMatchObject({
      choice: { type: "auto" },
      losses: ["forced tool call"],
    });
    expect(toolsOf(changes, { id: "claude-sonnet-5-5", maker: "a/b" }).choice).toEqual({ type: "any" });
  });

  const schemas: [string, object | undefined, object][] = [
    ["none", undefined, { type: "object", properties: {} }],
    ["without type", { properties: { a: {} } }, { type: "object", properties: { a: {} } }],
    [
      "alternatives at the top",
      {
        type: "object",
        properties: { a: {} },
        required: ["a"],
        anyOf: [{ properties: { b: {} }, required: ["b"] }],
      },
      { type: "object", properties: { a: {}, b: {} }, required: ["a"] },
    ],
  ];
  test.each(schemas)("schema: %s", (_name, parameters, input_schema) => {
    expect(
      toolsOf({
        tools: [{ type: "function", name: "f", parameters: parameters as { [key: string]: unknown } }],
      }).tools,
    ).toEqual([{ name: "f", input_schema }]);
  });

  test("a free text tool takes one string and is known again in the answer", () => {
    const { body, toolNames } = encode({
      tools: [{ type: "custom", name: "apply_patch", grammar: { syntax: "lark", definition: "start: x" } }],
    });
    const [tool] = body["tools"] as { input_schema: { properties: object } }[];
    expect(Object.keys(tool?.input_schema.properties ?? {})).toEqual(["input"]);
    expect(JSON.stringify(tool)).toContain("start: x");
    expect(toolNames.fromWire("apply_patch")).toMatchObject({ freeText: true });
  });

  test("names that are too long or forbidden are replaced everywhere and turned back", () => {
    const name = `mcp.${"x".repeat(140)}`;
    const { body, toolNames } = encode({
      messages: [user("go"), assistant({ type: "tool-call", id: "c", name, input: "{}" })],
      tools: [{ ...TOOL, name }],
      toolChoice: { type: "tool", name },
    });
    const [tool] = body["tools"] as { name: string }[];
    expect(tool?.name).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
    expect(body["messages"]).toMatchObject([{}, { content: [{ name: tool?.name }] }, {}]);
    expect(body["tool_choice"]).toMatchObject({ name: tool?.name });
    expect(toolNames.fromWire(tool?.name ?? "").name).toBe(name);
  });

  test("hosted tools that Claude has are offered, others are left out and told", () => {
    const tools = [
      {
        type: "hosted" as const,
        kind: "web-search",
        name: "web_search",
        vendor: { "openai-responses": { raw: { filters: { allowed_domains: ["a.example"] } } } },
      },
      { type: "hosted" as const, kind: "image_generation", name: "image_generation" },
    ];
    expect(toolsOf({ tools })).toEqual({
      tools: [{ type: "web_search_20250305", name: "web_search", allowed_domains: ["a.example"] }],
      choice: undefined,
      losses: ["tool image_generation"],
    });
    expect(toolsOf({ tools }, GLM)).toEqual({
      tools: undefined,
      choice: undefined,
      losses: ["tool web_search", "tool image_generation"],
    });
  });

  test("a forced tool that had to be left out is an error", () => {
    const tools = [{ type: "hosted" as const, kind: "image_generation", name: "image_generation" }];
    for (const toolChoice of [
      { type: "required" as const },
      { type: "tool" as const, name: "image_generation" },
    ])
      expect(() => encode({ tools, toolChoice })).toThrow(GatewayError);
  });

  test("Claude's own client tools become functions for other models", () => {
    const request = anthropic.decodeRequest({
      model: "m",
      max_tokens: 10,
      messages: [{ role: "user", content: "go" }],
      tools: [{ type: "bash_20250124", name: "bash" }],
    });
    expect(anthropic.encodeRequest(request, SONNET, {}).body["tools"]).toEqual([
      { type: "bash_20250124", name: "bash" },
    ]);
    expect(anthropic.encodeRequest(request, GLM, {}).body["tools"]).toMatchObject([
      { name: "bash", input_schema: { properties: { command: { type: "string" } } } },
    ]);
  });

  test("a history with calls has tools even when none are offered any more", () => {
    const { body } = encode({
      messages: [user("go"), assistant(call("c1")), user(result("c1", "x"), "Sum up.")],
    });
    expect(body["tools"]).toEqual([{ name: "f", input_schema: { type: "object", properties: {} } }]);
    expect(body["tool_choice"]).toEqual({ type: "none" });
  });
});

describe("limits and sampling", () => {
  const rows: [string, Partial<ChatRequest>, TargetModel, object, string[]?][] = [
    ["no limit given", {}, SONNET, { max_tokens: 32_000 }, ["temperature"]],
    ["no limit given, small model", {}, { ...SONNET, maxOutputTokens: 8192 }, { max_tokens: 8192 }],
    ["no limit given, old model", {}, { id: "claude-3-haiku-20240307", maker: "a/b" }, { max_tokens: 4096 }],
    [
      "a limit above the model's",
      { maxOutputTokens: 999_999 },
      { ...SONNET, maxOutputTokens: 64_000 },
      { max_tokens: 64_000 },
    ],
    [
      "sampling on a model that takes one of two",
      { temperature: 1.7, topP: 0.9, topK: 4 },
      SONNET,
      { temperature: 1, top_k: 4 },
      ["top_p"],
    ],
    [
      "sampling on a model that takes none",
      { temperature: 0.7, topP: 0.9, topK: 4 },
      OPUS,
      {},
      ["temperature", "top_p", "top_k"],
    ],
    ["sampling elsewhere", { temperature: 0.7, topP: 0.9 }, GLM, { temperature: 0.7, top_p: 0.9 }],
    [
      "sampling while thinking",
      { temperature: 0.7, topK: 4, reasoning: { budget: 2000 } },
      SONNET,
      { thinking: { type: "enabled", budget_tokens: 2000 } },
      ["temperature", "top_k"],
    ],
    ["stop sequences", { stop: ["END", " "] }, SONNET, { stop_sequences: ["END"] }],
    ["an opaque user", { user: "u-1" }, SONNET, { metadata: { user_id: "u-1" } }],
    ["a user with a mail address", { user: "a@b.example" }, SONNET, {}, ["metadata"]],
    ["a tier it has", { serviceTier: "auto" }, SONNET, { service_tier: "auto" }],
    ["a tier it lacks", { serviceTier: "flex" }, SONNET, {}, ["service_tier"]],
    ["a stream", { stream: true }, SONNET, { stream: true }],
  ];
  test.each(rows)("%s", (_name, changes, target, fields, absent = []) => {
    const { body } = encode(changes, target);
    expect(body).toMatchObject(fields);
    for (const field of absent) expect(body).not.toHaveProperty(field);
  });

  test("what cannot be said is told, harmless things silently", () => {
    const { losses } = encode({
      choices: 2,
      logprobs: true,
      seed: 1,
      frequencyPenalty: 0,
      presencePenalty: 0.5,
    });
    expect(losses.map((loss) => [loss.what, loss.silent ?? false])).toEqual([
      ["n = 2", false],
      ["logprobs", false],
      ["presence_penalty", false],
      ["seed", true],
    ]);
  });

  test("a provider's quirks bend the body", () => {
    const { body } = encode({ topK: 4, temperature: 0.1 }, GLM, {
      drop: ["top_k"],
      rename: { temperature: "heat" },
    });
    expect(body).toMatchObject({ heat: 0.1 });
    expect(body).not.toHaveProperty("top_k");
  });
});

describe("the shape of the answer", () => {
  const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };

  test("a schema binds models that can be bound", () => {
    const { body } = encode({ output: { type: "schema", schema, strict: true, name: "out" } });
    expect(body["output_config"]).toEqual({
      format: { type: "json_schema", schema: { ...schema, additionalProperties: false } },
    });
  });

  test("others are told in words, unless the client insists", () => {
    const { body } = encode({ output: { type: "schema", schema } }, GLM);
    expect(JSON.stringify(body["system"])).toContain("JSON schema");
    expect(() => encode({ output: { type: "schema", schema, strict: true } }, GLM)).toThrow(GatewayError);
  });

  test("any JSON is asked for in words, after the client's own", () => {
    const { body } = encode({ messages: [system("S"), user("go")], output: { type: "json" } });
    expect(body["system"]).toEqual([
      said("S"),
      said(expect.stringContaining("JSON object") as unknown as string),
    ]);
  });

  test("limits that the decoder does not know are told in the description", () => {
    expect(
      strictSchema({
        $schema: "x",
        type: "object",
        properties: {
          list: { type: "array", items: { type: "integer", minimum: 3 }, minItems: 2 },
          kind: { oneOf: [{ const: "a" }, { type: "null" }] },
          minimum: { type: "string", description: "A word.", maxLength: 5, format: "uuid" },
        },
      }),
    ).toEqual({
      type: "object",
      additionalProperties: false,
      properties: {
        list: {
          type: "array",
          items: { type: "integer", description: "(minimum: 3)" },
          description: "(minItems: 2)",
        },
        kind: { anyOf: [{ const: "a" }, { type: "null" }] },
        minimum: { type: "string", description: "A word. (maxLength: 5)", format: "uuid" },
      },
    });
  });
});

test("betas are asked for where they are needed, and only of Claude", () => {
  const request = anthropic.decodeRequest({
    model: "m",
    max_tokens: 10,
    messages: [{ role: "user", content: "go" }],
    context_management: { edits: [{ type: "compact_20260112" }] },
    betas: ["context-1m-2025-08-07"],
  });
  expect(anthropic.encodeRequest(request, OPUS, {}).headers).toEqual({
    "anthropic-beta": "context-1m-2025-08-07,context-management-2025-06-27,compact-2026-01-12",
  });
  expect(anthropic.encodeRequest(request, OPUS, {}).body).not.toHaveProperty("betas");
  expect(anthropic.encodeRequest(request, GLM, {}).headers).toBeUndefined();
  expect(encode({ reasoning: { effort: "high" } }).headers).toBeUndefined();
});

test("the same conversation gives the same bytes", () => {
  const messages = [system("S"), user("go"), assistant(call("a.b")), user(result("a.b", "x"))];
  const bytes = () => JSON.stringify(encode({ messages, tools: [TOOL] }).body);
  expect(bytes()).toBe(bytes());
});
