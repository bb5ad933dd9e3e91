import type { QuotaWindow } from "../core/quota.ts";
import type { ResilienceProfile } from "./profiles.ts";
import { readHeaderWindows } from "./reset-time.ts";

/** A limit that a good answer's headers show as spent, or nearly. */
export type Pause = {
  /** `requests`, `tokens-minute`, `5h` …, as the vendor calls it. */
  window: string;
  scope: "model" | "connection";
  kind: "rate-limit" | "quota";
  /** Milliseconds since 1970. */
  until: number;
};

const NEARLY_SPENT = 0.05;
/** Shorter pauses are over before they could matter. */
const SHORTEST_PAUSE_MS = 1000;

/** What an answer's headers tell of the account's own quotas (not of short limits, nor of single models). */
export function readQuotas(headers: Headers, now: number): QuotaWindow[] {
  return readHeaderWindows(headers, now)
    .filter(({ quota, scope }) => quota && scope === "connection")
    .map(({ name, left, until, lengthMs }) => ({
      name,
      left,
      resetsAt: until,
      ...(lengthMs !== undefined && { lengthMs }),
    }));
}

/**
 * What to set aside after an answer, by its rate-limit headers: windows with nothing left, and under `strict` those
 * with 5 % or less. Nothing under `off`, and nothing without a reset time.
 */
export function readPauses(
  headers: Headers,
  detection: ResilienceProfile["rateLimitDetection"],
  now: number,
): Pause[] {
  if (detection === "off") return [];
  const enough = detection === "strict" ? NEARLY_SPENT : 0;
  return readHeaderWindows(headers, now)
    .filter((window) => window.left <= enough && window.until - now >= SHORTEST_PAUSE_MS)
    .map(({ name, scope, quota, until }) => ({
      window: name,
      scope,
      kind: quota ? "quota" : "rate-limit",
      until,
    }));
}
