import { type Client, json, type Launch, type Setting, type Way } from "./recipe.ts";

/** Packages of the AI SDK that it brings along, one for each wire. */
const SDKS = ["openai-compatible", "openai", "anthropic", "google"] as const;

export const opencode: Client = {
  name: "opencode",
  package: "opencode-ai",
  version: "1.18.33",
  program: "opencode",
  ways: waysOf(".config/opencode/opencode.json"),
};

/** The same engine with other manners. */
export const kilo: Client = {
  name: "kilo",
  package: "@kilocode/cli",
  version: "7.7.7",
  program: "kilo",
  ways: waysOf(".config/kilo/kilo.json"),
};

function waysOf(file: string): Way[] {
  return SDKS.map((sdk, index) => ({
    name: index === 0 ? "" : sdk,
    launch: (setting) => launch(setting, sdk, file),
  }));
}

/** The prompt goes in on stdin: as an argument it would be quoted once more. */
function launch({ root, key, model, prompt }: Setting, sdk: string, file: string): Launch {
  const provider = {
    npm: `@ai-sdk/${sdk}`,
    name: "OmniRoute",
    options: { baseURL: `${root}/${sdk === "google" ? "v1beta" : "v1"}`, apiKey: key },
    models: { [model]: { name: model } },
  };
  const config = {
    autoupdate: false,
    share: "disabled",
    permission: "allow",
    provider: { omniroute: provider },
  };
  return { args: ["run", "-m", `omniroute/${model}`], stdin: prompt, files: { [file]: json(config) } };
}
