import { type Client, json, type Launch, type Setting } from "./recipe.ts";

export const geminiCli: Client = {
  name: "gemini-cli",
  package: "@google/gemini-cli",
  version: "0.61.0",
  program: "gemini",
  ways: [
    { name: "", launch },
    { name: "bearer", launch: (setting) => launch(setting, { GEMINI_API_KEY_AUTH_MECHANISM: "bearer" }) },
    { name: "own-choice", launch: (setting) => launch({ ...setting, model: undefined }) },
    {
      name: "v1",
      launch: (setting) => launch({ ...setting, root: `${setting.root}/v1` }),
    },
  ],
};

type Choice = Omit<Setting, "model"> & { model: string | undefined };

/** Without a model it asks a small one first which of its own to take. */
function launch({ root, model, prompt, key }: Choice, more: { [name: string]: string } = {}): Launch {
  return {
    args: [...(model === undefined ? [] : ["-m", model]), "--yolo", "-p", prompt],
    env: { GOOGLE_GEMINI_BASE_URL: root, GEMINI_API_KEY: key, GEMINI_CLI_TRUST_WORKSPACE: "true", ...more },
    files: {
      ".gemini/settings.json": json({
        security: { auth: { selectedType: "gemini-api-key" } },
        general: { enableAutoUpdate: false, disableUpdateNag: true },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
      }),
    },
  };
}
