import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sealProof } from "../../src/core/envelope.ts";
import { GatewayError, TargetFailure } from "../../src/core/errors.ts";
import type { DecodeContext, EncodeContext, Format } from "../../src/core/format.ts";
import type { Quirks } from "../../src/core/quirks.ts";
import {
  FORMAT_IDS,
  ReplyCollector,
  type FormatId,
  type Reply,
  type ReplyEvent,
} from "../../src/core/reply.ts";
import { ToolNames } from "../../src/core/tool-names.ts";
import { parseJson } from "../../src/lib/json.ts";
import { SseSplitter } from "../../src/lib/sse.ts";
import { answerQuirks } from "./corpus-quirks.ts";
import { corpus, type CorpusAnswer } from "./corpus.ts";

/** An answer as a provider sends it, from the corpus or from `test/fixtures/<format>/`. */
export type RecordedAnswer = {
  /** `<format>/<file>` */
  name: string;
  format: FormatId;
  kind: "stream" | "response";
  /** A Gemini stream without server-sent events. */
  jsonArray: boolean;
  status: number;
  quirks: Quirks;
  wire: Buffer;
  /** Facts worked out apart from this project; only the corpus has them. */
  expected?: CorpusAnswer["expected"];
};

const fixtures = join(import.meta.dir, "../fixtures");

/** All answers there are, the project's own first. */
export const recordedAnswers: RecordedAnswer[] = [...ownAnswers(), ...corpusAnswers()];

function ownAnswers(): RecordedAnswer[] {
  return FORMAT_IDS.flatMap((format) => {
    const folder = join(fixtures, format);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((file) => /\.(sse|json)$/.test(file))
      .sort()
      .map((file) => ({
        name: `${format}/${file}`,
        format,
        kind: file.endsWith(".sse") ? ("stream" as const) : ("response" as const),
        jsonArray: false,
        status: 200,
        quirks: answerQuirks(`${format}/${file}`),
        wire: readFileSync(join(folder, file)),
      }));
  });
}

function corpusAnswers(): RecordedAnswer[] {
  if (!corpus) return [];
  const source = corpus;
  return source.answers.map((answer) => ({
    name: answer.file,
    format: answer.format,
    kind: answer.kind,
    jsonArray: answer.encoding === "json-array",
    status: answer.http_status ?? 200,
    quirks: answerQuirks(answer.file),
    wire: source.wire(answer),
    expected: answer.expected,
  }));
}

export const TEST_MAKER = "test/model-1";

/** What a decoder is told in these tests. */
export const decodeContext = (quirks: Quirks): DecodeContext => ({
  quirks,
  toolNames: new ToolNames(),
  maker: TEST_MAKER,
});

/** What an encoder is told in these tests. The client knows one tool that takes free text, which fixtures call. */
export const encodeContext = (changes: Partial<EncodeContext> = {}): EncodeContext => ({
  id: "test-answer-1",
  model: "shown-model",
  created: 1_790_000_000,
  request: {
    model: "shown-model",
    stream: true,
    includeUsage: true,
    messages: [],
    tools: [{ type: "custom", name: "apply_patch" }],
  },
  sealProof,
  ...changes,
});

/** A decoded stream; `failure` where the decoder refused to go on. */
export type DecodedStream = { events: ReplyEvent[]; failure?: TargetFailure };

/** Feeds bytes, in the pieces given, through the splitter and a format's decoder. */
export function decodeBytes(format: Format, pieces: Iterable<Uint8Array>, quirks: Quirks): DecodedStream {
  const splitter = new SseSplitter();
  const decoder = format.streamDecoder(decodeContext(quirks));
  return untilFailure(function* () {
    for (const piece of pieces) for (const event of splitter.push(piece)) yield decoder.push(event);
    for (const event of splitter.end()) yield decoder.push(event);
    yield decoder.end();
  });
}

/** Decodes a recorded stream, in one piece unless `pieces` says how to cut it. */
export function decodeRecorded(format: Format, answer: RecordedAnswer, pieces?: Uint8Array[]): DecodedStream {
  if (!answer.jsonArray) return decodeBytes(format, pieces ?? [answer.wire], answer.quirks);
  const chunks = parseJson(answer.wire.toString()) as unknown[];
  const decoder = format.streamDecoder(decodeContext(answer.quirks));
  return untilFailure(function* () {
    for (const chunk of chunks) yield decoder.push({ event: "", data: JSON.stringify(chunk) });
    yield decoder.end();
  });
}

function untilFailure(steps: () => Generator<ReplyEvent[]>): DecodedStream {
  const events: ReplyEvent[] = [];
  try {
    for (const step of steps()) events.push(...step);
    return { events };
  } catch (error) {
    if (!(error instanceof TargetFailure)) throw error;
    return { events, failure: error };
  }
}

/** Adds up a stream that may have stopped early. */
export function collectPartial(events: readonly ReplyEvent[]): Reply {
  const collector = new ReplyCollector();
  for (const event of events) collector.push(event);
  if (!collector.ended) collector.push({ type: "reply-end", finish: "stop" });
  return collector.reply();
}

/** Writes events as a client's stream and gives the wire bytes; `failure` ends it the way the protocol tells errors. */
export function encodeStream(format: Format, decoded: DecodedStream, context = encodeContext()): Buffer {
  const encoder = format.streamEncoder(context);
  let wire = "";
  for (const event of decoded.events) wire += encoder.push(event);
  if (decoded.failure)
    wire += encoder.fail(new GatewayError("bad_gateway", decoded.failure.message), "req_test");
  return Buffer.from(wire);
}

/** An answer without what only the sender's own protocol says: ids of the answer, vendor bags, makers. */
export function essence(reply: Reply): unknown {
  return {
    parts: reply.parts.map(({ vendor: _vendor, proof, ...part }) => ({
      ...part,
      ...(proof && { proof: { format: proof.format, value: proof.value } }),
    })),
    finish: reply.finish,
    stopSequence: reply.stopSequence,
    usage: reply.usage,
  };
}

/** A format by its id, loaded only by those who ask. */
export async function loadFormat(id: FormatId): Promise<Format> {
  const { FORMATS } = await import("../../src/formats/index.ts");
  return FORMATS[id];
}
