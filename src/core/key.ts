import { z } from "zod";
import type { KeyGroup } from "./key-group.ts";
import { whole } from "./number-bounds.ts";
import { isTimeZone } from "./time-zone.ts";

/** `read` looks at everything the management API tells and changes nothing. */
export const KEY_SCOPES = ["inference", "admin", "read", "metrics", "sync"] as const;

/** Names or patterns (`*`, `?`). An empty list allows all. */
const keyNames = z.array(z.string().trim().min(1).max(256)).max(500);

/** A whole number from 1, in a form also as text; `null` takes the limit away. */
const keyLimit = z.union([z.null(), whole(1, 1_000_000_000)]).optional();

/** USD; 0 blocks, `null` takes the limit away. */
const keyMoney = z.union([z.null(), z.coerce.number().min(0).max(1_000_000_000)]).optional();

const keyLimitsInput = z.object({
  requestsPerMinute: keyLimit,
  requestsPerDay: keyLimit,
  tokensPerMinute: keyLimit,
  maxConcurrent: keyLimit,
});
export type KeyLimits = { [Limit in keyof z.infer<typeof keyLimitsInput>]?: number };

export const BUDGET_PERIODS = ["daily", "weekly", "monthly"] as const;

export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

export const keyBudgetInput = z.object({
  dailyLimitUsd: keyMoney,
  weeklyLimitUsd: keyMoney,
  monthlyLimitUsd: keyMoney,
  /** Share of a limit at which a warning is due: 0.8, or 80. */
  warningThreshold: z
    .union([
      z.null(),
      z.coerce
        .number()
        .gt(0)
        .max(100)
        .transform((share) => (share > 1 ? share / 100 : share)),
    ])
    .optional(),
  /** The full hour at which days, weeks and months begin: `06:00`. */
  resetTime: z.union([z.null(), z.string().regex(/^(?:[01]\d|2[0-3]):00$/, "a full hour: HH:00")]).optional(),
  /** Where that hour is told, as `America/Sao_Paulo`; UTC when left out. */
  timeZone: z
    .union([z.null(), z.string().max(100).refine(isTimeZone, "a time zone: Europe/Berlin")])
    .optional(),
  /** Which of the limits is shown as the active one. */
  resetInterval: z.union([z.null(), z.enum(BUDGET_PERIODS)]).optional(),
  /** Count list prices of subscriptions and free tiers too. */
  includeShadowCost: z.union([z.null(), z.boolean()]).optional(),
});

/** What a key may spend. Amounts in USD. */
export type KeyBudget = {
  dailyLimitUsd?: number;
  weeklyLimitUsd?: number;
  monthlyLimitUsd?: number;
  warningThreshold?: number;
  resetTime?: string;
  timeZone?: string;
  resetInterval?: BudgetPeriod;
  includeShadowCost?: boolean;
};

/** What a key may use, and how much. Whatever is missing is free. */
export type KeyRules = {
  allowedModels?: string[];
  allowedCombos?: string[];
  allowedProviders?: string[];
  allowedConnections?: string[];
  allowedEndpoints?: string[];
  limits?: KeyLimits;
  budget?: KeyBudget;
};

/** The doors a key may be kept to. */
export const KEY_ENDPOINTS = [
  "chat",
  "completions",
  "messages",
  "responses",
  "gemini",
  "ollama",
  "embeddings",
  "images",
  "audio",
  "moderations",
  "rerank",
] as const;

/** What may be said of a key's rules, and of a group's. `null` and an empty list take a rule away. */
export const keyRulesInput = z.object({
  allowedModels: keyNames.nullish(),
  allowedCombos: keyNames.nullish(),
  allowedProviders: keyNames.nullish(),
  allowedConnections: keyNames.nullish(),
  allowedEndpoints: z.array(z.enum(KEY_ENDPOINTS)).max(50).nullish(),
  limits: keyLimitsInput.nullish(),
  budget: keyBudgetInput.nullish(),
});
export type KeyRulesInput = z.output<typeof keyRulesInput>;
export type KeyRulesPatch = z.input<typeof keyRulesInput>;

export const keyInput = keyRulesInput.extend({
  name: z.string().trim().min(1).max(100),
  /** The group whose rules hold as well; `null` takes the key out of it. */
  groupId: z.string().min(1).max(100).nullish(),
  scopes: z.array(z.enum(KEY_SCOPES)).min(1).default(["inference"]),
  noLog: z.boolean().default(false),
  /** ISO date or milliseconds since 1970. */
  expiresAt: z.union([z.string(), z.number()]).nullish(),
});
export type KeyInput = z.input<typeof keyInput>;

/** A key a client shows us. The key itself is stored only as a keyed hash. */
export type ApiKey = KeyRules & {
  id: string;
  name: string;
  /** HMAC-SHA-256 with the installation's API key secret, hex. */
  hash: string;
  /** `sk-omni-AbCd…wxyz` */
  masked: string;
  /** Hashes from before a rotation, each good until its time (milliseconds since 1970). */
  former?: { hash: string; until: number }[];
  scopes: (typeof KEY_SCOPES)[number][];
  noLog: boolean;
  groupId?: string;
  expiresAt?: number;
  revokedAt?: number;
  lastUsedAt?: number;
  createdAt: number;
};

/** Who makes a call. All callers without a key are one: `keyless`. */
export type Caller = { keyId: string; name: string; key?: ApiKey; group?: KeyGroup };

export const KEYLESS: Caller = { keyId: "keyless", name: "keyless" };
/** Whoever tries something from the dashboard, its API or the command line. */
export const DASHBOARD: Caller = { keyId: "dashboard", name: "dashboard" };
