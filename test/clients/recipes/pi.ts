import { type Client, json, type Launch, type Setting } from "./recipe.ts";

export const pi: Client = {
  name: "pi",
  package: "@earendil-works/pi-coding-agent",
  version: "0.87.1",
  program: "pi",
  ways: [
    { name: "", launch: (setting) => launch(setting, "openai-completions", "/v1") },
    { name: "responses", launch: (setting) => launch(setting, "openai-responses", "/v1") },
    { name: "anthropic", launch: (setting) => launch(setting, "anthropic-messages", "") },
    { name: "gemini", launch: (setting) => launch(setting, "google-generative-ai", "/v1beta") },
    {
      name: "responses-thinking",
      launch: (setting) => launch(setting, "openai-responses", "/v1", { reasoning: true }),
    },
    {
      name: "anthropic-thinking",
      launch: (setting) => launch(setting, "anthropic-messages", "", { reasoning: true }),
    },
  ],
};

function launch({ root, key, model, prompt }: Setting, api: string, path: string, more: object = {}): Launch {
  const provider = { baseUrl: root + path, api, apiKey: key, models: [{ id: model, ...more }] };
  return {
    args: ["-p", "--provider", "gw", "--model", model, "--no-session", "--offline", prompt],
    files: { ".pi/agent/models.json": json({ providers: { gw: provider } }) },
  };
}
