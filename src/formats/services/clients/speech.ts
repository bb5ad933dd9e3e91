import { badRequest } from "../../../core/errors.ts";
import type { SpeechRequest } from "../../../core/services.ts";
import { isObject, type JsonObject } from "../../../lib/json.ts";
import { optionalText, requiredText } from "./fields.ts";

const FORMATS = ["mp3", "opus", "aac", "flac", "wav", "pcm"];

/** Reads an OpenAI speech body. Throws `GatewayError` (`bad_request`, naming the field). */
export function decodeSpeech(body: JsonObject): SpeechRequest {
  const format = optionalText(body, "response_format") ?? "mp3";
  if (!FORMATS.includes(format))
    throw badRequest(`\`response_format\` must be one of ${FORMATS.join(", ")}.`, "response_format");
  const voice = voiceOf(body.voice);
  return {
    body,
    input: requiredText(body, "input", "send the text to speak"),
    format,
    ...(voice !== undefined && { voice }),
    ...speedOf(body.speed),
  };
}

/** A name, or `{id}` of a voice of one's own. */
function voiceOf(voice: unknown): string | undefined {
  if (voice === undefined || voice === null) return undefined;
  const name = isObject(voice) ? voice.id : voice;
  if (typeof name !== "string" || name === "") throw badRequest("`voice` must name a voice.", "voice");
  return name;
}

function speedOf(speed: unknown): { speed?: number } {
  if (speed === undefined || speed === null) return {};
  if (typeof speed !== "number" || !(speed > 0 && speed <= 10))
    throw badRequest("`speed` must be a number above 0, such as 1.25.", "speed");
  return { speed };
}
