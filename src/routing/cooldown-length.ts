import type { TargetFailure } from "../core/errors.ts";
import type { ResilienceProfile } from "./profiles.ts";

/** Lengths are milliseconds. A level counts failures in a row; `named`: the time the provider itself named. */
export type Length = (level: number) => number;

const QUOTA_WITHOUT_RESET_MS = 3_600_000;
const LONGEST_BACKOFF_MS = 120_000;
const RATE_LIMIT_FALLBACK_MS = 2000;
/** A credential was refused for one model. */
export const CREDENTIALS_MS = 60_000;
export const NO_SUCH_MODEL_MS = 600_000;

/** How long a limit or a spent quota sets something aside. */
export function limitLength(
  failure: TargetFailure,
  profile: ResilienceProfile,
  named: number | undefined,
): Length {
  if (failure.kind === "quota-exhausted") return () => named ?? QUOTA_WITHOUT_RESET_MS;
  const base = profile.rateLimitCooldown || RATE_LIMIT_FALLBACK_MS;
  const hint = profile.useUpstreamRetryHints ? named : undefined;
  return (level) => hint ?? backoff(base, level, profile);
}

/** How long what failed passingly stands behind the others. */
export function behindLength(profile: ResilienceProfile, named: number | undefined): Length {
  return (level) => Math.max(named ?? 0, backoff(profile.transientCooldown, level, profile));
}

/** `base` doubled `level` times, as far as the profile doubles. */
function backoff(base: number, level: number, profile: ResilienceProfile): number {
  return Math.min(LONGEST_BACKOFF_MS, base * 2 ** Math.min(level, profile.maxBackoffLevel));
}
