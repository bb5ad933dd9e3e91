import type { Client, Launch, Setting } from "./recipe.ts";

export const continueCli: Client = {
  name: "continue",
  package: "@continuedev/cli",
  version: "1.5.47",
  program: "cn",
  ways: [{ name: "", launch }],
};

function launch({ root, key, model, prompt, home }: Setting): Launch {
  const config = [
    "name: OmniRoute",
    "version: 1.0.0",
    "schema: v1",
    "models:",
    "  - name: OmniRoute",
    "    provider: openai",
    `    model: ${model}`,
    `    apiBase: ${root}/v1`,
    `    apiKey: ${key}`,
    "    roles: [chat]",
    // Without this it offers no tools to models it does not know.
    "    capabilities: [tool_use]",
  ];
  return {
    args: ["-p", "--auto", "--config", `${home}/config.yaml`, prompt],
    // It asks its vendor at the start, and goes on when nobody answers.
    env: { CONTINUE_API_BASE: "http://127.0.0.1:9/", CONTINUE_TELEMETRY_ENABLED: "0" },
    files: { "config.yaml": `${config.join("\n")}\n` },
  };
}
