import type { Connection } from "../../../core/connection.ts";
import { isObject } from "../../../lib/json.ts";
import { momentIn, numberIn, objectIn, objectsIn, textIn } from "../fields.ts";
import { clampPercent, DAY_MS, type ReadWindow } from "../reading.ts";
import { type QuotaSource, quotaUrl } from "../source.ts";

const projectOf = ({ credentials }: Connection) =>
  credentials.projectId === undefined ? {} : { project: credentials.projectId };

/** Code Assist: `{buckets:[{modelId, tokenType, remainingAmount, remainingFraction 0–1, resetTime}]}`, a day per model. */
export const geminiCli: QuotaSource = {
  provider: "gemini-cli",
  url: "https://cloudcode-pa.googleapis.com/v1internal:retrieveUserQuota",
  call: (url, connection) => ({
    method: "POST",
    url: quotaUrl({ url }, connection),
    json: projectOf(connection),
  }),
  read(body) {
    const windows = objectsIn(body, "buckets").flatMap((bucket): ReadWindow[] => {
      const model = textIn(bucket, "modelId");
      const left = numberIn(bucket, "remainingFraction");
      if (model === undefined || left === undefined) return [];
      const remaining = numberIn(bucket, "remainingAmount");
      const limit = remaining === undefined || left <= 0 ? undefined : Math.round(remaining / left);
      const resetsAt = momentIn(bucket, "resetTime");
      return [
        {
          name: "daily",
          scope: "model",
          model,
          unit: textIn(bucket, "tokenType") === "TOKENS" ? "tokens" : "requests",
          lengthMs: DAY_MS,
          percent: clampPercent((1 - left) * 100),
          ...(limit !== undefined && remaining !== undefined && { limit, used: limit - remaining }),
          ...(resetsAt !== undefined && { resetsAt }),
        },
      ];
    });
    return windows.length === 0 ? undefined : { windows };
  },
};

/** Antigravity: `{models:{<id>:{displayName, isInternal, quotaInfo:{remainingFraction 0–1, resetTime}}}}`. */
export const antigravity: QuotaSource = {
  provider: "antigravity",
  url: "https://daily-cloudcode-pa.googleapis.com/v1internal:fetchAvailableModels",
  call: (url, connection) => ({
    method: "POST",
    url: quotaUrl({ url }, connection),
    json: projectOf(connection),
  }),
  read(body) {
    const models = objectIn(body, "models") ?? {};
    const windows = Object.entries(models).flatMap(([model, facts]): ReadWindow[] => {
      const quota = isObject(facts) && facts.isInternal !== true ? objectIn(facts, "quotaInfo") : undefined;
      if (!quota) return [];
      // Google leaves fields out that are zero: a quota without a fraction is spent.
      const left = numberIn(quota, "remainingFraction") ?? 0;
      const resetsAt = momentIn(quota, "resetTime");
      return [
        {
          name: "quota",
          scope: "model",
          model,
          percent: clampPercent((1 - left) * 100),
          ...(resetsAt !== undefined && { resetsAt }),
        },
      ];
    });
    return windows.length === 0 ? undefined : { windows };
  },
};
