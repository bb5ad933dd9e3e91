import { defineClientTool } from "../client-tool.ts";

const ENTRY = { field: "name", is: "OmniRoute" } as const;

export const continueDev = defineClientTool({
  id: "continue",
  name: "Continue",
  commands: ["cn"],
  traces: [".continue/index", ".vscode/extensions/continue.continue-*"],
  files: [
    {
      paths: [".continue/config.yaml"],
      format: "yaml",
      address: ["models", ENTRY, "apiBase"],
      model: ["models", ENTRY, "model"],
      entries: ({ base, key, model }) => [
        { path: ["name"], value: "Local Assistant", ifMissing: true },
        { path: ["version"], value: "1.0.0", ifMissing: true },
        { path: ["schema"], value: "v1", ifMissing: true },
        {
          path: ["models", ENTRY],
          value: {
            name: ENTRY.is,
            provider: "openai",
            apiBase: `${base}/v1`,
            apiKey: key,
            model,
            // Without it no tools are offered to models it does not know.
            capabilities: ["tool_use"],
            roles: ["chat", "edit", "apply"],
          },
        },
      ],
    },
  ],
});
