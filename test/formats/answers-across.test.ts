import { describe, expect, test } from "bun:test";
import type { Format } from "../../src/core/format.ts";
import { unwrapFreeText } from "../../src/core/free-text.ts";
import { NO_QUIRKS } from "../../src/core/quirks.ts";
import { collect, FORMAT_IDS, replay, type Reply } from "../../src/core/reply.ts";
import { FORMATS } from "../../src/formats/index.ts";
import { parseJson, tryParseJson } from "../../src/lib/json.ts";
import {
  decodeBytes,
  decodeContext,
  decodeRecorded,
  encodeContext,
  encodeStream,
  recordedAnswers,
  type DecodedStream,
  type RecordedAnswer,
} from "../kit/answers.ts";
import { canonicalJson, factsOf } from "../kit/reply-facts.ts";

describe("answers for clients of another format", () => {
  for (const answer of recordedAnswers) {
    const answered = decodeAnswer(FORMATS[answer.format], answer);
    if (!answered) continue;
    for (const id of FORMAT_IDS) {
      const client = FORMATS[id];
      if (id !== answer.format)
        test(`${answer.name} says the same to a client of ${id}`, () => {
          const { whole, stream } = answered;
          const streamed = decodeBytes(client, [encodeStream(client, stream)], NO_QUIRKS);
          expect(streamed.failure).toBeUndefined();
          const body = client.encodeReply(whole, encodeContext());
          expectSame(collect(streamed.events), whole);
          expectSame(client.decodeReply(body, decodeContext(NO_QUIRKS)), whole);
        });
    }
  }
});

/** The answer as a whole and as events; undefined for failures. */
function decodeAnswer(
  format: Format,
  answer: RecordedAnswer,
): { whole: Reply; stream: DecodedStream } | undefined {
  if (answer.status >= 400 || answer.expected?.error) return undefined;
  if (answer.kind === "response") {
    const whole = format.decodeReply(parseJson(answer.wire.toString()), decodeContext(answer.quirks));
    return { whole, stream: { events: [...replay(whole)] } };
  }
  const stream = decodeRecorded(format, answer);
  return stream.failure ? undefined : { whole: collect(stream.events), stream };
}

/** What a client of another format must find in an answer. Blocks of one vendor's own may be told as text. */
function expectSame(told: Reply, original: Reply): void {
  const facts = factsOf(told);
  const wanted = factsOf(original);
  const hasOwnBlocks = original.parts.some((part) => part.type === "other" || part.type === "media");
  const text = facts.text + facts.refusal;
  if (hasOwnBlocks) for (const piece of textPieces(original)) expect(text).toContain(piece);
  else expect(text).toBe(wanted.text + wanted.refusal);
  expect(facts.reasoning).toBe(wanted.reasoning);
  expect(callsOf(told)).toEqual(callsOf(original));
  const finish = wanted.finish === "pause" ? "stop" : wanted.finish;
  // A refusal is an ordinary end to OpenAI and an end of its own to Anthropic; a shell is called in one format only.
  if (wanted.refusal === "" && !hasOwnBlocks)
    expect(facts.finish === "pause" ? "stop" : facts.finish).toBe(finish);
  if (wanted.usage) {
    expect(facts.usage?.input).toBe(wanted.usage.input);
    expect(facts.usage?.output).toBe(wanted.usage.output);
    expect(facts.usage?.cacheRead ?? 0).toBe(wanted.usage.cacheRead);
  }
}

const textPieces = (reply: Reply): string[] =>
  reply.parts.flatMap((part) => (part.type === "text" ? [part.text] : []));

/**
 * Names and arguments; free text as it is, whether or not a format had to wrap it. A call that was cut in two by the
 * token limit need not be handed on: nobody should carry it out.
 */
function callsOf(reply: Reply): [string, string][] {
  return reply.parts.flatMap((part) => {
    if (part.type !== "tool-call") return [];
    const isHalf = reply.finish === "length" && !part.freeText && tryParseJson(part.input) === undefined;
    return isHalf ? [] : [[part.name, canonicalJson(unwrapFreeText(part.input))]];
  });
}
