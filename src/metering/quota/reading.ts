import type { QuotaView } from "../../core/quota.ts";

/** One limit of an account as its provider tells it. */
export type ReadWindow = Omit<QuotaView, "source" | "checkedAt" | "stale" | "runsOutAt">;

/** What a provider's quota call told. */
export type QuotaReading = {
  /** What the provider calls the account's plan. */
  plan?: string;
  windows: ReadWindow[];
  /** A sentence for people, such as a balance. */
  message?: string;
};

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;

/** The common name of a window by its length: `5h`, `daily`, `weekly`, `monthly`, else in hours or days. */
export function windowName(lengthMs: number): string {
  if (lengthMs === DAY_MS) return "daily";
  if (lengthMs === WEEK_MS) return "weekly";
  if (lengthMs >= 28 * DAY_MS && lengthMs <= 31 * DAY_MS) return "monthly";
  if (lengthMs % DAY_MS === 0) return `${lengthMs / DAY_MS}d`;
  return lengthMs % HOUR_MS === 0 ? `${lengthMs / HOUR_MS}h` : `${Math.round(lengthMs / 60_000)}min`;
}

/** A window's share that is used, from its count: 0 to 100. */
export function percentOf(used: number, limit: number): number {
  return limit > 0 ? clampPercent((used / limit) * 100) : 100;
}

/** Vendors report a little under 0 and a little over 100. */
export const clampPercent = (percent: number): number => Math.min(100, Math.max(0, percent));
