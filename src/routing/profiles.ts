import type { Connection } from "../core/connection.ts";
import type { ProfilesPatch } from "../core/resilience.ts";

/** How failures are answered. Times in milliseconds. */
export type ResilienceProfile = {
  /** Provider-wide failures in a row that open the breaker. */
  circuitBreakerThreshold: number;
  /** How long it stays open, times the number of openings in a row. */
  circuitBreakerReset: number;
  /** How long a transiently failed model is moved behind the others; doubles. */
  transientCooldown: number;
  /** After a 429 without a usable hint; doubles per 429 in a row. 0 means 2000. */
  rateLimitCooldown: number;
  /** Most doublings. */
  maxBackoffLevel: number;
  /** `off`: only status 429 · `normal`: also "remaining 0", known bodies and codes · `strict`: also at ≤ 5 % remaining. */
  rateLimitDetection: "off" | "normal" | "strict";
  /** Does a cooldown last as long as the provider said? If not, every 429 starts one of our own length. */
  useUpstreamRetryHints: boolean;
};

export type ResilienceProfiles = {
  oauth: ResilienceProfile;
  apikey: ResilienceProfile;
  /** Overrides by provider id. */
  providers: { readonly [provider: string]: Partial<ResilienceProfile> | undefined };
};

export const DEFAULT_PROFILES: ResilienceProfiles = {
  oauth: {
    circuitBreakerThreshold: 3,
    circuitBreakerReset: 60_000,
    transientCooldown: 5000,
    rateLimitCooldown: 60_000,
    maxBackoffLevel: 8,
    rateLimitDetection: "normal",
    useUpstreamRetryHints: true,
  },
  apikey: {
    circuitBreakerThreshold: 5,
    circuitBreakerReset: 30_000,
    transientCooldown: 3000,
    rateLimitCooldown: 2000,
    maxBackoffLevel: 5,
    rateLimitDetection: "normal",
    useUpstreamRetryHints: true,
  },
  providers: {},
};

/** The built-in profiles with what people changed. */
export function profilesWith(patch: ProfilesPatch): ResilienceProfiles {
  return {
    oauth: { ...DEFAULT_PROFILES.oauth, ...patch.oauth },
    apikey: { ...DEFAULT_PROFILES.apikey, ...patch.apikey },
    providers: patch.providers ?? {},
  };
}

/** The profile that holds for a connection. */
export function profileOf(
  profiles: ResilienceProfiles,
  connection: Pick<Connection, "provider" | "authType">,
): ResilienceProfile {
  const base = connection.authType === "oauth" ? profiles.oauth : profiles.apikey;
  return { ...base, ...profiles.providers[connection.provider] };
}
