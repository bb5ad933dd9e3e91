import type { ServiceFormat } from "../../../core/services.ts";
import { bodyFor, nothingUsable } from "../read.ts";
import { audioType } from "./audio-type.ts";
import { voiceFor } from "./voice.ts";

/** `POST /audio/speech`; the audio goes on as it comes. https://platform.openai.com/docs/api-reference/audio/createSpeech */
export const openai: ServiceFormat<"speech"> = async (request, target, asker) => {
  const { quirks, modelId } = target;
  const other = quirks.audioFormats?.includes(request.format) === false ? quirks.audioFormats[0] : undefined;
  const { voice, losses } = voiceFor(request, target);
  const answer = await asker.ask({
    json: {
      ...bodyFor(request.body, modelId, quirks),
      voice: voice === request.voice ? (request.body.voice ?? "alloy") : voice,
      ...(other !== undefined && { response_format: other }),
    },
    accept: "*/*",
  });
  if (!answer.body) throw nothingUsable("audio");
  if (other !== undefined && request.body.response_format !== undefined)
    losses.push({ what: `response_format ${request.format}`, why: `the provider writes ${other} only` });
  return {
    type: "bytes",
    contentType: audioType(answer.headers, other ?? request.format),
    bytes: answer.body,
    losses,
  };
};
