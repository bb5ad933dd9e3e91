import type { ServiceFormat } from "../../../core/services.ts";
import { nothingUsable, numberAt, objectAt, textAt } from "../read.ts";
import { audioType } from "./audio-type.ts";
import { voiceFor } from "./voice.ts";

const FORMATS = ["mp3", "wav", "flac", "pcm"];

/** `POST /v1/t2a_v2`: audio as hexadecimal digits; refusals come with status 200. https://platform.minimax.io/docs/api-reference/speech-t2a-http */
export const minimax: ServiceFormat<"speech"> = async (request, target, asker) => {
  const format = FORMATS.includes(request.format) ? request.format : "mp3";
  const { voice, losses } = voiceFor(request, target);
  const answer = await asker.ask({
    json: {
      model: target.modelId,
      text: request.input,
      stream: false,
      voice_setting: {
        voice_id: voice,
        ...(request.speed !== undefined && { speed: request.speed }),
      },
      audio_setting: { format },
    },
  });
  const body = await answer.json();
  if ((numberAt(objectAt(body, "base_resp"), "status_code") ?? 0) !== 0) throw asker.failure(body);
  const audio = textAt(objectAt(body, "data"), "audio");
  if (audio === undefined) throw nothingUsable("audio");
  if (format !== request.format)
    losses.push({ what: `response_format ${request.format}`, why: "MiniMax has no such format" });
  return {
    type: "bytes",
    contentType: audioType(new Headers(), format),
    bytes: Buffer.from(audio, "hex"),
    losses,
  };
};
