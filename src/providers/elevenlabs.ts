import { defineProvider } from "../core/provider.ts";
import { audio } from "./sharing.ts";

/** https://elevenlabs.io/docs/api-reference: speech and back; voices go by their id, the default is “Rachel”. */
export const elevenlabs = defineProvider({
  id: "elevenlabs",
  prefixes: ["el"],
  name: "ElevenLabs",
  tier: "api-key",
  auth: { type: "key", header: "xi-api-key" },
  baseUrl: "https://api.elevenlabs.io/v1",
  chat: [],
  services: {
    speech: { dialect: "elevenlabs", path: "/text-to-speech", quirks: { voice: "21m00Tcm4TlvDq8ikWAM" } },
    transcription: {
      dialect: "openai",
      path: "/speech-to-text",
      quirks: {
        transcriptFormats: ["json"],
        rename: { model: "model_id", language: "language_code" },
        drop: ["prompt", "response_format", "timestamp_granularities[]"],
      },
    },
  },
  keyCheckPath: "/models",
  keyUrl: "https://elevenlabs.io/app/settings/api-keys",
  models: [
    ...audio(
      ["speech"],
      [{ id: "eleven_multilingual_v2" }, { id: "eleven_turbo_v2_5" }, { id: "eleven_flash_v2_5" }],
    ),
    ...audio(["transcription"], [{ id: "scribe_v1" }, { id: "scribe_v2" }]),
  ],
});
