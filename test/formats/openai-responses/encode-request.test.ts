import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../../src/core/errors.ts";
import type { TargetModel } from "../../../src/core/format.ts";
import { NO_QUIRKS, type Quirks } from "../../../src/core/quirks.ts";
import type { ChatRequest, Message, Tool } from "../../../src/core/request.ts";
import type { Part } from "../../../src/core/reply.ts";
import { openaiResponses } from "../../../src/formats/openai-responses/index.ts";

const TARGET: TargetModel = { id: "gpt-x", maker: "openai/gpt-x" };

function encode(
  request: Partial<ChatRequest>,
  target: Partial<TargetModel> = {},
  quirks: Quirks = NO_QUIRKS,
) {
  const whole: ChatRequest = { model: "m", stream: false, messages: [user("hi")], ...request };
  return openaiResponses.encodeRequest(whole, { ...TARGET, ...target }, quirks);
}

const user = (...parts: (string | Part)[]): Message => ({ role: "user", parts: parts.map(asPart) });
const assistant = (...parts: (string | Part)[]): Message => ({ role: "assistant", parts: parts.map(asPart) });
const system = (text: string): Message => ({ role: "system", parts: [asPart(text)] });
const asPart = (part: string | Part): Part =>
  typeof part === "string" ? { type: "text", text: part } : part;
const call = (id: string, more: object = {}): Part => ({
  type: "tool-call",
  id,
  name: "f",
  input: "{}",
  ...more,
});
const result = (id: string, ...output: (string | Part)[]): Extract<Part, { type: "tool-result" }> => ({
  type: "tool-result",
  id,
  output: output.map(asPart),
});

const said = (role: string, type: string, text: string) => ({
  type: "message",
  role,
  content: [{ type, text }],
});

describe("turns of another format become items", () => {
  const image: Part = { type: "media", kind: "image", mediaType: "image/png", data: "AAAA" };
  const cases: [title: string, messages: Message[], input: unknown[]][] = [
    [
      "text, call, text: in this order, outputs behind",
      [user("go"), assistant("One.", call("a"), "Two."), user(result("a", "1"), "next")],
      [
        said("user", "input_text", "go"),
        said("assistant", "output_text", "One."),
        { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
        said("assistant", "output_text", "Two."),
        { type: "function_call_output", call_id: "a", output: "1" },
        said("user", "input_text", "next"),
      ],
    ],
    [
      "a picture in a tool's output is a picture",
      [assistant(call("a")), user(result("a", "seen", image))],
      [
        { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
        {
          type: "function_call_output",
          call_id: "a",
          output: [
            { type: "input_text", text: "seen" },
            { type: "input_image", image_url: "data:image/png;base64,AAAA" },
          ],
        },
      ],
    ],
    [
      "a call that failed is told to have failed, which this format has no flag for",
      [
        assistant(call("a"), call("b")),
        user({ ...result("a", "no such file"), failed: true }, result("b", "1")),
      ],
      [
        { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
        { type: "function_call", call_id: "b", name: "f", arguments: "{}" },
        { type: "function_call_output", call_id: "a", output: "Error: no such file" },
        { type: "function_call_output", call_id: "b", output: "1" },
      ],
    ],
    [
      "a call nobody answered gets an answer, or the provider refuses the session",
      [assistant(call("a")), user("stop")],
      [
        { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
        {
          type: "function_call_output",
          call_id: "a",
          output: "There is no result: the call was interrupted.",
        },
        said("user", "input_text", "stop"),
      ],
    ],
    [
      "a result whose call is gone is told as text",
      [user(result("a", "1"))],
      [
        {
          type: "message",
          role: "user",
          content: [
            { type: "input_text", text: "Result of an earlier tool call:" },
            { type: "input_text", text: "1" },
          ],
        },
      ],
    ],
    [
      "free text is a custom call, its output too",
      [assistant(call("a", { freeText: true, input: "ls" })), user(result("a", "1"))],
      [
        { type: "custom_tool_call", call_id: "a", name: "f", input: "ls" },
        { type: "custom_tool_call_output", call_id: "a", output: "1" },
      ],
    ],
    ["empty texts are left out", [user("", "x"), assistant("")], [said("user", "input_text", "x")]],
    [
      "files go with their data: prefix and a name",
      [
        user(
          { type: "media", kind: "document", mediaType: "application/pdf", data: "AAAA" },
          {
            type: "media",
            kind: "document",
            mediaType: "text/plain",
            data: "hé",
            plain: true,
            name: "a.txt",
          },
          { type: "media", kind: "document", mediaType: "", url: "https://x.test/a.pdf" },
        ),
      ],
      [
        {
          type: "message",
          role: "user",
          content: [
            { type: "input_file", filename: "document.pdf", file_data: "data:application/pdf;base64,AAAA" },
            { type: "input_file", filename: "a.txt", file_data: "data:text/plain;base64,aMOp" },
            { type: "input_file", file_url: "https://x.test/a.pdf" },
          ],
        },
      ],
    ],
    [
      "a phase goes with its text",
      [assistant({ type: "text", text: "x", phase: "commentary" })],
      [{ ...said("assistant", "output_text", "x"), phase: "commentary" }],
    ],
  ];
  test.each(cases)("%s", (_title, messages, input) =>
    expect(encode({ messages }).body["input"]).toEqual(input),
  );

  test("system text in front is instructions, without the line that changes with every call", () => {
    const { body } = encode({
      messages: [
        system("x-anthropic-billing-header: cc=1"),
        system("A"),
        system("B"),
        user("hi"),
        system("C"),
      ],
    });
    expect(body["instructions"]).toBe("A\n\nB");
    expect(body["input"]).toEqual([said("user", "input_text", "hi"), said("system", "input_text", "C")]);
  });

  test("with nothing but system text, the input is not left empty", () =>
    expect(encode({ messages: [system("A")] }).body).toMatchObject({
      input: [said("system", "input_text", "A")],
    }));

  test("ids too long for the provider are shortened alike on both sides", () => {
    const id = "x".repeat(80);
    const input = encode({ messages: [assistant(call(id)), user(result(id, "1"))] }).body["input"] as {
      call_id: string;
    }[];
    expect(input[0]?.call_id.length).toBeLessThanOrEqual(64);
    expect(input[1]?.call_id).toBe(input[0]?.call_id ?? "");
  });
});

describe("reasoning goes back only to its maker", () => {
  const thought = (format: "anthropic" | "openai-responses", maker: string): Part => ({
    type: "reasoning",
    text: "Secret.",
    proof: { format, maker, value: "c2VhbGVk" },
  });
  const sealed = {
    type: "reasoning",
    summary: [{ type: "summary_text", text: "Secret." }],
    encrypted_content: "c2VhbGVk",
  };
  const cases: [title: string, part: Part, quirks: Quirks, items: unknown[]][] = [
    ["its own", thought("openai-responses", "openai/gpt-x"), {}, [sealed]],
    ["a genuine one of a maker nobody named", thought("openai-responses", ""), {}, [sealed]],
    ["another model's", thought("openai-responses", "xai/grok"), {}, []],
    ["another format's", thought("anthropic", "openai/gpt-x"), {}, []],
    ["without a proof", { type: "reasoning", text: "Secret." }, {}, []],
    [
      "without a proof, to a provider that wants the words back",
      { type: "reasoning", text: "Secret." },
      { echoReasoning: true },
      [{ type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "Secret." }] }],
    ],
  ];
  test.each(cases)("%s", (_title, part, quirks, items) =>
    expect(encode({ messages: [assistant(part)] }, {}, quirks).body["input"]).toEqual(items),
  );

  test("sealed reasoning is asked for, and nothing is stored", () =>
    expect(encode({}, { reasoning: true }).body).toMatchObject({
      store: false,
      include: ["reasoning.encrypted_content"],
    }));
  test("a model that cannot think is not asked", () =>
    expect(encode({}, { reasoning: false }).body).not.toContainKey("include"));
});

describe("settings of other formats", () => {
  const schema = { type: "object", properties: { a: { type: "string" } } };
  const cases: [title: string, request: Partial<ChatRequest>, target: Partial<TargetModel>, body: object][] =
    [
      [
        "a budget becomes the nearest effort",
        { reasoning: { budget: 10_240 } },
        {},
        { reasoning: { effort: "medium", summary: "auto" } },
      ],
      [
        "thinking the client does not want to see has no summary",
        { reasoning: { budget: 1024, visible: false } },
        {},
        { reasoning: { effort: "low" } },
      ],
      ["an effort stays", { reasoning: { effort: "high" } }, {}, { reasoning: { effort: "high" } }],
      ["few tokens become as many as must be", { maxOutputTokens: 1 }, {}, { max_output_tokens: 16 }],
      [
        "too many become as many as can be",
        { maxOutputTokens: 9999 },
        { maxOutputTokens: 100 },
        { max_output_tokens: 100 },
      ],
      [
        "a schema",
        { output: { type: "schema", schema, name: "a b" } },
        {},
        { text: { format: { type: "json_schema", name: "a_b", schema } } },
      ],
      [
        "a schema without a name gets one",
        { output: { type: "schema", schema } },
        {},
        { text: { format: { type: "json_schema", name: "answer", schema } } },
      ],
      ["JSON", { output: { type: "json" } }, {}, { text: { format: { type: "json_object" } } }],
      ["a tier this format knows", { serviceTier: "flex" }, {}, { service_tier: "flex" }],
      [
        "temperature to a model that takes it",
        { temperature: 0.2, topP: 0.5 },
        {},
        { temperature: 0.2, top_p: 0.5 },
      ],
    ];
  test.each(cases)("%s", (_title, request, target, body) =>
    expect(encode(request, target).body).toMatchObject(body),
  );

  const gone: [title: string, request: Partial<ChatRequest>, target: Partial<TargetModel>, field: string][] =
    [
      ["no thinking, to a model nobody knows to think", { reasoning: { budget: 0 } }, {}, "reasoning"],
      [
        "thinking, to a model that cannot",
        { reasoning: { budget: 9000 } },
        { reasoning: false },
        "reasoning",
      ],
      ["a tier of another vendor's", { serviceTier: "standard_only" }, {}, "service_tier"],
      ["metadata", { metadata: { a: "b" } }, {}, "metadata"],
      ["a user too long to be taken", { user: "u".repeat(65) }, {}, "user"],
      ["temperature to a model that thinks", { temperature: 0.2 }, { reasoning: true }, "temperature"],
    ];
  test.each(gone)("left out: %s", (_title, request, target, field) =>
    expect(encode(request, target).body).not.toContainKey(field),
  );

  test("what cannot be said is told", () => {
    const { losses } = encode({
      stop: ["x"],
      seed: 1,
      topK: 5,
      frequencyPenalty: 1,
      presencePenalty: 1,
      choices: 2,
      logprobs: true,
      messages: [user({ type: "media", kind: "video", mediaType: "video/mp4", data: "" })],
      tools: [{ type: "hosted", kind: "computer", name: "computer_20250124" }],
    });
    expect(losses.filter((loss) => !loss.silent).map((loss) => loss.what)).toEqual([
      "video input",
      "tool computer_20250124",
      "stop",
      "seed",
      "frequency_penalty",
      "presence_penalty",
      "n",
      "logprobs",
    ]);
    expect(losses.filter((loss) => loss.silent).map((loss) => loss.what)).toEqual(["top_k"]);
  });

  test("a provider's departures are kept to", () => {
    const quirks: Quirks = {
      drop: ["store"],
      rename: { max_output_tokens: "max_tokens" },
      noJsonSchema: true,
      efforts: ["low", "high"],
    };
    const { body } = encode(
      { maxOutputTokens: 50, output: { type: "schema", schema }, reasoning: { effort: "medium" } },
      {},
      quirks,
    );
    expect(body).not.toContainKey("store");
    expect(body).toMatchObject({
      max_tokens: 50,
      text: { format: { type: "json_object" } },
      reasoning: { effort: "low" },
    });
    expect(body["instructions"]).toContain(JSON.stringify(schema));
  });

  test("no pictures for a model that sees none", () => {
    const image: Part = { type: "media", kind: "image", mediaType: "image/png", data: "AAAA" };
    const { body, losses } = encode({ messages: [user("look", image)] }, { vision: false });
    expect(JSON.stringify(body)).not.toContain("AAAA");
    expect(losses.map((loss) => loss.what)).toEqual(["image input"]);
  });
});

describe("tools", () => {
  const tools: Tool[] = [
    { type: "function", name: "f", parameters: { type: "object" } },
    { type: "function", name: "g", strict: true },
    {
      type: "custom",
      name: "patch",
      description: "Edits.",
      grammar: { syntax: "lark", definition: "start: x" },
    },
    { type: "hosted", kind: "web-search", name: "web_search_20250305" },
  ];

  test("each has its shape, and none is strict that did not ask for it", () =>
    expect(encode({ tools }).body["tools"]).toEqual([
      { type: "function", name: "f", parameters: { type: "object" }, strict: false },
      { type: "function", name: "g", parameters: { type: "object", properties: {} }, strict: true },
      {
        type: "custom",
        name: "patch",
        description: "Edits.",
        format: { type: "grammar", syntax: "lark", definition: "start: x" },
      },
      { type: "web_search" },
    ]));

  const choices: [choice: ChatRequest["toolChoice"], wire: unknown][] = [
    [{ type: "auto" }, "auto"],
    [{ type: "none" }, "none"],
    [{ type: "required" }, "required"],
    [
      { type: "tool", name: "f" },
      { type: "function", name: "f" },
    ],
    [
      { type: "tool", name: "patch" },
      { type: "custom", name: "patch" },
    ],
    [{ type: "tool", name: "web_search_20250305" }, { type: "web_search" }],
    [
      { type: "allowed", names: ["f", "patch"], required: true },
      {
        type: "allowed_tools",
        mode: "required",
        tools: [
          { type: "function", name: "f" },
          { type: "custom", name: "patch" },
        ],
      },
    ],
  ];
  test.each(choices)("choice %j", (toolChoice, wire) =>
    expect(encode({ tools, toolChoice }).body["tool_choice"]).toEqual(wire),
  );

  const computer: Tool = { type: "hosted", kind: "computer", name: "computer" };
  test.each([{ type: "required" }, { type: "tool", name: "computer" }] as const)(
    "a tool that must be called but cannot be: %j",
    (toolChoice) => {
      expect(() => encode({ tools: [computer], toolChoice })).toThrow(GatewayError);
    },
  );

  test("a long name is shortened, and known again in the answer", () => {
    const name = "mcp__".padEnd(90, "x");
    const { body, toolNames } = encode({ tools: [{ type: "function", name }] });
    const [tool] = body["tools"] as { name: string }[];
    expect(tool?.name.length).toBe(64);
    expect(toolNames.fromWire(tool?.name ?? "").name).toBe(name);
  });
});

describe("a request of this same format", () => {
  const again = (body: { [field: string]: unknown }, quirks: Quirks = { developerRole: true }) =>
    openaiResponses.encodeRequest(
      openaiResponses.decodeRequest({ model: "m", ...body }),
      { ...TARGET, id: "m" },
      quirks,
    ).body;

  const codex = {
    model: "m",
    input: [
      {
        type: "additional_tools",
        role: "developer",
        tools: [{ type: "namespace", name: "n", description: "d", tools: [{ type: "custom", name: "x" }] }],
      },
      { type: "message", role: "developer", content: [{ type: "input_text", text: "Rules." }] },
      { role: "user", content: "hi" },
      { type: "reasoning", summary: [], encrypted_content: "gAAAA" },
      { type: "custom_tool_call", call_id: "a", namespace: "n", name: "x", input: "ls" },
      { type: "custom_tool_call_output", call_id: "a", output: [{ type: "input_text", text: "1" }] },
      { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } },
      {
        type: "message",
        role: "assistant",
        phase: "commentary",
        content: [{ type: "output_text", text: "x" }],
      },
    ],
    instructions: "Be brief.",
    tools: [
      {
        type: "namespace",
        name: "n",
        description: "d",
        tools: [{ type: "function", name: "f", parameters: {} }],
      },
      { type: "web_search", search_context_size: "low" },
    ],
    tool_choice: { type: "web_search_preview" },
    include: ["reasoning.encrypted_content"],
    store: false,
    stream: true,
    stream_options: { include_obfuscation: false },
    new_field: { x: 1 },
  };

  test("keeps its arrangement, its unknown fields and the names of its tools", () =>
    expect(again(codex)).toEqual(codex));
  test("gives the same bytes every time", () =>
    expect(JSON.stringify(again(codex))).toBe(JSON.stringify(again(codex))));
  test("says system where the provider knows no developer", () =>
    expect(again({ input: [{ role: "developer", content: "x" }] }, NO_QUIRKS)).toMatchObject({
      input: [{ role: "system", content: "x" }],
    }));
  test("keeps a string a string", () => expect(again({ input: "hi" })["input"]).toBe("hi"));
  test("does not ask the provider for items that were made here", () =>
    expect(
      again({
        input: [
          {
            type: "message",
            id: "msg_omni1_0",
            role: "assistant",
            content: [{ type: "output_text", text: "x" }],
          },
        ],
      })["input"],
    ).toEqual([said("assistant", "output_text", "x")]));
  test.each<[why: string, item: object, kept: boolean]>([
    ["its vendor's own item", { id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }] }, true],
    ["a model's own words", { summary: [], content: [{ type: "reasoning_text", text: "Hm." }] }, true],
    ["a summary that nothing proves", { summary: [{ type: "summary_text", text: "Hm." }] }, false],
    [
      "another vendor's thoughts",
      { id: "rs_omni1_0", summary: [{ type: "summary_text", text: "Hm." }] },
      false,
    ],
    [
      "another vendor's words",
      { id: "rs_omni1_0", summary: [], content: [{ type: "reasoning_text", text: "Hm." }] },
      false,
    ],
    ["another vendor's thoughts without a word", { id: "rs_omni1_0", summary: [] }, false],
  ])("reasoning goes back as its vendor knows it: %s", (_why, fields, kept) => {
    const item = { type: "reasoning", ...fields };
    const answer = said("assistant", "output_text", "x");
    expect(again({ input: [item, answer] })["input"]).toEqual(kept ? [item, answer] : [answer]);
  });
  test("keeps outputs whose calls the provider holds", () => {
    const input = [{ type: "function_call_output", call_id: "a", output: "1" }];
    expect(again({ previous_response_id: "resp_1", input })["input"]).toEqual(input);
  });
  test("answers an interrupted shell in the shell's own shape", () => {
    const call = {
      type: "apply_patch_call",
      call_id: "a",
      operation: { type: "delete_file", path: "x" },
      status: "completed",
    };
    expect(again({ input: [call] })["input"]).toEqual([
      call,
      {
        type: "apply_patch_call_output",
        call_id: "a",
        status: "failed",
        output: "There is no result: the call was interrupted.",
      },
    ]);
  });
});
