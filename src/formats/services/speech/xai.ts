import type { ServiceFormat } from "../../../core/services.ts";
import { nothingUsable, textAt } from "../read.ts";
import { audioType } from "./audio-type.ts";
import { voiceFor } from "./voice.ts";

const CODECS = ["mp3", "wav", "pcm"];

/**
 * `POST /tts`, which knows one model and names none.
 * https://docs.x.ai/developers/model-capabilities/audio/text-to-speech
 */
export const xai: ServiceFormat<"speech"> = async (request, target, asker) => {
  const codec = CODECS.includes(request.format) ? request.format : "mp3";
  const { voice, losses } = voiceFor(request, target);
  const answer = await asker.ask({
    json: {
      text: request.input,
      voice_id: voice,
      language: textAt(request.body, "language") ?? "auto",
      output_format: { codec },
      ...(request.speed !== undefined && { speed: request.speed }),
    },
    accept: "*/*",
  });
  if (!answer.body) throw nothingUsable("audio");
  if (codec !== request.format)
    losses.push({ what: `response_format ${request.format}`, why: "xAI has no such format" });
  return { type: "bytes", contentType: audioType(answer.headers, codec), bytes: answer.body, losses };
};
