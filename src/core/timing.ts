import type { RequestRecord } from "./record.ts";

/** Where the time of an answered call went, in milliseconds. Together they are its duration. */
export type Phases = {
  /** Until it was its turn. */
  waitedMs: number;
  /** With targets that failed before the one that answered. */
  retriedMs: number;
  /** Until the first content of the one that answered. */
  firstContentMs: number;
  /** From the first content to the end. */
  restMs: number;
};

/** Where the time of a call went. What nobody measured counts to the phase after it. */
export function phasesOf(
  record: Pick<RequestRecord, "durationMs" | "firstContentMs" | "attempts" | "story">,
): Phases {
  const { durationMs, firstContentMs = durationMs } = record;
  const waitedMs = Math.min(record.story?.waitedMs ?? 0, firstContentMs);
  const failed = record.attempts.slice(0, -1).reduce((sum, attempt) => sum + attempt.durationMs, 0);
  const retriedMs = Math.min(Math.round(failed), firstContentMs - waitedMs);
  return {
    waitedMs,
    retriedMs,
    firstContentMs: firstContentMs - waitedMs - retriedMs,
    restMs: Math.max(0, durationMs - firstContentMs),
  };
}
