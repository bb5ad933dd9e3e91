import { defineProvider } from "../core/provider.ts";
import { audio } from "./sharing.ts";
import { UNCHECKED } from "./status.ts";

/** https://docs.cartesia.ai/api-reference: speech and back; voices go by their id. */
export const cartesia = defineProvider({
  id: "cartesia",
  name: "Cartesia",
  tier: "api-key",
  status: UNCHECKED,
  auth: { type: "key", header: "x-api-key" },
  baseUrl: "https://api.cartesia.ai",
  chat: [],
  services: {
    speech: {
      dialect: "cartesia",
      path: "/tts/bytes",
      headers: { "cartesia-version": "2025-04-16" },
      quirks: { voice: "694f9389-aac1-45b6-b726-9d9369183238" },
    },
    transcription: {
      dialect: "openai",
      path: "/stt",
      headers: { "cartesia-version": "2025-04-16" },
      quirks: {
        transcriptFormats: ["json"],
        fields: { "timestamp_granularities[]": "word" },
        drop: ["prompt", "response_format", "temperature"],
      },
    },
  },
  keyCheckPath: "/voices?limit=1",
  keyUrl: "https://play.cartesia.ai/keys",
  models: [
    ...audio(["speech"], [{ id: "sonic-3" }, { id: "sonic-2" }]),
    ...audio(["transcription"], [{ id: "ink-whisper" }]),
  ],
});
