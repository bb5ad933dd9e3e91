import { z } from "zod";
import { limitsPatch } from "../core/resilience.ts";
import { TIERS } from "../core/provider.ts";
import { time } from "./shapes.ts";
import { statusShape } from "./status.ts";

/** A window of an account's quota. */
export const windowShape = () =>
  z.looseObject({
    name: z.string(),
    scope: z.enum(["account", "model"]),
    model: z.string().optional(),
    used: z.number().nullable(),
    limit: z.number().nullable(),
    tokens: z.number().nullable(),
    percent: z.number().nullable(),
    resetsAt: time(),
    source: z.enum(["endpoint", "header", "counted"]),
    checkedAt: time(),
    stale: z.boolean(),
    runsOutAt: time(),
  });

/** One account at a provider. Credentials are in no answer. */
export const connectionShape = () =>
  z.looseObject({
    id: z.string(),
    provider: z.string(),
    authType: z.enum(["apikey", "oauth", "none"]),
    name: z.string(),
    displayName: z.string(),
    email: z.string().nullable(),
    priority: z.number(),
    globalPriority: z.number().optional(),
    healthCheckInterval: z.number().nullable().describe("Minutes between tests made by themselves"),
    defaultModel: z.string().optional(),
    isActive: z.boolean(),
    baseUrl: z.string().optional(),
    group: z.string().nullable(),
    hasCredentials: z.boolean(),
    maskedKey: z.string().nullable(),
    status: z.enum([
      "ready",
      "cooling",
      "quota spent",
      "sign in again",
      "never tested",
      "failing",
      "off",
      "provider shut down",
    ]),
    statusUntil: time(),
    rateLimitedUntil: time(),
    errorCode: z.number().nullable(),
    proxy: z.looseObject({ type: z.string() }).nullable(),
    testStatus: z.enum(["active", "error", "unknown"]),
    lastTested: time(),
    lastError: z.string().nullable(),
    lastErrorType: z.string().nullable(),
    lastErrorAt: time(),
    lastUsedAt: time(),
    consecutiveUseCount: z
      .number()
      .describe("How many calls of its provider in a row went to it, since the start"),
    expiresAt: time(),
    limits: limitsPatch.extend({ enabled: z.boolean().optional() }),
    quota: z.array(windowShape()),
    createdAt: time(),
    updatedAt: time(),
  });

/** What a test found out about an account. */
export const testShape = () =>
  z.object({
    valid: z.boolean(),
    error: z.string().nullable(),
    refreshed: z.boolean(),
    diagnosis: z
      .object({ type: z.string(), code: z.string(), message: z.string(), action: z.string() })
      .nullable(),
    latencyMs: z.number(),
    statusCode: z.number().nullable(),
    testedAt: time(),
    repairedBaseUrl: z.string().optional(),
  });

/** A provider as one can connect to it. */
export const providerShape = () =>
  z.object({
    id: z.string(),
    aliases: z.array(z.string()),
    name: z.string(),
    tier: z.enum(TIERS),
    auth: z.string(),
    isNode: z.boolean(),
    ...statusShape(),
    keyUrl: z.string().nullable(),
    connections: z.number(),
    models: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        type: z.string(),
        contextLength: z.number().nullable(),
        ...statusShape(),
      }),
    ),
  });
