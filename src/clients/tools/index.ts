import type { ClientTool } from "../client-tool.ts";
import { claude } from "./claude.ts";
import { cline } from "./cline.ts";
import { codex } from "./codex.ts";
import { continueDev } from "./continue.ts";
import { droid } from "./droid.ts";
import { antigravity, cursor, roo } from "./editors.ts";
import { gemini } from "./gemini.ts";
import { kilo } from "./kilo.ts";
import { openclaw } from "./openclaw.ts";
import { opencode } from "./opencode.ts";
import { qwen } from "./qwen.ts";

/** Every client that is looked for on this machine, in the order they are shown. */
export const CLIENT_TOOLS: readonly ClientTool[] = [
  claude,
  codex,
  gemini,
  opencode,
  qwen,
  cline,
  kilo,
  openclaw,
  continueDev,
  droid,
  roo,
  cursor,
  antigravity,
];

/** One that is known to be in the list, by its id. */
export function clientTool(id: string): ClientTool {
  const tool = findClientTool(id);
  if (!tool) throw new RangeError(`No client is called ${id}.`);
  return tool;
}

/** The client of that id; undefined for one we do not know. */
export const findClientTool = (id: string): ClientTool | undefined =>
  CLIENT_TOOLS.find((tool) => tool.id === id);
