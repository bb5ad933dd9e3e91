import type { PromptBytes, PromptDiff, PromptHunk } from "../core/prompt-break.ts";
import { commonStart, diffBytes, type Hunk } from "../lib/byte-diff.ts";
import { isObject, parseJson, tryParseJson } from "../lib/json.ts";
import type { Mask } from "../lib/mask.ts";
import { withoutMarks } from "./prompt-prints.ts";
import type { PromptText } from "./prompt-words.ts";

const MOST_HUNKS = 12;
/** Of what was removed or added by one hunk, in bytes. */
const MOST_SHOWN = 2000;
/** Of what stands around a hunk, in bytes. */
const AROUND = 80;
/** A credential is recognised whole: so many bytes around what is shown are looked at. */
const MASKED_AROUND = 4096;
const NEWLINE = 10;

/** Two prompts beside each other, without what the later one only adds at the end. */
export function diffPrompts(before: PromptText, after: PromptText, mask: Mask): Omit<PromptDiff, "change"> {
  const old = before.bytes;
  const now = upTo(after, before.names.at(-1));
  const hunks = diffBytes(old, now);
  return {
    offset: commonStart(old, now),
    bytesBefore: old.length,
    bytesAfter: now.length,
    hunks: hunks.slice(0, MOST_HUNKS).map((hunk) => told(before, now, hunk, mask)),
    hunksLeftOut: Math.max(0, hunks.length - MOST_HUNKS),
  };
}

/** The same prompt without its cache marks. */
export function unmarked({ names, bytes }: PromptText): PromptText {
  const pieces: Buffer[] = [];
  let done = 0;
  for (let mark = bytes.indexOf(MARK); mark >= 0; mark = bytes.indexOf(MARK, done)) {
    const start = bytes.lastIndexOf(NEWLINE, mark) + 1;
    const end = bytes.indexOf(NEWLINE, mark);
    const line = bytes.toString("utf8", start, end);
    pieces.push(bytes.subarray(done, start), Buffer.from(JSON.stringify(parseJson(line), withoutMarks)));
    done = end;
  }
  return { names, bytes: done === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(done)]) };
}

const MARK = '"cache_control"';

/** What kind of change the words of one element went through, as far as the words tell. */
export function kindOfChange(
  element: string,
  before: PromptText,
  after: PromptText,
): "tool-order" | "signatures" | "content" {
  const [old, now] = [valueOf(before, element), valueOf(after, element)];
  if (element === "tools" && isReordered(old, now)) return "tool-order";
  if (old !== undefined && now !== undefined && withoutProofs(old) === withoutProofs(now))
    return "signatures";
  return "content";
}

/** The element that holds a byte, where it begins, and how many stand before it. */
export function elementAt(
  { names, bytes }: PromptText,
  at: number,
): { name: string; start: number; line: number } {
  let start = 0;
  for (const [line, name] of names.entries()) {
    const end = bytes.indexOf(NEWLINE, start);
    if (at <= end) return { name, start, line };
    start = end + 1;
  }
  return { name: names.at(-1) ?? "", start, line: names.length };
}

/** The bytes up to the end of the last element that the prompt before had as well. */
function upTo({ names, bytes }: PromptText, last: string | undefined): Buffer {
  const lines = last === undefined ? 0 : names.indexOf(last) + 1;
  if (lines === 0) return bytes;
  let end = 0;
  for (let line = 0; line < lines; line++) end = bytes.indexOf(NEWLINE, end) + 1;
  return bytes.subarray(0, end);
}

function told(before: PromptText, after: Buffer, hunk: Hunk, mask: Mask): PromptHunk {
  const { beforeStart, beforeEnd, afterStart, afterEnd } = hunk;
  const { name, start } = elementAt(before, beforeStart);
  const old = before.bytes;
  return {
    element: name,
    offset: beforeStart - start,
    at: beforeStart,
    removed: shown(old, beforeStart, beforeEnd, mask),
    added: shown(after, afterStart, afterEnd, mask),
    lead: textOf(old, Math.max(0, beforeStart - AROUND), beforeStart, mask),
    tail: textOf(old, beforeEnd, Math.min(old.length, beforeEnd + AROUND), mask),
  };
}

function shown(bytes: Buffer, start: number, end: number, mask: Mask): PromptBytes {
  const cut = onCharacter(bytes, Math.min(end, start + MOST_SHOWN));
  return { text: textOf(bytes, start, cut, mask), bytes: end - start, leftOut: end - cut };
}

function textOf(bytes: Buffer, start: number, end: number, mask: Mask): string {
  const [from, to] = [onCharacter(bytes, start), onCharacter(bytes, end)];
  if (to <= from) return "";
  const outer = Math.max(0, from - MASKED_AROUND);
  return mask
    .bytes(bytes.subarray(outer, Math.min(bytes.length, to + MASKED_AROUND)))
    .toString("utf8", from - outer, to - outer);
}

/** The beginning of the character at a place. */
function onCharacter(bytes: Buffer, at: number): number {
  while (at > 0 && at < bytes.length && (bytes[at]! & 0xc0) === 0x80) at--;
  return at;
}

function valueOf({ names, bytes }: PromptText, element: string): unknown {
  const line = names.indexOf(element);
  if (line < 0) return undefined;
  let start = 0;
  for (let index = 0; index < line; index++) start = bytes.indexOf(NEWLINE, start) + 1;
  return tryParseJson(bytes.toString("utf8", start, bytes.indexOf(NEWLINE, start)));
}

function isReordered(before: unknown, after: unknown): boolean {
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length) return false;
  const sorted = (tools: readonly unknown[]) =>
    tools
      .map((tool) => JSON.stringify(tool))
      .toSorted()
      .join("\n");
  return sorted(before) === sorted(after);
}

const PROOF_FIELDS = new Set(["signature", "thoughtSignature", "thought_signature", "encrypted_content"]);
const REASONING = new Set(["thinking", "redacted_thinking", "reasoning"]);

/** An element without reasoning and its signatures. */
const withoutProofs = (element: unknown): string =>
  JSON.stringify(element, (field, value: unknown) => {
    if (PROOF_FIELDS.has(field)) return undefined;
    return Array.isArray(value) ? value.filter((part) => !isReasoning(part)) : value;
  });

const isReasoning = (part: unknown): boolean => isObject(part) && REASONING.has(String(part.type));
