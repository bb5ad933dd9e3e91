import type { SignInFlow } from "../flow.ts";
import { claude } from "./claude.ts";
import { cline } from "./cline.ts";
import { codex } from "./codex.ts";
import { github } from "./github.ts";
import { antigravity, geminiCli } from "./google.ts";
import { iflow } from "./iflow.ts";
import { kilocode } from "./kilocode.ts";
import { kimiCoding } from "./kimi-coding.ts";
import { kiro } from "./kiro.ts";
import { openai } from "./openai.ts";
import { openrouter } from "./openrouter.ts";
import { qwen } from "./qwen.ts";

/** Every sign-in this program knows, in the order of lists. */
export const SIGN_IN_FLOWS: readonly SignInFlow[] = [
  claude,
  codex,
  openai,
  github,
  geminiCli,
  antigravity,
  kimiCoding,
  kilocode,
  cline,
  openrouter,
  kiro,
  qwen,
  iflow,
];

/** The sign-in of a provider; undefined where it has none. */
export function findFlow(provider: string): SignInFlow | undefined {
  return SIGN_IN_FLOWS.find((flow) => flow.provider === provider);
}
