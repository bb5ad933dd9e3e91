import type { ServiceFormat } from "../../../core/services.ts";
import { nothingUsable, textAt } from "../read.ts";

/** `POST /audio/generation {text} → {audio}`, MP3 in base64. https://docs.hyperbolic.xyz/docs/audio-api */
export const hyperbolic: ServiceFormat<"speech"> = async (request, _target, asker) => {
  const answer = await asker.ask({
    json: {
      text: request.input,
      ...(request.voice !== undefined && { speaker: request.voice }),
      ...(request.speed !== undefined && { speed: request.speed }),
    },
  });
  const audio = textAt(await answer.json(), "audio");
  if (audio === undefined) throw nothingUsable("audio");
  const losses =
    request.format === "mp3"
      ? []
      : [{ what: `response_format ${request.format}`, why: "Hyperbolic gives MP3" }];
  return { type: "bytes", contentType: "audio/mpeg", bytes: Buffer.from(audio, "base64"), losses };
};
