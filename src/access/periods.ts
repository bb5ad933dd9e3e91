import type { BudgetPeriod } from "../core/key.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** One stretch of time, in milliseconds since 1970; `end` is the first moment of the next. */
export type Span = { start: number; end: number };

/** The day, week (from Monday) or month that a moment lies in, where days begin `shiftMs` after midnight in UTC. */
export function spanOf(period: BudgetPeriod, at: number, shiftMs = 0): Span {
  const day = Math.floor((at - shiftMs) / DAY_MS);
  const span = (first: number, next: number): Span => ({
    start: first * DAY_MS + shiftMs,
    end: next * DAY_MS + shiftMs,
  });
  switch (period) {
    case "daily":
      return span(day, day + 1);
    case "weekly": {
      // Day 0, the first of January 1970, was a Thursday.
      const monday = day - ((((day + 3) % 7) + 7) % 7);
      return span(monday, monday + 7);
    }
    case "monthly": {
      const date = new Date(day * DAY_MS);
      const first = (month: number) => Date.UTC(date.getUTCFullYear(), month, 1) / DAY_MS;
      return span(first(date.getUTCMonth()), first(date.getUTCMonth() + 1));
    }
  }
}

/** `06:00` in milliseconds; nothing is midnight. */
export function shiftOf(resetTime: string | undefined): number {
  return resetTime === undefined ? 0 : Number(resetTime.slice(0, 2)) * HOUR_MS;
}
