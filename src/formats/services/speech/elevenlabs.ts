import type { ServiceFormat } from "../../../core/services.ts";
import { nothingUsable } from "../read.ts";
import { audioType } from "./audio-type.ts";
import { voiceFor } from "./voice.ts";

const OUTPUTS: Readonly<{ [format: string]: string }> = {
  mp3: "mp3_44100_128",
  opus: "opus_48000_128",
  pcm: "pcm_24000",
  wav: "wav_44100",
};

/**
 * `POST /text-to-speech/{voice}/stream`; voices go by their id.
 * https://elevenlabs.io/docs/api-reference/text-to-speech/stream
 */
export const elevenlabs: ServiceFormat<"speech"> = async (request, target, asker) => {
  const { voice = "", losses } = voiceFor(request, target);
  const answer = await asker.ask({
    path: `${target.service.path}/${encodeURIComponent(voice)}/stream`,
    query: { output_format: OUTPUTS[request.format] ?? OUTPUTS.mp3 },
    json: {
      text: request.input,
      model_id: target.modelId,
      ...(request.speed !== undefined && { voice_settings: { speed: request.speed } }),
    },
    accept: "*/*",
  });
  if (!answer.body) throw nothingUsable("audio");
  if (!(request.format in OUTPUTS))
    losses.push({ what: `response_format ${request.format}`, why: "ElevenLabs has no such format" });
  return {
    type: "bytes",
    contentType: audioType(answer.headers, request.format in OUTPUTS ? request.format : "mp3"),
    bytes: answer.body,
    losses,
  };
};
