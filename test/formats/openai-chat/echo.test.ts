import { describe, expect, test } from "bun:test";
import { collect, replay, type Part, type Reply } from "../../../src/core/reply.ts";
import { FORMATS } from "../../../src/formats/index.ts";
import { openaiChat } from "../../../src/formats/openai-chat/index.ts";
import { parseJson } from "../../../src/lib/json.ts";
import {
  decodeContext,
  decodeRecorded,
  encodeContext,
  encodeStream,
  recordedAnswers,
  type RecordedAnswer,
} from "../../kit/answers.ts";

type Message = { [field: string]: unknown };

/**
 * A chat client puts the answer into its next request, as it came. Whatever proved a thought, a call or a text must
 * come back with it, or the provider has forgotten what it thought.
 */
describe("a chat client's next request holds every proof of the answer", () => {
  for (const answer of recordedAnswers) {
    const reply = decoded(answer);
    if (!reply || proofs(reply.parts).length === 0) continue;
    test(`${answer.name}, whole`, () => {
      const [choice] = openaiChat.encodeReply(reply, encodeContext())["choices"] as { message: Message }[];
      expect(givenBack(choice?.message ?? {})).toEqual(proofs(reply.parts));
    });
    test(`${answer.name}, streamed`, () => {
      const wire = encodeStream(openaiChat, { events: [...replay(reply)] });
      expect(givenBack(accumulated(wire.toString()))).toEqual(proofs(reply.parts));
    });
  }
});

function decoded(answer: RecordedAnswer): Reply | undefined {
  if (answer.status >= 400 || answer.expected?.error) return undefined;
  const format = FORMATS[answer.format];
  if (answer.kind === "response")
    return format.decodeReply(parseJson(answer.wire.toString()), decodeContext(answer.quirks));
  const { events, failure } = decodeRecorded(format, answer);
  return failure ? undefined : collect(events);
}

function givenBack(message: Message): unknown[] {
  const [turn] = openaiChat.decodeRequest({ model: "m", messages: [message] }).messages;
  return proofs(turn?.parts ?? []);
}

/**
 * Each proof with what it proves. Chat puts reasoning before text and text before calls, has one text, and no place
 * for the proofs of pictures and of parts it cannot show.
 */
function proofs(parts: readonly Part[]): unknown[] {
  const proved = parts.filter((part) => part.proof);
  const lastText = proved.findLast((part) => part.type === "text");
  return [
    ...proved.filter((part) => part.type === "reasoning"),
    ...(lastText ? [lastText] : []),
    ...proved.filter((part) => part.type === "tool-call"),
  ].map((part) => ({
    of: part.type === "tool-call" ? part.id : part.type,
    ...(part.type === "reasoning" && { text: part.text }),
    proof: [part.proof?.format, part.proof?.maker, part.proof?.value],
  }));
}

type CallPiece = { index: number; function?: { arguments: string }; custom?: { input: string } };

/** Adds a stream up as clients do: texts joined, lists joined, calls by index. */
function accumulated(wire: string): Message {
  const texts = { content: "", reasoning_content: "", refusal: "" };
  const details: unknown[] = [];
  const calls: CallPiece[] = [];
  for (const line of wire.split("\n\n")) {
    if (!line.startsWith("data: {")) continue;
    const { choices } = JSON.parse(line.slice(6)) as { choices: { index: number; delta: Message }[] };
    for (const { index, delta } of choices) {
      if (index !== 0) continue;
      for (const field of ["content", "reasoning_content", "refusal"] as const)
        if (typeof delta[field] === "string") texts[field] += delta[field];
      details.push(...((delta["reasoning_details"] ?? []) as unknown[]));
      for (const piece of (delta["tool_calls"] ?? []) as CallPiece[]) {
        const call = calls[piece.index];
        if (!call) calls[piece.index] = piece;
        else if (call.function) call.function.arguments += piece.function?.arguments ?? "";
        else if (call.custom) call.custom.input += piece.custom?.input ?? "";
      }
    }
  }
  return {
    role: "assistant",
    ...texts,
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}
