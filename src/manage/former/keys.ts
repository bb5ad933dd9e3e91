import { type ApiKey, BUDGET_PERIODS, type KeyBudget } from "../../core/key.ts";
import { newId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { isFormerSealed } from "../../store/index.ts";
import type { FormerContext } from "./context.ts";
import { momentIn, numberIn, switchIn, textIn, textsIn } from "./fields.ts";

/** Client keys: they work on as they are, hashed on the way. */
export function formerKeys(
  rows: readonly JsonObject[],
  budgets: readonly JsonObject[],
  context: FormerContext,
): ApiKey[] {
  const budgetOf = new Map(budgets.map((row) => [textIn(row, "apiKeyId"), row]));
  return rows.flatMap((row): ApiKey[] => {
    const kept = textIn(row, "key") ?? "";
    const text = isFormerSealed(kept) ? context.seal.open(kept) : kept;
    const name = (textIn(row, "name") ?? "key").slice(0, 100);
    if (!text || text.length > 512) {
      context.warn(`The client key ${name} was left out: its text cannot be read. Make a new one.`);
      return [];
    }
    if (textsIn(row, "scopes").length > 0)
      context.warn(`The client key ${name} had scopes of its own; it may call models, and nothing else.`);
    return [keyOf(row, text, name, budgetOf.get(textIn(row, "id")), context)];
  });
}

function keyOf(
  row: JsonObject,
  text: string,
  name: string,
  budgetRow: JsonObject | undefined,
  context: FormerContext,
): ApiKey {
  const createdAt = momentIn(row, "createdAt") ?? context.now;
  const ended = !switchIn(row, "isActive", true) || switchIn(row, "isBanned", false);
  const revokedAt = momentIn(row, "revokedAt") ?? (ended ? context.now : undefined);
  const expiresAt = momentIn(row, "expiresAt");
  const lastUsedAt = momentIn(row, "lastUsedAt");
  const limits = {
    ...positive("requestsPerDay", numberIn(row, "maxRequestsPerDay")),
    ...positive("requestsPerMinute", numberIn(row, "maxRequestsPerMinute")),
  };
  const budget = budgetOf(budgetRow ?? {}, row);
  const lists = Object.fromEntries(
    ["allowedModels", "allowedCombos", "allowedConnections"].flatMap((list) => {
      const names = textsIn(row, list);
      return names.length > 0 ? [[list, names]] : [];
    }),
  );
  return {
    id: textIn(row, "id")?.slice(0, 100) ?? newId(),
    name,
    hash: context.hashKey(text),
    masked: `${text.slice(0, Math.min(8, text.length >> 1))}…${text.length >= 12 ? text.slice(-4) : ""}`,
    scopes: ["inference"],
    noLog: switchIn(row, "noLog", false),
    createdAt,
    ...lists,
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(Object.keys(budget).length > 0 && { budget }),
    ...(revokedAt !== undefined && { revokedAt }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
  };
}

/** There, 0 meant no limit. */
function budgetOf(row: JsonObject, key: JsonObject): KeyBudget {
  const own = switchIn(key, "usageLimitEnabled", false) ? key : {};
  const interval = BUDGET_PERIODS.find((period) => period === textIn(row, "resetInterval"));
  const resetTime = textIn(row, "resetTime");
  const threshold = numberIn(row, "warningThreshold");
  const amounts = {
    ...positive("dailyLimitUsd", numberIn(row, "dailyLimitUsd") || numberIn(own, "dailyUsageLimitUsd")),
    ...positive("weeklyLimitUsd", numberIn(row, "weeklyLimitUsd") || numberIn(own, "weeklyUsageLimitUsd")),
    ...positive("monthlyLimitUsd", numberIn(row, "monthlyLimitUsd")),
  };
  if (Object.keys(amounts).length === 0) return {};
  return {
    ...amounts,
    ...(threshold !== undefined &&
      threshold > 0 && { warningThreshold: threshold > 1 ? threshold / 100 : threshold }),
    ...(interval && { resetInterval: interval }),
    ...(resetTime !== undefined && /^(?:[01]\d|2[0-3]):00$/.test(resetTime) && { resetTime }),
  };
}

const positive = (name: string, value: number | undefined) =>
  value !== undefined && value > 0 ? { [name]: value } : {};
