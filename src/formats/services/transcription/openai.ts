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
  const { transcriptFormats: known = TRANSCRIPT_FORMATS } = target.quirks;
  const knowsAll = known.length === TRANSCRIPT_FORMATS.length;
  // Which format is wanted may stand behind the file, so only a provider that lacks one makes us wait for it.
  const asked = knowsAll ? undefined : readOptions(await request.form.fields());
  const other = asked && !known.includes(asked.format) ? substitute(asked.format, known) : undefined;
  const changes: { [field: string]: string } = other === undefined ? {} : { response_format: other };
  const answer = await asker.ask({
    bytes: multipartOf(request.form, target.modelId, target.quirks, changes),
  });
  return readAnswer(answer, other ?? readOptions(await request.form.fields()).format);
};

function substitute(format: TranscriptFormat, known: readonly TranscriptFormat[]): TranscriptFormat {
  const timed = format === "srt" || format === "vtt" || format === "verbose_json";
  return timed && known.includes("verbose_json") ? "verbose_json" : "json";
}

async function readAnswer(answer: ServiceAnswer, format: TranscriptFormat): Promise<TranscriptionReply> {
  const contentType = answer.headers.get("content-type") ?? "";
  if (contentType.startsWith("text/event-stream") && answer.body)
    return { type: "bytes", contentType, bytes: answer.body };
  switch (format) {
    case "json":
    case "verbose_json":
      return readJson(await answer.json());
    case "text":
      return { type: "transcript", text: (await answer.text()).replace(/\n$/, "") };
    case "srt":
    case "vtt":
      return written(await answer.text(), format);
  }
}

function readJson(body: JsonObject): TranscriptionReply {
  const language = textAt(body, "language");
  const usage = usageOf(body);
  const duration = numberAt(body, "duration") ?? usage?.units?.seconds;
  return {
    type: "transcript",
    text: typeof body.text === "string" ? body.text : "",
    ...(language !== undefined && { language }),
    ...(duration !== undefined && { duration }),
    ...(Array.isArray(body.segments) && { segments: pieces(body, "segments", "text") }),
    ...(Array.isArray(body.words) && { words: pieces(body, "words", "word") }),
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
