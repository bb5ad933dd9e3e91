import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import type { Format } from "../../src/core/format.ts";
import { unwrapFreeText } from "../../src/core/free-text.ts";
import { NO_QUIRKS } from "../../src/core/quirks.ts";
import { collect, FORMAT_IDS, replay, type FormatId, type Reply } from "../../src/core/reply.ts";
import { FORMATS } from "../../src/formats/index.ts";
import { parseJson, tryParseJson } from "../../src/lib/json.ts";
import {
  decodeBytes,
  decodeContext,
  decodeRecorded,
  encodeContext,
  encodeStream,
  recordedAnswers,
  TEST_MAKER,
  type DecodedStream,
  type RecordedAnswer,
} from "../kit/answers.ts";
import { corpus } from "../kit/corpus.ts";
import { canonicalJson, factsOf } from "../kit/reply-facts.ts";
import { requestFacts, type Said } from "../kit/request-facts.ts";

type Body = { [field: string]: unknown };

/** Cases whose siblings do not ask for the same after all. */
const UNLIKE: { [title: string]: string } = {
  codeInterpreterToolParam:
    "Anthropic's sibling asks for a shell of the client's, the others for hosted execution",
};

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

/** The models that requests are written for. This Claude still lets its answer be begun for it. */
const MODELS: { [F in FormatId]: string } = {
  "openai-chat": "gpt-5",
  "openai-responses": "gpt-5",
  anthropic: "claude-sonnet-4-5",
  gemini: "gemini-3-pro-preview",
};

describe("requests that one author wrote in several formats", () => {
  for (const { title, name, from, to, same } of sameRequests()) {
    if (UNLIKE[title]) continue;
    const source = FORMATS[from.format];
    const target = FORMATS[to.format];
    test(name, () => {
      const request = source.decodeRequest(from.body, { model: "m" });
      const encoded = target.encodeRequest(request, { id: MODELS[to.format], maker: TEST_MAKER }, NO_QUIRKS);
      const wire = parseJson(JSON.stringify(encoded.body)) as Body;
      const mine = requestFacts(target.decodeRequest(wire, { model: "m" }));
      const theirs = requestFacts(target.decodeRequest(to.body, { model: "m" }));
      if (same.has("system")) expect(mine.system.trim()).toBe(theirs.system.trim());
      if (same.has("turns")) expect(withoutIds(mine.said)).toEqual(withoutIds(theirs.said));
      if (same.has("tools")) expect(mine.tools).toEqual(theirs.tools);
    });
  }
});

/** Ids are each format's own; that results go to the right call shows in their order. */
const withoutIds = (said: Said[]): unknown[] =>
  said.map((item) => {
    if ("call" in item) return { call: item.name, input: item.input };
    return "result" in item ? { result: item.text?.trim() } : item;
  });

type SameRequest = {
  title: string;
  name: string;
  from: { format: FormatId; body: Body };
  to: { format: FormatId; body: Body };
  same: Set<string>;
};

function sameRequests(): SameRequest[] {
  if (!corpus) return [];
  const { directory } = corpus;
  const index = readJson(join(directory, "index.json")) as {
    same_request: {
      case: string;
      same: { [what: string]: FormatId[] };
      requests: { file: string; format: FormatId }[];
    }[];
  };
  return index.same_request.flatMap(({ case: title, same, requests }) =>
    requests.flatMap((from) =>
      requests
        .filter((to) => to.format !== from.format)
        .map((to) => ({
          title,
          name: `${title}: ${from.format} → ${to.format}`,
          from: { format: from.format, body: readJson(join(directory, from.file)) as Body },
          to: { format: to.format, body: readJson(join(directory, to.file)) as Body },
          same: new Set(
            Object.keys(same).filter(
              (what) => same[what]?.includes(from.format) && same[what].includes(to.format),
            ),
          ),
        })),
    ),
  );
}

type RequestCase = {
  id: string;
  source: FormatId;
  target: FormatId;
  body: Body;
  why: string;
  target_model?: string | null;
};

type RequestChecker = (kase: RequestCase, rawBody: string) => string[];

/** The corpus brings its own judge of what must reach a provider. */
async function requestCases(): Promise<{ cases: RequestCase[]; check: RequestChecker }> {
  if (!corpus) return { cases: [], check: () => [] };
  const checker = join(corpus.directory, "request-check.mjs");
  if (!existsSync(checker)) return { cases: [], check: () => [] };
  const module = (await import(checker)) as { check: RequestChecker };
  const { cases } = readJson(join(corpus.directory, "request-cases.json")) as { cases: RequestCase[] };
  return { cases, check: (kase, rawBody) => module.check(kase, rawBody) };
}

const { cases, check } = await requestCases();

describe("requests that agents really send", () => {
  for (const kase of cases) {
    const source = FORMATS[kase.source];
    const target = FORMATS[kase.target];
    test(`${kase.id}: ${kase.why}`, () => {
      const request = source.decodeRequest(kase.body, { model: "m", stream: kase.body["stream"] === true });
      const id = kase.target_model ?? (kase.target === "anthropic" ? "claude-opus-4-6" : MODELS[kase.target]);
      const { body } = target.encodeRequest(request, { id, maker: TEST_MAKER }, NO_QUIRKS);
      expect(check(kase, JSON.stringify(body))).toEqual([]);
    });
  }
});

function readJson(file: string): unknown {
  return parseJson(readFileSync(file, "utf8"));
}
