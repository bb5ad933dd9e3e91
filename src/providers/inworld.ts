import { defineProvider } from "../core/provider.ts";
import { audio } from "./sharing.ts";
import { UNCHECKED } from "./status.ts";

/** https://docs.inworld.ai/api-reference/ttsAPI: speech; the key is Base64 already. */
export const inworld = defineProvider({
  id: "inworld",
  name: "Inworld",
  tier: "api-key",
  status: UNCHECKED,
  auth: { type: "key", header: "authorization", prefix: "Basic " },
  baseUrl: "https://api.inworld.ai/tts/v1",
  chat: [],
  services: { speech: { dialect: "inworld", path: "/voice", quirks: { voice: "Ashley" } } },
  keyCheckPath: "/voices",
  keyUrl: "https://platform.inworld.ai",
  models: audio(["speech"], [{ id: "inworld-tts-1" }, { id: "inworld-tts-1-max" }]),
});
