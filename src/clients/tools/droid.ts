import { defineClientTool } from "../client-tool.ts";

const ENTRY = { field: "displayName", is: "OmniRoute" } as const;

export const droid = defineClientTool({
  id: "droid",
  name: "Droid",
  commands: ["droid"],
  traces: [".factory/sessions"],
  files: [
    {
      paths: [".factory/settings.json"],
      format: "json",
      address: ["customModels", ENTRY, "baseUrl"],
      model: ["customModels", ENTRY, "model"],
      entries: ({ base, key, model }) => [
        {
          path: ["customModels", ENTRY],
          value: {
            model,
            displayName: ENTRY.is,
            baseUrl: `${base}/v1`,
            apiKey: key,
            provider: "generic-chat-completion-api",
          },
        },
      ],
    },
  ],
});
