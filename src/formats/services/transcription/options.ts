import { TRANSCRIPT_FORMATS, type TranscriptFormat } from "../../../core/services.ts";
import { badRequest } from "../../../core/errors.ts";

/** What a client asks of a transcription besides the file and the model. */
export type TranscriptOptions = {
  format: TranscriptFormat;
  language?: string;
  prompt?: string;
  /** Times of single words are wanted. */
  words: boolean;
  stream: boolean;
};

/** Reads the form's fields. Throws `bad_request` for a format nobody writes. */
export function readOptions(fields: ReadonlyMap<string, string>): TranscriptOptions {
  const format = fields.get("response_format") || "json";
  if (!isFormat(format)) {
    throw badRequest(
      `\`response_format\` must be one of ${TRANSCRIPT_FORMATS.join(", ")}.`,
      "response_format",
    );
  }
  const language = fields.get("language");
  const prompt = fields.get("prompt");
  return {
    format,
    words: [...fields].some(
      ([name, value]) => name.startsWith("timestamp_granularities") && value === "word",
    ),
    stream: fields.get("stream") === "true",
    ...(language && { language }),
    ...(prompt && { prompt }),
  };
}

const isFormat = (text: string): text is TranscriptFormat =>
  (TRANSCRIPT_FORMATS as readonly string[]).includes(text);
