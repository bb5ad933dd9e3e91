import { z } from "zod";
import type { KeySpending } from "../access/index.ts";
import { type ApiKey, BUDGET_PERIODS, keyBudgetInput } from "../core/key.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { addAudit } from "../store/index.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { queryText, time, yes } from "./shapes.ts";

/** What keys may spend in a day, a week and a month. */
export function budgetRoutes(table: RouteTable, engine: Engine): void {
  const { access } = engine;
  const keyOf = (keyId: string): ApiKey => {
    const key = access.listKeys().find((candidate) => candidate.id === keyId);
    if (!key) throw new GatewayError("not_found", "There is no such API key.");
    return key;
  };

  table.add(
    {
      method: "GET",
      path: "/api/usage/budget",
      role: "reader",
      summary: "The budgets of all keys, or of one, with what was spent.",
      query: () => z.object({ apiKeyId: queryText(), keyId: queryText() }),
      answer: () => z.union([spendingShape(), z.object({ budgets: z.array(namedSpending()) })]),
    },
    (_c, { query }) => {
      const keyId = query.apiKeyId ?? query.keyId;
      if (keyId !== undefined) {
        const key = keyOf(keyId);
        return spendingView(key, access.spendingOf(key));
      }
      const withBudget = access.listKeys().filter((key) => key.budget && key.revokedAt === undefined);
      return {
        budgets: withBudget.map((key) => ({
          keyId: key.id,
          apiKeyId: key.id,
          name: key.name,
          ...spendingView(key, access.spendingOf(key)),
        })),
      };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/usage/budget",
      role: "admin",
      summary: "Sets one limit (`keyId`, `limit`, `period`), or those that `apiKeyId` and its fields name.",
      body: budgetBody,
      answer: () => z.object({ success: yes(), apiKeyId: z.string(), budget: spendingShape().shape.budget }),
    },
    (c, { body: { keyId, apiKeyId, limit, period, ...fields } }) => {
      const target = apiKeyId ?? keyId;
      if (target === undefined) throw badRequest("Name the key: `keyId` or `apiKeyId`.", "keyId");
      if ((limit === undefined) !== (period === undefined)) {
        throw badRequest("`limit` and `period` go together.", limit === undefined ? "limit" : "period");
      }
      if (period !== undefined) fields[`${period}LimitUsd`] = limit;
      const before = keyOf(target).budget ?? null;
      const key = access.updateKey(target, { budget: fields });
      addAudit(engine.store, {
        action: "key.budget",
        actor: c.get("actor").name,
        ip: c.env.peer,
        target,
        result: "ok",
        details: { name: key.name, from: before, to: key.budget ?? null },
      });
      const { budget } = spendingView(key, access.spendingOf(key));
      return { success: true, apiKeyId: key.id, budget };
    },
  );
}

const id = () => z.string().min(1).max(100);

const budgetBody = () =>
  keyBudgetInput.extend({
    keyId: id().optional(),
    apiKeyId: id().optional(),
    limit: z.union([z.null(), z.coerce.number().min(0).max(1_000_000_000)]).optional(),
    period: z.enum(BUDGET_PERIODS).optional(),
  });

const usd = () => z.number().describe("USD");

const spendingShape = () =>
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

const namedSpending = () =>
  spendingShape().extend({ keyId: z.string(), apiKeyId: z.string(), name: z.string() });

function spendingView(key: ApiKey, spending: KeySpending) {
  const { budget } = key;
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
