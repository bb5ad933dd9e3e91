import type { Loss } from "../../../core/format.ts";
import type { ServiceTarget, SpeechRequest } from "../../../core/services.ts";

/** https://platform.openai.com/docs/guides/text-to-speech#voice-options */
const OPENAI_VOICES = new Set(
  "alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse".split(" "),
);

/**
 * The voice to ask for. Clients made for OpenAI name one of its voices whoever answers; a provider with voices of its
 * own then speaks with its usual one, and the client is told.
 */
export function voiceFor(
  { voice }: SpeechRequest,
  { quirks }: ServiceTarget<"speech">,
): { voice: string | undefined; losses: Loss[] } {
  if (voice === undefined || quirks.voice === undefined || !OPENAI_VOICES.has(voice))
    return { voice: voice ?? quirks.voice, losses: [] };
  const loss = { what: `voice ${voice}`, why: `the provider has other voices; ${quirks.voice} spoke` };
  return { voice: quirks.voice, losses: [loss] };
}
