import { defineClientTool } from "../client-tool.ts";
import { openCodeEntries } from "./opencode.ts";

/** The command line; the extension for editors is set up in its own settings. */
export const kilo = defineClientTool({
  id: "kilo",
  name: "Kilo Code",
  commands: ["kilo", "kilocode"],
  traces: [".local/share/kilo", ".vscode/extensions/kilocode.kilo-code-*"],
  files: [
    {
      paths: [".config/kilo/kilo.json", ".config/kilo/kilo.jsonc"],
      format: "json",
      address: ["provider", "omniroute", "options", "baseURL"],
      model: ["model"],
      entries: openCodeEntries,
    },
  ],
});
