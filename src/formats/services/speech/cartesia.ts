import type { ServiceFormat } from "../../../core/services.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { nothingUsable } from "../read.ts";
import { audioType } from "./audio-type.ts";
import { voiceFor } from "./voice.ts";

const OUTPUTS: Readonly<{ [format: string]: JsonObject }> = {
  mp3: { container: "mp3", sample_rate: 44_100, bit_rate: 128_000 },
  wav: { container: "wav", encoding: "pcm_s16le", sample_rate: 44_100 },
  pcm: { container: "raw", encoding: "pcm_s16le", sample_rate: 24_000 },
};

/** `POST /tts/bytes`; voices go by their id. https://docs.cartesia.ai/api-reference/tts/bytes */
export const cartesia: ServiceFormat<"speech"> = async (request, target, asker) => {
  const { voice, losses } = voiceFor(request, target);
  const answer = await asker.ask({
    json: {
      model_id: target.modelId,
      transcript: request.input,
      voice: { mode: "id", id: voice },
      output_format: OUTPUTS[request.format] ?? OUTPUTS.mp3,
      ...(typeof request.body.language === "string" && { language: request.body.language }),
    },
    accept: "*/*",
  });
  if (!answer.body) throw nothingUsable("audio");
  const known = request.format in OUTPUTS;
  if (!known) losses.push({ what: `response_format ${request.format}`, why: "Cartesia has no such format" });
  return {
    type: "bytes",
    contentType: audioType(answer.headers, known ? request.format : "mp3"),
    bytes: answer.body,
    losses,
  };
};
