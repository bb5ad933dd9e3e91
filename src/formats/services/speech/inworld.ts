import type { ServiceFormat } from "../../../core/services.ts";
import { nothingUsable, textAt } from "../read.ts";
import { voiceFor } from "./voice.ts";

const ENCODINGS: Readonly<{ [format: string]: readonly [encoding: string, type: string] }> = {
  mp3: ["MP3", "audio/mpeg"],
  opus: ["OGG_OPUS", "audio/ogg"],
  wav: ["LINEAR16", "audio/wav"],
};

/** `POST /voice {text, voiceId, modelId} → {audioContent}` in base64. https://docs.inworld.ai/api-reference/ttsAPI */
export const inworld: ServiceFormat<"speech"> = async (request, target, asker) => {
  const [encoding, type] = ENCODINGS[request.format] ?? ["MP3", "audio/mpeg"];
  const { voice, losses } = voiceFor(request, target);
  const answer = await asker.ask({
    json: {
      text: request.input,
      voiceId: voice,
      modelId: target.modelId,
      audioConfig: {
        audioEncoding: encoding,
        ...(request.speed !== undefined && { speakingRate: request.speed }),
      },
    },
  });
  const audio = textAt(await answer.json(), "audioContent");
  if (audio === undefined) throw nothingUsable("audio");
  if (!(request.format in ENCODINGS))
    losses.push({ what: `response_format ${request.format}`, why: "Inworld has no such format" });
  return { type: "bytes", contentType: type, bytes: Buffer.from(audio, "base64"), losses };
};
