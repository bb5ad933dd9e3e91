import { GatewayError } from "../core/errors.ts";
import type { Exclusion } from "../core/target.ts";
import { spokenWait } from "./duration.ts";
import { isLimit, isPassing } from "./exclusions.ts";
import { type Hindrance, LimitedError } from "./limited-error.ts";

/** A person must act before it works again; clients are told to look again in a minute. */
const UNKNOWN_WAIT_MS = 60_000;
const SHORTEST_WAIT_MS = 1000;

/**
 * The answer when not one target can be tried: 429 when all wait for a limit, 404 when the provider does not know the
 * model, 503 when accounts are out of work, 403, 400 with the page to open, 410.
 */
export function emptyPlanError(requested: string, excluded: readonly Exclusion[], now: number): GatewayError {
  const has = (kind: string) => excluded.find((exclusion) => exclusion.kind === kind);
  const passing = excluded.filter(isPassing);
  const unknownThere = has("no-such-model");
  if (passing.length > 0 && passing.every(isLimit)) return limited(requested, passing, now);
  if (passing.length === 0 && unknownThere) {
    return new GatewayError(
      "model_not_found",
      `The provider said a moment ago that it does not know "${unknownThere.model}".${againIn(unknownThere, now)}`,
      { param: "model" },
    );
  }
  if (passing.length > 0 || has("off") || has("sign-in")) return inactive(requested, excluded, now);
  for (const forbidden of ["not-allowed", "not-allowed-group"] as const)
    if (has(forbidden)) return notAllowed(forbidden, `"${requested}"`);
  const unwanted = excluded.filter(({ kind }) => kind === "not-wanted");
  if (unwanted.length > 0) {
    return new GatewayError(
      "model_not_found",
      `The request's \`provider\` preferences leave nobody who could serve "${requested}".`,
      { param: "provider" },
    );
  }
  const missing = has("no-connection");
  if (missing) {
    return new GatewayError(
      "no_connection",
      `There is no connection for "${missing.model}" yet. Open /dashboard/providers and connect the provider.`,
      { param: "model" },
    );
  }
  const gone = has("shut-down") ?? has("not-offered");
  if (gone)
    return new GatewayError("provider_shut_down", `"${gone.model}": ${gone.reason}.`, { param: "model" });
  if (has("blocked")) {
    return new GatewayError(
      "model_not_allowed",
      `The provider of "${requested}" is blocked on this gateway.`,
      {
        param: "model",
      },
    );
  }
  if (has("other-connection")) {
    return new GatewayError("no_connection", `The connection asked for does not serve "${requested}".`);
  }
  const lost = has("lost-connection");
  if (lost) {
    return new GatewayError(
      "no_connection",
      `"${lost.model}": ${lost.reason}. Choose another one under /dashboard/combos.`,
    );
  }
  const unknown = has("unknown") ?? has("nested");
  const why = unknown ? ` ("${unknown.model}": ${unknown.reason})` : "";
  return new GatewayError("model_not_found", `"${requested}" names no model that could be asked${why}.`, {
    param: "model",
  });
}

/** The answer when a key, or the group it is in, may not use a thing. */
export function notAllowed(whose: "not-allowed" | "not-allowed-group", thing: string): GatewayError {
  const who = whose === "not-allowed" ? "This API key" : "The group of this API key";
  return new GatewayError("model_not_allowed", `${who} may not use ${thing}.`, { param: "model" });
}

/** When a model that the provider did not know is asked again. */
const againIn = ({ until }: Exclusion, now: number): string =>
  until === undefined
    ? ""
    : ` It is asked again in ${spokenWait(until - now)}, or at once when it is unlocked under /dashboard/health.`;

/** The answer when all that could serve a request waits for a limit or a quota: 429 with the earliest return. */
export function limited(requested: string, limits: readonly Exclusion[], now: number): LimitedError {
  const wait = earliest(limits, now);
  const allQuota = limits.every((exclusion) => exclusion.kind === "quota");
  const whose = limits.some(({ kind }) => kind === "limit") ? OWN : THEIRS;
  return new LimitedError(
    allQuota ? "quota_exhausted" : "rate_limit_exceeded",
    allQuota
      ? `The quota of every account for "${requested}" is spent; the first returns in ${spokenWait(wait)}.`
      : `Every account for "${requested}" is limited just now${whose}; the first returns in ${spokenWait(wait)}.`,
    hindrancesOf(limits),
    { retryAfterMs: wait },
  );
}

const OWN =
  ", at least one of them by a limit set for it here (Providers → the account, or Settings → Resilience)";
const THEIRS = " by its provider";

/** What keeps a call from connections, by what was left out. */
export function hindrancesOf(limits: readonly Exclusion[]): Hindrance[] {
  return limits.flatMap(({ connectionId, kind, until }) =>
    connectionId === undefined
      ? []
      : [{ connectionId, kind: kind === "limit" ? "slot" : "reset", ...(until !== undefined && { until }) }],
  );
}

/** The answer when nothing could be tried for other reasons than limits alone. */
export function inactive(requested: string, excluded: readonly Exclusion[], now: number): GatewayError {
  const reasons = Map.groupBy(excluded, (exclusion) => exclusion.reason);
  const told = [...reasons].map(([reason, all]) => (all.length > 1 ? `${reason} (${all.length})` : reason));
  const retryAfterMs = earliest(excluded.filter(isPassing), now);
  const isWaiting = excluded.some((exclusion) => isPassing(exclusion) && exclusion.until !== undefined);
  const back = isWaiting ? ` The first returns in ${spokenWait(retryAfterMs)}.` : "";
  const mend = excluded.some(({ kind }) => kind === "off" || kind === "sign-in")
    ? " Accounts are mended under /dashboard/providers."
    : "";
  return new GatewayError(
    "ALL_ACCOUNTS_INACTIVE",
    `No account can serve "${requested}" just now: ${told.join("; ")}.${back}${mend}`,
    { retryAfterMs },
  );
}

/** Milliseconds until the first of them may be used again. */
function earliest(excluded: readonly Exclusion[], now: number): number {
  const times = excluded.map((exclusion) => exclusion.until).filter((until) => until !== undefined);
  // What has no time of its own (a slot in use, a probe under way) is free as soon as a call ends.
  const soon = excluded.some((exclusion) => exclusion.until === undefined) ? [now + SHORTEST_WAIT_MS] : [];
  const first = Math.min(...times, ...soon);
  return Number.isFinite(first) ? Math.max(SHORTEST_WAIT_MS, first - now) : UNKNOWN_WAIT_MS;
}
