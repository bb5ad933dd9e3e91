import type {
  ServiceAnswer,
  ServiceFormat,
  TranscriptFormat,
  TranscriptionReply,
  TranscriptPiece,
} from "../../../core/services.ts";
import { TRANSCRIPT_FORMATS } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { multipartOf } from "../multipart-body.ts";
import { numberAt, objectsAt, textAt, usageOf } from "../read.ts";
import { readOptions } from "./options.ts";
import { lastCue } from "./subtitles.ts";

/**
 * `POST /audio/transcriptions`, a form whose file goes on as it arrives. Where the provider cannot write the wanted
 * format, we ask for one with times and write it ourselves. https://platform.openai.com/docs/api-reference/audio
 */
export const openai: ServiceFormat<"transcription"> = async (request, target, asker) => {
  const other = substitute(target.quirks.transcriptFormats);
  // Fields behind the file are lost on some providers: for them the whole form is waited for and turned round.
  if (target.quirks.fileLast) await request.form.fields();
  const answer = await asker.ask({
    bytes: multipartOf(request.form, target.modelId, target.quirks, asker.boundary(), {
      ...(other !== undefined && { response_format: other }),
      ...target.quirks.fields,
    }),
  });
  return readAnswer(answer, other ?? readOptions(await request.form.fields()).format);
};

/**
 * What to ask of a provider that lacks a format, the one that says most. Which format the client wants may stand behind
 * the file, and the file shall not wait for it.
 */
function substitute(known: readonly TranscriptFormat[] | undefined): TranscriptFormat | undefined {
  if (!known || known.length === TRANSCRIPT_FORMATS.length) return undefined;
  return known.includes("verbose_json") ? "verbose_json" : "json";
}

async function readAnswer(answer: ServiceAnswer, format: TranscriptFormat): Promise<TranscriptionReply> {
  const contentType = answer.headers.get("content-type") ?? "";
  if (contentType.startsWith("text/event-stream") && answer.body)
    return { type: "bytes", contentType, bytes: answer.body };
  switch (format) {
    case "json":
    case "verbose_json":
      return readTranscript(await answer.json());
    case "text":
      return { type: "transcript", text: (await answer.text()).replace(/\n$/, "") };
    case "srt":
    case "vtt":
      return written(await answer.text(), format);
  }
}

/** A transcript as JSON, with times where it has them. */
export function readTranscript(body: JsonObject): TranscriptionReply {
  const language = textAt(body, "language") ?? textAt(body, "language_code");
  const words = Array.isArray(body.words) ? wordsIn(body) : undefined;
  const told = usageOf(body);
  const named = numberAt(body, "duration") ?? numberAt(body, "audio_duration_secs") ?? told?.units?.seconds;
  const duration = named ?? words?.at(-1)?.end;
  const usage =
    told ??
    (duration === undefined
      ? undefined
      : {
          input: 0,
          output: 0,
          units: { seconds: duration },
          ...(named === undefined && { estimated: true }),
        });
  return {
    type: "transcript",
    text: typeof body.text === "string" ? body.text : "",
    ...(language !== undefined && { language }),
    ...(duration !== undefined && { duration }),
    ...(Array.isArray(body.segments) && { segments: pieces(body, "segments", "text") }),
    ...(words && { words }),
    ...(usage && { usage }),
  };
}

function pieces(body: JsonObject, field: string, textField: string): TranscriptPiece[] {
  return objectsAt(body, field).map((item) => ({
    ...item,
    start: numberAt(item, "start") ?? 0,
    end: numberAt(item, "end") ?? 0,
    text: typeof item[textField] === "string" ? item[textField] : "",
  }));
}

/** Most write `word`, xAI and ElevenLabs `text`; the latter counts the spaces between words as well. */
function wordsIn(body: JsonObject): TranscriptPiece[] {
  const field = objectsAt(body, "words").some((word) => typeof word.word === "string") ? "word" : "text";
  return pieces(body, "words", field)
    .filter(({ text }) => text.trim() !== "")
    .map(({ start, end, text }) => ({ start, end, text }));
}

/** Subtitles say how long the audio is by their last line. */
function written(text: string, format: "srt" | "vtt"): TranscriptionReply {
  const seconds = lastCue(text);
  return {
    type: "bytes",
    contentType: format === "srt" ? "application/x-subrip" : "text/vtt",
    bytes: Buffer.from(text),
    ...(seconds !== undefined && { usage: { input: 0, output: 0, units: { seconds }, estimated: true } }),
  };
}
