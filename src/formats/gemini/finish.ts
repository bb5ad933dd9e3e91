import type { FinishReason, Reply } from "../../core/reply.ts";
import { lookUp } from "./wire.ts";

/** Google's words for an ending. https://ai.google.dev/api/generate-content#FinishReason */
const FINISHES: { [word: string]: FinishReason } = {
  STOP: "stop",
  FINISH_REASON_UNSPECIFIED: "stop",
  CONTINUATION: "pause",
  MAX_TOKENS: "length",
  SAFETY: "content-filter",
  RECITATION: "content-filter",
  LANGUAGE: "content-filter",
  BLOCKLIST: "content-filter",
  PROHIBITED_CONTENT: "content-filter",
  SPII: "content-filter",
  MODEL_ARMOR: "content-filter",
  IMAGE_SAFETY: "content-filter",
  IMAGE_PROHIBITED_CONTENT: "content-filter",
  IMAGE_RECITATION: "content-filter",
};

/** Endings that are faults of the model or the service, unless a call came out all the same. */
const FAULTS = new Set([
  "MALFORMED_FUNCTION_CALL",
  "MALFORMED_RESPONSE",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MISSING_THOUGHT_SIGNATURE",
  "NO_IMAGE",
  "IMAGE_OTHER",
  "OTHER",
]);

/** Why the answer ended; undefined when `word` names a fault. Whole calls make it `tool-calls`, whatever is said. */
export function readFinish(word: string, calls: { whole: number; cut: number }): FinishReason | undefined {
  const finish = FAULTS.has(word) ? undefined : (lookUp(FINISHES, word) ?? "stop");
  if (finish === "content-filter") return finish;
  return calls.whole > 0 && calls.cut === 0 ? "tool-calls" : finish;
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  "tool-calls": "STOP",
  pause: "STOP",
  length: "MAX_TOKENS",
  "content-filter": "SAFETY",
};

/** Google's word for an ending; Gemini's own answers keep the word they came with. */
export function writeFinish(finish: FinishReason, vendor: Reply["vendor"]): string {
  const own = vendor?.gemini?.["finishReason"];
  return typeof own === "string" ? own : WORDS[finish];
}

/** Is this a word that another one of ours would be written for, so that it must be remembered? */
export const isOwnWord = (word: string, finish: FinishReason): boolean => WORDS[finish] !== word;
