import { defineClientTool } from "../client-tool.ts";

const PROVIDER = "openai-compatible";

/** What `cline auth` of 3.0.65 writes; the extension for editors is set up in its own settings. */
export const cline = defineClientTool({
  id: "cline",
  name: "Cline",
  commands: ["cline"],
  traces: [".cline/data", ".vscode/extensions/saoudrizwan.claude-dev-*"],
  files: [
    {
      paths: [".cline/data/settings/providers.json"],
      format: "json",
      address: ["providers", PROVIDER, "settings", "baseUrl"],
      model: ["providers", PROVIDER, "settings", "model"],
      entries: ({ base, key, model }) => [
        { path: ["version"], value: 1, ifMissing: true },
        { path: ["lastUsedProvider"], value: PROVIDER },
        {
          path: ["providers", PROVIDER],
          value: {
            settings: { provider: PROVIDER, apiKey: key, model, baseUrl: `${base}/v1` },
            // It passes over entries without one.
            updatedAt: "2026-01-01T00:00:00.000Z",
            tokenSource: "manual",
          },
        },
      ],
    },
  ],
});
