import { defineClientTool } from "../client-tool.ts";

/** Qwen Code loads `.qwen/.env`; seen with 0.24.4. */
export const qwen = defineClientTool({
  id: "qwen",
  name: "Qwen Code",
  commands: ["qwen"],
  traces: [".qwen/installation_id", ".qwen/tmp"],
  files: [
    {
      paths: [".qwen/.env"],
      format: "env",
      address: ["OPENAI_BASE_URL"],
      model: ["OPENAI_MODEL"],
      entries: ({ base, key, model }) => [
        { path: ["OPENAI_BASE_URL"], value: `${base}/v1` },
        { path: ["OPENAI_API_KEY"], value: key },
        { path: ["OPENAI_MODEL"], value: model },
      ],
    },
    {
      paths: [".qwen/settings.json"],
      format: "json",
      entries: () => [{ path: ["security", "auth", "selectedType"], value: "openai" }],
    },
  ],
});
