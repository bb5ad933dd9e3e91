import { describe, expect, test } from "bun:test";
import { sealProof } from "../../../src/core/envelope.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { Message } from "../../../src/core/request.ts";
import type { Part } from "../../../src/core/reply.ts";
import { openaiResponses } from "../../../src/formats/openai-responses/index.ts";

type Body = { [field: string]: unknown };

const decode = (body: Body) => openaiResponses.decodeRequest({ model: "m", ...body });
const turns = (input: unknown, rest: Body = {}) => decode({ input, ...rest }).messages.map(shape);

/** A turn in one line: role, then its parts. */
function shape(message: Message): string {
  const role = message.developer ? "developer" : message.role;
  return `${role}: ${message.parts.map(partShape).join(" + ")}`;
}

function partShape(part: Part): string {
  switch (part.type) {
    case "text":
      return part.phase ? `${part.text} (${part.phase})` : part.text;
    case "refusal":
      return `refusal ${part.text}`;
    case "reasoning":
      return `thought ${part.text}${part.redacted ? " withheld" : ""}`;
    case "media":
      return `${part.kind} ${part.mediaType} ${part.data ?? part.url ?? part.fileId}`;
    case "tool-call":
      return `call ${part.id} ${part.namespace ? `${part.namespace}/` : ""}${part.name} ${part.input}`;
    case "tool-result":
      return `result ${part.id} [${part.output.map(partShape).join(" + ")}]`;
    case "other":
      return "other";
  }
}

const call = (call_id: string, name = "f") => ({ type: "function_call", call_id, name, arguments: "{}" });
const output = (call_id: string, output: unknown) => ({ type: "function_call_output", call_id, output });
const png = "data:image/png;base64,iVBORw0KGgo=";

describe("what items of the input become", () => {
  const cases: [title: string, input: unknown, turns: string[]][] = [
    ["a plain string is what the user says", "hi", ["user: hi"]],
    ["a message needs no type", [{ role: "user", content: "hi" }], ["user: hi"]],
    [
      "system and developer keep their word and place",
      [
        { role: "user", content: "a" },
        { role: "developer", content: "b" },
        { role: "system", content: "c" },
      ],
      ["user: a", "developer: b", "system: c"],
    ],
    [
      "what the assistant does in a row is one turn",
      [
        {
          type: "reasoning",
          summary: [
            { type: "summary_text", text: "one" },
            { type: "summary_text", text: "two" },
          ],
        },
        { role: "assistant", phase: "commentary", content: [{ type: "output_text", text: "Looking." }] },
        call("a"),
        call("b"),
        output("a", "1"),
        output("b", "2"),
      ],
      [
        "assistant: thought one\n\ntwo + Looking. (commentary) + call a f {} + call b f {}",
        "user: result a [1] + result b [2]",
      ],
    ],
    [
      "an empty message disappears",
      [
        { role: "user", content: [{ type: "input_text", text: "" }] },
        { role: "user", content: "hi" },
      ],
      ["user: hi"],
    ],
    [
      "pictures, files and sound, however they are given",
      [
        {
          role: "user",
          content: [
            { type: "input_image", image_url: png },
            { type: "input_image", image_url: "https://x.test/a.png" },
            { type: "input_image", file_id: "file-1" },
            { type: "input_file", filename: "a.pdf", file_data: "JVBERi0=" },
            { type: "input_file", file_url: "https://x.test/b.pdf" },
            { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
          ],
        },
      ],
      [
        "user: image image/png iVBORw0KGgo= + image  https://x.test/a.png + image  file-1 + " +
          "document application/pdf JVBERi0= + document application/pdf https://x.test/b.pdf + audio audio/wav AAAA",
      ],
    ],
    [
      "a picture in a tool's output is a picture, as a list and as a list in a string",
      [
        call("a"),
        output("a", [
          { type: "input_text", text: "shot" },
          { type: "input_image", image_url: png },
        ]),
        call("b"),
        output("b", JSON.stringify([{ type: "input_image", image_url: png }])),
      ],
      [
        "assistant: call a f {}",
        "user: result a [shot + image image/png iVBORw0KGgo=]",
        "assistant: call b f {}",
        "user: result b [image image/png iVBORw0KGgo=]",
      ],
    ],
    [
      "JSON that a tool gave back stays text",
      [call("a"), output("a", '[{"type":"input_text","text":"x"}]')],
      ["assistant: call a f {}", 'user: result a [[{"type":"input_text","text":"x"}]]'],
    ],
    [
      "free text keeps its name and namespace apart",
      [
        { type: "custom_tool_call", call_id: "a", namespace: "functions", name: "exec", input: "ls()" },
        { type: "custom_tool_call_output", call_id: "a", output: [{ type: "input_text", text: "x" }] },
      ],
      ["assistant: call a functions/exec ls()", "user: result a [x]"],
    ],
    [
      "calls with a shape of their own become calls that any model can have made",
      [
        { type: "local_shell_call", call_id: "a", action: { type: "exec", command: ["ls"] } },
        { type: "local_shell_call_output", id: "a", output: "files" },
        { type: "tool_search_call", call_id: "b", execution: "client", arguments: { query: "x" } },
        {
          type: "tool_search_output",
          call_id: "b",
          execution: "client",
          tools: [{ type: "function", name: "found_tool" }],
        },
      ],
      [
        'assistant: call a local_shell {"type":"exec","command":["ls"]}',
        "user: result a [files]",
        'assistant: call b tool_search {"query":"x"}',
        "user: result b [Found: found_tool.]",
      ],
    ],
    [
      "what the provider ran itself, and what nobody knows, is kept aside",
      [
        { type: "web_search_call", id: "ws_1", status: "completed" },
        { type: "shell_call", call_id: "a", action: {}, environment: { type: "container_reference" } },
        { type: "compaction", encrypted_content: "x" },
        { id: "msg_1" },
        { type: "from_next_year" },
      ],
      ["assistant: other + other + other + other + other"],
    ],
  ];
  test.each(cases)("%s", (_title, input, expected) => expect(turns(input)).toEqual(expected));
});

describe("outputs out of their place", () => {
  const cases: [title: string, input: unknown[], turns: string[]][] = [
    [
      "an output before its call",
      [output("a", "1"), { role: "user", content: "hi" }, call("a"), { role: "user", content: "go on" }],
      ["user: hi", "assistant: call a f {}", "user: result a [1]", "user: go on"],
    ],
    [
      "a message between call and output",
      [call("a"), { role: "user", content: "wait" }, output("a", "1")],
      ["assistant: call a f {}", "user: result a [1]", "user: wait"],
    ],
    [
      "two calls with words between them, their outputs at the end",
      [call("a"), { role: "assistant", content: "and" }, call("b"), output("a", "1"), output("b", "2")],
      ["assistant: call a f {}", "user: result a [1]", "assistant: and + call b f {}", "user: result b [2]"],
    ],
    [
      "an id that comes again, as Mantle gives them",
      [call("call_0"), output("call_0", "1"), call("call_0"), output("call_0", "2")],
      [
        "assistant: call call_0 f {}",
        "user: result call_0 [1]",
        "assistant: call call_0_2 f {}",
        "user: result call_0_2 [2]",
      ],
    ],
    ["an output whose call is gone", [output("a", "1")], ["user: result a [1]"]],
  ];
  test.each(cases)("%s", (_title, input, expected) => expect(turns(input)).toEqual(expected));
});

describe("opaque reasoning", () => {
  const reasoning = (encrypted_content: string) =>
    decode({ input: [{ type: "reasoning", summary: [], encrypted_content }] }).messages[0]?.parts[0];
  const foreign = { format: "anthropic", maker: "claude/opus", value: "c2ln" } as const;

  test("a genuine value is a proof of this format, of a maker nobody named", () =>
    expect(reasoning("gAAAA")?.proof).toEqual({ format: "openai-responses", maker: "", value: "gAAAA" }));
  test("our envelope is opened", () => expect(reasoning(sealProof(foreign))?.proof).toEqual(foreign));
  test("withheld thinking comes back as withheld", () =>
    expect(reasoning(`${sealProof(foreign)}~redacted`)).toMatchObject({ redacted: true, proof: foreign }));
});

describe("tools", () => {
  const tools = (list: unknown[], input: unknown = "hi") =>
    (decode({ tools: list, input }).tools ?? []).map((tool) =>
      [tool.type, tool.namespace, tool.name, tool.type === "hosted" ? tool.kind : ""]
        .filter(Boolean)
        .join(" "),
    );
  const cases: [title: string, list: unknown[], tools: string[]][] = [
    ["a function", [{ type: "function", name: "f" }], ["function f"]],
    [
      "a function spelled as chat clients do",
      [{ type: "function", function: { name: "f" } }],
      ["function f"],
    ],
    [
      "a namespace",
      [{ type: "namespace", name: "n", tools: [{ type: "custom", name: "x" }] }],
      ["custom n x"],
    ],
    ["a shell the client runs", [{ type: "shell" }], ["function shell"]],
    [
      "a shell the provider runs",
      [{ type: "shell", environment: { type: "container_auto" } }],
      ["hosted shell shell"],
    ],
    [
      "a search for tools by the client",
      [{ type: "tool_search", execution: "client" }],
      ["function tool_search"],
    ],
    ["a search for tools by the server", [{ type: "tool_search" }], ["hosted tool_search tool_search"]],
    ["web search, any edition", [{ type: "web_search_preview" }], ["hosted web_search_preview web-search"]],
    ["a hosted tool nobody knows", [{ type: "crystal_ball" }], ["hosted crystal_ball crystal_ball"]],
  ];
  test.each(cases)("%s", (_title, list, expected) => expect(tools(list)).toEqual(expected));

  test("tools inside the input are offered too, each once", () => {
    const declared = [{ type: "function", name: "f" }];
    const item = { type: "additional_tools", role: "developer", tools: declared };
    expect(tools([], [item, item, { role: "user", content: "hi" }])).toEqual(["function f"]);
  });
});

describe("settings", () => {
  test("each is read into its place", () => {
    const request = decode({
      input: "hi",
      instructions: "Be brief.",
      stream: true,
      max_output_tokens: 50,
      temperature: 0.2,
      top_p: 0.9,
      reasoning: { effort: "high", summary: "auto", context: "all_turns" },
      text: { verbosity: "low", format: { type: "json_schema", name: "o", schema: { type: "object" } } },
      parallel_tool_calls: false,
      tool_choice: { type: "custom", name: "x" },
      safety_identifier: "u",
      store: false,
      client_metadata: { a: "b" },
    });
    expect(request).toMatchObject({
      stream: true,
      maxOutputTokens: 50,
      temperature: 0.2,
      topP: 0.9,
      reasoning: { effort: "high", summary: "auto" },
      verbosity: "low",
      output: { type: "schema", name: "o", schema: { type: "object" } },
      parallelToolCalls: false,
      toolChoice: { type: "tool", name: "x" },
      user: "u",
    });
    expect(request.vendor?.["openai-responses"]).toEqual({
      store: false,
      client_metadata: { a: "b" },
      reasoning: { context: "all_turns" },
      safety_identifier: "u",
    });
    expect(request.messages.map(shape)).toEqual(["system: Be brief.", "user: hi"]);
  });

  test("not asked for, an answer is not streamed", () => expect(decode({ input: "hi" }).stream).toBe(false));
  test("a later turn of a kept response needs no input", () =>
    expect(decode({ previous_response_id: "resp_1" }).previousResponseId).toBe("resp_1"));
});

describe("a wrong field is named", () => {
  const cases: [param: string, body: Body][] = [
    ["model", { model: 7, input: "hi" }],
    ["model", { model: "", input: "hi" }],
    ["input", {}],
    ["input", { input: 5 }],
    ["input[0]", { input: ["hi"] }],
    ["input[0].role", { input: [{ role: "narrator", content: "x" }] }],
    [
      "input[1].name",
      {
        input: [
          { role: "user", content: "x" },
          { type: "function_call", call_id: "a" },
        ],
      },
    ],
    ["input[0].call_id", { input: [{ type: "function_call", name: "f", arguments: "{}" }] }],
    ["input[0].call_id", { input: [{ type: "function_call_output", output: "x" }] }],
    ["input[0].content[0]", { input: [{ role: "user", content: ["x"] }] }],
    ["input[0].id", { input: [{ type: "item_reference", id: "msg_omni123_0" }] }],
    ["stream", { input: "hi", stream: "yes" }],
    ["tools", { input: "hi", tools: {} }],
    ["tools[0].name", { input: "hi", tools: [{ type: "function" }] }],
    ["tools[0].type", { input: "hi", tools: [{ name: "f" }] }],
    ["tool_choice", { input: "hi", tool_choice: 3 }],
    ["max_output_tokens", { input: "hi", max_output_tokens: "many" }],
    ["text.format.schema", { input: "hi", text: { format: { type: "json_schema", name: "o" } } }],
    ["instructions", { input: "hi", instructions: ["x"] }],
  ];
  test.each(cases)("%s", (param, body) => {
    let thrown: unknown;
    try {
      decode(body);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GatewayError);
    expect(thrown).toMatchObject({ code: "bad_request", param });
  });
});
