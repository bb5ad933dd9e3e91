import { z } from "zod";
import type { KeySpending } from "../access/index.ts";
import { BUDGET_PERIODS } from "../core/key.ts";
import type { RuleHolder } from "../core/key-group.ts";
import { isoTime } from "./http.ts";
import { time } from "./shapes.ts";

const usd = () => z.number().describe("USD");

/** What a key or group spent, and its budgets. */
export const spendingShape = () =>
  z.object({
    dailyTotal: usd(),
    monthlyTotal: usd(),
    totalCostToday: usd(),
    totalCostWeek: usd(),
    totalCostMonth: usd(),
    totalCostPeriod: usd(),
    activeLimitUsd: usd().nullable(),
    nextResetAt: time(),
    budget: z.object({
      dailyLimitUsd: usd().nullable(),
      weeklyLimitUsd: usd().nullable(),
      monthlyLimitUsd: usd().nullable(),
      warningThreshold: z.number(),
      resetInterval: z.enum(BUDGET_PERIODS).nullable(),
      resetTime: z.string(),
      timeZone: z.string(),
      includeShadowCost: z.boolean(),
    }),
    budgetCheck: z.object({
      allowed: z.boolean(),
      dailyUsed: usd(),
      dailyLimit: usd().nullable(),
      warningReached: z.boolean(),
      remaining: usd().nullable(),
    }),
  });

/** The spending of a key or group under its documented names. */
export function spendingView({ budget }: RuleHolder, spending: KeySpending) {
  const counted = ({ billed, shadow }: { billed: number; shadow: number }) =>
    budget?.includeShadowCost ? billed + shadow : billed;
  const interval = budget?.resetInterval;
  const active = spending.budgets.find(({ period }) => period === interval) ?? spending.budgets[0];
  const shown = spending[active?.period ?? interval ?? "daily"];
  const remaining = spending.budgets.map(({ limit, used }) => Math.max(0, limit - used));
  return {
    dailyTotal: counted(spending.daily),
    monthlyTotal: counted(spending.monthly),
    totalCostToday: counted(spending.daily),
    totalCostWeek: counted(spending.weekly),
    totalCostMonth: counted(spending.monthly),
    totalCostPeriod: counted(shown),
    activeLimitUsd: active?.limit ?? null,
    nextResetAt: isoTime(shown.end),
    budget: {
      dailyLimitUsd: budget?.dailyLimitUsd ?? null,
      weeklyLimitUsd: budget?.weeklyLimitUsd ?? null,
      monthlyLimitUsd: budget?.monthlyLimitUsd ?? null,
      warningThreshold: budget?.warningThreshold ?? 0.8,
      resetInterval: budget?.resetInterval ?? null,
      resetTime: budget?.resetTime ?? "00:00",
      timeZone: budget?.timeZone ?? "UTC",
      includeShadowCost: budget?.includeShadowCost ?? false,
    },
    budgetCheck: {
      allowed: !spending.budgets.some(({ spent }) => spent),
      dailyUsed: counted(spending.daily),
      dailyLimit: budget?.dailyLimitUsd ?? null,
      warningReached: spending.budgets.some(({ warning }) => warning),
      remaining: remaining.length === 0 ? null : Math.min(...remaining),
    },
  };
}
