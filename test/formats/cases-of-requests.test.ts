import { describe, expect, test } from "bun:test";
import type { Quirks } from "../../src/core/quirks.ts";
import type { FormatId } from "../../src/core/reply.ts";
import { FORMATS } from "../../src/formats/index.ts";
import { parseJson } from "../../src/lib/json.ts";
import type { Wire } from "../kit/strict/rules.ts";

/*
 * Requests as agents really send them, and what of them must reach a provider of another format. The numbers are those
 * of the table in cases.test.ts.
 */

const MODELS: Readonly<Record<FormatId, string>> = {
  "openai-chat": "some-model",
  "openai-responses": "gpt-5",
  anthropic: "claude-sonnet-4-6",
  gemini: "gemini-3.1-pro-preview",
};

/** The body that reaches a provider of `target`. */
function sent(
  source: FormatId,
  target: FormatId,
  body: Wire,
  quirks: Quirks = {},
  model = MODELS[target],
): Wire {
  const request = FORMATS[source].decodeRequest({ model: "m", ...body }, { model: "m" });
  const encoded = FORMATS[target].encodeRequest(
    { ...request, model },
    { id: model, maker: `test/${model}` },
    quirks,
  );
  return parseJson(JSON.stringify(encoded.body));
}

const PNG = "iVBORw0KGgoAAAANSUhEUg==";
const PNG_URL = `data:image/png;base64,${PNG}`;
const READ = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };

// Messages clients.
const messages = (...turns: Wire[]) => ({
  max_tokens: 4000,
  tools: [{ name: "read", input_schema: READ }],
  messages: [{ role: "user", content: "Read." }, ...turns],
});
const use = (...ids: string[]) => ({
  role: "assistant",
  content: ids.map((id) => ({ type: "tool_use", id, name: "read", input: { path: id } })),
});
const results = (...blocks: Wire[]) => ({ role: "user", content: blocks });
const result = (id: string, fields: Wire) => ({ type: "tool_result", tool_use_id: id, ...fields });

describe("requests of Messages clients", () => {
  /** Shapes of a result, and what a chat provider must read in it. */
  const SHAPES: readonly [string, Wire, RegExp][] = [
    ["no content", {}, /no output/],
    ["an empty list", { content: [] }, /no output/],
    ["a text", { content: "fine" }, /^fine$/],
    [
      "a list of texts",
      {
        content: [
          { type: "text", text: "fi" },
          { type: "text", text: "ne" },
        ],
      },
      /fi\s*ne/,
    ],
    ["an error", { content: "no such file", is_error: true }, /^Error: no such file$/],
    ["an error without words", { is_error: true }, /^Error/],
  ];
  test.each(SHAPES)("case 85: a result with %s is a string", (_name, fields, wanted) => {
    const body = sent("anthropic", "openai-chat", messages(use("t1"), results(result("t1", fields))));
    expect(body.messages.at(-1)).toMatchObject({ role: "tool", tool_call_id: "t1" });
    expect(body.messages.at(-1).content).toMatch(wanted);
  });

  test.each<[FormatId, (body: Wire) => unknown]>([
    [
      "openai-chat",
      (body) => body.messages.at(-1).content.some((part: Wire) => part.image_url?.url === PNG_URL),
    ],
    ["openai-responses", (body) => body.input.at(-1).output.some((part: Wire) => part.image_url === PNG_URL)],
    [
      "gemini",
      (body) =>
        body.contents
          .at(-1)
          .parts[0].functionResponse.parts.some((part: Wire) => part.inlineData.data === PNG),
    ],
  ])("case 85: a picture in a result stays a picture, %s", (target, holds) => {
    const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } };
    const body = sent(
      "anthropic",
      target,
      messages(use("t1"), results(result("t1", { content: [{ type: "text", text: "Shot:" }, picture] }))),
    );
    expect(holds(body)).toBe(true);
    expect(JSON.stringify(body).split(PNG)).toHaveLength(2);
  });

  test("case 85: a PDF in a result stays a file", () => {
    const pdf = {
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
    };
    const body = sent(
      "anthropic",
      "openai-chat",
      messages(use("t1"), results(result("t1", { content: [pdf] }))),
    );
    expect(JSON.stringify(body.messages.at(-1))).toContain("data:application/pdf;base64,JVBERi0=");
  });

  test.each<[FormatId, (body: Wire) => [string, boolean][]]>([
    [
      "openai-chat",
      (body) =>
        body.messages.flatMap((m: Wire) =>
          m.role === "tool" ? [[m.tool_call_id, /interrupt/.test(m.content)]] : [],
        ),
    ],
    [
      "openai-responses",
      (body) =>
        body.input.flatMap((item: Wire) =>
          item.type === "function_call_output" ? [[item.call_id, /interrupt/.test(item.output)]] : [],
        ),
    ],
    [
      "gemini",
      (body) =>
        body.contents.flatMap((content: Wire) =>
          content.parts.flatMap((part: Wire) =>
            part.functionResponse
              ? [[part.functionResponse.id, part.functionResponse.response.error !== undefined]]
              : [],
          ),
        ),
    ],
  ])(
    "case 84: a call without a result gets one, a result without a call is no result, %s",
    (target, read) => {
      const body = sent(
        "anthropic",
        target,
        messages(
          use("t1", "t2"),
          results(result("t2", { content: "two" }), result("gone", { content: "late words" })),
        ),
      );
      expect(read(body)).toEqual([
        ["t1", true],
        ["t2", false],
      ]);
      expect(JSON.stringify(body)).toContain("late words");
    },
  );

  test("cases 83, 105: results in another order, then words: assistant, results in the order of the calls, user", () => {
    const turn = results(result("t2", { content: "two" }), result("t1", { content: "one" }), {
      type: "text",
      text: "Now go on.",
    });
    const chat = sent("anthropic", "openai-chat", messages(use("t1", "t2"), turn)).messages;
    expect(chat.map(({ role, tool_call_id: id }: Wire) => id ?? role)).toEqual([
      "user",
      "assistant",
      "t1",
      "t2",
      "user",
    ]);
    const { contents } = sent("anthropic", "gemini", messages(use("t1", "t2"), turn));
    expect(contents.at(-1).parts.map((part: Wire) => part.functionResponse?.id ?? part.text)).toEqual([
      "t1",
      "t2",
      "Now go on.",
    ]);
  });

  const CHOICES: readonly [Wire, Wire, Wire, Wire][] = [
    [{ type: "auto" }, "auto", "auto", { mode: "AUTO" }],
    [{ type: "any" }, "required", "required", { mode: "ANY" }],
    [{ type: "none" }, "none", "none", { mode: "NONE" }],
    [
      { type: "tool", name: "read" },
      { type: "function", function: { name: "read" } },
      { type: "function", name: "read" },
      { mode: "ANY", allowedFunctionNames: ["read"] },
    ],
  ];
  test.each(CHOICES)("case 93: tool_choice %j", (tool_choice, chat, responses, gemini) => {
    const body = { ...messages(), tool_choice };
    expect(sent("anthropic", "openai-chat", body).tool_choice).toEqual(chat);
    expect(sent("anthropic", "openai-responses", body).tool_choice).toEqual(responses);
    expect(sent("anthropic", "gemini", body).toolConfig.functionCallingConfig).toEqual(gemini);
    const apart = { ...messages(), tool_choice: { ...tool_choice, disable_parallel_tool_use: true } };
    if (tool_choice.type !== "none") {
      expect(sent("anthropic", "openai-chat", apart).parallel_tool_calls).toBe(false);
      expect(sent("anthropic", "openai-responses", apart).parallel_tool_calls).toBe(false);
    }
  });

  const THINKING: readonly [Wire, string | undefined, string | undefined, Wire][] = [
    [
      { thinking: { type: "enabled", budget_tokens: 1024 } },
      "low",
      "low",
      { thinkingLevel: "LOW", includeThoughts: true },
    ],
    [
      { thinking: { type: "enabled", budget_tokens: 31_999 } },
      "high",
      "high",
      { thinkingLevel: "HIGH", includeThoughts: true },
    ],
    [
      { thinking: { type: "adaptive" }, output_config: { effort: "medium" } },
      "medium",
      "medium",
      { thinkingLevel: "MEDIUM", includeThoughts: true },
    ],
    [{ thinking: { type: "disabled" } }, undefined, undefined, undefined],
  ];
  test.each(THINKING)("case 94: %j", (fields, chat, responses, gemini) => {
    const body = { ...messages(), max_tokens: 64_000, ...fields };
    expect(sent("anthropic", "openai-chat", body).reasoning_effort).toBe(chat);
    expect(sent("anthropic", "openai-responses", body).reasoning?.effort).toBe(responses);
    const config = sent("anthropic", "gemini", body).generationConfig.thinkingConfig;
    if (gemini) expect(config).toEqual(gemini);
    else expect(config?.includeThoughts).not.toBe(true);
    expect(JSON.stringify(sent("anthropic", "openai-chat", body))).not.toContain("budget_tokens");
  });

  test("case 95: hosted search where the target has it, client tools as functions, the rest left out", () => {
    const body = {
      max_tokens: 10,
      messages: [{ role: "user", content: "x" }],
      tools: [
        { type: "web_search_20250305", name: "web_search", max_uses: 3 },
        { type: "bash_20250124", name: "bash" },
        { type: "text_editor_20250728", name: "str_replace_based_edit_tool" },
        { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" },
      ],
    };
    const responses = sent("anthropic", "openai-responses", body).tools;
    expect(responses.map(({ type, name }: Wire) => name ?? type)).toEqual([
      "web_search",
      "bash",
      "str_replace_based_edit_tool",
    ]);
    expect(responses[1].parameters.properties).toHaveProperty("command");
    const chat = sent("anthropic", "openai-chat", body).tools;
    expect(chat.map((tool: Wire) => tool.function.name)).toEqual(["bash", "str_replace_based_edit_tool"]);
  });

  test("case 99: documents and pictures by address, by data, as plain text", () => {
    const body = {
      max_tokens: 10,
      messages: [
        {
          role: "user",
          content: [
            { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } },
            { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
            {
              type: "document",
              title: "Notes",
              source: { type: "text", media_type: "text/plain", data: "Words." },
            },
            { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
          ],
        },
      ],
    };
    const chat = sent("anthropic", "openai-chat", body).messages[0].content;
    expect(chat[0].file.file_data).toBe("data:application/pdf;base64,JVBERi0=");
    expect(JSON.stringify(chat[1])).toContain("https://example.com/a.pdf");
    expect(chat[2]).toEqual({ type: "text", text: "Notes:\nWords." });
    expect(chat[3].image_url.url).toBe("https://example.com/a.png");
    const responses = sent("anthropic", "openai-responses", body).input[0].content;
    expect(responses[0].file_data).toBe("data:application/pdf;base64,JVBERi0=");
    expect(responses[1].file_url).toBe("https://example.com/a.pdf");
    expect(responses[3].image_url).toBe("https://example.com/a.png");
    const gemini = sent("anthropic", "gemini", body).contents[0].parts;
    expect(gemini[0].inlineData).toMatchObject({ mimeType: "application/pdf", data: "JVBERi0=" });
    expect(gemini[1].fileData.fileUri).toBe("https://example.com/a.pdf");
  });

  test.each(["openai-chat", "openai-responses", "gemini"] as const)(
    "cases 90, 91: foreign thinking is never visible text and leaves no signature, %s",
    (target) => {
      const history = messages(
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "SECRET THOUGHT", signature: "c2ln" },
            { type: "redacted_thinking", data: "d2l0aGhlbGQ=" },
            { type: "tool_use", id: "t1", name: "read", input: {} },
          ],
        },
        results(result("t1", { content: "r" })),
      );
      expect(JSON.stringify(sent("anthropic", target, history))).not.toMatch(/SECRET|c2ln|d2l0/);
      const echoing = sent("anthropic", "openai-chat", history, { echoReasoning: true });
      expect(echoing.messages[1].reasoning_content).toBe("SECRET THOUGHT");
      expect(echoing.messages[1].content).toBeNull();
    },
  );

  test("case 89: calls of other models get the documented stand-in, once a turn", () => {
    const { contents } = sent(
      "anthropic",
      "gemini",
      messages(
        use("t1", "t2"),
        results(result("t1", {}), result("t2", {})),
        use("t3"),
        results(result("t3", {})),
      ),
    );
    const signatures = contents
      .filter(({ role }: Wire) => role === "model")
      .map(({ parts }: Wire) => parts.map((part: Wire) => part.thoughtSignature ?? ""));
    expect(signatures).toEqual([
      ["skip_thought_signature_validator", ""],
      ["skip_thought_signature_validator"],
    ]);
  });

  test("case 98: empty texts vanish, and what is left empty with them", () => {
    const body = {
      max_tokens: 10,
      messages: [
        { role: "user", content: "x" },
        { role: "assistant", content: [{ type: "text", text: "" }] },
        {
          role: "user",
          content: [
            { type: "text", text: "" },
            { type: "text", text: "y" },
          ],
        },
      ],
    };
    const { contents } = sent("anthropic", "gemini", body);
    expect(contents).toEqual([{ role: "user", parts: [{ text: "x" }, { text: "y" }] }]);
    const chat = sent("anthropic", "openai-chat", body).messages;
    expect(chat.map(({ content }: Wire) => content)).toEqual(["x", "y"]);
  });
});

// Chat clients.
const chat = (...turns: Wire[]) => ({
  tools: [{ type: "function", function: { name: "read", parameters: READ } }],
  messages: [{ role: "user", content: "Read." }, ...turns],
});
const calls = (...inputs: string[]) => ({
  role: "assistant",
  content: null,
  tool_calls: inputs.map((input, index) => ({
    id: `c${index}`,
    type: "function",
    function: { name: "read", arguments: input },
  })),
});
const toolMessage = (index: number, content: Wire = "r") => ({
  role: "tool",
  tool_call_id: `c${index}`,
  content,
});

describe("requests of chat clients", () => {
  test.each<[string, Wire]>([
    ["", {}],
    ["{", { _raw: "{" }],
    ["not json", { _raw: "not json" }],
    ["[1]", { _raw: "[1]" }],
    ['{"path":"a"}', { path: "a" }],
  ])("case 106: arguments %j in the history are an object towards Anthropic and Gemini", (input, wanted) => {
    const body = chat(calls(input), toolMessage(0));
    expect(sent("openai-chat", "anthropic", body).messages[1].content[0].input).toEqual(wanted);
    const { args } = sent("openai-chat", "gemini", body).contents[1].parts[0].functionCall;
    expect(typeof args === "object" && !Array.isArray(args)).toBe(true);
    expect(() =>
      JSON.parse(sent("openai-chat", "openai-chat", body).messages[1].tool_calls[0].function.arguments),
    ).not.toThrow();
  });

  test.each(["anthropic", "gemini", "openai-responses"] as const)(
    "case 107: all digits reach %s",
    (target) => {
      const body = chat(
        calls('{"id":12345678901234567890123}'),
        toolMessage(0, '{"id":98765432109876543210}'),
      );
      const request = FORMATS["openai-chat"].decodeRequest({ model: "m", ...body });
      const target_ = { id: MODELS[target], maker: "test/m" };
      const wire = JSON.stringify(FORMATS[target].encodeRequest(request, target_, {}).body);
      expect(wire).toContain("12345678901234567890123");
      expect(wire).toContain("98765432109876543210");
    },
  );

  test("case 104: system, developer and several users in a row", () => {
    const body = {
      messages: [
        { role: "system", content: "A" },
        { role: "developer", content: "B" },
        { role: "user", content: "1" },
        { role: "user", content: "2" },
        { role: "assistant", content: "3" },
        { role: "assistant", content: "4" },
        { role: "user", content: "5" },
      ],
    };
    const anthropic = sent("openai-chat", "anthropic", body);
    expect(anthropic.system.map(({ text }: Wire) => text)).toEqual(["A", "B"]);
    expect(anthropic.messages.map(({ role }: Wire) => role)).toEqual(["user", "assistant", "user"]);
    const gemini = sent("openai-chat", "gemini", body);
    expect(gemini.systemInstruction.parts.map(({ text }: Wire) => text)).toEqual(["A", "B"]);
    expect(gemini.contents.map(({ role }: Wire) => role)).toEqual(["user", "model", "user"]);
  });

  test("case 108: the shape of the answer", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
    const body = {
      messages: [{ role: "user", content: "x" }],
      response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: true } },
    };
    expect(sent("openai-chat", "anthropic", body).output_config.format).toMatchObject({
      type: "json_schema",
      schema: { properties: schema.properties, additionalProperties: false },
    });
    const { generationConfig } = sent("openai-chat", "gemini", body);
    expect(generationConfig.responseMimeType).toBe("application/json");
    expect(generationConfig.responseSchema.properties.a.type).toBe("STRING");
    expect(sent("openai-chat", "openai-responses", body).text.format).toEqual({
      type: "json_schema",
      name: "answer",
      schema,
      strict: true,
    });
    const any = { messages: body.messages, response_format: { type: "json_object" } };
    expect(sent("openai-chat", "gemini", any).generationConfig.responseMimeType).toBe("application/json");
    expect(sent("openai-chat", "openai-responses", any).text.format).toEqual({ type: "json_object" });
    expect(sent("openai-chat", "anthropic", any).system.at(-1).text).toContain("JSON");
  });

  test("case 109: choices, one call at a time, a single stop, the newer name of the limit", () => {
    const body = {
      ...chat(),
      tool_choice: "required",
      parallel_tool_calls: false,
      stop: "END",
      max_completion_tokens: 77,
    };
    const anthropic = sent("openai-chat", "anthropic", body);
    expect(anthropic).toMatchObject({
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      stop_sequences: ["END"],
      max_tokens: 77,
    });
    const named = { ...chat(), tool_choice: { type: "function", function: { name: "read" } } };
    expect(sent("openai-chat", "gemini", named).toolConfig.functionCallingConfig).toEqual({
      mode: "ANY",
      allowedFunctionNames: ["read"],
    });
    expect(sent("openai-chat", "anthropic", { ...chat(), tool_choice: "none" }).tool_choice).toEqual({
      type: "none",
    });
  });

  test.each(["anthropic", "gemini", "openai-responses"] as const)(
    "case 110: reasoning from elsewhere is neither thinking nor visible, %s",
    (target) => {
      const turn = { role: "assistant", content: "Yes.", reasoning_content: "SECRET THOUGHT" };
      const body = chat(turn, { role: "user", content: "Why?" });
      expect(JSON.stringify(sent("openai-chat", target, body))).not.toContain("SECRET");
    },
  );

  test("case 96: names that Gemini forbids are changed, distinct, and come back", () => {
    const names = ["my.tool-1", "my tool 1", "1tool", "größe", "x".repeat(80)];
    const tools = names.map((name) => ({ type: "function", function: { name, parameters: READ } }));
    const request = FORMATS["openai-chat"].decodeRequest({
      model: "m",
      messages: [{ role: "user", content: "x" }],
      tools,
    });
    const { body, toolNames } = FORMATS.gemini.encodeRequest(
      request,
      { id: MODELS.gemini, maker: "test/m" },
      {},
    );
    const wire = (body["tools"] as Wire)[0].functionDeclarations.map(({ name }: Wire) => name);
    expect(new Set(wire).size).toBe(names.length);
    for (const name of wire) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/);
    expect(wire.map((name: string) => toolNames.fromWire(name).name)).toEqual(names);
  });

  test("case 111: a $ref in a result stays text towards Gemini", () => {
    const { contents } = sent(
      "openai-chat",
      "gemini",
      chat(calls("{}"), toolMessage(0, '{"$ref":"#/a","b":1}')),
    );
    expect(contents.at(-1).parts[0].functionResponse.response).toEqual({ output: '{"$ref":"#/a","b":1}' });
  });

  test("case 112: pictures with their detail, files, sound", () => {
    const body = {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "See:" },
            { type: "image_url", image_url: { url: PNG_URL, detail: "low" } },
            { type: "image_url", image_url: { url: "https://example.com/a.png" } },
            { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } },
            { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } },
          ],
        },
      ],
    };
    expect(sent("openai-chat", "openai-responses", body).input[0].content).toMatchObject([
      { type: "input_text" },
      { type: "input_image", image_url: PNG_URL, detail: "low" },
      { type: "input_image", image_url: "https://example.com/a.png" },
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" },
    ]);
    expect(sent("openai-chat", "anthropic", body).messages[0].content).toMatchObject([
      { type: "text" },
      { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } },
    ]);
    const { parts } = sent("openai-chat", "gemini", body).contents[0];
    expect(parts[4].inlineData).toEqual({ mimeType: "audio/wav", data: "UklGRg==" });
  });

  test("case 84: orphans towards Anthropic", () => {
    const body = chat(calls("{}", "{}"), toolMessage(1), { role: "user", content: "Stop." }, toolMessage(9));
    const { messages: turns } = sent("openai-chat", "anthropic", body);
    expect(turns[2].content.slice(0, 2)).toMatchObject([
      { type: "tool_result", tool_use_id: "c0", is_error: true },
      { type: "tool_result", tool_use_id: "c1" },
    ]);
    expect(JSON.stringify(turns)).not.toContain('"c9"');
  });
});

// Responses clients.
describe("requests of Responses clients", () => {
  const PATCH = {
    type: "custom",
    name: "apply_patch",
    format: { type: "grammar", syntax: "lark", definition: "start: A" },
  };
  const patched = {
    tools: [PATCH],
    input: [
      { role: "user", content: "Fix it." },
      { type: "custom_tool_call", call_id: "c1", name: "apply_patch", input: "*** Begin\n" },
      { type: "custom_tool_call_output", call_id: "c1", output: "Done" },
    ],
  };

  test("case 116: a free-text tool is a function with one string, in the history too", () => {
    const anthropic = sent("openai-responses", "anthropic", patched);
    expect(Object.keys(anthropic.tools[0].input_schema.properties)).toEqual(["input"]);
    expect(anthropic.messages[1].content[0]).toMatchObject({
      type: "tool_use",
      input: { input: "*** Begin\n" },
    });
    expect(anthropic.messages[2].content[0]).toMatchObject({ type: "tool_result", content: "Done" });
    const chat = sent("openai-responses", "openai-chat", patched);
    expect(JSON.parse(chat.messages[1].tool_calls[0].function.arguments)).toEqual({ input: "*** Begin\n" });
    const { contents } = sent("openai-responses", "gemini", patched);
    expect(contents[1].parts[0].functionCall.args).toEqual({ input: "*** Begin\n" });
  });

  test("case 117: tools that no other format has are left out, namespaces are flat and distinct", () => {
    const inside = (name: string) => ({
      type: "namespace",
      name,
      description: "",
      tools: [{ type: "function", name: "read", parameters: READ }],
    });
    const body = {
      input: "x",
      tools: [
        inside("one"),
        inside("two"),
        { type: "function", name: "read", parameters: READ },
        { type: "image_generation" },
        { type: "computer_use_preview", display_width: 1, display_height: 1, environment: "mac" },
        { type: "mcp", server_label: "s", server_url: "https://example.com" },
      ],
    };
    const chat = sent("openai-responses", "openai-chat", body).tools.map((tool: Wire) => tool.function.name);
    expect(chat).toEqual(["one__read", "two__read", "read"]);
    const anthropic = sent("openai-responses", "anthropic", body).tools.map(({ name }: Wire) => name);
    expect(anthropic).toEqual(["one__read", "two__read", "read"]);
  });

  const IMAGE = { type: "input_image", image_url: PNG_URL };
  test.each<[string, Wire]>([
    ["a list", [IMAGE]],
    ["a list in a string", JSON.stringify([IMAGE])],
    ["a list with words", [{ type: "input_text", text: "Shot:" }, IMAGE]],
  ])("case 118: a picture given back as %s is a picture", (_name, output) => {
    for (const [call, back] of [
      ["function_call", "function_call_output"],
      ["custom_tool_call", "custom_tool_call_output"],
    ]) {
      const body = {
        tools: [{ type: "function", name: "view", parameters: READ }, PATCH],
        input: [
          { role: "user", content: "Look." },
          {
            type: call,
            call_id: "c1",
            name: call === "function_call" ? "view" : "apply_patch",
            arguments: "{}",
            input: "a",
          },
          { type: back, call_id: "c1", output },
        ],
      };
      const anthropic = sent("openai-responses", "anthropic", body).messages[2].content[0].content;
      expect(anthropic.some((block: Wire) => block.source?.data === PNG)).toBe(true);
      const chat = sent("openai-responses", "openai-chat", body);
      expect(JSON.stringify(chat.messages.at(-1))).toContain(PNG_URL);
      expect(chat.messages.find(({ role }: Wire) => role === "tool").content).not.toContain(PNG);
      const gemini = sent("openai-responses", "gemini", body);
      expect(JSON.stringify(gemini.contents.at(-1)).split(PNG)).toHaveLength(2);
    }
  });

  test("case 119: sealed thoughts go to nobody who cannot open them", () => {
    const body = {
      input: [
        { role: "user", content: "x" },
        {
          type: "reasoning",
          summary: [{ type: "summary_text", text: "SECRET" }],
          encrypted_content: "c2VhbGVk",
        },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "Yes." }] },
        { role: "user", content: "Why?" },
      ],
    };
    for (const target of ["anthropic", "gemini", "openai-chat"] as const)
      expect(JSON.stringify(sent("openai-responses", target, body))).not.toMatch(/SECRET|c2VhbGVk/);
  });

  test("case 120: shape, verbosity, limit and a plain string as input", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const body = {
      input: "Hello",
      instructions: "Be brief.",
      max_output_tokens: 50,
      text: { format: { type: "json_schema", name: "answer", schema }, verbosity: "low" },
      reasoning: { effort: "low", summary: "auto" },
    };
    const chat = sent("openai-responses", "openai-chat", body, { developerRole: true });
    expect(chat).toMatchObject({
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hello" },
      ],
      max_tokens: 50,
      verbosity: "low",
      reasoning_effort: "low",
      response_format: { type: "json_schema", json_schema: { name: "answer", schema } },
    });
    expect(sent("openai-responses", "gemini", body)).toMatchObject({
      contents: [{ role: "user", parts: [{ text: "Hello" }] }],
      systemInstruction: { parts: [{ text: "Be brief." }] },
      generationConfig: { maxOutputTokens: 50, responseMimeType: "application/json" },
    });
  });

  test("case 122: outputs move to their calls, ids used again are told apart", () => {
    const body = {
      tools: [{ type: "function", name: "read", parameters: READ }],
      input: [
        { role: "user", content: "x" },
        { type: "function_call_output", call_id: "c1", output: "early" },
        { type: "function_call", call_id: "c1", name: "read", arguments: '{"path":"1"}' },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "Hm." }] },
        { type: "function_call", call_id: "c2", name: "read", arguments: '{"path":"2"}' },
        { role: "user", content: "between" },
        { type: "function_call_output", call_id: "c2", output: "two" },
        { type: "function_call", call_id: "c2", name: "read", arguments: '{"path":"3"}' },
        { type: "function_call_output", call_id: "c2", output: "three" },
      ],
    };
    const { messages: turns } = sent("openai-responses", "openai-chat", body);
    const order = turns.flatMap((turn: Wire) =>
      turn.role === "tool"
        ? [`= ${turn.content}`]
        : (turn.tool_calls ?? []).map((call: Wire) => `? ${JSON.parse(call.function.arguments).path}`),
    );
    expect(order).toEqual(["? 1", "= early", "? 2", "= two", "? 3", "= three"]);
    const ids = turns.flatMap((turn: Wire) => (turn.tool_calls ?? []).map((call: Wire) => call.id));
    expect(new Set(ids).size).toBe(3);
  });
});

// Gemini clients.
describe("requests of Gemini clients", () => {
  const call = (n: number) => ({ functionCall: { name: "read", args: { n } } });
  const response = (output: string) => ({ functionResponse: { name: "read", response: { output } } });
  const loop = {
    tools: [
      {
        functionDeclarations: [
          { name: "read", parameters: { type: "OBJECT", properties: { n: { type: "INTEGER" } } } },
        ],
      },
    ],
    contents: [
      { role: "user", parts: [{ text: "x" }] },
      { role: "model", parts: [call(1), call(2)] },
      { role: "user", parts: [response("one"), response("two")] },
      { role: "model", parts: [call(3)] },
      { role: "user", parts: [response("three")] },
    ],
  };

  test("case 123: calls without ids pair first in, first out, with the same ids on every replay", () => {
    const read = () => sent("gemini", "anthropic", loop).messages;
    const blocks = read().flatMap(({ content }: Wire) => content);
    const ids = blocks.flatMap(({ type, id }: Wire) => (type === "tool_use" ? [id] : []));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
    const answers = blocks.flatMap((block: Wire) =>
      block.type === "tool_result" ? [[ids.indexOf(block.tool_use_id), block.content]] : [],
    );
    expect(answers).toEqual([
      [0, "one"],
      [1, "two"],
      [2, "three"],
    ]);
    expect(read()).toEqual(read());
    // The ids of the first calls do not change as the conversation grows.
    const shorter = sent("gemini", "anthropic", { ...loop, contents: loop.contents.slice(0, 3) }).messages;
    expect(shorter).toEqual(read().slice(0, 3));
  });

  test("case 125: thoughts, modes, files of any type, an instruction that is plain text, names in snake case", () => {
    const body = {
      system_instruction: "Be brief.",
      contents: [
        {
          role: "user",
          parts: [
            { inline_data: { mime_type: "image/png", data: PNG } },
            { inlineData: { mimeType: "audio/mp3", data: "SUQz" } },
            { inlineData: { mimeType: "application/pdf", data: "JVBERi0=" } },
          ],
        },
        { role: "model", parts: [{ text: "SECRET", thought: true }, { text: "Yes." }] },
        { role: "user", parts: [{ text: "Why?" }] },
      ],
      tools: [{ function_declarations: [{ name: "read", parameters_json_schema: READ }] }],
      tool_config: { function_calling_config: { mode: "ANY", allowed_function_names: ["read"] } },
      generation_config: { max_output_tokens: 50 },
    };
    const chat = sent("gemini", "openai-chat", body);
    expect(chat.messages[0]).toEqual({ role: "system", content: "Be brief." });
    expect(chat.messages[1].content).toMatchObject([
      { image_url: { url: PNG_URL } },
      { input_audio: { format: "mp3" } },
      { file: { file_data: "data:application/pdf;base64,JVBERi0=" } },
    ]);
    expect(chat.messages[2]).toEqual({ role: "assistant", content: "Yes." });
    expect(chat.tool_choice).toEqual({ type: "function", function: { name: "read" } });
    expect(chat.tools[0].function.parameters).toEqual(READ);
    expect(chat.max_tokens).toBe(50);
  });
});
