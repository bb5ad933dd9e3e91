import type { Wire } from "./strict/rules.ts";

/** Server-sent events as providers of each format write them; `data` alone where the format names no events. */
export const sse = (...payloads: Wire[]): Buffer =>
  Buffer.from(
    payloads
      .map((payload) =>
        typeof payload === "string"
          ? `data: ${payload}\n\n`
          : `${payload.type ? `event: ${payload.type}\n` : ""}data: ${JSON.stringify(payload)}\n\n`,
      )
      .join(""),
  );

const HEAD = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_790_000_000, model: "m" };

/** A chunk of a chat stream. */
export const chunk = (delta: Wire, finish: string | null = null, more: Wire = {}): Wire => ({
  ...HEAD,
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});
export const chatUsage = (prompt: number, completion: number, details: Wire = {}): Wire => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  ...details,
});
/** A chunk of a chat stream that holds only the usage. */
export const usageChunk = (usage: Wire): Wire => ({ ...HEAD, choices: [], usage });
/** A piece of a tool call in a chat stream. */
export const callDelta = (
  index: number | undefined,
  fields: { id?: string; name?: string; input?: string },
): Wire => ({
  tool_calls: [
    {
      ...(index !== undefined && { index }),
      ...(fields.id !== undefined && { id: fields.id, type: "function" }),
      function: {
        ...(fields.name !== undefined && { name: fields.name }),
        ...(fields.input !== undefined && { arguments: fields.input }),
      },
    },
  ],
});
/** A whole chat stream: role first, `[DONE]` last. */
export const chatStreamOf = (...chunks: Wire[]): Buffer =>
  sse(chunk({ role: "assistant", content: "" }), ...chunks, "[DONE]");

/** A Messages stream around these events. */
export const messagesStreamOf = (
  events: Wire[],
  reason = "end_turn",
  usage: Wire = { output_tokens: 5 },
): Buffer =>
  sse(
    {
      type: "message_start",
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "m",
        content: [],
        stop_reason: null,
        usage: { input_tokens: 20, output_tokens: 1 },
      },
    },
    ...events,
    { type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage },
    { type: "message_stop" },
  );
/** The events of one block of a Messages stream; `deltas` as they stand on the wire. */
export const block = (index: number, content_block: Wire, ...deltas: Wire[]): Wire[] => [
  { type: "content_block_start", index, content_block },
  ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
  { type: "content_block_stop", index },
];

/** A Gemini stream of these parts, a chunk each. */
export const geminiStreamOf = (parts: Wire[], finish = "STOP", usage: Wire = {}): Buffer =>
  Buffer.from(
    [...parts.map((part) => [part]), []]
      .map((some, index) => ({
        candidates: [
          {
            ...(some.length > 0 && { content: { role: "model", parts: some } }),
            ...(index === parts.length && { finishReason: finish }),
            index: 0,
          },
        ],
        usageMetadata: { promptTokenCount: 20, candidatesTokenCount: 5, totalTokenCount: 25, ...usage },
        responseId: "g1",
      }))
      .map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`)
      .join(""),
  );

/** A Responses stream around these events and this output. */
export const responsesStreamOf = (events: Wire[], output: Wire[], more: Wire = {}): Buffer => {
  const response = { id: "resp_1", object: "response", created_at: 1_790_000_000, model: "m" };
  const usage = {
    input_tokens: 20,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 25,
  };
  return sse(
    { type: "response.created", response: { ...response, status: "in_progress", output: [] } },
    ...events,
    {
      type: "response.completed",
      response: { ...response, status: "completed", output, usage, ...more },
    },
  );
};
