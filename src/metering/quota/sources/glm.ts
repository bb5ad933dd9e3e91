import { momentIn, numberIn, objectIn, objectsIn, textIn } from "../fields.ts";
import { clampPercent, HOUR_MS, type ReadWindow, WEEK_MS } from "../reading.ts";
import { type QuotaSource, quotaUrl } from "../source.ts";

/**
 * GLM's Coding Plan: `{success, data:{level, limits:[{type, unit, percentage used, nextResetTime}]}}`. Tokens of unit 3
 * are five hours', of unit 6 the week's; the other type counts tool calls of the month.
 */
export const glm: QuotaSource = {
  provider: "glm",
  url: "https://api.z.ai/api/monitor/usage/quota/limit",
  call: (url, connection) => ({ method: "GET", url: quotaUrl({ url }, connection) }),
  read(body) {
    const data = objectIn(body, "data");
    if (!data) return undefined;
    const plan = textIn(data, "level");
    const windows = objectsIn(data, "limits").flatMap((limit): ReadWindow[] => {
      const percent = numberIn(limit, "percentage");
      if (percent === undefined) return [];
      const isTokens = textIn(limit, "type") === "TOKENS_LIMIT";
      const unit = numberIn(limit, "unit");
      const resetsAt = momentIn(limit, "nextResetTime");
      const facts = isTokens
        ? unit === 6
          ? { name: "weekly", lengthMs: WEEK_MS }
          : { name: "5h", lengthMs: 5 * HOUR_MS }
        : { name: "monthly tools", advisory: true };
      return [
        {
          ...facts,
          scope: "account",
          ...(isTokens && { unit: "tokens" as const }),
          percent: clampPercent(percent),
          ...(resetsAt !== undefined && { resetsAt }),
        },
      ];
    });
    return windows.length === 0 ? undefined : { ...(plan && { plan }), windows };
  },
};
