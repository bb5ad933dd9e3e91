import { describe, expect, test } from "bun:test";
import { sealProof } from "../../../src/core/envelope.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { ChatRequest } from "../../../src/core/request.ts";
import type { Part } from "../../../src/core/reply.ts";
import { openaiChat } from "../../../src/formats/openai-chat/index.ts";

type Body = { [field: string]: unknown };

const HELLO = { model: "m", messages: [{ role: "user", content: "hi" }] };
const decode = (body: Body): ChatRequest => openaiChat.decodeRequest(body);
const decodeMessages = (...messages: unknown[]) => decode({ model: "m", messages }).messages;
const decodeAssistant = (message: Body): Part[] =>
  decodeMessages({ role: "assistant", ...message })[0]?.parts ?? [];

describe("a chat request", () => {
  test("is no stream unless it says so", () => {
    expect(decode(HELLO).stream).toBe(false);
    expect(decode({ ...HELLO, stream: null }).stream).toBe(false);
    expect(decode({ ...HELLO, stream: true }).stream).toBe(true);
  });

  test.each<{ why: string; body: Body; want: Partial<ChatRequest> }>([
    {
      why: "max_completion_tokens",
      body: { max_completion_tokens: 5, max_tokens: 9 },
      want: { maxOutputTokens: 5 },
    },
    { why: "max_tokens", body: { max_tokens: 9 }, want: { maxOutputTokens: 9 } },
    { why: "one stop text", body: { stop: "END" }, want: { stop: ["END"] } },
    { why: "several stop texts", body: { stop: ["A", "B"] }, want: { stop: ["A", "B"] } },
    {
      why: "sampling",
      body: { temperature: 0, top_p: 0.5, seed: 1 },
      want: { temperature: 0, topP: 0.5, seed: 1 },
    },
    {
      why: "usage asked for",
      body: { stream_options: { include_usage: true } },
      want: { includeUsage: true },
    },
    {
      why: "reasoning_effort",
      body: { reasoning_effort: "xhigh" },
      want: { reasoning: { effort: "xhigh" } },
    },
    { why: "an unknown effort", body: { reasoning_effort: "turbo" }, want: { reasoning: undefined } },
    {
      why: "OpenRouter's effort",
      body: { reasoning: { effort: "low", exclude: true } },
      want: { reasoning: { effort: "low", visible: false } },
    },
    {
      why: "OpenRouter's budget",
      body: { reasoning: { max_tokens: 2000 } },
      want: { reasoning: { budget: 2000 } },
    },
    {
      why: "OpenRouter's switch",
      body: { reasoning: { enabled: false } },
      want: { reasoning: { effort: "none" } },
    },
    {
      why: "GLM's switch",
      body: { thinking: { type: "disabled" } },
      want: { reasoning: { effort: "none" } },
    },
    {
      why: "Kimi's switch",
      body: { thinking: { type: "enabled" } },
      want: { reasoning: { adaptive: true } },
    },
    {
      why: "a JSON answer",
      body: { response_format: { type: "json_object" } },
      want: { output: { type: "json" } },
    },
    {
      why: "a JSON Schema answer",
      body: {
        response_format: {
          type: "json_schema",
          json_schema: { name: "a", strict: true, schema: { type: "object" } },
        },
      },
      want: { output: { type: "schema", name: "a", strict: true, schema: { type: "object" } } },
    },
    { why: "tool_choice auto", body: { tool_choice: "auto" }, want: { toolChoice: { type: "auto" } } },
    { why: "tool_choice none", body: { tool_choice: "none" }, want: { toolChoice: { type: "none" } } },
    {
      why: "tool_choice required",
      body: { tool_choice: "required" },
      want: { toolChoice: { type: "required" } },
    },
    {
      why: "Mistral's tool_choice",
      body: { tool_choice: "any" },
      want: { toolChoice: { type: "required" } },
    },
    {
      why: "tool_choice by name",
      body: { tool_choice: { type: "function", function: { name: "f" } } },
      want: { toolChoice: { type: "tool", name: "f" } },
    },
    {
      why: "tool_choice of a custom tool",
      body: { tool_choice: { type: "custom", custom: { name: "p" } } },
      want: { toolChoice: { type: "tool", name: "p" } },
    },
    {
      why: "allowed tools",
      body: {
        tool_choice: {
          type: "allowed_tools",
          allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "f" } }] },
        },
      },
      want: { toolChoice: { type: "allowed", names: ["f"], required: false } },
    },
    {
      why: "the choice of 2023",
      body: { function_call: { name: "f" } },
      want: { toolChoice: { type: "tool", name: "f" } },
    },
    { why: "one call at a time", body: { parallel_tool_calls: false }, want: { parallelToolCalls: false } },
    { why: "an empty list of tools", body: { tools: [] }, want: { tools: undefined } },
    {
      why: "unknown fields, kept for chat providers",
      body: { logit_bias: { "1": 2 }, safety_identifier: "s", nothing: null },
      want: { vendor: { "openai-chat": { logit_bias: { "1": 2 }, safety_identifier: "s" } } },
    },
  ])("reads $why", ({ body, want }) => {
    const request = decode({ ...HELLO, ...body });
    for (const field of Object.keys(want) as (keyof ChatRequest)[])
      expect(request[field]).toEqual(want[field]);
  });

  test("keeps fields that only some providers know for them as well", () => {
    const request = decode({
      ...HELLO,
      top_k: 4,
      n: 2,
      logprobs: true,
      verbosity: "low",
      metadata: { a: "b" },
    });
    expect(request).toMatchObject({
      topK: 4,
      choices: 2,
      logprobs: true,
      verbosity: "low",
      metadata: { a: "b" },
    });
    expect(request.vendor?.["openai-chat"]).toEqual({
      top_k: 4,
      n: 2,
      logprobs: true,
      verbosity: "low",
      metadata: { a: "b" },
    });
  });

  test.each([
    { body: { messages: HELLO.messages }, param: "model" },
    { body: { model: 5, messages: HELLO.messages }, param: "model" },
    { body: { model: "m" }, param: "messages" },
    { body: { model: "m", messages: [] }, param: "messages" },
    { body: { model: "m", messages: "hi" }, param: "messages" },
    { body: { model: "m", messages: ["hi"] }, param: "messages[0]" },
    {
      body: {
        model: "m",
        messages: [
          { role: "user", content: "a" },
          { role: "robot", content: "b" },
        ],
      },
      param: "messages[1].role",
    },
    { body: { model: "m", messages: [{ content: "a" }] }, param: "messages[0].role" },
    { body: { model: "m", messages: [{ role: "user", content: 5 }] }, param: "messages[0].content" },
    {
      body: { model: "m", messages: [{ role: "user", content: [{ type: "text" }] }] },
      param: "messages[0].content[0].text",
    },
    {
      body: { model: "m", messages: [{ role: "user", content: [{ type: "image_url" }] }] },
      param: "messages[0].content[0].image_url",
    },
    { body: { model: "m", messages: [{ role: "tool", content: "a" }] }, param: "messages[0].tool_call_id" },
    {
      body: { model: "m", messages: [{ role: "assistant", tool_calls: [{}] }] },
      param: "messages[0].tool_calls[0]",
    },
    { body: { ...HELLO, stream: "yes" }, param: "stream" },
    { body: { ...HELLO, temperature: "hot" }, param: "temperature" },
    { body: { ...HELLO, stop: [1] }, param: "stop" },
    { body: { ...HELLO, tools: "all" }, param: "tools" },
    { body: { ...HELLO, tools: [{ type: "function", function: {} }] }, param: "tools[0].function.name" },
    {
      body: { ...HELLO, tools: [{ type: "function", function: { name: "f", parameters: [] } }] },
      param: "tools[0].function.parameters",
    },
    { body: { ...HELLO, tool_choice: "maybe" }, param: "tool_choice" },
    { body: { ...HELLO, response_format: { type: "xml" } }, param: "response_format.type" },
  ])("is refused naming $param", ({ body, param }) => {
    expect(() => decode(body)).toThrow(GatewayError);
    try {
      decode(body);
    } catch (error) {
      expect(error).toMatchObject({ code: "bad_request", param });
      expect((error as Error).message).toContain(param);
    }
  });
});

describe("the messages of a chat request", () => {
  test("keep system texts where they stand and remember OpenAI's word for them", () => {
    const messages = decodeMessages(
      { role: "system", content: "a" },
      { role: "user", content: "b" },
      { role: "developer", content: [{ type: "text", text: "c" }] },
    );
    expect(messages).toEqual([
      { role: "system", parts: [{ type: "text", text: "a" }] },
      { role: "user", parts: [{ type: "text", text: "b" }] },
      { role: "system", parts: [{ type: "text", text: "c" }], developer: true },
    ]);
  });

  test("turn tool messages into results before what the user says next", () => {
    const messages = decodeMessages(
      { role: "user", content: "go" },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "a", type: "function", function: { name: "f", arguments: "" } },
          { id: "b", type: "custom", custom: { name: "p", input: "x" } },
        ],
      },
      { role: "tool", tool_call_id: "b", content: [{ type: "text", text: "B" }] },
      { role: "tool", tool_call_id: "a", content: "A" },
      { role: "user", content: "and?", name: "ada" },
    );
    expect(messages.slice(1)).toEqual([
      {
        role: "assistant",
        parts: [
          { type: "tool-call", id: "a", name: "f", input: "" },
          { type: "tool-call", id: "b", name: "p", input: "x", freeText: true },
        ],
      },
      {
        role: "user",
        name: "ada",
        parts: [
          { type: "tool-result", id: "b", output: [{ type: "text", text: "B" }] },
          { type: "tool-result", id: "a", output: [{ type: "text", text: "A" }] },
          { type: "text", text: "and?" },
        ],
      },
    ]);
  });

  test("read the function calls of 2023", () => {
    const [, assistant, results] = decodeMessages(
      { role: "user", content: "go" },
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { role: "function", name: "f", content: "done" },
    );
    const call = assistant?.parts[0];
    expect(call).toMatchObject({ type: "tool-call", name: "f", input: "{}" });
    expect(results?.parts[0]).toMatchObject({
      type: "tool-result",
      id: call?.type === "tool-call" && call.id,
      name: "f",
    });
  });

  test.each<{ why: string; part: Body; want: Part }>([
    {
      why: "a picture as data",
      part: { type: "image_url", image_url: { url: "data:image/png;base64,iVBO", detail: "low" } },
      want: { type: "media", kind: "image", mediaType: "image/png", data: "iVBO", detail: "low" },
    },
    {
      why: "a picture at an address",
      part: { type: "image_url", image_url: "https://a.b/c.png" },
      want: { type: "media", kind: "image", mediaType: "", url: "https://a.b/c.png" },
    },
    {
      why: "sound",
      part: { type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } },
      want: { type: "media", kind: "audio", mediaType: "audio/mpeg", data: "AAAA" },
    },
    {
      why: "a document",
      part: { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" } },
      want: { type: "media", kind: "document", mediaType: "application/pdf", data: "JVBE", name: "a.pdf" },
    },
    {
      why: "a document without its prefix",
      part: { type: "file", file: { file_data: "JVBE" } },
      want: { type: "media", kind: "document", mediaType: "", data: "JVBE" },
    },
    {
      why: "a document kept at the vendor",
      part: { type: "file", file: { file_id: "file-1" } },
      want: { type: "media", kind: "document", mediaType: "", fileId: "file-1" },
    },
    {
      why: "a cache mark",
      part: { type: "text", text: "a", cache_control: { type: "ephemeral" } },
      want: { type: "text", text: "a", vendor: { "openai-chat": { cache_control: { type: "ephemeral" } } } },
    },
    {
      why: "a part of tomorrow",
      part: { type: "smell", notes: 3 },
      want: { type: "other", vendor: { "openai-chat": { type: "smell", notes: 3 } } },
    },
  ])("hold $why", ({ part, want }) => {
    expect(decodeMessages({ role: "user", content: [part] })[0]?.parts).toEqual([want]);
  });
});

describe("reasoning that a client gives back", () => {
  const claude = { format: "anthropic" as const, maker: "claude/claude-opus-4-6", value: "c2ln" };
  const gemini = { format: "gemini" as const, maker: "gemini/gemini-3-pro", value: "Z2Vt" };

  test.each(["reasoning_content", "reasoning", "reasoning_text"])("is read from %s", (field) => {
    expect(decodeAssistant({ [field]: "Hm.", content: "Yes." })).toEqual([
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Yes." },
    ]);
  });

  test("gets back the proofs that were sealed into its details", () => {
    const parts = decodeAssistant({
      content: "Yes.",
      reasoning_content: "Hm. So.",
      reasoning_details: [
        { type: "reasoning.text", text: "Hm. ", signature: sealProof(claude), index: 0 },
        { type: "reasoning.encrypted", data: sealProof({ ...claude, redacted: true }), index: 1 },
        { type: "reasoning.encrypted", id: "c1", data: sealProof(gemini), index: 2 },
        { type: "reasoning.encrypted", id: "text", data: sealProof(gemini), index: 3 },
      ],
      tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
    });
    expect(parts).toEqual([
      { type: "reasoning", text: "Hm. ", proof: claude },
      { type: "reasoning", text: "", redacted: true, proof: { ...claude, redacted: true } },
      { type: "reasoning", text: "So." },
      { type: "text", text: "Yes.", proof: gemini },
      { type: "tool-call", id: "c1", name: "f", input: "{}", proof: gemini },
    ]);
  });

  test("gets back the proof of a call from Google's slot", () => {
    const google = (signature: string) => ({
      id: "c1",
      type: "function",
      function: { name: "f", arguments: "{}" },
      extra_content: { google: { thought_signature: signature } },
    });
    expect(decodeAssistant({ tool_calls: [google(sealProof(gemini))] })[0]?.proof).toEqual(gemini);
    expect(decodeAssistant({ tool_calls: [google("Z2VudWluZQ==")] })[0]?.proof).toEqual({
      format: "openai-chat",
      maker: "",
      value: '{"google":{"thought_signature":"Z2VudWluZQ=="}}',
    });
  });

  test("is joined again when it comes in the pieces of a stream", () => {
    const parts = decodeAssistant({
      content: "Yes.",
      reasoning_details: [
        { type: "reasoning.text", text: "Hm", index: 0 },
        { type: "reasoning.text", text: ".", index: 0 },
        { type: "reasoning.text", signature: "Z2VudWluZQ==", format: "anthropic-claude-v1", index: 0 },
      ],
    });
    expect(parts[0]).toEqual({
      type: "reasoning",
      text: "Hm.",
      proof: {
        format: "openai-chat",
        maker: "",
        value:
          '{"type":"reasoning.text","index":0,"signature":"Z2VudWluZQ==","format":"anthropic-claude-v1"}',
      },
    });
  });
});

describe("the tools of a chat request", () => {
  test("are functions, free text, or run by the provider", () => {
    const { tools } = decode({
      ...HELLO,
      tools: [
        {
          type: "function",
          function: { name: "f", description: "d", parameters: { type: "object" }, strict: true },
          cache_control: { type: "ephemeral" },
        },
        { type: "function", name: "flat", parameters: { type: "object" } },
        {
          type: "custom",
          custom: {
            name: "p",
            format: { type: "grammar", grammar: { syntax: "lark", definition: "start: x" } },
          },
        },
        { type: "custom", custom: { name: "free", format: { type: "text" } } },
        { type: "web_search", max_results: 3 },
      ],
    });
    expect(tools).toEqual([
      {
        type: "function",
        name: "f",
        description: "d",
        parameters: { type: "object" },
        strict: true,
        vendor: { "openai-chat": { cache_control: { type: "ephemeral" } } },
      },
      { type: "function", name: "flat", parameters: { type: "object" } },
      { type: "custom", name: "p", grammar: { syntax: "lark", definition: "start: x" } },
      { type: "custom", name: "free" },
      {
        type: "hosted",
        kind: "web-search",
        name: "web_search",
        vendor: { "openai-chat": { type: "web_search", max_results: 3 } },
      },
    ]);
  });
});
