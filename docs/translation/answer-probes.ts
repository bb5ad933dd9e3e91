import type { FormatId } from "../../src/core/reply.ts";
import type { Body } from "./wires.ts";

/** One thing that an answer may hold, in the words of each format that has words for it. */
export type AnswerProbe = { name: string; say: { [F in FormatId]?: Body } };

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

type Spoken = { content: unknown; finish?: string; usage?: object; more?: object };

const chat = ({ content, finish = "stop", usage = {}, more = {} }: Spoken): Body => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_790_000_000,
  model: "m",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "Hello!", ...(content as object) },
      finish_reason: finish,
      ...more,
    },
  ],
  usage: { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29, ...usage },
});
const responses = ({ content, usage = {}, more = {} }: Spoken): Body => ({
  id: "resp_1",
  object: "response",
  created_at: 1_790_000_000,
  model: "m",
  status: "completed",
  output: content,
  usage: { input_tokens: 20, output_tokens: 9, total_tokens: 29, ...usage },
  ...more,
});
const messages = ({ content, finish = "end_turn", usage = {}, more = {} }: Spoken): Body => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content,
  stop_reason: finish,
  stop_sequence: null,
  usage: { input_tokens: 20, output_tokens: 9, ...usage },
  ...more,
});
const gemini = ({ content, finish = "STOP", usage = {}, more = {} }: Spoken): Body => ({
  candidates: [{ content: { role: "model", parts: content }, finishReason: finish, index: 0, ...more }],
  usageMetadata: { promptTokenCount: 20, candidatesTokenCount: 9, totalTokenCount: 29, ...usage },
  modelVersion: "m",
  responseId: "r1",
});

const SAID = {
  responses: {
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text: "Hello!", annotations: [] }],
  },
  messages: { type: "text", text: "Hello!" },
  gemini: { text: "Hello!" },
};

/** The plainest answer of each format. */
export const PLAIN_ANSWER: Readonly<Record<FormatId, Body>> = {
  "openai-chat": chat({ content: {} }),
  "openai-responses": responses({ content: [SAID.responses] }),
  anthropic: messages({ content: [SAID.messages] }),
  gemini: gemini({ content: [SAID.gemini] }),
};

const chatCall = (id: string) => ({
  id,
  type: "function",
  function: { name: "read", arguments: '{"path":"a"}' },
});
const responsesCall = (id: string) => ({
  type: "function_call",
  call_id: id,
  name: "read",
  arguments: '{"path":"a"}',
});
const use = (id: string) => ({ type: "tool_use", id, name: "read", input: { path: "a" } });
const functionCall = (id: string) => ({ functionCall: { id, name: "read", args: { path: "a" } } });

/** Everything that is answered to clients of every format. */
export const ANSWER_PROBES: readonly AnswerProbe[] = [
  {
    name: "reasoning",
    say: {
      "openai-chat": chat({ content: { reasoning_content: "A greeting." } }),
      "openai-responses": responses({
        content: [
          { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "A greeting." }] },
          SAID.responses,
        ],
      }),
      anthropic: messages({
        content: [{ type: "thinking", thinking: "A greeting.", signature: "" }, SAID.messages],
      }),
      gemini: gemini({ content: [{ text: "A greeting.", thought: true }, SAID.gemini] }),
    },
  },
  {
    name: "reasoning with a proof of it",
    say: {
      "openai-chat": chat({
        content: {
          reasoning: "A greeting.",
          reasoning_details: [
            { type: "reasoning.text", text: "A greeting.", signature: "c2lnbmVk", index: 0 },
          ],
        },
      }),
      "openai-responses": responses({
        content: [
          {
            type: "reasoning",
            summary: [{ type: "summary_text", text: "A greeting." }],
            encrypted_content: "c2VhbGVk",
          },
          SAID.responses,
        ],
      }),
      anthropic: messages({
        content: [{ type: "thinking", thinking: "A greeting.", signature: "c2lnbmVk" }, SAID.messages],
      }),
      gemini: gemini({
        content: [
          { text: "A greeting.", thought: true },
          { ...SAID.gemini, thoughtSignature: "c2lnbmVk" },
        ],
      }),
    },
  },
  {
    name: "withheld reasoning, of which only a proof comes",
    say: {
      "openai-chat": chat({
        content: { reasoning_details: [{ type: "reasoning.encrypted", data: "c2VhbGVk", index: 0 }] },
      }),
      "openai-responses": responses({
        content: [{ type: "reasoning", summary: [], encrypted_content: "c2VhbGVk" }, SAID.responses],
      }),
      anthropic: messages({ content: [{ type: "redacted_thinking", data: "c2VhbGVk" }, SAID.messages] }),
    },
  },
  {
    name: "a refusal in a field of its own",
    say: {
      "openai-chat": chat({ content: { content: null, refusal: "No." } }),
      "openai-responses": responses({
        content: [{ type: "message", role: "assistant", content: [{ type: "refusal", refusal: "No." }] }],
      }),
    },
  },
  {
    name: "a call",
    say: {
      "openai-chat": chat({ content: { tool_calls: [chatCall("call_1")] }, finish: "tool_calls" }),
      "openai-responses": responses({ content: [SAID.responses, responsesCall("call_1")] }),
      anthropic: messages({ content: [SAID.messages, use("call_1")], finish: "tool_use" }),
      gemini: gemini({ content: [SAID.gemini, functionCall("call_1")] }),
    },
  },
  {
    name: "two calls at once",
    say: {
      "openai-chat": chat({
        content: { tool_calls: [chatCall("call_1"), chatCall("call_2")] },
        finish: "tool_calls",
      }),
      "openai-responses": responses({
        content: [SAID.responses, responsesCall("call_1"), responsesCall("call_2")],
      }),
      anthropic: messages({ content: [SAID.messages, use("call_1"), use("call_2")], finish: "tool_use" }),
      gemini: gemini({ content: [SAID.gemini, functionCall("call_1"), functionCall("call_2")] }),
    },
  },
  {
    name: "text behind a call",
    say: {
      "openai-responses": responses({ content: [responsesCall("call_1"), SAID.responses] }),
      anthropic: messages({ content: [use("call_1"), SAID.messages], finish: "tool_use" }),
      gemini: gemini({ content: [functionCall("call_1"), SAID.gemini] }),
    },
  },
  {
    name: "a call with free text",
    say: {
      "openai-chat": chat({
        content: { tool_calls: [{ id: "call_1", type: "custom", custom: { name: "patch", input: "a" } }] },
        finish: "tool_calls",
      }),
      "openai-responses": responses({
        content: [SAID.responses, { type: "custom_tool_call", call_id: "call_1", name: "patch", input: "a" }],
      }),
    },
  },
  {
    name: "a picture",
    say: {
      "openai-chat": chat({
        content: { images: [{ type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } }] },
      }),
      "openai-responses": responses({
        content: [
          SAID.responses,
          { type: "image_generation_call", id: "ig_1", status: "completed", result: PNG },
        ],
      }),
      gemini: gemini({ content: [SAID.gemini, { inlineData: { mimeType: "image/png", data: PNG } }] }),
    },
  },
  {
    name: "sound",
    say: {
      "openai-chat": chat({ content: { audio: { id: "audio_1", data: "UklGRg==", transcript: "Hello!" } } }),
      gemini: gemini({ content: [SAID.gemini, { inlineData: { mimeType: "audio/wav", data: "UklGRg==" } }] }),
    },
  },
  {
    name: "sources of a text",
    say: {
      "openai-chat": chat({
        content: {
          annotations: [
            {
              type: "url_citation",
              url_citation: { start_index: 0, end_index: 5, title: "A", url: "https://example.com" },
            },
          ],
        },
      }),
      "openai-responses": responses({
        content: [
          {
            ...SAID.responses,
            content: [
              {
                type: "output_text",
                text: "Hello!",
                annotations: [
                  {
                    type: "url_citation",
                    start_index: 0,
                    end_index: 5,
                    title: "A",
                    url: "https://example.com",
                  },
                ],
              },
            ],
          },
        ],
      }),
      anthropic: messages({
        content: [
          {
            ...SAID.messages,
            citations: [
              {
                type: "web_search_result_location",
                url: "https://example.com",
                title: "A",
                cited_text: "Hello",
                encrypted_index: "x",
              },
            ],
          },
        ],
      }),
      gemini: gemini({
        content: [SAID.gemini],
        more: {
          groundingMetadata: { groundingChunks: [{ web: { uri: "https://example.com", title: "A" } }] },
        },
      }),
    },
  },
  {
    name: "work of a tool that the provider ran",
    say: {
      "openai-responses": responses({
        content: [{ type: "web_search_call", id: "ws_1", status: "completed" }, SAID.responses],
      }),
      anthropic: messages({
        content: [
          { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "a" } },
          { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
          SAID.messages,
        ],
      }),
      gemini: gemini({
        content: [{ executableCode: { language: "PYTHON", code: "1" } }, SAID.gemini],
      }),
    },
  },
  {
    name: "end: longest answer reached",
    say: {
      "openai-chat": chat({ content: {}, finish: "length" }),
      "openai-responses": responses({
        content: [SAID.responses],
        more: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
      }),
      anthropic: messages({ content: [SAID.messages], finish: "max_tokens" }),
      gemini: gemini({ content: [SAID.gemini], finish: "MAX_TOKENS" }),
    },
  },
  {
    name: "end: filtered",
    say: {
      "openai-chat": chat({ content: {}, finish: "content_filter" }),
      "openai-responses": responses({
        content: [SAID.responses],
        more: { status: "incomplete", incomplete_details: { reason: "content_filter" } },
      }),
      anthropic: messages({ content: [SAID.messages], finish: "refusal" }),
      gemini: gemini({ content: [SAID.gemini], finish: "SAFETY" }),
    },
  },
  {
    name: "end: a stop sequence, and which",
    say: {
      anthropic: messages({
        content: [SAID.messages],
        finish: "stop_sequence",
        more: { stop_sequence: "END" },
      }),
    },
  },
  {
    name: "end: paused, to be continued",
    say: { anthropic: messages({ content: [SAID.messages], finish: "pause_turn" }) },
  },
  {
    name: "tokens read from the cache",
    say: {
      "openai-chat": chat({ content: {}, usage: { prompt_tokens_details: { cached_tokens: 5 } } }),
      "openai-responses": responses({
        content: [SAID.responses],
        usage: { input_tokens_details: { cached_tokens: 5 } },
      }),
      anthropic: messages({
        content: [SAID.messages],
        usage: { input_tokens: 15, cache_read_input_tokens: 5 },
      }),
      gemini: gemini({ content: [SAID.gemini], usage: { cachedContentTokenCount: 5 } }),
    },
  },
  {
    name: "tokens written to the cache",
    say: {
      "openai-chat": chat({ content: {}, usage: { prompt_tokens_details: { cache_write_tokens: 5 } } }),
      "openai-responses": responses({
        content: [SAID.responses],
        usage: { input_tokens_details: { cached_tokens: 0, cache_write_tokens: 5 } },
      }),
      anthropic: messages({
        content: [SAID.messages],
        usage: { input_tokens: 15, cache_creation_input_tokens: 5 },
      }),
    },
  },
  {
    name: "tokens of reasoning",
    say: {
      "openai-chat": chat({ content: {}, usage: { completion_tokens_details: { reasoning_tokens: 5 } } }),
      "openai-responses": responses({
        content: [SAID.responses],
        usage: { output_tokens_details: { reasoning_tokens: 5 } },
      }),
      anthropic: messages({
        content: [SAID.messages],
        usage: { output_tokens_details: { thinking_tokens: 5 } },
      }),
      gemini: gemini({ content: [SAID.gemini], usage: { candidatesTokenCount: 4, thoughtsTokenCount: 5 } }),
    },
  },
  {
    name: "log probabilities",
    say: {
      "openai-chat": chat({
        content: {},
        more: { logprobs: { content: [{ token: "Hello", logprob: -0.1, bytes: null, top_logprobs: [] }] } },
      }),
      "openai-responses": responses({
        content: [
          {
            ...SAID.responses,
            content: [
              {
                type: "output_text",
                text: "Hello!",
                annotations: [],
                logprobs: [{ token: "Hello", logprob: -0.1, bytes: [], top_logprobs: [] }],
              },
            ],
          },
        ],
      }),
      gemini: gemini({
        content: [SAID.gemini],
        more: { logprobsResult: { chosenCandidates: [{ token: "Hello", logProbability: -0.1 }] } },
      }),
    },
  },
];
