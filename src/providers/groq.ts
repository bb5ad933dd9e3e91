import { defineProvider } from "../core/provider.ts";
import { bearer } from "./auth.ts";
import { audio, sharing } from "./sharing.ts";
import { retired } from "./status.ts";

/** Where the vendor says which models it serves. */
const LISTED = "https://console.groq.com/docs/deprecations";

export const groq = defineProvider({
  id: "groq",
  name: "Groq",
  tier: "api-key",
  auth: bearer,
  baseUrl: "https://api.groq.com/openai/v1",
  chat: [
    {
      format: "openai-chat",
      path: "/chat/completions",
      quirks: { drop: ["logit_bias", "logprobs", "top_logprobs"], reasoningField: "reasoning" },
    },
  ],
  services: {
    transcription: {
      dialect: "openai",
      path: "/audio/transcriptions",
      quirks: { transcriptFormats: ["json", "text", "verbose_json"] },
    },
    speech: { dialect: "openai", path: "/audio/speech", quirks: { voice: "hannah", audioFormats: ["wav"] } },
  },
  modelsPath: "/models",
  renames: { "llama-3.3-70b": "llama-3.3-70b-versatile" },
  envKey: "GROQ_API_KEY",
  keyUrl: "https://console.groq.com/keys",
  mainModel: "openai/gpt-oss-120b",
  models: [
    ...sharing({ reasoning: false, tools: true }, [
      { id: "llama-3.1-8b-instant", context: 131_072, maxOutput: 131_072, price: [0.05, 0.08] },
      {
        id: "llama-3.3-70b-versatile",
        context: 131_072,
        maxOutput: 32_768,
        price: [0.59, 0.79],
        status: { state: "works", note: "Groq announced its end for some plans for 2026-08-16." },
      },
    ]),
    ...sharing({ reasoning: true, tools: true }, [
      { id: "openai/gpt-oss-120b", context: 131_072, maxOutput: 65_536, price: [0.15, 0.6, 0.075] },
      { id: "openai/gpt-oss-20b", context: 131_072, maxOutput: 65_536, price: [0.075, 0.3, 0.0375] },
      {
        id: "openai/gpt-oss-safeguard-20b",
        context: 131_072,
        maxOutput: 65_536,
        price: [0.075, 0.3, 0.0375],
      },
      { id: "qwen/qwen3.6-27b", context: 131_072, maxOutput: 16_384, price: [0.6, 3, 0.3] },
      { id: "qwen/qwen3.8-27b", context: 131_072, maxOutput: 16_384, price: [0.8, 4] },
    ]),
    { id: "llama-4-maverick-17b-128e-instruct", status: retired(LISTED), reasoning: false },
    { id: "mixtral-8x7b", status: retired(LISTED) },
    ...audio(
      ["transcription"],
      [
        { id: "whisper-large-v3" },
        { id: "whisper-large-v3-turbo", price: { perMinute: 0.04 / 60 } },
        { id: "distil-whisper-large-v3-en", status: retired(LISTED) },
      ],
    ),
    ...audio(["speech"], [{ id: "canopylabs/orpheus-v1-english" }]),
  ],
});
