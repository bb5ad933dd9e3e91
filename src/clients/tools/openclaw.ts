import { defineClientTool } from "../client-tool.ts";

export const openclaw = defineClientTool({
  id: "openclaw",
  name: "OpenClaw",
  commands: ["openclaw"],
  traces: [".openclaw/agents"],
  files: [
    {
      paths: [".openclaw/openclaw.json"],
      format: "json",
      address: ["models", "providers", "omniroute", "baseUrl"],
      model: ["agents", "defaults", "model", "primary"],
      entries: ({ base, key, model }) => [
        { path: ["agents", "defaults", "model", "primary"], value: `omniroute/${model}` },
        {
          path: ["models", "providers", "omniroute"],
          value: {
            // Its resolver tries IPv6 first, where a gateway on this machine alone does not listen.
            baseUrl: `${base.replace("//localhost", "//127.0.0.1")}/v1`,
            apiKey: key,
            api: "openai-completions",
            models: [{ id: model, name: model }],
          },
        },
      ],
    },
  ],
});
