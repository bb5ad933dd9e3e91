import type { Client, Launch, Setting } from "./recipe.ts";

export const claudeCode: Client = {
  name: "claude-code",
  package: "@anthropic-ai/claude-code",
  version: "2.1.329",
  program: "claude",
  ways: [
    { name: "", launch: (setting) => launch(setting, { ANTHROPIC_AUTH_TOKEN: setting.key }) },
    { name: "api-key", launch: (setting) => launch(setting, { ANTHROPIC_API_KEY: setting.key }) },
    {
      name: "v1",
      launch: (setting) =>
        launch({ ...setting, root: `${setting.root}/v1` }, { ANTHROPIC_AUTH_TOKEN: setting.key }),
    },
    {
      name: "known-name",
      launch: (setting) =>
        launch({ ...setting, model: "claude-sonnet-4-6" }, { ANTHROPIC_AUTH_TOKEN: setting.key }),
    },
    {
      name: "no-betas",
      launch: (setting) =>
        launch(setting, {
          ANTHROPIC_AUTH_TOKEN: setting.key,
          CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: "1",
        }),
    },
  ],
};

function launch({ root, model, prompt }: Setting, more: { [name: string]: string }): Launch {
  return {
    args: ["-p", prompt, "--dangerously-skip-permissions"],
    env: {
      ANTHROPIC_BASE_URL: root,
      ANTHROPIC_MODEL: model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      ...more,
      // As root it skips its questions only where it is told that nothing can be broken.
      IS_SANDBOX: "1",
      CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: "1",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      DISABLE_TELEMETRY: "1",
      DISABLE_ERROR_REPORTING: "1",
    },
  };
}
