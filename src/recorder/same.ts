import type { Outcome } from "./outcome.ts";

/** Did the same come of it: status, error and tries? */
export const sameOutcome = (left: Outcome, right: Outcome): boolean =>
  JSON.stringify(comparable(left)) === JSON.stringify(comparable(right));

/** The same bytes; of text but for ids, moments, comments, and what was struck out. */
export function sameAnswer(left: Buffer, right: Buffer): boolean {
  return left.equals(right) || steady(left.toString("latin1")) === steady(right.toString("latin1"));
}

/** The same bytes, as far as the second goes, but for what was struck out and ids that are made by chance. */
export const beginsLike = (whole: Buffer, beginning: Buffer): boolean =>
  whole.subarray(0, beginning.length).equals(beginning) ||
  unnamed(whole.subarray(0, beginning.length)) === unnamed(beginning);

const unnamed = (bytes: Buffer): string =>
  unmarked(bytes.toString("latin1")).replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, "…");

/** What was struck out then may have been struck out in another way. */
export const unmarked = (text: string): string =>
  text.replace(/(?:\[redacted\]|\*{4,})(?:\[redacted\]|\*)*/g, "…");

const comparable = ({ status, errorCode, errorMessage, attempts }: Outcome) => [
  status,
  errorCode,
  errorMessage && unmarked(errorMessage),
  attempts.map(({ model, connectionId, outcome }) => [model, connectionId, outcome]),
];

/** An answer without what differs each time: ids, moments, comments and signs of life. */
function steady(answer: string): string {
  return unmarked(answer)
    .split("\n")
    .filter((line) => !line.startsWith(":"))
    .join("\n")
    .replace(/event: ping\ndata: [^\n]*\n\n/g, "")
    .replace(/"((?:[a-z_]*_)?id|responseId)":\s?"[^"]*"/g, '"$1":""')
    .replace(/"(created|created_at|completed_at|createTime)":\s?(?:\d+(?:\.\d+)?|"[^"]*")/g, '"$1":0')
    .replace(/\n{3,}/g, "\n\n");
}
