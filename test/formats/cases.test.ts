import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";

/**
 * The cases that a translation between the four formats must get right, and where each is proved. Rank 1 breaks an
 * agent's session or spoils its work unseen, 2 is wrong behaviour that people notice, 3 is quality. A place is a test
 * file (under `test/`) and words of a test in it.
 */
type Case = { rank: 1 | 2 | 3; what: string; proved: readonly Place[]; notMet?: string };
type Place = readonly [file: string, words: string];

const STREAMS = "formats/cases-of-streams.test.ts";
const REQUESTS = "formats/cases-of-requests.test.ts";
const STRICT = "formats/strict-clients.test.ts";
const REPLAY = "gateway/replay.test.ts";
const LOOP = "gateway/tool-loop.test.ts";
const SWITCH = "gateway/maker-switch.test.ts";
const PASSING = "gateway/passing-on.test.ts";
const SDK = "gateway/sdk.test.ts";
const FALLBACK = "gateway/fallback.test.ts";

const inStreams = (number: number): Place => [STREAMS, `case ${number},`];
const inRequests = (number: number): Place => [REQUESTS, `case ${number}:`];
/** Odd calls stand in a table. */
const oddCall = (words: string): Place => [STREAMS, words];

const CASES: Readonly<Record<number, Case>> = {
  // Streams to Messages clients
  1: {
    rank: 1,
    what: "calls whose pieces alternate",
    proved: [oddCall("arguments of three calls alternate")],
  },
  2: { rank: 1, what: "text inside the arguments of a call", proved: [inStreams(2)] },
  3: {
    rank: 1,
    what: "id and name repeated on every piece",
    proved: [oddCall("id and name stand on every piece"), inStreams(3)],
  },
  4: {
    rank: 1,
    what: "a wrong or missing end of a turn with calls",
    proved: [
      oddCall("the turn ends with `stop`"),
      oddCall("the turn ends with an empty word"),
      oddCall("nothing but [DONE]"),
    ],
  },
  5: { rank: 1, what: "a stream that breaks off inside the arguments", proved: [inStreams(5)] },
  6: { rank: 1, what: "the limit inside the arguments", proved: [inStreams(6)] },
  7: { rank: 1, what: "thought, call, thought, call", proved: [inStreams(7)] },
  8: { rank: 1, what: "text before a thought", proved: [inStreams(8)] },
  9: { rank: 1, what: "Gemini calls without ids", proved: [inStreams(9)] },
  10: {
    rank: 1,
    what: "Gemini arguments in pieces",
    proved: [inStreams(10), ["formats/gemini/answer.test.ts", "calls in pieces"]],
  },
  11: { rank: 1, what: "Responses without deltas, or without an output", proved: [inStreams(11)] },
  12: { rank: 1, what: "two calls of one index", proved: [oddCall("two calls share an index")] },
  13: { rank: 1, what: "calls without an index", proved: [oddCall("two calls without an index, in pieces")] },
  14: {
    rank: 1,
    what: "ids and names that come late or never",
    proved: [
      oddCall("the id comes late"),
      oddCall("no id ever comes"),
      oddCall("the name is empty at first"),
    ],
  },
  15: { rank: 1, what: "an error inside a stream", proved: [[STREAMS, "cases 15, 36, 54, 70"]] },
  16: {
    rank: 2,
    what: "an error as the first event",
    proved: [
      [FALLBACK, "an error as its first event"],
      [FALLBACK, "a role, then an error"],
    ],
  },
  17: { rank: 1, what: "empty arguments", proved: [oddCall("arguments are ${name}")] },
  18: { rank: 1, what: "usage in all its places", proved: [inStreams(18)] },
  19: {
    rank: 1,
    what: "no usage at all",
    proved: [
      ["formats/anthropic/stream-encoder.test.ts", "an answer without usage has zeros"],
      ["formats/openai-responses/stream-encoder.test.ts", "usage is always there, with its details"],
      ["formats/openai-chat/stream-encoder.test.ts", "has a usage object although nobody counted"],
    ],
  },
  20: { rank: 1, what: "cached tokens", proved: [inStreams(20)] },
  21: {
    rank: 2,
    what: "input tokens at the start of a stream",
    proved: [
      ["formats/anthropic/stream-encoder.test.ts", "usage is complete at both ends and true at the last"],
    ],
  },
  22: { rank: 2, what: "several pieces of a summary, one proof", proved: [[STREAMS, "cases 22, 23"]] },
  23: {
    rank: 1,
    what: "reasoning that is a proof alone",
    proved: [
      [STREAMS, "cases 22, 23"],
      [LOOP, "turns of a tool loop"],
    ],
  },
  24: { rank: 1, what: "Gemini signatures in all their places", proved: [inStreams(24)] },
  25: { rank: 2, what: "<think> cut over chunks", proved: [inStreams(25)] },
  26: { rank: 2, what: "look-alikes of tags", proved: [inStreams(26)] },
  27: { rank: 2, what: "reasoning in several fields", proved: [inStreams(27)] },
  28: {
    rank: 2,
    what: "work and sources of a provider's own tools",
    proved: [
      [STREAMS, "cases 28, 44"],
      [STREAMS, "case 28, ${provider} to ${client}"],
    ],
  },
  29: { rank: 2, what: "refusals", proved: [inStreams(29)] },
  30: { rank: 2, what: "Gemini's empty, filtered and blocked answers", proved: [inStreams(30)] },
  31: { rank: 1, what: "white space alone", proved: [inStreams(31)] },
  32: {
    rank: 2,
    what: "minutes of silence",
    proved: [
      ["relay/waiting.test.ts", "heartbeats meanwhile"],
      ["formats/anthropic/stream-encoder.test.ts", "silence is broken by pings"],
    ],
  },
  33: {
    rank: 2,
    what: "events and fields nobody knows",
    proved: [inStreams(33), ["formats/anthropic/stream-decoder.test.ts", "what providers do wrong or new"]],
  },
  34: {
    rank: 1,
    what: "a second beginning",
    proved: [inStreams(34), [REPLAY, "claude-spliced-message-start"]],
  },

  // Streams to Responses clients
  35: { rank: 1, what: "the order and numbers of events", proved: [[STRICT, "to the letter"]] },
  36: {
    rank: 1,
    what: "a provider that dies in the middle",
    proved: [
      [STREAMS, "cases 15, 36, 54, 70"],
      ["formats/openai-responses/stream-encoder.test.ts", "in the middle of a call leaves nothing to run"],
    ],
  },
  37: {
    rank: 1,
    what: "the limit, the filter",
    proved: [["formats/openai-responses/stream-encoder.test.ts", "half a call at the limit cannot be run"]],
  },
  38: { rank: 1, what: "an empty list of calls on every delta", proved: [inStreams(38)] },
  39: {
    rank: 1,
    what: "items in rising order",
    proved: [
      [STREAMS, "cases 39, 43, 50, 51"],
      [STRICT, "to the letter"],
    ],
  },
  40: { rank: 1, what: "calls of free-text tools", proved: [[STREAMS, "cases 40, 62"]] },
  41: {
    rank: 1,
    what: "calls of tools in a namespace",
    proved: [["formats/openai-responses/stream-encoder.test.ts", "namespace and name stand apart"]],
  },
  42: {
    rank: 1,
    what: "thinking and withheld thinking, and back",
    proved: [inStreams(42), [LOOP, "turns of a tool loop"]],
  },
  43: { rank: 2, what: "text, call, text", proved: [[STREAMS, "cases 39, 43, 50, 51"]] },
  44: { rank: 2, what: "blocks of a provider's own tools", proved: [[STREAMS, "cases 28, 44"]] },
  45: {
    rank: 1,
    what: "arguments told once as a whole",
    proved: [["formats/openai-responses/stream-encoder.test.ts", "arguments are told once as a whole"]],
  },
  46: { rank: 2, what: "whole answers", proved: [[REPLAY, "every answer says what was recorded, ${mode}"]] },
  47: {
    rank: 2,
    what: "details of usage",
    proved: [["formats/openai-responses/stream-encoder.test.ts", "usage is always there"]],
  },
  48: {
    rank: 3,
    what: "fields of Open Responses",
    proved: [["formats/openai-responses/stream-encoder.test.ts", "the request is echoed"]],
  },
  49: { rank: 2, what: "texts labelled by phase", proved: [[STREAMS, "case 49:"]] },

  // Streams to chat clients
  50: {
    rank: 1,
    what: "calls numbered from 0",
    proved: [
      [STREAMS, "cases 39, 43, 50, 51"],
      [STRICT, "to the letter"],
    ],
  },
  51: { rank: 1, what: "two calls, two numbers", proved: [[STREAMS, "cases 39, 43, 50, 51"]] },
  52: { rank: 1, what: "no role", proved: [[STREAMS, "cases 52, 53, 61"]] },
  53: { rank: 1, what: "no finish reason but [DONE]", proved: [[STREAMS, "cases 52, 53, 61"]] },
  54: {
    rank: 1,
    what: "a cut, then no [DONE]",
    proved: [
      [STREAMS, "cases 15, 36, 54, 70"],
      [FALLBACK, "a cut after content"],
    ],
  },
  55: {
    rank: 2,
    what: "the usage chunk",
    proved: [
      ["formats/openai-chat/stream-encoder.test.ts", "has a usage chunk last where it was asked for"],
      [SDK, "a stream without include_usage has no usage chunk"],
    ],
  },
  56: {
    rank: 2,
    what: "tokens read from and written to a cache",
    proved: [inStreams(20), [REPLAY, "cacheRead"]],
  },
  57: {
    rank: 2,
    what: "thinking with its proof",
    proved: [["formats/openai-chat/echo.test.ts", "every proof of the answer"]],
  },
  58: { rank: 2, what: "Gemini's thoughts and their tokens", proved: [inStreams(58)] },
  59: { rank: 2, what: "content that is a list", proved: [inStreams(27), [REPLAY, "every answer says"]] },
  60: { rank: 2, what: "chunks behind the end", proved: [inStreams(60)] },
  61: { rank: 2, what: "ids that change", proved: [[STREAMS, "cases 52, 53, 61"]] },
  62: { rank: 2, what: "the family in which a tool was declared", proved: [[STREAMS, "cases 40, 62"]] },
  63: {
    rank: 3,
    what: "several answers, log probabilities",
    proved: [["formats/openai-chat/stream-encoder.test.ts", "further choices, log probabilities"]],
  },
  64: {
    rank: 2,
    what: "pictures in answers",
    proved: [["formats/openai-chat/stream-encoder.test.ts", "shows refusals, pictures and sound"]],
  },

  // Streams to Gemini clients
  65: {
    rank: 1,
    what: "server-sent events or one array",
    proved: [["formats/gemini/client.test.ts", "the array can be read at every moment"]],
  },
  66: { rank: 1, what: "calls are whole", proved: [[STRICT, "to the letter"]] },
  67: { rank: 1, what: "ids of calls, there and back", proved: [[LOOP, "turns of a tool loop"]] },
  68: {
    rank: 2,
    what: "finish and usage in the last chunk alone",
    proved: [["formats/gemini/client.test.ts", "the finish and the usage last"]],
  },
  69: {
    rank: 2,
    what: "proofs of others in thoughtSignature",
    proved: [["formats/gemini/client.test.ts", 'describe("proofs"']],
  },
  70: {
    rank: 2,
    what: "errors in Google's shape",
    proved: [
      [STREAMS, "cases 15, 36, 54, 70"],
      [PASSING, "case 126"],
    ],
  },
  71: { rank: 2, what: "the envelope of Code Assist", proved: [inStreams(71)] },

  // Framing
  72: {
    rank: 1,
    what: "streams cut at every byte",
    proved: [
      ["formats/laws.test.ts", "wherever its bytes are cut"],
      [REPLAY, "7 bytes"],
    ],
  },
  73: { rank: 1, what: "a character in two deltas", proved: [inStreams(73)] },
  74: {
    rank: 1,
    what: "arguments cut inside an escape",
    proved: [oddCall("arguments are cut inside an escape")],
  },
  75: {
    rank: 2,
    what: "line ends, comments, byte order marks",
    proved: [["lib/sse.test.ts", "cut at every byte"]],
  },
  76: {
    rank: 2,
    what: "the last event without a blank line",
    proved: [["lib/sse.test.ts", "server-sent events"]],
  },
  77: {
    rank: 2,
    what: "very long lines",
    proved: [["lib/sse.test.ts", "an event beyond the limit is refused"]],
  },
  78: {
    rank: 2,
    what: "packed bodies",
    proved: [["net/outbound.test.ts", '"gzip", "deflate", "br", "zstd"']],
  },
  79: { rank: 1, what: "a broken line", proved: [inStreams(79)] },
  80: { rank: 1, what: "the client leaves", proved: [[SDK, "a client that leaves ends the upstream call"]] },

  // Requests of Messages clients
  81: {
    rank: 1,
    what: "bytes between a client and its vendor",
    proved: [
      [PASSING, "case 81"],
      ["gateway/prefix.test.ts", "begins with the bytes"],
    ],
  },
  82: {
    rank: 1,
    what: "Claude Code's system text and its billing line",
    proved: [
      ["gateway/prefix.test.ts", "what Claude Code changes with every request"],
      ["formats/openai-chat/encode-request.test.ts", "without Claude Code's accounting line"],
    ],
  },
  83: { rank: 1, what: "results in another order", proved: [[REQUESTS, "cases 83, 105"]] },
  84: { rank: 1, what: "calls and results without each other", proved: [inRequests(84)] },
  85: { rank: 1, what: "results of every shape", proved: [inRequests(85)] },
  86: {
    rank: 1,
    what: "schemas for Google",
    proved: [["formats/gemini/schema.test.ts", "only words Google knows come out"]],
  },
  87: {
    rank: 1,
    what: "properties named like keywords",
    proved: [["formats/gemini/schema.test.ts", "properties named like keywords"]],
  },
  88: {
    rank: 1,
    what: "parallel results towards Gemini",
    proved: [
      ["formats/gemini/encode-request.test.ts", "parallel results stand in one content"],
      [LOOP, "turns of a tool loop"],
    ],
  },
  89: {
    rank: 1,
    what: "calls that no Gemini model signed",
    proved: [inRequests(89), [SWITCH, "and back, twice"]],
  },
  90: {
    rank: 1,
    what: "thinking echoed where it is wanted, visible nowhere",
    proved: [
      [REQUESTS, "cases 90, 91"],
      [LOOP, "deepseek"],
    ],
  },
  91: {
    rank: 1,
    what: "proofs go to their maker alone, and back",
    proved: [
      [SWITCH, "and back, twice"],
      [REQUESTS, "cases 90, 91"],
    ],
  },
  92: {
    rank: 2,
    what: "one more try without proofs",
    proved: [[SWITCH, "from one account at OpenAI to another"]],
  },
  93: { rank: 2, what: "tool choices", proved: [inRequests(93)] },
  94: { rank: 2, what: "how much to think", proved: [inRequests(94)] },
  95: { rank: 2, what: "hosted tools and known client tools", proved: [inRequests(95)] },
  96: {
    rank: 2,
    what: "names that a target forbids",
    proved: [
      inRequests(96),
      ["formats/openai-chat/encode-request.test.ts", "have names that every provider takes"],
    ],
  },
  97: {
    rank: 2,
    what: "system text in the middle",
    proved: [["formats/openai-chat/encode-request.test.ts", "keeps system messages in the middle"]],
  },
  98: { rank: 2, what: "empty texts", proved: [inRequests(98)] },
  99: { rank: 2, what: "documents and pictures", proved: [inRequests(99)] },
  100: {
    rank: 2,
    what: "betas",
    proved: [
      ["net/headers.test.ts", "anthropic-beta"],
      ["formats/anthropic/write-request.test.ts", "betas are asked for"],
    ],
  },
  101: {
    rank: 2,
    what: "fields of Anthropic's alone",
    proved: [["formats/translation-page.test.ts", "says what the code does"]],
  },
  102: { rank: 1, what: "counting tokens", proved: [[PASSING, "case 102"]] },
  103: {
    rank: 3,
    what: "limits and sampling within what a model takes",
    proved: [["formats/anthropic/write-request.test.ts", "limits and sampling"]],
  },

  // Requests of chat clients
  104: { rank: 1, what: "roles", proved: [inRequests(104)] },
  105: {
    rank: 1,
    what: "tool messages",
    proved: [
      [REQUESTS, "cases 83, 105"],
      [LOOP, "turns of a tool loop"],
    ],
  },
  106: { rank: 1, what: "broken arguments in the history", proved: [inRequests(106)] },
  107: { rank: 1, what: "integers beyond 2^53", proved: [inRequests(107), [LOOP, "turns of a tool loop"]] },
  108: { rank: 2, what: "the shape of the answer", proved: [inRequests(108)] },
  109: { rank: 2, what: "choices, stops, limits", proved: [inRequests(109)] },
  110: { rank: 2, what: "reasoning from elsewhere", proved: [inRequests(110)] },
  111: { rank: 2, what: "$ref in a result", proved: [inRequests(111)] },
  112: { rank: 2, what: "content parts", proved: [inRequests(112)] },
  113: {
    rank: 3,
    what: "cache marks in chat content",
    proved: [
      ["formats/openai-chat/encode-request.test.ts", "keeps cache marks only where they mean something"],
    ],
  },
  114: { rank: 3, what: "efforts a model lacks", proved: [["core/effort.test.ts", "nearest"]] },

  // Requests of Responses and Gemini clients
  115: {
    rank: 1,
    what: "a turn of Codex",
    proved: [
      ["formats/request-cases.test.ts", "a client's request reaches"],
      [LOOP, "turns of a tool loop"],
    ],
  },
  116: { rank: 1, what: "free-text tools in the history", proved: [inRequests(116)] },
  117: { rank: 1, what: "namespaces, tools of one format alone", proved: [inRequests(117)] },
  118: { rank: 1, what: "pictures given back by a tool", proved: [inRequests(118)] },
  119: { rank: 1, what: "sealed thoughts", proved: [inRequests(119)] },
  120: { rank: 2, what: "settings of Responses", proved: [inRequests(120)] },
  121: {
    rank: 2,
    what: "an earlier answer by its id",
    proved: [["formats/kept-elsewhere.test.ts", "is refused towards"]],
  },
  122: { rank: 2, what: "outputs out of place", proved: [inRequests(122)] },
  123: { rank: 1, what: "Gemini calls without ids in the history", proved: [inRequests(123)] },
  124: {
    rank: 2,
    what: "Google's spelling of schemas",
    proved: [["formats/gemini/decode-request.test.ts", "Google's schema becomes a plain one"]],
  },
  125: { rank: 2, what: "thoughts, modes, files, snake case", proved: [inRequests(125)] },
  126: {
    rank: 2,
    what: "errors of a provider",
    proved: [
      [PASSING, "case 126"],
      [REPLAY, "answers that failed or broke off"],
    ],
  },
};

const texts = new Map<string, string>();

function textOf(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const path = join(import.meta.dir, "..", file);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  texts.set(file, text);
  return text;
}

describe("every case of translation is proved by a test that there is", () => {
  test("there are 126", () =>
    expect(Object.keys(CASES)).toEqual(Array.from({ length: 126 }, (_, at) => String(at + 1))));
  test.each(Object.entries(CASES))("case %s", (_number, { proved }) => {
    expect(proved.length).toBeGreaterThan(0);
    for (const [file, words] of proved)
      expect([file, words, textOf(file).includes(words)]).toEqual([file, words, true]);
  });
  test("none of the first rank is open", () =>
    expect(Object.values(CASES).filter(({ rank, notMet }) => rank === 1 && notMet !== undefined)).toEqual(
      [],
    ));
});
