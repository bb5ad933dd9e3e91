import type { ServiceFormat, TranscriptPiece } from "../../../core/services.ts";
import { nothingUsable, numberAt, objectsAt, textAt } from "../read.ts";
import { fileOf } from "./deepgram.ts";
import { readOptions } from "./options.ts";
import { linesOf } from "./subtitles.ts";

/** The oldest models are named in another field. */
const OLD_MODELS = ["best", "nano"];

/**
 * Three steps: the audio is put up (it goes on while it arrives), a task is begun, and asked for until it is done.
 * https://www.assemblyai.com/docs/api-reference/transcripts
 */
export const assemblyai: ServiceFormat<"transcription"> = async (request, target, asker) => {
  const file = await fileOf(request.form);
  const uploaded = await asker.ask({
    path: "/v2/upload",
    bytes: { type: "application/octet-stream", content: () => file.stream() },
  });
  const address = textAt(await uploaded.json(), "upload_url");
  if (address === undefined) throw nothingUsable("an address for the audio");
  const options = readOptions(await request.form.fields());
  const begun = await asker.ask({
    json: {
      audio_url: address,
      ...(OLD_MODELS.includes(target.modelId)
        ? { speech_model: target.modelId }
        : { speech_models: [target.modelId] }),
      ...(options.language === undefined
        ? { language_detection: true }
        : { language_code: options.language }),
    },
  });
  const id = textAt(await begun.json(), "id");
  if (id === undefined) throw nothingUsable("the number of its task");
  const done = await asker.poll(async () => {
    const answer = await asker.ask({ path: `/v2/transcript/${encodeURIComponent(id)}` });
    const task = await answer.json();
    if (task.status === "error") throw asker.failure(task);
    return task.status === "completed" ? task : undefined;
  });
  const duration = numberAt(done, "audio_duration");
  const language = textAt(done, "language_code");
  const words = objectsAt(done, "words").map((word): TranscriptPiece => ({
    start: (numberAt(word, "start") ?? 0) / 1000,
    end: (numberAt(word, "end") ?? 0) / 1000,
    text: textAt(word, "text") ?? "",
  }));
  return {
    type: "transcript",
    text: typeof done.text === "string" ? done.text : "",
    words,
    segments: linesOf(words),
    ...(language !== undefined && { language }),
    ...(duration !== undefined && {
      duration,
      usage: { input: 0, output: 0, units: { seconds: duration } },
    }),
  };
};
