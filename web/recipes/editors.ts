import { quoted, type Recipe } from "./recipe.ts";

export const cursor: Recipe = {
  id: "cursor",
  name: "Cursor",
  steps: ({ base, key, model }) => [
    { text: "recipe.cursor.open" },
    { text: "recipe.field.base", gaps: { value: `${base}/v1` } },
    { text: "recipe.field.key", gaps: { value: key } },
    { text: "recipe.field.model", gaps: { value: model } },
    { text: "recipe.cursor.public" },
  ],
};

export const cline: Recipe = {
  id: "cline",
  name: "Cline · Roo Code · Kilo Code",
  steps: ({ base, key, model }) => [
    { text: "recipe.cline.open" },
    { text: "recipe.field.base", gaps: { value: `${base}/v1` } },
    { text: "recipe.field.key", gaps: { value: key } },
    { text: "recipe.field.model", gaps: { value: model } },
    { text: "recipe.cline.anthropic", gaps: { value: base } },
  ],
};

export const continueDev: Recipe = {
  id: "continue",
  name: "Continue",
  steps: ({ base, key, model }) => [
    { text: "recipe.merge", gaps: { file: "~/.continue/config.yaml" } },
    {
      file: "~/.continue/config.yaml",
      code: [
        "name: OmniRoute",
        "version: 1.0.0",
        "schema: v1",
        "models:",
        `  - name: ${quoted(`OmniRoute ${model}`)}`,
        "    provider: openai",
        `    apiBase: ${quoted(`${base}/v1`)}`,
        `    apiKey: ${quoted(key)}`,
        `    model: ${quoted(model)}`,
        "    capabilities: [tool_use]",
        "    roles: [chat, edit, apply]",
      ].join("\n"),
    },
  ],
};

export const antigravity: Recipe = {
  id: "antigravity",
  name: "Antigravity",
  steps: () => [{ text: "recipe.antigravity" }],
};
