import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { audio, sharing } from "./sharing.ts";
import { retired, unknownId } from "./status.ts";

/** Where the vendor says which models it serves. */
const LISTED = "https://docs.x.ai/docs/migration/may-15-retirement";

export const xai = defineProvider({
  id: "xai",
  name: "xAI",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.x.ai/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { reasoningApart: true, reasoningControl: "none" },
    },
    { format: "openai-responses", path: "/responses" },
  ],
  services: {
    // https://docs.x.ai/docs/guides/image-generations
    images: {
      dialect: "openai",
      path: "/images/generations",
      quirks: { drop: ["size", "quality", "style", "background"] },
    },
    imageEdits: { dialect: "xai", path: "/images/edits" },
    // Both know one model and take none. https://docs.x.ai/developers/model-capabilities/audio
    transcription: {
      dialect: "openai",
      path: "/stt",
      quirks: {
        transcriptFormats: ["json"],
        fileLast: true,
        drop: ["model", "prompt", "response_format", "temperature", "timestamp_granularities[]"],
      },
    },
    speech: { dialect: "xai", path: "/tts", quirks: { voice: "eve" } },
  },
  modelsPath: "/models",
  envKey: "XAI_API_KEY",
  keyUrl: "https://console.x.ai",
  mainModel: "grok-4.7",
  models: [
    ...sharing({ reasoning: true, vision: true, tools: true }, [
      { id: "grok-4.3", context: 1_000_000, maxOutput: 30_000, price: [1.25, 2.5, 0.2] },
      { id: "grok-4.5", context: 500_000, maxOutput: 500_000, price: [2, 6, 0.3] },
      { id: "grok-4.6", context: 500_000, maxOutput: 500_000, price: [2, 6, 0.5] },
      { id: "grok-4.7", context: 500_000, maxOutput: 500_000, price: [2, 6, 0.5] },
    ]),
    {
      id: "grok-4",
      context: 256_000,
      price: [3, 15, 0.75],
      status: retired(LISTED, { since: "2026-05-15", replacement: "grok-4.3" }),
    },
    { id: "grok-4-0709-fast-reasoning", status: unknownId(LISTED, "grok-4.3") },
    { id: "grok-code-mini", status: unknownId(LISTED, "grok-4.3") },
    { id: "grok-imagine-image", type: "image" },
    ...audio(["transcription"], [{ id: "grok-stt", name: "xAI speech to text" }]),
    ...audio(["speech"], [{ id: "grok-tts", name: "xAI text to speech" }]),
    {
      id: "grok-2-image-1212",
      type: "image",
      services: ["images"],
      status: retired(LISTED, { replacement: "grok-imagine-image" }),
    },
  ],
});
