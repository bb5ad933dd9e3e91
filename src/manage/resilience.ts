import { z } from "zod";
import { limitsPatch, type LimitsPatch, profilesPatch } from "../core/resilience.ts";
import type { Settings } from "../core/settings.ts";
import { badRequest } from "../core/errors.ts";
import {
  type BreakerEntry,
  findProvider,
  NO_LIMITS,
  profilesWith,
  type ResilienceProfile,
  type ResilienceProfiles,
} from "../routing/index.ts";
import { patchSettings } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

/** How failures are answered and what connections may be asked, under both generations of names. */
export type ResilienceView = {
  profiles: ResilienceProfiles;
  defaults: Required<LimitsPatch>;
  circuitBreakers: BreakerEntry[];
  requestQueue: {
    requestsPerMinute: number;
    minTimeBetweenRequestsMs: number;
    concurrentRequests: number;
    maxWaitMs: number;
  };
  connectionCooldown: PerAuth<{
    baseCooldownMs: number;
    useUpstreamRetryHints: boolean;
    maxBackoffSteps: number;
  }>;
  providerBreaker: PerAuth<{ failureThreshold: number; resetTimeoutMs: number }>;
  waitForCooldown: Settings["waitForCooldown"];
};

type PerAuth<T> = { oauth: T; apikey: T };

/** What holds now. */
export function resilience(deps: ManageDeps): ResilienceView {
  const settings = deps.settings();
  const profiles = profilesWith(settings.resilienceProfiles);
  const defaults = { ...NO_LIMITS.defaults, ...settings.limitDefaults };
  const { minTimeBetweenRequests, ...queue } = defaults;
  return {
    profiles,
    defaults,
    circuitBreakers: deps.health.breakers(),
    requestQueue: { ...queue, minTimeBetweenRequestsMs: minTimeBetweenRequests },
    connectionCooldown: perAuth(profiles, (profile) => ({
      baseCooldownMs: profile.rateLimitCooldown,
      useUpstreamRetryHints: profile.useUpstreamRetryHints,
      maxBackoffSteps: profile.maxBackoffLevel,
    })),
    providerBreaker: perAuth(profiles, (profile) => ({
      failureThreshold: profile.circuitBreakerThreshold,
      resetTimeoutMs: profile.circuitBreakerReset,
    })),
    waitForCooldown: settings.waitForCooldown,
  };
}

const { oauth, apikey, providers } = profilesPatch.shape;
const profileFields = oauth.unwrap().shape;

/** Every name a change may use. */
export const resiliencePatch = z
  .object({
    /** `null` for a provider takes its overrides away. */
    profiles: z
      .object({ oauth, apikey, providers: z.record(z.string(), providers.unwrap().valueType.nullable()) })
      .partial(),
    defaults: limitsPatch,
    requestQueue: z
      .object({
        requestsPerMinute: limitsPatch.shape.requestsPerMinute,
        minTimeBetweenRequestsMs: limitsPatch.shape.minTimeBetweenRequests,
        concurrentRequests: limitsPatch.shape.concurrentRequests,
        maxWaitMs: limitsPatch.shape.maxWaitMs,
      })
      .partial(),
    connectionCooldown: perAuthShape(
      z
        .object({
          baseCooldownMs: profileFields.rateLimitCooldown,
          useUpstreamRetryHints: profileFields.useUpstreamRetryHints,
          maxBackoffSteps: profileFields.maxBackoffLevel,
        })
        .partial(),
    ),
    providerBreaker: perAuthShape(
      z
        .object({
          failureThreshold: profileFields.circuitBreakerThreshold,
          resetTimeoutMs: profileFields.circuitBreakerReset,
        })
        .partial(),
    ),
    waitForCooldown: z
      .object({
        enabled: z.boolean(),
        maxRetries: z.coerce.number().int().min(0).max(10),
        maxRetryWaitSec: z.coerce.number().int().min(0).max(120),
      })
      .partial(),
  })
  .partial();

type ResiliencePatch = z.output<typeof resiliencePatch>;

/** Changes what the patch names; it holds from the next call on. Throws `bad_request` with every wrong field. */
export function changeResilience(deps: ManageDeps, input: unknown, actor: Actor): ResilienceView {
  const patch = parseInput(resiliencePatch, input);
  if (Object.keys(patch).length === 0) return resilience(deps);
  const settings = deps.settings();
  patchSettings(deps.store, {
    resilienceProfiles: changedProfiles(deps, settings.resilienceProfiles, patch),
    limitDefaults: changedLimits(settings.limitDefaults, patch),
    waitForCooldown: { ...settings.waitForCooldown, ...defined(patch.waitForCooldown) },
  });
  audit(deps.store, actor, "resilience.update", "resilience", { fields: Object.keys(patch) });
  return resilience(deps);
}

function changedProfiles(
  deps: ManageDeps,
  before: Settings["resilienceProfiles"],
  patch: ResiliencePatch,
): Settings["resilienceProfiles"] {
  const changed = { ...before, providers: { ...before.providers } };
  for (const kind of ["oauth", "apikey"] as const) {
    const cooldown = patch.connectionCooldown?.[kind];
    const breaker = patch.providerBreaker?.[kind];
    changed[kind] = {
      ...before[kind],
      ...defined(patch.profiles?.[kind]),
      ...defined({
        rateLimitCooldown: cooldown?.baseCooldownMs,
        useUpstreamRetryHints: cooldown?.useUpstreamRetryHints,
        maxBackoffLevel: cooldown?.maxBackoffSteps,
        circuitBreakerThreshold: breaker?.failureThreshold,
        circuitBreakerReset: breaker?.resetTimeoutMs,
      }),
    };
  }
  for (const [name, override] of Object.entries(patch.profiles?.providers ?? {})) {
    const id = providerId(deps, name);
    if (override === null) delete changed.providers[id];
    else changed.providers[id] = { ...changed.providers[id], ...defined(override) };
  }
  return changed;
}

function providerId(deps: ManageDeps, name: string): string {
  const entry = findProvider(deps.catalogue(), name);
  if (!entry) throw badRequest(`There is no provider \`${name}\`.`, "profiles.providers");
  return entry.provider.id;
}

function changedLimits(before: LimitsPatch, { defaults, requestQueue }: ResiliencePatch): LimitsPatch {
  const { minTimeBetweenRequestsMs, ...queue } = requestQueue ?? {};
  return {
    ...before,
    ...defined(defaults),
    ...defined({ ...queue, minTimeBetweenRequests: minTimeBetweenRequestsMs }),
  };
}

function perAuth<T>(profiles: ResilienceProfiles, read: (profile: ResilienceProfile) => T): PerAuth<T> {
  return { oauth: read(profiles.oauth), apikey: read(profiles.apikey) };
}

function perAuthShape<Shape extends z.ZodType>(shape: Shape) {
  return z.object({ oauth: shape.optional(), apikey: shape.optional() });
}

/** The fields that are set. */
function defined<T extends object>(fields: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
