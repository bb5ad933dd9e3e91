import { z } from "zod";
import { NOTICE_KINDS } from "./notice.ts";
import { MODEL_TYPES, type ModelType, type Price } from "./provider.ts";

/**
 * The things people configure, as they stand in memory, in the store's answers and in forms. Times are milliseconds
 * since 1970; the doors turn them into ISO text.
 */

/**
 * A whole number between two bounds, in a form also as text. One check after the other would copy the schema each time,
 * which a start pays for.
 */
const whole = (least: number, most: number) => z.coerce.number().check(z.int(), z.gte(least), z.lte(most));

export const connectionInput = z.object({
  /** Provider id, alias, or node id. */
  provider: z.string().min(1).max(100),
  name: z.string().min(1).max(100),
  apiKey: z.string().max(10_000).optional(),
  priority: whole(1, 100).default(1),
  globalPriority: z.coerce.number().int().nullish(),
  defaultModel: z.string().max(256).nullish(),
  baseUrl: z.string().max(2000).nullish(),
  group: z.string().max(100).nullish(),
  isActive: z.boolean().default(true),
  /** The person has read the rule of a vendor that limits this use, and goes on. */
  acceptTerms: z.boolean().optional(),
});
export type ConnectionInput = z.input<typeof connectionInput>;
export const connectionPatch = connectionInput.omit({ provider: true, acceptTerms: true }).partial();
export type ConnectionPatch = z.infer<typeof connectionPatch>;

/**
 * What proves who pays. Opened only where a request or a refresh needs it; never leaves in a listing. Every text in
 * here counts as a secret.
 */
export type Credentials = {
  apiKey?: string;
  /** What calls are made with, just as it is sent. */
  accessToken?: string;
  /** What a new access token is got with: a refresh token, or the long-lived token behind a short one. */
  refreshToken?: string;
  idToken?: string;
  /** When the access token ends, in milliseconds since 1970; absent when nobody said. */
  expiresAt?: number;
  /** How long the access token was good for when it came, in milliseconds. */
  lifetimeMs?: number;
  /** The vendor's id of the account. */
  accountId?: string;
  /** Google: the project that calls are counted against. AWS: the profile that calls name. */
  projectId?: string;
  profileArn?: string;
  /** Where this account's calls go, when the vendor told so at sign-in; without a slash at the end. */
  apiUrl?: string;
  /** The client that the sign-in was made with, when it was issued to this installation or account alone. */
  clientId?: string;
  clientSecret?: string;
  /** Mark of the installation that may use the refresh token. */
  heldBy?: string;
  /** Why the refresh token is not used any more. */
  refreshEnded?: { at: number; why: "refused" | "interrupted" };
  [field: string]: unknown;
};

/** One account at a provider. */
export type Connection = {
  id: string;
  /** Provider id or node id. */
  provider: string;
  authType: "apikey" | "oauth" | "none";
  name: string;
  email?: string;
  priority: number;
  globalPriority?: number;
  defaultModel?: string;
  isActive: boolean;
  baseUrl?: string;
  group?: string;
  /** Read from the environment; cannot be changed or removed. */
  fromEnvironment?: boolean;
  /** Decrypted once at load and kept in memory. */
  credentials: Credentials;
  lastTest?: { at: number; ok: boolean; latencyMs?: number; error?: string; status?: number };
  lastError?: { at: number; kind: string; message: string; status?: number };
  lastUsedAt?: number;
  /** Set aside until a person (or a good test) renews the credential. */
  needsSignIn?: boolean;
  createdAt: number;
  updatedAt: number;
};

export const nodeInput = z.object({
  name: z.string().min(1).max(100),
  prefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, "lower-case letters, digits, - and _, at most 32 characters"),
  type: z.enum(["openai-compatible", "anthropic-compatible"]),
  apiType: z.enum(["chat", "responses"]).default("chat"),
  baseUrl: z.string().min(1).max(2000),
  chatPath: z.string().max(500).nullish(),
  modelsPath: z.string().max(500).nullish(),
});
export type NodeInput = z.input<typeof nodeInput>;

/** A user's own endpoint that speaks one of the formats. */
export type ProviderNode = {
  /** `openai-compatible-chat-UUID`, `openai-compatible-responses-UUID`, `anthropic-compatible-UUID`. */
  id: string;
  name: string;
  prefix: string;
  type: "openai-compatible" | "anthropic-compatible";
  apiType: "chat" | "responses";
  baseUrl: string;
  chatPath?: string;
  modelsPath?: string;
  createdAt: number;
  updatedAt: number;
};

export const COMBO_STRATEGIES = [
  "priority",
  "round-robin",
  "weighted",
  "random",
  "least-used",
  "cost-optimized",
  "fill-first",
  "p2c",
  "lowest-latency",
  "quota-aware",
] as const;
export type ComboStrategy = (typeof COMBO_STRATEGIES)[number];

export const ACCOUNT_STRATEGY_IDS = [
  "fill-first",
  "round-robin",
  "p2c",
  "random",
  "least-used",
  "cost-optimized",
  "lowest-latency",
  "quota-aware",
] as const;
export type AccountStrategyId = (typeof ACCOUNT_STRATEGY_IDS)[number];

/** Strategy names may come in any case and with `_` for `-`. */
const strategyName = <Name extends string>(names: readonly Name[]) =>
  z
    .string()
    .transform((name) => name.toLowerCase().replaceAll("_", "-"))
    .pipe(z.enum(names));

export const comboConfig = z.object({
  maxRetries: whole(0, 10).optional(),
  retryDelayMs: whole(0, 60_000).optional(),
  /** Longest silence of one target before its first content part. */
  timeoutMs: whole(1000, 600_000).optional(),
  healthCheckEnabled: z.boolean().optional(),
  healthCheckTimeoutMs: whole(100, 60_000).optional(),
  maxComboDepth: whole(1, 3).optional(),
  trackMetrics: z.boolean().optional(),
  stickyLimit: whole(1, 1000).optional(),
  affinity: z.boolean().optional(),
  maxAttempts: whole(1, 100).optional(),
  /** Longest wait for a TCP connection. */
  connectTimeoutMs: whole(100, 600_000).optional(),
  /** Longest wait for the answer's first byte. */
  headersTimeoutMs: whole(1000, 600_000).optional(),
  /** Longest silence inside a stream that has begun. */
  idleTimeoutMs: whole(1000, 3_600_000).optional(),
  /** Longest time one target may take for its whole answer; 0: no limit. */
  totalTimeoutMs: whole(0, 86_400_000).optional(),
  /** After a cut in the middle of text, let the next target write on from there. */
  continueStream: z.boolean().optional(),
});
export type ComboConfig = z.infer<typeof comboConfig>;

export const comboEntry = z.object({
  model: z.string().min(1).max(256),
  weight: z.coerce.number().min(0).max(100).optional(),
  connectionId: z.string().max(100).optional(),
});
export type ComboEntry = z.infer<typeof comboEntry>;

/** Entries may be plain names; strategy names may come in any case and with `_`. */
export const comboInput = z.object({
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[A-Za-z0-9_/.-]+$/, "letters, digits and _ / . - only"),
  models: z
    .array(
      z.union([
        z
          .string()
          .min(1)
          .max(256)
          .transform((model) => ({ model })),
        comboEntry,
      ]),
    )
    .max(100),
  strategy: strategyName(COMBO_STRATEGIES).default("priority"),
  config: comboConfig.default({}),
  isActive: z.boolean().default(true),
});
export type ComboInput = z.input<typeof comboInput>;

/** A named list of models with a strategy, used like a model. */
export type Combo = {
  id: string;
  name: string;
  models: ComboEntry[];
  strategy: ComboStrategy;
  config: ComboConfig;
  isActive: boolean;
  createdAt: number;
  updatedAt: number;
};

export const KEY_SCOPES = ["inference", "admin", "metrics", "sync"] as const;

/** Names or patterns (`*`, `?`). An empty list allows all. */
const keyNames = z.array(z.string().trim().min(1).max(256)).max(500);
/** A whole number from 1, in a form also as text; `null` takes the limit away. */
const keyLimit = z.union([z.null(), whole(1, 1_000_000_000)]).optional();
/** USD; 0 blocks, `null` takes the limit away. */
const keyMoney = z.union([z.null(), z.coerce.number().min(0).max(1_000_000_000)]).optional();

export const keyLimitsInput = z.object({
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
  /** The full hour, in UTC, at which days, weeks and months begin: `06:00`. */
  resetTime: z.union([z.null(), z.string().regex(/^(?:[01]\d|2[0-3]):00$/, "a full hour: HH:00")]).optional(),
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

export const keyInput = z.object({
  name: z.string().trim().min(1).max(100),
  allowedModels: keyNames.nullish(),
  allowedCombos: keyNames.nullish(),
  allowedProviders: keyNames.nullish(),
  allowedConnections: keyNames.nullish(),
  allowedEndpoints: z.array(z.enum(KEY_ENDPOINTS)).max(50).nullish(),
  limits: keyLimitsInput.nullish(),
  budget: keyBudgetInput.nullish(),
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
  expiresAt?: number;
  revokedAt?: number;
  lastUsedAt?: number;
  createdAt: number;
};

/** Who makes a call. All callers without a key are one: `keyless`. */
export type Caller = { keyId: string; name: string; key?: ApiKey };
export const KEYLESS: Caller = { keyId: "keyless", name: "keyless" };

/** A pattern (`*`, `?`) and the model or combo it stands for. */
export type Alias = { pattern: string; target: string; createdAt: number };

export const chainInput = z.object({
  name: z.string().trim().min(1).max(100),
  models: z.array(z.string().min(1).max(256)).min(1).max(50),
  /** Pattern over requested names. */
  match: z.string().min(1).max(256).default("*"),
  enabled: z.boolean().default(true),
  /** The lowest comes first. */
  priority: whole(0, 1000).default(1),
});

/** For one model: the same id at these providers, in order of priority. */
export const modelChainInput = z.object({
  model: z.string().trim().min(1).max(256),
  chain: z
    .array(
      z.object({
        provider: z.string().trim().min(1).max(100),
        priority: whole(0, 1000).default(1),
        enabled: z.boolean().default(true),
      }),
    )
    .min(1)
    .max(50),
});
export type ModelChain = z.infer<typeof modelChainInput>;

/** Models that follow when the plan of a matching request is spent. */
export type FallbackChain = {
  name: string;
  models: string[];
  /** Pattern over requested names. */
  match: string;
  enabled: boolean;
  /** The lowest comes first. */
  priority: number;
  createdAt: number;
  updatedAt: number;
};

export const customModelInput = z.object({
  /** Provider id, alias, or node id. */
  provider: z.string().min(1).max(100),
  id: z.string().trim().min(1).max(256),
  name: z.string().trim().max(200).optional(),
  type: z.enum(MODEL_TYPES).default("chat"),
  context: whole(1, 100_000_000).nullish(),
});
export type CustomModelInput = z.input<typeof customModelInput>;

/** A model a user added to a provider or node. */
export type CustomModel = {
  provider: string;
  id: string;
  name: string;
  type: ModelType;
  context?: number;
  createdAt: number;
};

/** A user's own price of a model, in place of the built-in one. */
export type PriceOverride = { provider: string; model: string; price: Price; updatedAt: number };

/** One change or sign-in, told for later questions. Never holds a secret. */
export type AuditEntry = {
  at: number;
  /** `login`, `key.create`, `connection.save` … */
  action: string;
  /** Who did it: `admin`, `cli`, a key's name. */
  actor: string;
  target?: string;
  ip?: string;
  result: "ok" | "failed";
  details?: { [field: string]: unknown };
};

/** One call that went through a network proxy. */
export type ProxyLogEntry = {
  at: number;
  /** Which level of proxy precedence decided: `key`, `combo`, `connection`, `provider`, `global`, `environment`. */
  level: string;
  type: "http" | "https" | "socks5" | "socks5h";
  /** The proxy's `host:port`, without user or password. */
  host: string;
  /** Host and path that were called. */
  target: string;
  provider?: string;
  connectionId?: string;
  status: "ok" | "failed";
  durationMs: number;
  error?: string;
};

/** How failures are answered. Times in milliseconds. */
const profileShape = z.object({
  circuitBreakerThreshold: whole(1, 1000),
  circuitBreakerReset: whole(1000, 300_000),
  transientCooldown: whole(0, 60_000),
  rateLimitCooldown: whole(0, 120_000),
  maxBackoffLevel: whole(0, 20),
  rateLimitDetection: z.enum(["off", "normal", "strict"]),
  useUpstreamRetryHints: z.boolean(),
});
/** What people changed of the profiles; the rest is as built in. */
export const profilesPatch = z.object({
  oauth: profileShape.partial().optional(),
  apikey: profileShape.partial().optional(),
  /** By provider id. */
  providers: z.record(z.string().max(200), profileShape.partial()).optional(),
});
export type ProfilesPatch = z.infer<typeof profilesPatch>;

/** What a connection may be asked. 0: no limit. */
export const limitsPatch = z
  .object({
    requestsPerMinute: whole(0, 1_000_000),
    /** Milliseconds. */
    minTimeBetweenRequests: whole(0, 3_600_000),
    concurrentRequests: whole(0, 100_000),
    /** How long a call may wait for its turn before it is refused, in milliseconds. */
    maxWaitMs: whole(0, 120_000),
  })
  .partial();
export type LimitsPatch = z.infer<typeof limitsPatch>;
/** `enabled: false`: neither our limits nor what answers' headers say of theirs keep calls from this connection. */
const connectionLimits = limitsPatch.extend({ enabled: z.boolean().optional() });

/** Wait for a cooldown that ends soon instead of refusing at once. */
const waitForCooldown = z.object({
  enabled: z.boolean(),
  maxRetries: whole(0, 10),
  maxRetryWaitSec: whole(0, 120),
});

/** How a provider's connections are put in order. */
const accountOrder = z.object({
  fallbackStrategy: strategyName(ACCOUNT_STRATEGY_IDS).optional(),
  stickyRoundRobinLimit: whole(1, 1000).optional(),
});

/** Combo settings where a combo says nothing itself; `strategy` is that of new combos. */
export const comboDefaultsShape = comboConfig.extend({ strategy: strategyName(COMBO_STRATEGIES).optional() });

export const settingsShape = z.object({
  requireLogin: z.boolean(),
  theme: z.enum(["system", "light", "dark"]),
  language: z.string().max(20),
  instanceName: z.string().max(100),
  corsOrigins: z.array(z.string()),
  logRetentionDays: whole(1, 3650),
  enableRequestLogs: z.boolean(),
  requireAuthForModels: z.boolean(),
  blockedProviders: z.array(z.string()),
  /** What people are told of by themselves. */
  noticeKinds: z.array(z.enum(NOTICE_KINDS)),
  mockEnabled: z.boolean(),
  comboDefaults: comboDefaultsShape,
  /** The same for the targets of one provider, by its id; a combo's own value wins. */
  comboProviderDefaults: z.record(z.string().max(200), comboConfig),
  fallbackStrategy: strategyName(ACCOUNT_STRATEGY_IDS),
  stickyRoundRobinLimit: whole(1, 1000),
  /** By provider id. */
  providerStrategies: z.record(z.string().max(200), accountOrder),
  affinityEnabled: z.boolean(),
  resilienceProfiles: profilesPatch,
  limitDefaults: limitsPatch,
  /** By connection id. */
  connectionLimits: z.record(z.string().max(200), connectionLimits),
  waitForCooldown,
  /** May a request name further models (`models`) and choose among providers (`provider`)? */
  requestOverrides: z.object({ enabled: z.boolean(), deniedKeys: z.array(z.string().max(100)) }),
  /** Put before the client's own system text, the same bytes on every request. */
  systemPrompt: z.object({ enabled: z.boolean(), prompt: z.string().max(100_000) }),
  thinkingBudget: z.object({
    mode: z.enum(["passthrough", "auto", "custom", "adaptive"]),
    customBudget: whole(0, 131_072),
    effortLevel: z.enum(["none", "low", "medium", "high"]),
  }),
});
export type Settings = z.infer<typeof settingsShape>;
export const settingsPatch = settingsShape.partial();

export const DEFAULT_SETTINGS: Settings = {
  requireLogin: true,
  theme: "system",
  language: "",
  instanceName: "",
  corsOrigins: [],
  logRetentionDays: 90,
  enableRequestLogs: false,
  requireAuthForModels: false,
  blockedProviders: [],
  noticeKinds: [...NOTICE_KINDS],
  mockEnabled: true,
  comboDefaults: {},
  comboProviderDefaults: {},
  fallbackStrategy: "fill-first",
  stickyRoundRobinLimit: 3,
  providerStrategies: {},
  affinityEnabled: true,
  resilienceProfiles: {},
  limitDefaults: {},
  connectionLimits: {},
  waitForCooldown: { enabled: false, maxRetries: 2, maxRetryWaitSec: 30 },
  requestOverrides: { enabled: true, deniedKeys: [] },
  systemPrompt: { enabled: false, prompt: "" },
  thinkingBudget: { mode: "passthrough", customBudget: 10_240, effortLevel: "medium" },
};

export const COMBO_DEFAULTS = {
  maxRetries: 1,
  retryDelayMs: 2000,
  timeoutMs: 120_000,
  maxComboDepth: 3,
  stickyLimit: 1,
  affinity: true,
  maxAttempts: 20,
  healthCheckEnabled: false,
  healthCheckTimeoutMs: 3000,
  trackMetrics: true,
} as const;
