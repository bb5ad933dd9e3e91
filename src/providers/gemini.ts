import { defineProvider } from "../core/provider.ts";
import { audio, sharing } from "./sharing.ts";

export const gemini = defineProvider({
  id: "gemini",
  name: "Google Gemini",
  tier: "api-key",
  auth: { type: "key", header: "x-goog-api-key" },
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  chat: [
    {
      format: "gemini",
      path: "/models/{model}:{verb}",
      countPath: "/models/{model}:countTokens",
      quirks: { clean: true, jsonSchemaParameters: true },
    },
  ],
  services: {
    embeddings: { dialect: "gemini", path: "/models/{model}:batchEmbedContents" },
    images: { dialect: "gemini", path: "/models/{model}:generateContent" },
    imageEdits: { dialect: "gemini", path: "/models/{model}:generateContent" },
    speech: { dialect: "gemini", path: "/models/{model}:generateContent", quirks: { voice: "Kore" } },
  },
  modelsPath: "/models",
  envKey: "GEMINI_API_KEY",
  keyUrl: "https://aistudio.google.com/apikey",
  mainModel: "gemini-3.8-flash",
  models: [
    ...sharing({ reasoning: true, tools: true }, [
      { id: "deep-research-max-preview-04-2026", context: 1_048_576, maxOutput: 65_536, price: [2, 12, 0.2] },
      { id: "deep-research-preview-04-2026", context: 1_048_576, maxOutput: 65_536, price: [2, 12, 0.2] },
    ]),
    ...sharing({ reasoning: true, vision: true, tools: true }, [
      {
        id: "gemini-2.5-computer-use-preview-10-2025",
        context: 128_000,
        maxOutput: 64_000,
        price: [1.25, 10],
      },
      { id: "gemini-2.5-flash", context: 1_048_576, maxOutput: 65_536, price: [0.3, 2.5, 0.03] },
      { id: "gemini-2.5-flash-lite", context: 1_048_576, maxOutput: 65_536, price: [0.1, 0.4, 0.01] },
      { id: "gemini-2.5-pro", context: 1_048_576, maxOutput: 65_536, price: [1.25, 10, 0.125] },
      { id: "gemini-3-flash-preview", context: 1_048_576, maxOutput: 65_536, price: [0.5, 3, 0.05] },
      { id: "gemini-3.1-flash-lite", context: 1_048_576, maxOutput: 65_536, price: [0.25, 1.5, 0.025] },
      {
        id: "gemini-3.1-flash-lite-preview",
        context: 1_048_576,
        maxOutput: 65_536,
        price: [0.25, 1.5, 0.025],
      },
      { id: "gemini-3.1-pro-preview", context: 1_048_576, maxOutput: 65_536, price: [2, 12, 0.2] },
      {
        id: "gemini-3.1-pro-preview-customtools",
        context: 1_048_576,
        maxOutput: 65_536,
        price: [2, 12, 0.2],
      },
      { id: "gemini-3.5-flash", context: 1_048_576, maxOutput: 65_536, price: [1.5, 9, 0.15] },
      { id: "gemini-3.5-flash-lite", context: 1_048_576, maxOutput: 65_536, price: [0.3, 2.5, 0.03] },
      { id: "gemini-3.6-flash", context: 1_048_576, maxOutput: 65_536, price: [0.75, 3.75, 0.075] },
      { id: "gemini-3.7-flash", context: 1_048_576, maxOutput: 65_536, price: [0.75, 3.75, 0.075] },
      { id: "gemini-3.8-flash", context: 1_048_576, maxOutput: 65_536, price: [0.75, 3.75, 0.075] },
      { id: "gemini-4-argon", context: 1_048_576, maxOutput: 32_768, price: [2, 10, 0.1] },
      { id: "gemini-flash-latest", context: 1_048_576, maxOutput: 65_536, price: [1.5, 9, 0.15] },
      { id: "gemini-flash-lite-latest", context: 1_048_576, maxOutput: 65_536, price: [0.25, 1.5, 0.025] },
      { id: "gemini-pro-latest", context: 1_048_576, maxOutput: 65_536, price: [2, 12, 0.2] },
      { id: "gemini-robotics-er-2-preview", context: 131_072, maxOutput: 65_536, price: [1, 5, 0.1] },
    ]),
    ...sharing({ vision: true, tools: true }, [
      { id: "gemma-4-26b-a4b-it", context: 262_144, maxOutput: 32_768 },
      { id: "gemma-4-31b-it", context: 262_144, maxOutput: 32_768 },
    ]),
    { id: "gemini-embedding-001", type: "embedding", context: 2048, dimensions: 3072, price: [0.15, 0] },
    // https://ai.google.dev/gemini-api/docs/pricing: output is priced by the tokens of pictures and sound.
    { id: "gemini-2.5-flash-image", type: "image", price: [0.3, 30] },
    { id: "gemini-3-pro-image-preview", type: "image", price: [2, 120] },
    ...audio(
      ["speech"],
      [
        { id: "gemini-2.5-flash-preview-tts", price: [0.5, 10] },
        { id: "gemini-2.5-pro-preview-tts", price: [1, 20] },
      ],
    ),
  ],
});
