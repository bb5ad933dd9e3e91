import type { ServiceFormat, TranscriptPiece, UploadForm, UploadedFile } from "../../../core/services.ts";
import { badRequest } from "../../../core/errors.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { nothingUsable, numberAt, objectAt, objectsAt, textAt } from "../read.ts";
import { readOptions } from "./options.ts";

/**
 * `POST /v1/listen`: the bare audio, everything else in the address; so the form must be all there first.
 * https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded
 */
export const deepgram: ServiceFormat<"transcription"> = async (request, target, asker) => {
  const options = readOptions(await request.form.fields());
  const file = await fileOf(request.form);
  const isAudio = /^(?:audio|video)\//.test(file.mediaType);
  const answer = await asker.ask({
    query: {
      model: target.modelId,
      smart_format: "true",
      utterances: "true",
      ...(options.language === undefined ? { detect_language: "true" } : { language: options.language }),
    },
    bytes: { type: isAudio ? file.mediaType : "audio/*", content: () => file.stream(), length: file.size },
  });
  const body = await answer.json();
  const results = objectAt(body, "results");
  const [channel] = objectsAt(results, "channels");
  const [best] = channel ? objectsAt(channel, "alternatives") : [];
  if (!channel || !best) throw nothingUsable("a transcript");
  const duration = numberAt(objectAt(body, "metadata"), "duration");
  const language = textAt(channel, "detected_language") ?? options.language;
  return {
    type: "transcript",
    text: typeof best.transcript === "string" ? best.transcript : "",
    segments: objectsAt(results, "utterances").map((utterance) => piece(utterance, "transcript")),
    words: objectsAt(best, "words").map((word) => piece(word, "punctuated_word")),
    ...(language !== undefined && { language }),
    ...(duration !== undefined && {
      duration,
      usage: { input: 0, output: 0, units: { seconds: duration } },
    }),
  };
};

function piece(item: JsonObject, field: string): TranscriptPiece {
  return {
    start: numberAt(item, "start") ?? 0,
    end: numberAt(item, "end") ?? 0,
    text: textAt(item, field) ?? textAt(item, "word") ?? "",
  };
}

/** The file of a form. Throws `bad_request` when there is none. */
export async function fileOf(form: UploadForm): Promise<UploadedFile> {
  for await (const part of form.parts()) if (part.type === "file" && part.name === "file") return part.file;
  throw badRequest("`file` is missing: send the audio as a file of the form.", "file");
}
