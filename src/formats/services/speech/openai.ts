import type { ServiceFormat } from "../../../core/services.ts";
import { bodyFor, nothingUsable } from "../read.ts";
import { audioType } from "./audio-type.ts";

/** `POST /audio/speech`; the audio goes on as it comes. https://platform.openai.com/docs/api-reference/audio/createSpeech */
export const openai: ServiceFormat<"speech"> = async (request, target, asker) => {
  const { quirks, modelId } = target;
  const answer = await asker.ask({
    json: { ...bodyFor(request.body, modelId, quirks), voice: request.voice ?? quirks.voice ?? "alloy" },
    accept: "*/*",
  });
  if (!answer.body) throw nothingUsable("audio");
  return { type: "bytes", contentType: audioType(answer.headers, request.format), bytes: answer.body };
};
