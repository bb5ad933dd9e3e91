import type { ServiceFormat, UploadedFile, UploadForm } from "../../../core/services.ts";
import { streamOf } from "../../../lib/stream.ts";
import { fileOf } from "./deepgram.ts";
import { readTranscript } from "./openai.ts";

const PASSED = ["language", "temperature"] as const;

/**
 * `POST /audio/transcriptions` with the audio as base64 in JSON, written while it arrives; the answer is OpenAI's.
 * https://openrouter.ai/docs/guides/overview/multimodal/stt
 */
export const openrouter: ServiceFormat<"transcription"> = async (request, target, asker) => {
  const file = await fileOf(request.form);
  const answer = await asker.ask({
    bytes: {
      type: "application/json",
      content: () => streamOf(written(target.modelId, file, request.form)),
    },
  });
  return readTranscript(await answer.json());
};

async function* written(model: string, file: UploadedFile, form: UploadForm): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`{"model":${JSON.stringify(model)},"input_audio":{"data":"`);
  let rest: Uint8Array = Buffer.alloc(0);
  for await (const piece of file.stream()) {
    const bytes = Buffer.concat([rest, piece]);
    // Only whole groups of three bytes become base64 that can be put together.
    const whole = bytes.length - (bytes.length % 3);
    yield Buffer.from(bytes.toString("base64", 0, whole));
    rest = bytes.subarray(whole);
  }
  const format = JSON.stringify(formatOf(file));
  yield Buffer.from(`${Buffer.from(rest).toString("base64")}","format":${format}}`);
  const fields = await form.fields();
  for (const name of PASSED) {
    const value = fields.get(name);
    if (!value) continue;
    yield Buffer.from(`,"${name}":${JSON.stringify(name === "temperature" ? Number(value) : value)}`);
  }
  yield Buffer.from("}");
}

/** By the file's name, else by its type: `audio/mpeg` is mp3. */
function formatOf({ name, mediaType }: UploadedFile): string {
  const ending = /\.(\w{2,5})$/.exec(name)?.[1]?.toLowerCase();
  const subtype = mediaType.replace(/^\w+\/(?:x-)?/, "").replace(/;.*/, "");
  return ending ?? (subtype === "mpeg" ? "mp3" : subtype);
}
