import { defineProvider } from "../core/provider.ts";
import { audio } from "./sharing.ts";

/** https://developers.deepgram.com/reference: speech to text and back; it does not chat. */
export const deepgram = defineProvider({
  id: "deepgram",
  prefixes: ["dg"],
  name: "Deepgram",
  tier: "api-key",
  auth: { type: "key", header: "authorization", prefix: "Token " },
  baseUrl: "https://api.deepgram.com",
  chat: [],
  services: {
    transcription: { dialect: "deepgram", path: "/v1/listen" },
    speech: { dialect: "deepgram", path: "/v1/speak" },
  },
  keyCheckPath: "/v1/projects",
  keyUrl: "https://console.deepgram.com",
  models: [
    ...audio(
      ["transcription"],
      [{ id: "nova-3" }, { id: "nova-2", price: { perMinute: 0.0043 } }, { id: "whisper-large" }],
    ),
    ...audio(["speech"], [{ id: "aura-asteria-en" }, { id: "aura-luna-en" }, { id: "aura-stella-en" }]),
  ],
});
