import { defineClientTool, type Entry, type Place } from "../client-tool.ts";

export const opencode = defineClientTool({
  id: "opencode",
  name: "OpenCode",
  commands: ["opencode"],
  traces: [".local/share/opencode"],
  files: [
    {
      paths: [".config/opencode/opencode.json", ".config/opencode/opencode.jsonc"],
      format: "json",
      address: ["provider", "omniroute", "options", "baseURL"],
      model: ["model"],
      entries: openCodeEntries,
    },
  ],
});

/** Programs with the same engine take the same settings. */
export function openCodeEntries({ base, key, model }: Place): Entry[] {
  return [
    { path: ["model"], value: `omniroute/${model}` },
    {
      path: ["provider", "omniroute"],
      value: {
        npm: "@ai-sdk/openai-compatible",
        name: "OmniRoute",
        options: { baseURL: `${base}/v1`, apiKey: key },
        models: { [model]: { name: model } },
      },
    },
  ];
}
