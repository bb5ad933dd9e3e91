import { describe, expect, test } from "bun:test";
import { type FormatId, FORMAT_IDS, replay } from "../../src/core/reply.ts";
import { FORMATS } from "../../src/formats/index.ts";
import { parseJson } from "../../src/lib/json.ts";
import {
  decodeContext,
  decodeRecorded,
  encodeContext,
  encodeStream,
  recordedAnswers,
  type DecodedStream,
  type RecordedAnswer,
} from "../kit/answers.ts";
import { STRICT_READERS } from "../kit/strict-readers.ts";

describe("every answer is told to the letter of the client's protocol", () => {
  for (const answer of recordedAnswers) {
    const decoded = decode(answer);
    if (!decoded) continue;
    for (const client of FORMAT_IDS)
      test(`${answer.name}, ${client}`, () => {
        const read = STRICT_READERS[client](wireOf(client, decoded));
        expect(read.error === undefined).toBe(decoded.failure === undefined);
      });
  }
});

describe("the readers do stumble", () => {
  const wireOfText = (client: FormatId) =>
    encodeStream(FORMATS[client], {
      events: [...replay({ id: "a", model: "m", parts: [{ type: "text", text: "Hello" }], finish: "stop" })],
    }).toString();
  test.each<[FormatId, string, RegExp, string]>([
    ["anthropic", "a block with a wrong number", /"index":0/g, '"index":1'],
    ["anthropic", "a delta of another kind", /text_delta","text"/, 'thinking_delta","thinking"'],
    ["anthropic", "no end", /event: message_stop[^]*$/, ""],
    ["openai-responses", "a gap in the numbers", /"sequence_number":4/, '"sequence_number":5'],
    ["openai-responses", "an end that says something else", /"text":"Hello"[^]*$/, '"text":"Hullo"'],
    ["openai-responses", "no end", /event: response.completed[^]*$/, ""],
    ["openai-chat", "no role", /"role":"assistant",/, ""],
    ["openai-chat", "no finish reason", /"finish_reason":"stop"/, '"finish_reason":null'],
    ["openai-chat", "no [DONE]", /data: \[DONE\]\n\n/, ""],
    ["gemini", "no finish reason", /"finishReason":"STOP",/, ""],
    ["gemini", "two lines of data", /data: /, "data: {}\r\ndata: "],
  ])("%s: %s", (client, _what, found, instead) => {
    const good = wireOfText(client);
    STRICT_READERS[client](Buffer.from(good));
    expect(good).toMatch(found);
    expect(() => STRICT_READERS[client](Buffer.from(good.replace(found, instead)))).toThrow();
  });
});

/** The answer as events; undefined for bodies that are errors. */
function decode(answer: RecordedAnswer): DecodedStream | undefined {
  if (answer.status >= 400) return undefined;
  if (answer.kind === "stream") return decodeRecorded(FORMATS[answer.format], answer);
  if (answer.expected?.error) return undefined;
  const format = FORMATS[answer.format];
  return {
    events: [...replay(format.decodeReply(parseJson(answer.wire.toString()), decodeContext(answer.quirks)))],
  };
}

/** A failure before anything was said is an answer with an error status, and no stream at all. */
function wireOf(client: FormatId, decoded: DecodedStream): Buffer {
  const begun = decoded.events.length > 0;
  const events = begun ? decoded.events : [{ type: "reply-start" as const, id: "", model: "" }];
  return encodeStream(FORMATS[client], { ...decoded, events }, encodeContext());
}
