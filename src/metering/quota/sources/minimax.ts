import type { JsonObject } from "../../../lib/json.ts";
import { momentIn, numberIn, objectIn, objectsIn, textIn } from "../fields.ts";
import { HOUR_MS, percentOf, type ReadWindow, WEEK_MS, windowName } from "../reading.ts";
import { type QuotaSource, quotaUrl } from "../source.ts";

/**
 * MiniMax plans: `{base_resp:{status_code}, model_remains:[{model_name, current_interval_total_count,
 * current_interval_usage_count, remains_time (ms), start_time, end_time, current_weekly_…}]}`. At the older address
 * (`coding_plan`), the fields named usage count what is left.
 */
function minimaxAt(provider: string, url: string, hosts: { readonly [host: string]: string }): QuotaSource {
  return {
    provider,
    url,
    call: (asked, connection) => ({ method: "GET", url: quotaUrl({ url: asked }, connection, hosts) }),
    read(body, now, connection) {
      const status = objectIn(body, "base_resp");
      const code = status && numberIn(status, "status_code");
      if (code !== undefined && code !== 0)
        return { windows: [], message: `MiniMax answered with code ${code}.` };
      const countsLeft = quotaUrl({ url }, connection, hosts).includes("coding_plan");
      const remains = objectsIn(body, "model_remains");
      const windows = remains.flatMap((entry) => windowsOf(entry, now, countsLeft, remains.length === 1));
      return windows.length === 0 ? undefined : { windows };
    },
  };
}

const INTERNATIONAL = "https://www.minimax.io/v1/token_plan/remains";
const CHINA = "https://www.minimaxi.com/v1/api/openplatform/coding_plan/remains";
const HOSTS = { "api.minimax.io": INTERNATIONAL, "api.minimaxi.com": CHINA };

export const minimax = minimaxAt("minimax", INTERNATIONAL, HOSTS);
export const minimaxCn = minimaxAt("minimax-cn", CHINA, HOSTS);

function windowsOf(entry: JsonObject, now: number, countsLeft: boolean, isOnly: boolean): ReadWindow[] {
  const model = textIn(entry, "model_name");
  const whose =
    isOnly || model === undefined ? ({ scope: "account" } as const) : ({ scope: "model", model } as const);
  const begin = momentIn(entry, "start_time");
  const end = momentIn(entry, "end_time");
  const length = begin !== undefined && end !== undefined && end > begin ? end - begin : 5 * HOUR_MS;
  const counts = (kind: "interval" | "weekly") => {
    const limit = numberIn(entry, `current_${kind}_total_count`);
    const count = numberIn(entry, `current_${kind}_usage_count`);
    if (limit === undefined || count === undefined || limit <= 0) return undefined;
    const used = countsLeft ? limit - count : count;
    return { unit: "requests", used, limit, percent: percentOf(used, limit) } as const;
  };
  const reset = (waitField: string, moment?: number) => {
    const wait = numberIn(entry, waitField);
    const resetsAt = wait !== undefined && wait > 0 ? now + wait : moment;
    return resetsAt === undefined ? {} : { resetsAt };
  };
  const interval = counts("interval");
  const weekly = counts("weekly");
  return [
    ...(interval
      ? [{ name: windowName(length), ...whose, ...interval, lengthMs: length, ...reset("remains_time", end) }]
      : []),
    ...(weekly
      ? [{ name: "weekly", ...whose, ...weekly, lengthMs: WEEK_MS, ...reset("weekly_remains_time") }]
      : []),
  ];
}
