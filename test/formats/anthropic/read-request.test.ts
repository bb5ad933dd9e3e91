import { describe, expect, test } from "bun:test";
import { sealProof } from "../../../src/core/envelope.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { Part } from "../../../src/core/reply.ts";
import { anthropic, decodeCountRequest, refuseThread } from "../../../src/formats/anthropic/index.ts";
import { parseJson } from "../../../src/lib/json.ts";

type Fields = { [field: string]: unknown };
const body = (changes: Fields = {}): Fields => ({
  model: "m",
  max_tokens: 100,
  messages: [{ role: "user", content: "go" }],
  ...changes,
});
const decode = (changes: Fields = {}) => anthropic.decodeRequest(body(changes));

describe("bodies that are no request name the field at fault", () => {
  const user = (content: unknown) => ({ messages: [{ role: "user", content }] });
  const rows: [string, Fields, string][] = [
    ["no model", { model: undefined }, "model"],
    ["no max_tokens", { max_tokens: undefined }, "max_tokens"],
    ["a broken max_tokens", { max_tokens: "9" }, "max_tokens"],
    ["a negative max_tokens", { max_tokens: -1 }, "max_tokens"],
    ["no messages", { messages: undefined }, "messages"],
    ["an empty list of messages", { messages: [] }, "messages"],
    ["a message that is text", { messages: ["hi"] }, "messages[0]"],
    ["an unknown role", { messages: [{ role: "tool", content: "x" }] }, "messages[0].role"],
    ["no content", { messages: [{ role: "user" }] }, "messages[0].content"],
    ["a block without type", user([{ text: "x" }]), "messages[0].content[0].type"],
    ["a text block without text", user([{ type: "text" }]), "messages[0].content[0].text"],
    ["an image without source", user([{ type: "image" }]), "messages[0].content[0].source"],
    [
      "a picture without data",
      user([{ type: "image", source: { type: "base64", media_type: "image/png" } }]),
      "messages[0].content[0].source.data",
    ],
    ["a result without id", user([{ type: "tool_result" }]), "messages[0].content[0].tool_use_id"],
    [
      "a broken block inside a result",
      user([{ type: "tool_result", tool_use_id: "t", content: [{ type: "text" }] }]),
      "messages[0].content[0].content[0].text",
    ],
    ["a call without name", user([{ type: "tool_use", id: "t" }]), "messages[0].content[0].name"],
    ["system that is a number", { system: 1 }, "system"],
    ["a system block without text", { system: [{ type: "text" }] }, "system[0].text"],
    ["tools that are no list", { tools: {} }, "tools"],
    ["a tool without name", { tools: [{ input_schema: {} }] }, "tools[0].name"],
    ["a tool without schema", { tools: [{ name: "f" }] }, "tools[0].input_schema"],
    ["an unknown tool choice", { tool_choice: { type: "must" } }, "tool_choice.type"],
    ["a choice without name", { tool_choice: { type: "tool" } }, "tool_choice.name"],
    ["a temperature in words", { temperature: "warm" }, "temperature"],
    ["stream that is a word", { stream: "yes" }, "stream"],
    ["a stop sequence that is a number", { stop_sequences: [1] }, "stop_sequences[0]"],
    ["thinking without type", { thinking: {} }, "thinking.type"],
  ];
  test.each(rows)("%s", (_name, changes, param) => {
    const fields = body(changes);
    for (const key in fields) if (fields[key] === undefined) delete fields[key];
    try {
      anthropic.decodeRequest(fields);
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError);
      expect(error).toMatchObject({ code: "bad_request", status: 400, param });
      expect((error as Error).message).toContain(param);
      return;
    }
    throw new Error("It was taken.");
  });
});

test("counting tokens needs no limit for the answer", () => {
  const { max_tokens: _limit, ...counted } = body();
  expect(decodeCountRequest(counted).maxOutputTokens).toBeUndefined();
});

test("a thread is refused in the way the SDK understands, and only a thread", () => {
  expect(() => refuseThread(decode())).not.toThrow();
  try {
    refuseThread(decode({ thread: { id: "thr_1" } }));
  } catch (error) {
    const written = anthropic.encodeError(error as GatewayError, "req_1");
    expect((error as GatewayError).status).toBe(400);
    expect(written).toMatchObject({
      type: "error",
      error: {
        type: "invalid_request_error",
        details: { error_code: "thread_unsupported_request", unsupported: ["thread"] },
      },
      request_id: "req_1",
    });
    return;
  }
  throw new Error("The thread was taken.");
});

describe("blocks", () => {
  const rows: [string, Fields, Part][] = [
    ["text", { type: "text", text: "a" }, { type: "text", text: "a" }],
    [
      "text with a cache mark",
      { type: "text", text: "a", cache_control: { type: "ephemeral" } },
      { type: "text", text: "a", vendor: { anthropic: { cache_control: { type: "ephemeral" } } } },
    ],
    [
      "a picture",
      { type: "image", source: { type: "base64", media_type: "image/png", data: "AA" } },
      { type: "media", kind: "image", mediaType: "image/png", data: "AA" },
    ],
    [
      "a picture by address",
      { type: "image", source: { type: "url", url: "https://x.example/a" } },
      { type: "media", kind: "image", mediaType: "", url: "https://x.example/a" },
    ],
    [
      "a PDF with a title",
      { type: "document", title: "r", source: { type: "base64", media_type: "application/pdf", data: "AA" } },
      { type: "media", kind: "document", mediaType: "application/pdf", data: "AA", name: "r" },
    ],
    [
      "a plain document",
      { type: "document", source: { type: "text", media_type: "text/plain", data: "words" } },
      { type: "media", kind: "document", mediaType: "text/plain", data: "words", plain: true },
    ],
    [
      "signed thinking",
      { type: "thinking", thinking: "hm", signature: "sig" },
      { type: "reasoning", text: "hm", proof: { format: "anthropic", maker: "", value: "sig" } },
    ],
    [
      "thinking without a proof",
      { type: "thinking", thinking: "hm", signature: "" },
      { type: "reasoning", text: "hm" },
    ],
    [
      "redacted thinking",
      { type: "redacted_thinking", data: "x" },
      {
        type: "reasoning",
        text: "",
        redacted: true,
        proof: { format: "anthropic", maker: "", value: "x", redacted: true },
      },
    ],
    [
      "thinking of another vendor, sealed by us",
      {
        type: "thinking",
        thinking: "hm",
        signature: sealProof({ format: "openai-responses", maker: "o/m", value: "enc" }),
      },
      { type: "reasoning", text: "hm", proof: { format: "openai-responses", maker: "o/m", value: "enc" } },
    ],
    [
      "a call",
      { type: "tool_use", id: "t", name: "f", input: { a: [1] }, caller: { type: "direct" } },
      {
        type: "tool-call",
        id: "t",
        name: "f",
        input: '{"a":[1]}',
        vendor: { anthropic: { caller: { type: "direct" } } },
      },
    ],
    [
      "a call without input",
      { type: "tool_use", id: "t", name: "f" },
      { type: "tool-call", id: "t", name: "f", input: "{}" },
    ],
    [
      "a result without content",
      { type: "tool_result", tool_use_id: "t" },
      { type: "tool-result", id: "t", output: [] },
    ],
    [
      "an empty result",
      { type: "tool_result", tool_use_id: "t", content: [] },
      { type: "tool-result", id: "t", output: [] },
    ],
    [
      "a failed result as text",
      { type: "tool_result", tool_use_id: "t", content: "no", is_error: true },
      { type: "tool-result", id: "t", output: [{ type: "text", text: "no" }], failed: true },
    ],
    [
      "a server tool's block",
      { type: "server_tool_use", id: "s", name: "web_search", input: {} },
      {
        type: "other",
        vendor: { anthropic: { type: "server_tool_use", id: "s", name: "web_search", input: {} } },
      },
    ],
    [
      "a block nobody knows",
      { type: "new", x: 1 },
      { type: "other", vendor: { anthropic: { type: "new", x: 1 } } },
    ],
  ];
  test.each(rows)("%s", (_name, block, part) => {
    const [message] = decode({ messages: [{ role: "user", content: [block] }] }).messages;
    expect(message?.parts).toEqual([part]);
  });

  test("search results and tool references are words for other formats", () => {
    const content = [
      {
        type: "tool_result",
        tool_use_id: "t",
        content: [
          {
            type: "search_result",
            title: "T",
            source: "https://s.example",
            content: [{ type: "text", text: "found" }],
          },
          { type: "tool_reference", tool_name: "grep" },
        ],
      },
    ];
    const [message] = decode({ messages: [{ role: "user", content }] }).messages;
    const [result] = message?.parts ?? [];
    expect(
      result?.type === "tool-result" && result.output.map((part) => part.type === "text" && part.text),
    ).toEqual(["T\nhttps://s.example\nfound", "The tool grep can be used now."]);
  });

  test("integers beyond 2^53 keep their digits", () => {
    const content = '[{"type":"tool_use","id":"t","name":"f","input":{"id":12345678901234567890}}]';
    const [message] = decode({ messages: [{ role: "assistant", content: parseJson(content) }] }).messages;
    expect(message?.parts[0]).toMatchObject({ input: '{"id":12345678901234567890}' });
  });
});

describe("fields", () => {
  const rows: [string, Fields, Fields][] = [
    [
      "system as text",
      { system: "S" },
      { messages: [{ role: "system", parts: [{ type: "text", text: "S" }] }, expect.anything()] },
    ],
    ["tool choice any", { tool_choice: { type: "any" } }, { toolChoice: { type: "required" } }],
    ["tool choice none", { tool_choice: { type: "none" } }, { toolChoice: { type: "none" } }],
    [
      "a named tool",
      { tool_choice: { type: "tool", name: "f" } },
      { toolChoice: { type: "tool", name: "f" } },
    ],
    [
      "one call at a time",
      { tool_choice: { type: "auto", disable_parallel_tool_use: true } },
      { toolChoice: { type: "auto" }, parallelToolCalls: false },
    ],
    [
      "a thinking budget",
      { thinking: { type: "enabled", budget_tokens: 2000 } },
      { reasoning: { budget: 2000 } },
    ],
    [
      "adaptive thinking with an effort",
      { thinking: { type: "adaptive", display: "omitted" }, output_config: { effort: "xhigh" } },
      { reasoning: { adaptive: true, effort: "xhigh", visible: false } },
    ],
    ["no thinking", { thinking: { type: "disabled" } }, { reasoning: { effort: "none" } }],
    ["an effort alone", { output_config: { effort: "low" } }, { reasoning: { effort: "low" } }],
    [
      "a schema for the answer",
      { output_config: { format: { type: "json_schema", schema: { type: "object" } } } },
      { output: { type: "schema", schema: { type: "object" } } },
    ],
    [
      "a schema as the beta said it",
      { output_format: { type: "json_schema", schema: { type: "object" } } },
      { output: { type: "schema", schema: { type: "object" } } },
    ],
    [
      "sampling",
      { temperature: 0.5, top_p: 0.9, top_k: 5, stop_sequences: ["E"], service_tier: "auto", stream: true },
      { temperature: 0.5, topP: 0.9, topK: 5, stop: ["E"], serviceTier: "auto", stream: true },
    ],
    [
      "nulls, which mean nothing",
      { temperature: null, tools: null, system: null, thinking: null },
      { stream: false },
    ],
    ["the user", { metadata: { user_id: "u1" } }, { user: "u1" }],
    ["a field nobody knows", { invented: { a: 1 } }, { vendor: { anthropic: { invented: { a: 1 } } } }],
  ];
  test.each(rows)("%s", (_name, changes, expected) => {
    expect(decode(changes)).toMatchObject(expected);
  });

  test("Claude Code's billing line is kept apart from the system text", () => {
    const line = { type: "text", text: "x-anthropic-billing-header: cc_version=1;" };
    const request = decode({ system: [line, { type: "text", text: "Agent." }] });
    expect(request.messages[0]).toEqual({ role: "system", parts: [{ type: "text", text: "Agent." }] });
    const encoded = anthropic.encodeRequest(request, { id: "claude-opus-5", maker: "a/b" }, {});
    expect(encoded.body["system"]).toEqual([line, { type: "text", text: "Agent." }]);
  });

  test("tools that the client runs have schemas, hosted ones have kinds", () => {
    const { tools } = decode({
      tools: [
        { type: "bash_20250124", name: "bash" },
        { type: "text_editor_20250728", name: "str_replace_based_edit_tool" },
        { type: "memory_20250818", name: "memory" },
        { type: "web_search_20250305", name: "web_search", max_uses: 3 },
        { type: "code_execution_20250825", name: "code_execution" },
        { type: "computer_20251124", name: "computer" },
      ],
    });
    expect(tools?.map((tool) => (tool.type === "hosted" ? tool.kind : `${tool.type} ${tool.name}`))).toEqual([
      "function bash",
      "function str_replace_based_edit_tool",
      "function memory",
      "web-search",
      "code-execution",
      "computer_20251124",
    ]);
    for (const tool of tools ?? [])
      if (tool.type === "function") expect(tool.parameters).toHaveProperty("properties.command");
  });
});

describe("proofs of calls and texts come back to their part", () => {
  const gemini = { format: "gemini" as const, maker: "gemini/g3", value: "c2ln" };
  const sealed = sealProof(gemini);
  test("a thinking block without text carries the proof of what follows", () => {
    const content = [
      { type: "thinking", thinking: "", signature: sealed },
      { type: "tool_use", id: "t", name: "f", input: {} },
    ];
    expect(decode({ messages: [{ role: "assistant", content }] }).messages[0]?.parts).toEqual([
      { type: "tool-call", id: "t", name: "f", input: "{}", proof: gemini },
    ]);
  });
  test("a redacted block carries the proof of what stands before", () => {
    const content = [
      { type: "text", text: "done" },
      { type: "redacted_thinking", data: sealed },
    ];
    expect(decode({ messages: [{ role: "assistant", content }] }).messages[0]?.parts).toEqual([
      { type: "text", text: "done", proof: gemini },
    ]);
  });
});
