import type { JsonObject } from "../../../lib/json.ts";
import { momentIn, numberIn, objectIn, textIn } from "../fields.ts";
import { percentOf, type ReadWindow } from "../reading.ts";
import type { QuotaSource } from "../source.ts";

/**
 * Copilot plans: paid ones tell `{copilot_plan, quota_reset_date, quota_snapshots:{chat, completions,
 * premium_interactions:{entitlement, remaining, unlimited}}}`, free ones `{monthly_quotas, limited_user_quotas,
 * limited_user_reset_date}`. They are full again on the first of the month.
 */
export const github: QuotaSource = {
  provider: "github",
  url: "https://api.github.com/copilot_internal/user",
  call: (url, { credentials }) =>
    // The account's GitHub token answers here, not the short one that models take.
    credentials.refreshToken === undefined
      ? undefined
      : { method: "GET", url, headers: { authorization: `token ${credentials.refreshToken}` } },
  read(body) {
    const plan = textIn(body, "copilot_plan", "access_type_sku");
    const snapshots = objectIn(body, "quota_snapshots");
    const windows = snapshots ? paid(snapshots, body) : free(body);
    return windows.length === 0 && plan === undefined ? undefined : { ...(plan && { plan }), windows };
  },
};

function paid(snapshots: JsonObject, body: JsonObject): ReadWindow[] {
  const resetsAt = momentIn(body, "quota_reset_date_utc", "quota_reset_date");
  return [
    ["premium_interactions", "monthly premium"],
    ["chat", "monthly chat"],
  ].flatMap(([field = "", name = ""]): ReadWindow[] => {
    const snapshot = objectIn(snapshots, field);
    if (!snapshot) return [];
    const reset = resetsAt === undefined ? {} : { resetsAt };
    // Models outside the premium ones go on when those are spent.
    const facts = { name, scope: "account", unit: "requests", advisory: field !== "chat", ...reset } as const;
    if (snapshot.unlimited === true) return [{ ...facts, unlimited: true, percent: 0 }];
    const limit = numberIn(snapshot, "entitlement");
    const left = numberIn(snapshot, "remaining", "quota_remaining");
    if (limit === undefined || left === undefined) return [];
    const used = Math.max(0, limit - left);
    return [{ ...facts, used, limit, percent: percentOf(used, limit) }];
  });
}

function free(body: JsonObject): ReadWindow[] {
  const limits = objectIn(body, "monthly_quotas");
  const left = objectIn(body, "limited_user_quotas");
  const limit = limits && numberIn(limits, "chat");
  const remaining = left && numberIn(left, "chat");
  if (limit === undefined || remaining === undefined) return [];
  const resetsAt = momentIn(body, "limited_user_reset_date");
  const used = Math.max(0, limit - remaining);
  return [
    {
      name: "monthly chat",
      scope: "account",
      unit: "requests",
      used,
      limit,
      percent: percentOf(used, limit),
      ...(resetsAt !== undefined && { resetsAt }),
    },
  ];
}
