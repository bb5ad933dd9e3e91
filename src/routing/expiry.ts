import type { QuotaWindow } from "../core/quota.ts";

const HOUR_MS = 3_600_000;
/** Plans' windows whose length nobody told: between a few hours and a week. */
const USUAL_LENGTH_MS = 24 * HOUR_MS;

/**
 * How much of a quota would be lost if it went on being used evenly: the share left over the share of time left, by
 * the window that allows least. Above 1 it will expire unused; undefined when nothing is known, 0 when it is spent.
 */
export function surplus(windows: readonly QuotaWindow[], now: number): number | undefined {
  const known = windows.filter(({ resetsAt }) => resetsAt !== undefined);
  if (windows.some(({ left }) => left <= 0)) return 0;
  if (known.length === 0) return undefined;
  return Math.min(...known.map((window) => pace(window, now)));
}

function pace({ left, resetsAt = 0, lengthMs = USUAL_LENGTH_MS }: QuotaWindow, now: number): number {
  const timeLeft = Math.min(1, Math.max(0.001, (resetsAt - now) / lengthMs));
  return left / timeLeft;
}

/** What expires first goes first: the largest surplus; then what nobody knows of, as listed; spent quotas last. */
export function byExpiry<T>(surplusOf: (item: T) => number | undefined): (a: T, b: T) => number {
  const rank = (value: number | undefined): number => (value === undefined ? 1 : value > 0 ? 0 : 2);
  return (a, b) => {
    const one = surplusOf(a);
    const other = surplusOf(b);
    return rank(one) - rank(other) || (other ?? 0) - (one ?? 0);
  };
}
