import { defineClientTool } from "../client-tool.ts";

// Editors keep their settings in databases of their own, so that these are found and explained, not written.

export const cursor = defineClientTool({
  id: "cursor",
  name: "Cursor",
  commands: ["cursor", "cursor-agent"],
  traces: [".cursor", "Library/Application Support/Cursor"],
  files: [],
});

export const roo = defineClientTool({
  id: "roo",
  name: "Roo Code",
  traces: [
    ".vscode/extensions/rooveterinaryinc.roo-cline-*",
    ".cursor/extensions/rooveterinaryinc.roo-cline-*",
  ],
  files: [],
});

export const antigravity = defineClientTool({
  id: "antigravity",
  name: "Antigravity",
  commands: ["antigravity"],
  traces: [".antigravity", ".gemini/antigravity"],
  files: [],
});
