import { expect } from "bun:test";
import type { ProviderFormatId } from "../../../src/core/reply.ts";
import { awsFrame } from "../../../src/lib/aws-event-stream.ts";
import type { Deed } from "../scripted-outbound.ts";
import { events, googleRefusals, json, openaiRefusals, WORDS, type Wire } from "./wire.ts";

/** The chat formats; the gateway was asked "Hi" every time. */
export const CHAT_WIRES: { readonly [Format in ProviderFormatId | "gemini-enveloped"]: Wire } = {
  "openai-chat": {
    answer: ({ body }) =>
      body.stream
        ? events([
            chunk({ role: "assistant", content: "" }),
            ...chunksOf(WORDS),
            chunk({}, "stop"),
            lastChunk,
            "[DONE]",
          ])
        : json({
            id: "chatcmpl-1",
            object: "chat.completion",
            created: 1_700_000_000,
            model: body.model,
            choices: [{ index: 0, message: { role: "assistant", content: WORDS }, finish_reason: "stop" }],
            usage: chatUsage,
          }),
    check([{ body }], model) {
      expect(body).toMatchObject({ model, messages: [{ role: "user", content: "Hi" }] });
      expect(body).not.toHaveProperty("input");
    },
    usage: { input: 100, output: 10 },
    refusals: openaiRefusals,
    inside: events([
      { error: { message: "The server is overloaded.", code: 503, type: "overloaded_error" } },
    ]),
  },

  "openai-responses": {
    answer({ body }) {
      const response = {
        id: "resp_1",
        object: "response",
        created_at: 1_700_000_000,
        model: body.model,
        output: [],
        usage: null,
      };
      const item = { id: "msg_1", type: "message", role: "assistant", status: "completed" };
      const part = { type: "output_text", text: WORDS, annotations: [] };
      const usage = { input_tokens: 100, output_tokens: 10, total_tokens: 110 };
      const done = { ...response, status: "completed", output: [{ ...item, content: [part] }], usage };
      if (!body.stream) return json(done);
      const place = { item_id: "msg_1", output_index: 0, content_index: 0 };
      const list = [
        { type: "response.created", response: { ...response, status: "in_progress" } },
        {
          type: "response.output_item.added",
          output_index: 0,
          item: { ...item, status: "in_progress", content: [] },
        },
        { type: "response.content_part.added", ...place, part: { ...part, text: "" } },
        { type: "response.output_text.delta", ...place, delta: "Hello " },
        { type: "response.output_text.delta", ...place, delta: "there." },
        { type: "response.output_text.done", ...place, text: WORDS },
        { type: "response.content_part.done", ...place, part },
        { type: "response.output_item.done", output_index: 0, item: { ...item, content: [part] } },
        { type: "response.completed", response: done },
      ];
      return events(
        list.map((event, sequence_number) => ({ ...event, sequence_number })),
        ({ type }) => type,
      );
    },
    check([{ body }], model) {
      expect(body.model).toBe(model);
      expect(JSON.stringify(body.input)).toContain("Hi");
      expect(body).not.toHaveProperty("messages");
    },
    usage: { input: 100, output: 10 },
    refusals: openaiRefusals,
    inside: events(
      [
        {
          type: "response.created",
          response: { id: "resp_1", object: "response", status: "in_progress", output: [] },
        },
        {
          type: "response.failed",
          response: {
            id: "resp_1",
            object: "response",
            status: "failed",
            output: [],
            error: { code: "server_error", message: "The server is overloaded." },
          },
        },
      ],
      ({ type }) => type,
    ),
  },

  anthropic: {
    answer({ body }) {
      const message = {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: body.model,
        stop_sequence: null,
      };
      const usage = { input_tokens: 100, output_tokens: 10 };
      if (!body.stream)
        return json({ ...message, content: [{ type: "text", text: WORDS }], stop_reason: "end_turn", usage });
      return events(
        [
          {
            type: "message_start",
            message: {
              ...message,
              content: [],
              stop_reason: null,
              usage: { input_tokens: 100, output_tokens: 1 },
            },
          },
          { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
          { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: WORDS } },
          { type: "content_block_stop", index: 0 },
          {
            type: "message_delta",
            delta: { stop_reason: "end_turn", stop_sequence: null },
            usage: { output_tokens: 10 },
          },
          { type: "message_stop" },
        ],
        ({ type }) => type,
      );
    },
    check([{ body, headers }], model) {
      expect(body).toMatchObject({ model, messages: [{ role: "user" }], max_tokens: expect.any(Number) });
      expect(headers["anthropic-version"]).toBe("2023-06-01");
    },
    usage: { input: 100, output: 10 },
    refusals: {
      credentials: json(
        { type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } },
        401,
      ),
      "rate-limited": json(
        {
          type: "error",
          error: { type: "rate_limit_error", message: "Number of requests has exceeded your limit." },
        },
        429,
        { "retry-after": "20" },
      ),
    },
    inside: events(
      [{ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }],
      ({ type }) => type,
    ),
  },

  gemini: {
    answer: ({ url, body }) => generated(url, body, (response) => response),
    check([{ body }]) {
      expect(body.contents).toEqual([{ role: "user", parts: [{ text: "Hi" }] }]);
      expect(body).not.toHaveProperty("model");
    },
    usage: { input: 100, output: 10 },
    refusals: googleRefusals,
    inside: events([{ error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } }]),
  },

  "gemini-enveloped": {
    answer: ({ url, body }) => generated(url, body, (response) => ({ response })),
    check([{ body }], model) {
      expect(body).toMatchObject({
        model,
        project: "project-1",
        request: { contents: [{ role: "user", parts: [{ text: "Hi" }] }] },
      });
    },
    usage: { input: 100, output: 10 },
    refusals: {
      ...googleRefusals,
      credentials: json(
        { error: { code: 401, message: "Invalid credentials.", status: "UNAUTHENTICATED" } },
        401,
      ),
    },
    inside: events([{ error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } }]),
  },

  kiro: {
    answer: () =>
      frames([
        { ":message-type": "event", ":event-type": "assistantResponseEvent" },
        { content: "Hello " },
        { ":message-type": "event", ":event-type": "assistantResponseEvent" },
        { content: "there." },
        { ":message-type": "event", ":event-type": "metricsEvent" },
        { inputTokens: 100, outputTokens: 10 },
      ]),
    check([{ body }], model) {
      const { userInputMessage } = body.conversationState.currentMessage;
      expect(userInputMessage).toMatchObject({ content: "Hi", modelId: model, origin: "AI_EDITOR" });
    },
    usage: { input: 100, output: 10 },
    refusals: {
      credentials: json({ message: "The bearer token included in the request is invalid." }, 403, {
        "x-amzn-errortype": "AccessDeniedException",
      }),
      "rate-limited": json({ message: "Too many requests, please wait." }, 429, {
        "x-amzn-errortype": "ThrottlingException",
      }),
    },
    inside: frames([
      { ":message-type": "exception", ":exception-type": "InternalServerException" },
      { message: "Encountered an unexpected error." },
    ]),
  },
};

const chatUsage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };

const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_700_000_000,
  model: "m",
  choices: [{ index: 0, delta, finish_reason }],
});
const chunksOf = (text: string) => text.split(/(?<= )/).map((content) => chunk({ content }));
const lastChunk = { ...chunk({}), choices: [], usage: chatUsage };

function generated(url: string, body: any, wrap: (response: object) => object): Deed {
  const candidate = (text: string, more = {}) => ({
    content: { role: "model", parts: [{ text }] },
    index: 0,
    ...more,
  });
  const usageMetadata = { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 };
  const end = { finishReason: "STOP" };
  if (!url.includes(":streamGenerateContent"))
    return json(
      wrap({ candidates: [candidate(WORDS, end)], usageMetadata, modelVersion: body.model ?? "m" }),
    );
  return events([
    wrap({ candidates: [candidate("Hello ")], modelVersion: "m" }),
    wrap({ candidates: [candidate("there.", end)], usageMetadata, modelVersion: "m" }),
  ]);
}

/** Headers and payloads by turns. */
function frames(list: readonly object[]): Deed {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < list.length; at += 2)
    chunks.push(awsFrame(list[at] as { [name: string]: string }, JSON.stringify(list[at + 1])));
  return { type: "stream", headers: { "content-type": "application/vnd.amazon.eventstream" }, chunks };
}
