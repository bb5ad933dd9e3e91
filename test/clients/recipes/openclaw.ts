import { type Client, json, type Launch, type Setting } from "./recipe.ts";

export const openclaw: Client = {
  name: "openclaw",
  package: "openclaw",
  version: "2026.9.6",
  program: "openclaw",
  ways: [
    { name: "", launch: (setting) => launch(setting, "openai-completions", "/v1") },
    { name: "responses", launch: (setting) => launch(setting, "openai-responses", "/v1") },
    { name: "anthropic", launch: (setting) => launch(setting, "anthropic-messages", "") },
    { name: "gemini", launch: (setting) => launch(setting, "google-generative-ai", "/v1beta") },
  ],
};

function launch({ root, key, model, prompt, home }: Setting, api: string, path: string): Launch {
  const entry = {
    id: model,
    name: model,
    reasoning: false,
    input: ["text"],
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    contextWindow: 128_000,
    maxTokens: 8192,
  };
  const provider = { baseUrl: root + path, apiKey: key, api, models: [entry] };
  const config = {
    models: { mode: "merge", providers: { omniroute: provider } },
    agents: { defaults: { model: { primary: `omniroute/${model}` }, workspace: `${home}/work` } },
  };
  return {
    args: ["agent", "--local", "--session-id", "s1", "--message", prompt, "--timeout", "120"],
    files: { ".openclaw/openclaw.json": json(config) },
  };
}
