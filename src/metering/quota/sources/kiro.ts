import type { JsonObject } from "../../../lib/json.ts";
import { momentIn, numberIn, objectIn, objectsIn, textIn } from "../fields.ts";
import { percentOf, type ReadWindow } from "../reading.ts";
import { type QuotaSource, quotaUrl } from "../source.ts";

/**
 * Kiro: `{nextDateReset, subscriptionInfo:{subscriptionTitle}, usageBreakdownList:[{resourceType,
 * currentUsageWithPrecision, usageLimitWithPrecision, freeTrialInfo}]}`, credits of a calendar month.
 */
export const kiro: QuotaSource = {
  provider: "kiro",
  url: "https://codewhisperer.us-east-1.amazonaws.com/getUsageLimits",
  call(url, connection) {
    const asked = new URL(quotaUrl({ url }, connection));
    const { profileArn } = connection.credentials;
    const query = { origin: "AI_EDITOR", resourceType: "AGENTIC_REQUEST", ...(profileArn && { profileArn }) };
    for (const [name, value] of Object.entries(query)) asked.searchParams.set(name, value);
    return { method: "GET", url: asked.href };
  },
  read(body) {
    const subscription = objectIn(body, "subscriptionInfo");
    const plan = subscription && textIn(subscription, "subscriptionTitle");
    const windows = objectsIn(body, "usageBreakdownList").flatMap((usage) => creditsOf(usage, body));
    return windows.length === 0 && plan === undefined ? undefined : { ...(plan && { plan }), windows };
  },
};

function creditsOf(usage: JsonObject, body: JsonObject): ReadWindow[] {
  const month = counted(
    "monthly",
    usage,
    momentIn(usage, "nextDateReset") ?? momentIn(body, "nextDateReset"),
  );
  const info = objectIn(usage, "freeTrialInfo");
  const isOver = info && /EXPIRED/i.test(textIn(info, "freeTrialStatus") ?? "");
  const trial = info && !isOver ? counted("trial", info, momentIn(info, "freeTrialExpiry")) : undefined;
  if (!month) return trial ? [trial] : [];
  if (!trial) return [month];
  // Credits of the trial are used first: the month is only spent when both are.
  const hasTrialLeft = (trial.percent ?? 100) < 100;
  return [
    { ...month, ...(hasTrialLeft && { advisory: true }) },
    { ...trial, advisory: true },
  ];
}

function counted(name: string, usage: JsonObject, resetsAt: number | undefined): ReadWindow | undefined {
  const used = numberIn(usage, "currentUsageWithPrecision", "currentUsage");
  const limit = numberIn(usage, "usageLimitWithPrecision", "usageLimit");
  if (used === undefined || limit === undefined) return undefined;
  return {
    name,
    scope: "account",
    unit: "credits",
    used,
    limit,
    percent: percentOf(used, limit),
    ...(resetsAt !== undefined && { resetsAt }),
  };
}
