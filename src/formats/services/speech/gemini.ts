import type { ServiceFormat } from "../../../core/services.ts";
import { generateMedia } from "../generate-content.ts";
import { textAt } from "../read.ts";
import { voiceFor } from "./voice.ts";

const USUAL_RATE = 24_000;

/**
 * `:generateContent` of the models that speak. They give bare samples (16 bit, one channel), which become a WAV file for
 * all who did not ask for samples. https://ai.google.dev/gemini-api/docs/speech-generation
 */
export const gemini: ServiceFormat<"speech"> = async (request, target, asker) => {
  const manner = textAt(request.body, "instructions");
  const { voice: voiceName, losses } = voiceFor(request, target);
  const { media, usage } = await generateMedia(
    asker,
    "audio",
    [{ text: manner === undefined ? request.input : `${manner}: ${request.input}` }],
    { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName } } } },
  );
  const samples = Buffer.concat(media.map(({ base64 }) => Buffer.from(base64, "base64")));
  const rate = Number(/rate=(\d+)/.exec(media[0]?.type ?? "")?.[1] ?? USUAL_RATE);
  const isBare = request.format === "pcm";
  const isOther = !isBare && request.format !== "wav" && request.body.response_format !== undefined;
  if (isOther)
    losses.push({ what: `response_format ${request.format}`, why: "Gemini speaks in wav and pcm only" });
  if (request.speed !== undefined && request.speed !== 1)
    losses.push({ what: "speed", why: "Gemini has no such setting: say it in `instructions`" });
  return {
    type: "bytes",
    contentType: isBare ? `audio/pcm;rate=${rate};channels=1` : "audio/wav",
    bytes: isBare ? samples : Buffer.concat([wavHead(samples.length, rate), samples]),
    losses,
    ...(usage && { usage }),
  };
};

/** 44 bytes before samples of 16 bit, one channel. http://soundfile.sapp.org/doc/WaveFormat/ */
function wavHead(bytes: number, rate: number): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + bytes, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(bytes, 40);
  return head;
}
