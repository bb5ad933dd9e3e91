import type { QuotaSource } from "../source.ts";
import { deepseek, kimi, openrouter } from "./balances.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { github } from "./github.ts";
import { glm } from "./glm.ts";
import { antigravity, geminiCli } from "./google.ts";
import { kimiCoding } from "./kimi-coding.ts";
import { kiro } from "./kiro.ts";
import { minimax, minimaxCn } from "./minimax.ts";

/** Every provider that tells what is left of an account's quota. */
export const QUOTA_SOURCES: readonly QuotaSource[] = [
  claude,
  codex,
  github,
  geminiCli,
  antigravity,
  kiro,
  kimiCoding,
  glm,
  minimax,
  minimaxCn,
  openrouter,
  deepseek,
  kimi,
];

/** How a provider tells its quotas; undefined where it does not. */
export function findQuotaSource(provider: string): QuotaSource | undefined {
  return QUOTA_SOURCES.find((source) => source.provider === provider);
}
