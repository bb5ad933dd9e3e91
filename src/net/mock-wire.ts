import { isObject, type JsonObject } from "../lib/json.ts";
import { inputText } from "./mock-answers.ts";

/** One piece of a mock answer; a call's first piece names it, the following ones go on with its arguments. */
export type MockPiece =
  | { text: string }
  | { reasoning: string }
  | { call: { id: string; name: string }; input: string }
  | { input: string };

type Facts = { id: string; created: number; model: string };

/** The whole answer in OpenAI's chat format. */
export function mockCompletion(facts: Facts, request: JsonObject, pieces: readonly MockPiece[]): JsonObject {
  const reasoning = pieces.map((piece) => ("reasoning" in piece ? piece.reasoning : "")).join("");
  const text = pieces.map((piece) => ("text" in piece ? piece.text : "")).join("");
  const input = pieces.map((piece) => ("input" in piece ? piece.input : "")).join("");
  const call = callOf(pieces);
  const message = {
    role: "assistant",
    content: call ? null : text,
    ...(reasoning !== "" && { reasoning_content: reasoning }),
    ...(call && {
      tool_calls: [{ id: call.id, type: "function", function: { name: call.name, arguments: input } }],
    }),
  };
  return {
    ...facts,
    object: "chat.completion",
    choices: [{ index: 0, message, finish_reason: finishOf(pieces) }],
    usage: usageOf(request, pieces),
  };
}

/** The same as a stream: one chunk for each piece, and what ends it. */
export function mockStream(
  facts: Facts,
  request: JsonObject,
  pieces: readonly MockPiece[],
): { chunks: string[]; ending: string } {
  const frame = (fields: JsonObject) =>
    `data: ${JSON.stringify({ ...facts, object: "chat.completion.chunk", ...fields })}\n\n`;
  const choice = (delta: JsonObject, finish: string | null = null) =>
    frame({ choices: [{ index: 0, delta, finish_reason: finish }] });
  const chunks = pieces.map((piece, index) =>
    choice({ ...(index === 0 && { role: "assistant" }), ...deltaOf(piece) }),
  );
  const wantsUsage = isObject(request.stream_options) && request.stream_options.include_usage === true;
  const usage = wantsUsage ? frame({ choices: [], usage: usageOf(request, pieces) }) : "";
  return { chunks, ending: `${choice({}, finishOf(pieces))}${usage}data: [DONE]\n\n` };
}

function deltaOf(piece: MockPiece): JsonObject {
  if ("text" in piece) return { content: piece.text };
  if ("reasoning" in piece) return { reasoning_content: piece.reasoning };
  if (!("call" in piece)) return { tool_calls: [{ index: 0, function: { arguments: piece.input } }] };
  const { id, name } = piece.call;
  return { tool_calls: [{ index: 0, id, type: "function", function: { name, arguments: piece.input } }] };
}

function callOf(pieces: readonly MockPiece[]): { id: string; name: string } | undefined {
  for (const piece of pieces) if ("call" in piece) return piece.call;
  return undefined;
}

const finishOf = (pieces: readonly MockPiece[]): string => (callOf(pieces) ? "tool_calls" : "stop");

/** A token for every four characters begun. */
function usageOf(request: JsonObject, pieces: readonly MockPiece[]): JsonObject {
  const reasoning = pieces.map((piece) => ("reasoning" in piece ? piece.reasoning : "")).join("");
  const rest = pieces
    .map((piece) => ("text" in piece ? piece.text : "input" in piece ? piece.input : ""))
    .join("");
  const prompt = tokensIn(inputText(request));
  const completion = tokensIn(reasoning + rest);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(reasoning !== "" && { completion_tokens_details: { reasoning_tokens: tokensIn(reasoning) } }),
  };
}

function tokensIn(text: string): number {
  let characters = 0;
  for (const _character of text) characters++;
  return Math.ceil(characters / 4);
}
