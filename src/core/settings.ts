import { z } from "zod";
import { isCollector } from "./collector.ts";
import { comboConfig } from "./combo.ts";
import { NOTICE_KINDS } from "./notice.ts";
import { whole } from "./number-bounds.ts";
import { profilesPatch, limitsPatch } from "./resilience.ts";
import { COMBO_STRATEGIES, ACCOUNT_STRATEGY_IDS, strategyName } from "./strategy-names.ts";

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
  /** How many copies of the configuration are kept. */
  backupsKept: whole(1, 1000),
  /** How often one is made by itself when something changed, in hours; 0: never. */
  backupEveryHours: whole(0, 8760),
  enableRequestLogs: z.boolean(),
  /** At most so much of a body is kept in a recording, in megabytes; what is cut cannot be played again. */
  recordedBodyMb: whole(1, 32),
  /** Keep the last prompt of each conversation in memory, to show byte for byte what broke a provider's cache of it. */
  promptDiffs: z.boolean(),
  /** The OpenTelemetry collector that traces are posted to; empty: nowhere. */
  otlpEndpoint: z
    .string()
    .max(2000)
    .refine((address) => address === "" || isCollector(address), "an address such as http://localhost:4318"),
  requireAuthForModels: z.boolean(),
  blockedProviders: z.array(z.string()),
  /** What people are told of by themselves. */
  noticeKinds: z.array(z.enum(NOTICE_KINDS)),
  mockEnabled: z.boolean(),
  /** An address that answers with the caller's IP address, asked through the proxies. Empty: nobody is asked. */
  egressCheckUrl: z.union([z.literal(""), z.url({ protocol: /^https?$/ }).max(2000)]),
  /** How often it is asked by itself, in minutes; 0: only when a proxy is tested or changed. */
  egressCheckMinutes: whole(0, 10_080),
  /** May other installations keep their sealed bundles here? */
  syncHub: z.boolean(),
  comboDefaults: comboDefaultsShape,
  /** The same for the targets of one provider, by its id; a combo's own value wins. */
  comboProviderDefaults: z.record(z.string().max(200), comboConfig),
  fallbackStrategy: strategyName(ACCOUNT_STRATEGY_IDS),
  stickyRoundRobinLimit: whole(1, 1000),
  /** By provider id. */
  providerStrategies: z.record(z.string().max(200), accountOrder),
  affinityEnabled: z.boolean(),
  /** Keep whole answers to calls that state temperature 0, and answer equal calls with them. */
  cacheEnabled: z.boolean(),
  /** Whose answers may be reused: the same API key's, or anybody's. */
  cacheScope: z.enum(["key", "instance"]),
  /** Keep answers that stream, too. */
  cacheStreams: z.boolean(),
  cacheTtlMs: whole(1000, 2_592_000_000),
  /** How many answers are kept in memory; ten times as many on disk. */
  cacheMaxEntries: whole(1, 100_000),
  /** Reuse answers to similar questions: the embeddings model that compares them, and how equal they must be. */
  cacheSimilarity: z.object({ model: z.string().max(256), threshold: z.coerce.number().min(0.5).max(1) }),
  /** How long an equal call with the same idempotency key gets the first answer. */
  idempotencyWindowMs: whole(1000, 300_000),
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
  backupsKept: 20,
  backupEveryHours: 24,
  enableRequestLogs: false,
  recordedBodyMb: 1,
  promptDiffs: false,
  otlpEndpoint: "",
  requireAuthForModels: false,
  blockedProviders: [],
  noticeKinds: [...NOTICE_KINDS],
  mockEnabled: true,
  egressCheckUrl: "",
  egressCheckMinutes: 0,
  syncHub: false,
  comboDefaults: {},
  comboProviderDefaults: {},
  fallbackStrategy: "fill-first",
  stickyRoundRobinLimit: 3,
  providerStrategies: {},
  affinityEnabled: true,
  cacheEnabled: true,
  cacheScope: "key",
  cacheStreams: false,
  cacheTtlMs: 3_600_000,
  cacheMaxEntries: 500,
  cacheSimilarity: { model: "", threshold: 0.97 },
  idempotencyWindowMs: 5000,
  resilienceProfiles: {},
  limitDefaults: {},
  connectionLimits: {},
  waitForCooldown: { enabled: false, maxRetries: 2, maxRetryWaitSec: 30 },
  requestOverrides: { enabled: true, deniedKeys: [] },
  systemPrompt: { enabled: false, prompt: "" },
  thinkingBudget: { mode: "passthrough", customBudget: 10_240, effortLevel: "medium" },
};
