import { defineProvider } from "../core/provider.ts";
import { audio } from "./sharing.ts";

/** https://www.assemblyai.com/docs/api-reference: speech to text as a task; the key stands bare in its header. */
export const assemblyai = defineProvider({
  id: "assemblyai",
  prefixes: ["aai"],
  name: "AssemblyAI",
  tier: "api-key",
  auth: { type: "key", header: "authorization" },
  baseUrl: "https://api.assemblyai.com",
  chat: [],
  services: { transcription: { dialect: "assemblyai", path: "/v2/transcript" } },
  keyCheckPath: "/v2/transcript?limit=1",
  keyUrl: "https://www.assemblyai.com/app/api-keys",
  models: audio(["transcription"], [{ id: "universal-3-pro" }, { id: "universal-2" }]),
});
