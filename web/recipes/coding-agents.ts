import { clientTool } from "../../src/clients/index.ts";
import { exports, fieldSteps, type Recipe, settingsSteps, shellWord } from "./recipe.ts";

export const claudeCode: Recipe = {
  id: "claude-code",
  name: "Claude Code",
  tool: clientTool("claude"),
  steps: (place) => [
    ...settingsSteps(clientTool("claude"), place),
    { text: "recipe.try-once" },
    {
      shell: `${exports({
        ANTHROPIC_BASE_URL: place.base,
        ANTHROPIC_AUTH_TOKEN: place.key,
        ANTHROPIC_MODEL: place.model,
      })}\nclaude`,
    },
    { text: "recipe.claude.old" },
  ],
};

export const codex: Recipe = {
  id: "codex",
  name: "Codex",
  tool: clientTool("codex"),
  steps: (place) => [...settingsSteps(clientTool("codex"), place), { text: "recipe.codex.old" }],
};

export const geminiCli: Recipe = {
  id: "gemini-cli",
  name: "Gemini CLI",
  tool: clientTool("gemini"),
  steps: (place) => [
    ...settingsSteps(clientTool("gemini"), place),
    { text: "recipe.gemini.trust" },
    { text: "recipe.try-once" },
    {
      shell: `${exports({ GOOGLE_GEMINI_BASE_URL: place.base, GEMINI_API_KEY: place.key })}\ngemini -m ${shellWord(place.model)}`,
    },
  ],
};

export const qwenCode: Recipe = {
  id: "qwen-code",
  name: "Qwen Code",
  tool: clientTool("qwen"),
  steps: (place) => [
    ...settingsSteps(clientTool("qwen"), place),
    { text: "recipe.try-once" },
    {
      shell: `${exports({
        OPENAI_BASE_URL: `${place.base}/v1`,
        OPENAI_API_KEY: place.key,
        OPENAI_MODEL: place.model,
      })}\nqwen --auth-type openai`,
    },
  ],
};

export const openCode: Recipe = {
  id: "opencode",
  name: "OpenCode",
  tool: clientTool("opencode"),
  steps: (place) => [
    ...settingsSteps(clientTool("opencode"), place),
    { text: "recipe.start" },
    { shell: "opencode" },
    { text: "recipe.opencode.others" },
    {
      file: "npm · baseURL",
      code: [
        `@ai-sdk/openai-compatible  ${place.base}/v1`,
        `@ai-sdk/openai             ${place.base}/v1`,
        `@ai-sdk/anthropic          ${place.base}/v1`,
        `@ai-sdk/google             ${place.base}/v1beta`,
      ].join("\n"),
    },
  ],
};

export const openClaw: Recipe = {
  id: "openclaw",
  name: "OpenClaw",
  tool: clientTool("openclaw"),
  steps: (place) => [
    ...settingsSteps(clientTool("openclaw"), place),
    { text: "recipe.openclaw.others" },
    {
      file: "api · baseUrl",
      code: [
        `openai-completions    ${place.base}/v1`,
        `openai-responses      ${place.base}/v1`,
        `anthropic-messages    ${place.base}`,
        `google-generative-ai  ${place.base}/v1beta`,
      ].join("\n"),
    },
  ],
};

export const droid: Recipe = {
  id: "droid",
  name: "Droid",
  tool: clientTool("droid"),
  steps: (place) => settingsSteps(clientTool("droid"), place),
};

export const cline: Recipe = {
  id: "cline",
  name: "Cline",
  tool: clientTool("cline"),
  steps: (place) => [
    { text: "recipe.extension" },
    ...fieldSteps(place),
    { text: "recipe.cline.anthropic", gaps: { value: place.base } },
    { text: "recipe.command-line" },
    ...settingsSteps(clientTool("cline"), place),
  ],
};

export const kilo: Recipe = {
  id: "kilo",
  name: "Kilo Code",
  tool: clientTool("kilo"),
  steps: (place) => [
    { text: "recipe.extension" },
    ...fieldSteps(place),
    { text: "recipe.command-line" },
    ...settingsSteps(clientTool("kilo"), place),
  ],
};
