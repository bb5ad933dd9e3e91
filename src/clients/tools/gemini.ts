import { defineClientTool } from "../client-tool.ts";

/** Gemini CLI loads `.gemini/.env` in folders it trusts; seen with 0.61.0. */
export const gemini = defineClientTool({
  id: "gemini",
  name: "Gemini CLI",
  commands: ["gemini"],
  traces: [".gemini/installation_id", ".gemini/tmp"],
  files: [
    {
      paths: [".gemini/.env"],
      format: "env",
      address: ["GOOGLE_GEMINI_BASE_URL"],
      model: ["GEMINI_MODEL"],
      entries: ({ base, key, model }) => [
        { path: ["GOOGLE_GEMINI_BASE_URL"], value: base },
        { path: ["GEMINI_API_KEY"], value: key },
        { path: ["GEMINI_MODEL"], value: model },
      ],
    },
    {
      paths: [".gemini/settings.json"],
      format: "json",
      // Without it the program asks how to sign in, or ends with code 41 where nobody can be asked.
      entries: () => [{ path: ["security", "auth", "selectedType"], value: "gemini-api-key" }],
    },
  ],
});
