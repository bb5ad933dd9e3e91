import { type Client, json, type Launch, type Setting } from "./recipe.ts";

export const cline: Client = {
  name: "cline",
  package: "cline",
  version: "3.0.65",
  program: "cline",
  ways: [
    { name: "", launch: (setting) => launch(setting, "openai-compatible") },
    { name: "responses", launch: (setting) => launch(setting, "openai-native") },
    { name: "anthropic", launch: (setting) => launch(setting, "anthropic") },
  ],
};

/** `cline auth` takes a base URL for the OpenAI kinds only; its file takes one for all. */
function launch({ root, key, model, prompt }: Setting, provider: string): Launch {
  const settings = { provider, apiKey: key, model, baseUrl: `${root}/v1` };
  const entry = { settings, updatedAt: "2026-01-01T00:00:00.000Z", tokenSource: "manual" };
  const providers = {
    version: 1,
    lastUsedProvider: provider,
    modes: {},
    providers: { [provider]: entry },
  };
  return {
    args: ["-P", provider, "-m", model, prompt],
    files: {
      ".cline/data/settings/providers.json": json(providers),
      ".cline/data/settings/global-settings.json": json({ telemetryOptOut: true }),
    },
  };
}
