const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_DAYS = 366;
/** Up to here a custom time is shown hour by hour. */
const HOURLY_DAYS = 2;

/** How far back one can look. Hours are kept as long as the log, days for good. */
export const RANGES = [
  { id: "1d", days: 1 },
  { id: "7d", days: 7 },
  { id: "30d", days: 30 },
  { id: "90d", days: 90 },
  { id: "365d", days: 365 },
] as const;
type RangeId = (typeof RANGES)[number]["id"];

/** A stretch of time that is looked at, in milliseconds since 1970; `to` is out. Days are those of UTC. */
export type Period = {
  id: RangeId | "custom";
  from: number;
  to: number;
  per: "hour" | "day";
  /** When each hour or day begins. */
  times: readonly number[];
};

/** The period an address asks for: `?range=7d`, or `?from=2026-03-01&to=2026-03-14`; seven days for anything else. */
export function periodOf(query: URLSearchParams, now: number): Period {
  const custom = customPeriod(query, now);
  if (custom) return custom;
  const range = RANGES.find(({ id }) => id === query.get("range")) ?? RANGES[1];
  const per = range.id === "1d" ? "hour" : "day";
  const count = range.id === "1d" ? 24 : range.days;
  const step = lengthOf(per);
  const from = (Math.floor(now / step) - (count - 1)) * step;
  return { id: range.id, from, to: now + 1, per, times: timesOf(from, now + 1, step) };
}

/** The same stretch of time just before, for comparison. */
export function periodBefore({ from, to, per, times }: Period): Pick<Period, "from" | "to" | "per"> {
  const length = times.length * lengthOf(per);
  return { from: from - length, to: Math.min(to - length, from), per };
}

/** The day a moment lies in, as date fields write it (UTC). */
export const dayOf = (when: number): string => new Date(when).toISOString().slice(0, 10);

function customPeriod(query: URLSearchParams, now: number): Period | undefined {
  const from = dayIn(query.get("from"));
  if (from === undefined || from > now) return undefined;
  const last = dayIn(query.get("to")) ?? now;
  const to = Math.min(Math.max(last, from) + DAY, from + MOST_DAYS * DAY, (Math.floor(now / DAY) + 1) * DAY);
  const per = to - from <= HOURLY_DAYS * DAY ? "hour" : "day";
  return { id: "custom", from, to, per, times: timesOf(from, to, lengthOf(per)) };
}

function dayIn(text: string | null): number | undefined {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || time < 0 ? undefined : time;
}

const lengthOf = (per: Period["per"]) => (per === "hour" ? HOUR : DAY);

function timesOf(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
}
