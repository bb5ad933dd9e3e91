import type { JsonObject } from "../../../lib/json.ts";
import { momentIn, numberIn, objectIn, objectsIn, textIn } from "../fields.ts";
import { DAY_MS, HOUR_MS, percentOf, type ReadWindow, WEEK_MS, windowName } from "../reading.ts";
import { type QuotaSource, quotaUrl } from "../source.ts";

const UNITS: { readonly [unit: string]: number } = { MINUTE: 60_000, HOUR: HOUR_MS, DAY: DAY_MS };

/**
 * Kimi Code: `{usage:{limit, used, remaining, resetTime}, limits:[{window:{duration, timeUnit}, detail:{limit, used,
 * remaining, resetTime}}]}`, its numbers written as texts. The first is the week's.
 */
export const kimiCoding: QuotaSource = {
  provider: "kimi-coding",
  url: "https://api.kimi.com/coding/v1/usages",
  call: (url, connection) => ({ method: "GET", url: quotaUrl({ url }, connection) }),
  read(body) {
    const week = objectIn(body, "usage");
    const windows = [
      ...(week ? windowOf(week, WEEK_MS) : []),
      ...objectsIn(body, "limits").flatMap((entry) => {
        const window = objectIn(entry, "window");
        const detail = objectIn(entry, "detail");
        return window && detail ? windowOf(detail, lengthOf(window)) : [];
      }),
    ];
    return windows.length === 0 ? undefined : { windows };
  },
};

function lengthOf(window: JsonObject): number {
  const unit = (textIn(window, "timeUnit") ?? "MINUTE").replace(/^TIME_UNIT_/, "");
  return (numberIn(window, "duration") ?? 300) * (UNITS[unit] ?? 60_000);
}

function windowOf(detail: JsonObject, lengthMs: number): ReadWindow[] {
  const limit = numberIn(detail, "limit");
  const remaining = numberIn(detail, "remaining");
  const used =
    numberIn(detail, "used") ??
    (limit !== undefined && remaining !== undefined ? limit - remaining : undefined);
  if (limit === undefined || used === undefined) return [];
  const resetsAt = momentIn(detail, "resetTime", "resetAt", "reset_at");
  return [
    {
      name: windowName(lengthMs),
      scope: "account",
      used,
      limit,
      lengthMs,
      percent: percentOf(used, limit),
      ...(resetsAt !== undefined && { resetsAt }),
    },
  ];
}
