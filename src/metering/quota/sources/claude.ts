import { isObject } from "../../../lib/json.ts";
import { momentIn, numberIn } from "../fields.ts";
import { clampPercent, HOUR_MS, type ReadWindow, WEEK_MS } from "../reading.ts";
import { type QuotaSource, quotaUrl } from "../source.ts";

const URL_OF = "https://api.anthropic.com/api/oauth/usage";

/** Claude plans: `{five_hour:{utilization 0–100, resets_at}, seven_day:{…}, seven_day_<family>:{…}}`. */
export const claude: QuotaSource = {
  provider: "claude",
  url: URL_OF,
  call: (url, connection) => ({
    method: "GET",
    url: quotaUrl({ url }, connection),
    headers: { "anthropic-beta": "oauth-2025-04-20" },
  }),
  read(body) {
    const windows = Object.entries(body).flatMap(([field, value]): ReadWindow[] => {
      const [, kind, family] = /^(five_hour|seven_day)(?:_(\w+))?$/.exec(field) ?? [];
      const percent = isObject(value) ? numberIn(value, "utilization") : undefined;
      if (kind === undefined || percent === undefined || !isObject(value)) return [];
      const resetsAt = momentIn(value, "resets_at");
      const length =
        kind === "five_hour" ? { name: "5h", lengthMs: 5 * HOUR_MS } : { name: "weekly", lengthMs: WEEK_MS };
      return [
        {
          ...length,
          ...(family === undefined ? { scope: "account" } : { scope: "model", model: family }),
          percent: clampPercent(percent),
          ...(resetsAt !== undefined && { resetsAt }),
        },
      ];
    });
    return windows.length === 0 ? undefined : { windows };
  },
};
