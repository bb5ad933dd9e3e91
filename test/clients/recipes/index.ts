import { claudeCode } from "./claude-code.ts";
import { cline } from "./cline.ts";
import { codex } from "./codex.ts";
import { continueCli } from "./continue.ts";
import { geminiCli } from "./gemini-cli.ts";
import { openclaw } from "./openclaw.ts";
import { kilo, opencode } from "./opencode.ts";
import { pi } from "./pi.ts";
import { qwenCode } from "./qwen-code.ts";
import type { Client } from "./recipe.ts";

/** Every client that installs from the npm registry and works without a screen. */
export const CLIENTS: readonly Client[] = [
  claudeCode,
  codex,
  geminiCli,
  opencode,
  kilo,
  qwenCode,
  cline,
  openclaw,
  continueCli,
  pi,
];
