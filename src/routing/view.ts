import type { CostKind } from "../core/record.ts";
import type { Units } from "../core/reply.ts";
import type { QuotaWindow } from "../core/quota.ts";
import type { Target } from "../core/target.ts";

/** What a request is expected to cost at a target. `cost` in USD; absent when the price is unknown. */
export type PriceReading = { cost?: number; kind: CostKind };

/** Why a target cannot be used just now. */
export type BarReason =
  "rate-limit" | "quota" | "credentials" | "no-such-model" | "breaker" | "probing" | "limit";

/** May a target be tried? `until` in milliseconds since 1970, absent where nobody can say. */
export type Standing =
  | { usable: true; /** It failed transiently a moment ago: others go first. */ behind: boolean }
  | { usable: false; reason: BarReason; until?: number };

/** How a target did lately. */
export type Vitals = {
  /** Share of failures in the last 5 minutes, 0 to 1. */
  failureShare: number;
  /** Median milliseconds to the first content; absent before the first answer. */
  p50?: number;
  inFlight: number;
};

/** Everything a plan reads of the moment. Reading changes nothing. */
export type RoutingView = {
  /** Milliseconds since 1970. */
  now: number;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
  /** How often a counter was moved on. */
  turn(counter: string): number;
  /** Calls of a combo to a model in the last 60 minutes. */
  uses(comboId: string, label: string): number;
  /** Milliseconds since 1970. */
  lastUsedAt(connectionId: string): number | undefined;
  /** The connection that served a conversation last at this provider, if that was within 60 minutes. */
  servedBy(sessionKey: string, providerId: string): string | undefined;
  standing(target: Target): Standing;
  vitals(target: Target): Vitals;
  price(target: Target, inputTokens: number, units?: Units): PriceReading | undefined;
  /** Share of a connection's quota that is left, 0 to 1; undefined when nobody knows. */
  quotaLeft(connectionId: string): number | undefined;
  /** The windows of a connection's quota as far as they are known. */
  quotas(connectionId: string): readonly QuotaWindow[];
};
