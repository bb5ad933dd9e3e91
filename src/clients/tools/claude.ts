import { defineClientTool } from "../client-tool.ts";

/** Claude Code reads `env` of its settings file; seen with 2.1.329. */
export const claude = defineClientTool({
  id: "claude",
  name: "Claude Code",
  commands: ["claude"],
  traces: [".claude.json", ".claude/projects"],
  files: [
    {
      paths: [".claude/settings.json"],
      format: "json",
      address: ["env", "ANTHROPIC_BASE_URL"],
      model: ["env", "ANTHROPIC_MODEL"],
      entries: ({ base, key, model, tiers = {} }) =>
        Object.entries({
          ANTHROPIC_BASE_URL: base,
          ANTHROPIC_AUTH_TOKEN: key,
          ANTHROPIC_MODEL: model,
          ANTHROPIC_DEFAULT_OPUS_MODEL: tiers.opus ?? model,
          ANTHROPIC_DEFAULT_SONNET_MODEL: tiers.sonnet ?? model,
          ANTHROPIC_DEFAULT_HAIKU_MODEL: tiers.haiku ?? model,
        }).map(([name, value]) => ({ path: ["env", name], value })),
    },
  ],
});
