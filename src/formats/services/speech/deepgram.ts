import type { ServiceFormat } from "../../../core/services.ts";
import { nothingUsable } from "../read.ts";
import { audioType } from "./audio-type.ts";

/** How each format is asked for. https://developers.deepgram.com/docs/tts-media-output-settings */
const OUTPUTS: Readonly<{ [format: string]: Readonly<{ [parameter: string]: string }> }> = {
  mp3: { encoding: "mp3" },
  opus: { encoding: "opus", container: "ogg" },
  aac: { encoding: "aac" },
  flac: { encoding: "flac" },
  wav: { encoding: "linear16", container: "wav" },
  pcm: { encoding: "linear16", container: "none", sample_rate: "24000" },
};

/** `POST /v1/speak`: the model is the voice. https://developers.deepgram.com/reference/text-to-speech/speak-request */
export const deepgram: ServiceFormat<"speech"> = async (request, target, asker) => {
  const answer = await asker.ask({
    query: { model: target.modelId, ...(OUTPUTS[request.format] ?? OUTPUTS.mp3) },
    json: { text: request.input },
    accept: "*/*",
  });
  if (!answer.body) throw nothingUsable("audio");
  const losses =
    request.speed === undefined || request.speed === 1
      ? []
      : [{ what: "speed", why: "Deepgram speaks at one speed" }];
  return {
    type: "bytes",
    contentType: audioType(answer.headers, request.format),
    bytes: answer.body,
    losses,
  };
};
