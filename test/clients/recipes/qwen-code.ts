import { type Client, json, type Launch, type Setting } from "./recipe.ts";

export const qwenCode: Client = {
  name: "qwen-code",
  package: "@qwen-code/qwen-code",
  version: "0.24.4",
  program: "qwen",
  ways: [
    { name: "", launch: (setting) => launch(setting, "openai", openai(setting)) },
    { name: "responses", launch: (setting) => launch(setting, "openai-responses", openai(setting)) },
    {
      name: "anthropic",
      launch: (setting) =>
        launch(setting, "anthropic", {
          ANTHROPIC_BASE_URL: setting.root,
          ANTHROPIC_API_KEY: setting.key,
          ANTHROPIC_MODEL: setting.model,
        }),
    },
    {
      name: "gemini",
      launch: (setting) =>
        launch(setting, "gemini", {
          GOOGLE_GEMINI_BASE_URL: setting.root,
          GEMINI_API_KEY: setting.key,
          GEMINI_MODEL: setting.model,
        }),
    },
  ],
};

const openai = ({ root, key, model }: Setting) => ({
  OPENAI_BASE_URL: `${root}/v1`,
  OPENAI_API_KEY: key,
  OPENAI_MODEL: model,
});

function launch({ model, prompt }: Setting, wire: string, env: { [name: string]: string }): Launch {
  const settings = { privacy: { usageStatisticsEnabled: false }, general: { enableAutoUpdate: false } };
  return {
    args: ["--auth-type", wire, "-m", model, "--yolo", "-p", prompt],
    env,
    files: { ".qwen/settings.json": json(settings) },
  };
}
