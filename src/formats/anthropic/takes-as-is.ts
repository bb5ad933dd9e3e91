import { MADE_SEARCH } from "./found-pages.ts";

import { byteMarks } from "../../lib/byte-marks.ts";

/**
 * Does the history hold only what Anthropic takes? A turn of another vendor's model leaves thoughts without a
 * signature (Qwen Code sends none, Claude Code an empty one), or calls that no thought goes before though there is a
 * budget for thoughts (pi), and may leave call ids with other characters than its own (Kimi: `functions.Write:0`) or
 * the blocks of a search that were made here. Each is a 400.
 */
export function takesAsIs(body: Buffer): boolean {
  const thoughts = count(body, THOUGHTS);
  if (thoughts > 0 && count(body, SIGNATURES) - count(body, EMPTY_SIGNATURES) < thoughts) return false;
  if (thoughts === 0 && hasBudget(body) && hasCalls(body) && !hasWithheldThoughts(body)) return false;
  if (body.includes(MADE_SEARCH)) return false;
  return RESULT_IDS.every((mark) => hasPlainIds(body, mark));
}

/** JSON as programs write it, and as Python does. */
const marks = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));

const THOUGHTS = marks('"type":"thinking"', '"type": "thinking"');
const SIGNATURES = marks('"signature":"', '"signature": "');
const EMPTY_SIGNATURES = marks('"signature":""', '"signature": ""');
const hasBudget = byteMarks('"budget_tokens"');
const hasCalls = byteMarks('"tool_use"');
const hasWithheldThoughts = byteMarks('"redacted_thinking"');
const RESULT_IDS = marks('"tool_use_id":"', '"tool_use_id": "');

function count(body: Buffer, texts: readonly Buffer[]): number {
  let found = 0;
  for (const text of texts)
    for (let at = body.indexOf(text); at >= 0; at = body.indexOf(text, at + text.length)) found++;
  return found;
}

function hasPlainIds(body: Buffer, mark: Buffer): boolean {
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at)) {
    at += mark.length;
    while (isPlain(body[at])) at++;
    if (body[at] !== QUOTE) return false;
  }
  return true;
}

const QUOTE = 0x22;

/** A letter, a digit, `_` or `-`. */
function isPlain(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x5f ||
    byte === 0x2d
  );
}
