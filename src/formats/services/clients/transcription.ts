import type { TranscriptionReply, TranscriptPiece } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import type { TranscriptOptions } from "../transcription/options.ts";
import { linesOf, srtOf, vttOf } from "../transcription/subtitles.ts";

type Transcript = Extract<TranscriptionReply, { type: "transcript" }>;

/** Writes a transcript in the format the client asked for. */
export function encodeTranscript(
  reply: Transcript,
  options: TranscriptOptions,
): { contentType: string; text: string } {
  switch (options.format) {
    case "json":
      return asJson({ text: reply.text, task: "transcribe", ...known(reply), ...usageOf(reply) });
    case "verbose_json":
      return asJson(verbose(reply, options));
    case "text":
      return { contentType: "text/plain; charset=utf-8", text: `${reply.text}\n` };
    case "srt":
      return { contentType: "application/x-subrip; charset=utf-8", text: srtOf(linesIn(reply)) };
    case "vtt":
      return { contentType: "text/vtt; charset=utf-8", text: vttOf(linesIn(reply)) };
  }
}

const asJson = (body: JsonObject) => ({ contentType: "application/json", text: JSON.stringify(body) });

const known = ({ language, duration }: Transcript): JsonObject => ({
  ...(language !== undefined && { language }),
  ...(duration !== undefined && { duration }),
});

/** OpenAI tells what a transcription is billed by, seconds or tokens. */
function usageOf({ usage }: Transcript): JsonObject {
  if (!usage || usage.estimated) return {};
  if (usage.input + usage.output > 0) {
    const { input, output } = usage;
    return {
      usage: { type: "tokens", input_tokens: input, output_tokens: output, total_tokens: input + output },
    };
  }
  const seconds = usage.units?.seconds;
  return seconds === undefined ? {} : { usage: { type: "duration", seconds } };
}

function verbose(reply: Transcript, options: TranscriptOptions): JsonObject {
  const { text, words } = reply;
  return {
    task: "transcribe",
    language: reply.language ?? "",
    duration: reply.duration ?? 0,
    text,
    segments: linesIn(reply).map((piece, id) => ({
      ...SEGMENT,
      ...piece,
      id,
    })),
    ...(options.words &&
      words && { words: words.map(({ start, end, text: word }) => ({ word, start, end })) }),
    ...usageOf(reply),
  };
}

/** What a segment must have for OpenAI's clients, where a provider knows nothing of it. */
const SEGMENT = {
  seek: 0,
  tokens: [],
  temperature: 0,
  avg_logprob: 0,
  compression_ratio: 0,
  no_speech_prob: 0,
};

/** Lines with times: the provider's, or made of its words; without either the whole text is one line. */
function linesIn(reply: Transcript): readonly TranscriptPiece[] {
  if (reply.segments && reply.segments.length > 0) return reply.segments;
  if (reply.words && reply.words.length > 0) return linesOf(reply.words);
  return reply.text === "" ? [] : [{ start: 0, end: reply.duration ?? 0, text: reply.text }];
}
