import { defineProvider } from "../core/provider.ts";
import { gemini } from "./gemini.ts";
import { UNCHECKED } from "./status.ts";

const model = "/publishers/google/models/{model}";

/** Google's Vertex AI with an API key ("express mode"). https://cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode */
export const vertex = defineProvider({
  id: "vertex",
  name: "Google Vertex AI",
  tier: "api-key",
  status: UNCHECKED,
  auth: { type: "key", header: "x-goog-api-key" },
  baseUrl: "https://aiplatform.googleapis.com/v1",
  chat: [
    {
      format: "gemini",
      path: `${model}:{verb}`,
      countPath: `${model}:countTokens`,
      quirks: { jsonSchemaParameters: true },
    },
  ],
  services: {
    images: { dialect: "gemini", path: `${model}:generateContent` },
    imageEdits: { dialect: "gemini", path: `${model}:generateContent` },
    speech: { dialect: "gemini", path: `${model}:generateContent`, quirks: { voice: "Kore" } },
  },
  keyUrl: "https://console.cloud.google.com/vertex-ai/studio/settings/api-keys",
  mainModel: "gemini-3.8-flash",
  models: gemini.models.filter(({ type }) => type !== "embedding"),
});
