import type { TranscriptionReply, TranscriptPiece } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import type { TranscriptOptions } from "../transcription/options.ts";
import { linesOf, srtOf, vttOf } from "../transcription/subtitles.ts";

type Transcript = Extract<TranscriptionReply, { type: "transcript" }>;

/** Writes a transcript in the format the client asked for, or as events. */
export function encodeTranscript(
  reply: Transcript,
  options: TranscriptOptions,
): { contentType: string; body: string } {
  if (options.stream) return { contentType: "text/event-stream", body: eventsOf(reply) };
  switch (options.format) {
    case "json":
      return asJson({ text: reply.text, task: "transcribe", ...known(reply), ...usageOf(reply) });
    case "verbose_json":
      return asJson(verbose(reply, options));
    case "text":
      return { contentType: "text/plain; charset=utf-8", body: `${reply.text}\n` };
    case "srt":
      return { contentType: "application/x-subrip; charset=utf-8", body: srtOf(linesIn(reply)) };
    case "vtt":
      return { contentType: "text/vtt; charset=utf-8", body: vttOf(linesIn(reply)) };
  }
}

const asJson = (body: JsonObject) => ({ contentType: "application/json", body: JSON.stringify(body) });

/** https://platform.openai.com/docs/api-reference/audio/transcript-text-done-event */
function eventsOf(reply: Transcript): string {
  const events = [
    { type: "transcript.text.delta", delta: reply.text },
    { type: "transcript.text.done", text: reply.text, ...usageOf(reply) },
  ];
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
}

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
