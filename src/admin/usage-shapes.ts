import { z } from "zod";
import { time } from "./shapes.ts";

/** Sums. Costs in USD: billed, and the list price of what was not billed. */
export const totalsShape = () =>
  z.object({
    totalRequests: z.number(),
    errors: z.number(),
    cancelled: z.number(),
    totalTokens: z.number(),
    promptTokens: z.number(),
    completionTokens: z.number(),
    cachedTokens: z.number(),
    cacheWriteTokens: z.number(),
    reasoningTokens: z.number(),
    estimatedRequests: z.number(),
    totalCost: z.number(),
    shadowCost: z.number(),
    unknownPriceRequests: z.number(),
    avgLatencyMs: z.number(),
  });

const byAccount = () =>
  z.array(totalsShape().extend({ connectionId: z.string().optional(), account: z.string().optional() }));
const byApiKey = () =>
  z.array(totalsShape().extend({ apiKeyId: z.string().optional(), apiKeyName: z.string().optional() }));
const byKeyGroup = () =>
  z.array(
    totalsShape().extend({
      keyGroupId: z.string().nullable().describe("null: keys in no group"),
      keyGroupName: z.string().nullable(),
    }),
  );

export const analyticsShape = () =>
  z.object({
    summary: totalsShape().extend({
      uniqueModels: z.number(),
      uniqueAccounts: z.number(),
      uniqueApiKeys: z.number(),
      streak: z.number().describe("Days in a row with requests"),
    }),
    dailyTrend: z.array(totalsShape().extend({ date: time() })),
    dailyByModel: z.array(totalsShape().extend({ date: time(), model: z.string().optional() })),
    modelNames: z.array(z.string().optional()),
    byModel: z.array(totalsShape().extend({ provider: z.string().optional(), model: z.string().optional() })),
    byProvider: z.array(totalsShape().extend({ provider: z.string().optional() })),
    byAccount: byAccount(),
    byApiKey: byApiKey(),
    byKeyGroup: byKeyGroup(),
    activityMap: z.record(z.string(), z.number()),
    weeklyPattern: z.array(z.object({ day: z.string(), requests: z.number(), totalTokens: z.number() })),
    range: z.object({ name: z.string(), from: time(), to: time() }),
  });

export const historyShape = () =>
  totalsShape().extend({
    byProvider: z.record(z.string(), totalsShape()),
    byModel: z.record(z.string(), totalsShape()),
    byAccount: byAccount(),
    byApiKey: byApiKey(),
    byKeyGroup: byKeyGroup(),
    last10Minutes: z.array(
      z.object({
        from: time(),
        requests: z.number(),
        promptTokens: z.number(),
        completionTokens: z.number(),
      }),
    ),
    pending: z.number(),
    activeRequests: z.array(z.looseObject({ id: z.string(), requestedModel: z.string() })),
  });

/** A line of a report; a table of it has its columns in this order. */
export const reportRowShape = () =>
  z.object({
    date: z.string(),
    provider: z.string(),
    model: z.string(),
    apiKeyId: z.string(),
    apiKeyName: z.string(),
    keyGroupId: z.string(),
    keyGroupName: z.string(),
    connectionId: z.string(),
    account: z.string(),
    ...totalsShape().shape,
  });

/** With `format=csv` the rows come as a table. */
export const reportShape = () =>
  z.object({
    month: z.string().optional(),
    from: z.string(),
    to: z.string(),
    summary: totalsShape(),
    rows: z.array(reportRowShape()),
  });

export const providerMetricsShape = () =>
  z.object({
    totalRequests: z.number(),
    totalSuccesses: z.number(),
    successRate: z.number().describe("In hundredths"),
    avgLatencyMs: z.number(),
  });
