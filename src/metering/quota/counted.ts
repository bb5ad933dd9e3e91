import { z } from "zod";
import { DAY_MS, HOUR_MS, percentOf, type ReadWindow, WEEK_MS } from "./reading.ts";
import type { Use, UseCounter } from "./use-counter.ts";

/** A limit that a person wrote down, for accounts whose provider tells none. */
const ownLimit = z.object({
  name: z.enum(["5h", "daily", "weekly", "monthly"]),
  /** The hour (UTC) at which days, weeks (on Monday) and months begin. */
  hour: z.coerce.number().int().min(0).max(23).default(0),
  limit: z.coerce.number().positive().max(1e15),
  unit: z.enum(["tokens", "requests", "usd"]),
});
export type OwnLimit = z.infer<typeof ownLimit>;
export const ownLimits = z.array(ownLimit).max(20);

/** What is counted where no limit is known. */
const SHOWN: readonly Pick<OwnLimit, "name" | "hour">[] = [
  { name: "5h", hour: 0 },
  { name: "daily", hour: 0 },
  { name: "weekly", hour: 0 },
  { name: "monthly", hour: 0 },
];

/** The windows of a connection as we count them: its own limits, or, without any, what was used in the usual ones. */
export function countedWindows(
  counter: UseCounter,
  connectionId: string,
  limits: readonly OwnLimit[],
  now: number,
): ReadWindow[] {
  if (limits.length === 0)
    return SHOWN.map((shown) => {
      const bounds = boundsOf(shown, counter, connectionId, now);
      const { tokens } = counter.since(connectionId, bounds.from);
      return { name: shown.name, scope: "account", unit: "tokens", used: tokens, ...resetOf(bounds) };
    });
  return limits.map((own) => {
    const bounds = boundsOf(own, counter, connectionId, now);
    const used = amountOf(counter.since(connectionId, bounds.from), own.unit);
    return {
      name: own.name,
      scope: "account",
      unit: own.unit,
      used,
      limit: own.limit,
      percent: percentOf(used, own.limit),
      ...resetOf(bounds),
    };
  });
}

function amountOf(use: Use, unit: OwnLimit["unit"]): number {
  switch (unit) {
    case "tokens":
      return use.tokens;
    case "requests":
      return use.requests;
    case "usd":
      return use.cost;
  }
}

type Bounds = { from: number; to: number | undefined };

const resetOf = ({ from, to }: Bounds) => (to === undefined ? {} : { resetsAt: to, lengthMs: to - from });

/** The window that a moment lies in, in milliseconds since 1970. */
function boundsOf(
  { name, hour }: Pick<OwnLimit, "name" | "hour">,
  counter: UseCounter,
  connectionId: string,
  now: number,
): Bounds {
  const shifted = new Date(now - hour * HOUR_MS);
  const day =
    Date.UTC(shifted.getUTCFullYear(), shifted.getUTCMonth(), shifted.getUTCDate()) + hour * HOUR_MS;
  switch (name) {
    case "5h":
      return rolling(counter, connectionId, now);
    case "daily":
      return { from: day, to: day + DAY_MS };
    case "weekly": {
      const monday = day - ((shifted.getUTCDay() + 6) % 7) * DAY_MS;
      return { from: monday, to: monday + WEEK_MS };
    }
    case "monthly": {
      const month = (offset: number) =>
        Date.UTC(shifted.getUTCFullYear(), shifted.getUTCMonth() + offset, 1) + hour * HOUR_MS;
      return { from: month(0), to: month(1) };
    }
  }
}

/** Five hours begin with the first call after the five before them have ended. */
function rolling(counter: UseCounter, connectionId: string, now: number): Bounds {
  let from = counter.firstUseAfter(connectionId, now - WEEK_MS);
  while (from !== undefined && from + 5 * HOUR_MS <= now)
    from = counter.firstUseAfter(connectionId, from + 5 * HOUR_MS);
  return from === undefined ? { from: now, to: undefined } : { from, to: from + 5 * HOUR_MS };
}
