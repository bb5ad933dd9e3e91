import { exports, json, quoted, type Recipe, shellWord } from "./recipe.ts";

export const claudeCode: Recipe = {
  id: "claude-code",
  name: "Claude Code",
  steps: ({ base, key, model }) => [
    { text: "recipe.merge", gaps: { file: "~/.claude/settings.json" } },
    {
      file: "~/.claude/settings.json",
      code: json({
        env: {
          ANTHROPIC_BASE_URL: base,
          ANTHROPIC_AUTH_TOKEN: key,
          ANTHROPIC_MODEL: model,
          ANTHROPIC_DEFAULT_OPUS_MODEL: model,
          ANTHROPIC_DEFAULT_SONNET_MODEL: model,
          ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
        },
      }),
    },
    { text: "recipe.try-once" },
    {
      shell: `${exports({ ANTHROPIC_BASE_URL: base, ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_MODEL: model })}\nclaude`,
    },
    { text: "recipe.claude.old" },
  ],
};

export const codex: Recipe = {
  id: "codex",
  name: "Codex",
  steps: ({ base, key, model }) => [
    { text: "recipe.merge", gaps: { file: "~/.codex/config.toml" } },
    {
      file: "~/.codex/config.toml",
      code: [
        `model = ${quoted(model)}`,
        `model_provider = "omniroute"`,
        "",
        "[model_providers.omniroute]",
        `name = "OmniRoute"`,
        `base_url = ${quoted(`${base}/v1`)}`,
        `wire_api = "responses"`,
        `env_key = "OMNIROUTE_API_KEY"`,
      ].join("\n"),
    },
    { text: "recipe.start" },
    { shell: `${exports({ OMNIROUTE_API_KEY: key })}\ncodex` },
    { text: "recipe.codex.old" },
  ],
};

export const geminiCli: Recipe = {
  id: "gemini-cli",
  name: "Gemini CLI",
  steps: ({ base, key, model }) => [
    { text: "recipe.merge", gaps: { file: "~/.gemini/settings.json" } },
    {
      file: "~/.gemini/settings.json",
      code: json({ security: { auth: { selectedType: "gemini-api-key" } } }),
    },
    { text: "recipe.start" },
    {
      shell: `${exports({ GOOGLE_GEMINI_BASE_URL: base, GEMINI_API_KEY: key })}\ngemini -m ${shellWord(model)}`,
    },
  ],
};

export const qwenCode: Recipe = {
  id: "qwen-code",
  name: "Qwen Code",
  steps: ({ base, key, model }) => [
    { text: "recipe.start" },
    {
      shell: `${exports({ OPENAI_BASE_URL: `${base}/v1`, OPENAI_API_KEY: key, OPENAI_MODEL: model })}\nqwen --auth-type openai`,
    },
  ],
};

export const openCode: Recipe = {
  id: "opencode",
  name: "OpenCode",
  steps: ({ base, key, model }) => [
    { text: "recipe.merge", gaps: { file: "~/.config/opencode/opencode.json" } },
    {
      file: "~/.config/opencode/opencode.json",
      code: json({
        $schema: "https://opencode.ai/config.json",
        provider: {
          omniroute: {
            npm: "@ai-sdk/openai-compatible",
            name: "OmniRoute",
            options: { baseURL: `${base}/v1`, apiKey: key },
            models: { [model]: { name: model } },
          },
        },
      }),
    },
    { text: "recipe.start" },
    { shell: `opencode -m ${shellWord(`omniroute/${model}`)}` },
  ],
};

export const openClaw: Recipe = {
  id: "openclaw",
  name: "OpenClaw",
  steps: ({ base, key, model }) => [
    { text: "recipe.merge", gaps: { file: "~/.openclaw/openclaw.json" } },
    {
      file: "~/.openclaw/openclaw.json",
      code: json({
        agents: { defaults: { model: { primary: `omniroute/${model}` } } },
        models: {
          providers: {
            omniroute: {
              baseUrl: `${base.replace("//localhost", "//127.0.0.1")}/v1`,
              apiKey: key,
              api: "openai-completions",
              models: [{ id: model, name: model }],
            },
          },
        },
      }),
    },
  ],
};

export const droid: Recipe = {
  id: "droid",
  name: "Droid",
  steps: ({ base, key, model }) => [
    { text: "recipe.merge", gaps: { file: "~/.factory/settings.json" } },
    {
      file: "~/.factory/settings.json",
      code: json({
        customModels: [
          {
            model,
            displayName: `OmniRoute: ${model}`,
            baseUrl: `${base}/v1`,
            apiKey: key,
            provider: "generic-chat-completion-api",
          },
        ],
      }),
    },
  ],
};
