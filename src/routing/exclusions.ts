import type { Exclusion, Target } from "../core/target.ts";
import type { BarReason } from "./view.ts";

/** Why a target or model was left out of a plan, and how people are told. */
const REASONS = {
  "rate-limit": "rate limited",
  quota: "quota spent",
  credentials: "its credential was refused a moment ago",
  "no-such-model": "the provider did not know this model a moment ago",
  breaker: "the provider is failing (breaker open)",
  probing: "the provider is being tried again after failures (breaker half-open)",
  limit: "over a limit set for this connection",
  off: "switched off",
  "sign-in": "sign in again",
  "not-allowed": "not allowed for this API key",
  "not-allowed-group": "not allowed for the group of this API key",
  "not-wanted": "not what the request's provider preferences say",
  blocked: "this provider is blocked",
  "no-connection": "no connection for this provider",
  "other-connection": "not the connection asked for",
  "lost-connection": "the account that the combo names for it is gone",
  "shut-down": "the provider is shut down",
  "not-offered": "the provider is not offered",
  context: "the request is too long for this model",
  tools: "the model does not take tools",
  vision: "the model does not see pictures",
  kind: "a model of another kind",
  unknown: "no such model or combo",
  nested: "combos nested too deep",
} as const satisfies Record<BarReason, string> & { [kind: string]: string };

export type ExclusionKind = keyof typeof REASONS;

/** Records that something was left out. */
export function excluded(
  kind: ExclusionKind,
  model: string,
  more: { connectionId?: string; until?: number; detail?: string } = {},
): Exclusion {
  const { connectionId, until, detail } = more;
  return {
    model,
    ...(connectionId !== undefined && { connectionId }),
    reason: detail === undefined ? REASONS[kind] : `${REASONS[kind]}: ${detail}`,
    kind,
    ...(until !== undefined && { until }),
  };
}

/** Records that a target cannot be used just now. */
export function barred(target: Target, reason: BarReason, until: number | undefined): Exclusion {
  return excluded(reason, target.label, {
    connectionId: target.connection.id,
    ...(until !== undefined && { until }),
  });
}

/** Reasons that pass by themselves. */
const PASSING: readonly string[] = ["rate-limit", "quota", "credentials", "breaker", "probing", "limit"];
/** Reasons that are a limit or a quota, ours or the provider's. */
const LIMITS: readonly string[] = ["rate-limit", "quota", "limit"];

export const isPassing = (exclusion: Exclusion): boolean => PASSING.includes(exclusion.kind ?? "");
export const isLimit = (exclusion: Exclusion): boolean => LIMITS.includes(exclusion.kind ?? "");
