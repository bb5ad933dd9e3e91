import type { JsonObject } from "../../../lib/json.ts";
import { momentIn, numberIn, objectIn, objectsIn, textIn } from "../fields.ts";
import { clampPercent, type ReadWindow, windowName } from "../reading.ts";
import { type QuotaSource, quotaUrl } from "../source.ts";

/**
 * ChatGPT plans: `{plan_type, rate_limit:{primary_window:{used_percent, limit_window_seconds, reset_at,
 * reset_after_seconds}, secondary_window}, code_review_rate_limit, additional_rate_limits}`.
 */
export const codex: QuotaSource = {
  provider: "codex",
  url: "https://chatgpt.com/backend-api/wham/usage",
  call: (url, connection) => ({ method: "GET", url: quotaUrl({ url }, connection) }),
  read(body, now) {
    const plan = textIn(body, "plan_type");
    const limits = objectIn(body, "rate_limit");
    const review = objectIn(body, "code_review_rate_limit");
    const windows = [
      ...(limits ? windowsIn(limits, now, { scope: "account" }) : []),
      ...(review ? windowsIn(review, now, { scope: "model", model: "code-review", advisory: true }) : []),
      ...objectsIn(body, "additional_rate_limits").flatMap((extra) => {
        const model = textIn(extra, "limit_name", "metered_feature");
        const inner = objectIn(extra, "rate_limit");
        return model && inner ? windowsIn(inner, now, { scope: "model", model }) : [];
      }),
    ];
    return windows.length === 0 && plan === undefined ? undefined : { ...(plan && { plan }), windows };
  },
};

function windowsIn(
  limits: JsonObject,
  now: number,
  facts: Pick<ReadWindow, "scope" | "model" | "advisory">,
): ReadWindow[] {
  return ["primary_window", "secondary_window"].flatMap((field): ReadWindow[] => {
    const window = objectIn(limits, field);
    const percent = window && numberIn(window, "used_percent");
    if (!window || percent === undefined) return [];
    const seconds = numberIn(window, "limit_window_seconds");
    const wait = numberIn(window, "reset_after_seconds");
    const resetsAt = momentIn(window, "reset_at") ?? (wait === undefined ? undefined : now + wait * 1000);
    return [
      {
        ...facts,
        name: seconds ? windowName(seconds * 1000) : field === "primary_window" ? "5h" : "weekly",
        percent: clampPercent(percent),
        ...(seconds && { lengthMs: seconds * 1000 }),
        ...(resetsAt !== undefined && { resetsAt }),
      },
    ];
  });
}
