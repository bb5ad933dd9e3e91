import type { BudgetPeriod, KeyBudget } from "../core/key.ts";
import { zoneOffset } from "../core/time-zone.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** One stretch of time, in milliseconds since 1970; `end` is the first moment of the next. */
export type Span = { start: number; end: number };

/** When days begin: `06:00` in a time zone. Nothing said is midnight in UTC. */
export type DayStart = Pick<KeyBudget, "resetTime" | "timeZone">;

/** The day, week (from Monday) or month that a moment lies in. A day may have 23 or 25 hours where clocks change. */
export function spanOf(period: BudgetPeriod, at: number, from: DayStart = {}): Span {
  const shift = from.resetTime === undefined ? 0 : Number(from.resetTime.slice(0, 2)) * HOUR_MS;
  const { timeZone } = from;
  const offset = (moment: number) => (timeZone === undefined ? 0 : zoneOffset(moment, timeZone));
  const day = Math.floor((at + offset(at) - shift) / DAY_MS);
  const startOf = (number: number): number => {
    const wall = number * DAY_MS + shift;
    // Where clocks are changed, an hour may be missing or come twice: the first moment at or behind it counts.
    const guesses = [wall - offset(wall - DAY_MS), wall - offset(wall + DAY_MS)].toSorted((a, b) => a - b);
    return guesses.find((guess) => guess + offset(guess) >= wall) ?? guesses[1]!;
  };
  const [first, next] = daysOf(period, day);
  return { start: startOf(first), end: startOf(next) };
}

/** The first day of the period that a day lies in, and that of the next; days are counted from 1970. */
function daysOf(period: BudgetPeriod, day: number): [first: number, next: number] {
  switch (period) {
    case "daily":
      return [day, day + 1];
    case "weekly": {
      // Day 0, the first of January 1970, was a Thursday.
      const monday = day - ((((day + 3) % 7) + 7) % 7);
      return [monday, monday + 7];
    }
    case "monthly": {
      const date = new Date(day * DAY_MS);
      const first = (month: number) => Date.UTC(date.getUTCFullYear(), month, 1) / DAY_MS;
      return [first(date.getUTCMonth()), first(date.getUTCMonth() + 1)];
    }
  }
}
