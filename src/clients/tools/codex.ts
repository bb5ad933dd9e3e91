import { defineClientTool } from "../client-tool.ts";

/** Codex takes the key from the environment, and its environment from `.codex/.env`; seen with 0.169.0. */
export const codex = defineClientTool({
  id: "codex",
  name: "Codex",
  commands: ["codex"],
  traces: [".codex/auth.json", ".codex/sessions"],
  files: [
    {
      paths: [".codex/config.toml"],
      format: "toml",
      address: ["model_providers", "omniroute", "base_url"],
      model: ["model"],
      entries: ({ base, model }) => [
        { path: ["model"], value: model },
        { path: ["model_provider"], value: "omniroute" },
        {
          path: ["model_providers", "omniroute"],
          value: {
            name: "OmniRoute",
            base_url: `${base}/v1`,
            wire_api: "responses",
            env_key: "OMNIROUTE_API_KEY",
          },
        },
      ],
    },
    {
      paths: [".codex/.env"],
      format: "env",
      entries: ({ key }) => [{ path: ["OMNIROUTE_API_KEY"], value: key }],
    },
  ],
});
