export {
  ACCOUNT_STRATEGIES,
  accountStrategyOf,
  type AccountStrategy,
  type AccountStrategyId,
} from "./account-strategies/index.ts";
export { applyCatalogue } from "./apply-catalogue.ts";
export { firstToAnswer, type Answered, type WalkOptions } from "./attempts.ts";
export type { BreakerState } from "./breaker.ts";
export {
  buildCatalogue,
  findProvider,
  isConnected,
  labelOf,
  splitPrefix,
  usableConnections,
  type Catalogue,
  type CatalogueInput,
  type ProviderEntry,
  type RoutingSettings,
} from "./catalogue.ts";
export { classifyResponse, type ErrorAnswer } from "./classify.ts";
export { classifyInside } from "./classify-inside.ts";
export type { CooldownEntry, CooldownKind } from "./cooldowns.ts";
export { describePlan, type PlanDescription } from "./describe-plan.ts";
export type { ProviderError } from "./error-body.ts";
export { isWildcard } from "./aliases.ts";
export { clientError } from "./final-error.ts";
export { readPauses, readQuotas, type Pause } from "./headroom.ts";
export {
  HealthBoard,
  type Claim,
  type HealthChange,
  type HealthOptions,
  type HealthSnapshot,
} from "./health.ts";
export type { BreakerEntry } from "./breaker-board.ts";
export type { LockedIdentifier } from "./locked.ts";
export { LimitBoard, NO_LIMITS, type ConnectionLimits, type Full, type LimitOptions } from "./limits.ts";
export { liveView, type ViewSources } from "./live-view.ts";
export { RoutingMemory, sessionIdOf, type MemorySnapshot, type SessionEntry } from "./memory.ts";
export { nearNames } from "./near-names.ts";
export { mainModelOf } from "./main-model.ts";
export { makePlan } from "./plan.ts";
export { type Allowed, allowedWithin, forbids, type PlanRequest } from "./plan-request.ts";
export {
  DEFAULT_PROFILES,
  profileOf,
  profilesWith,
  type ResilienceProfile,
  type ResilienceProfiles,
} from "./profiles.ts";
export { modelOfProvider, type ResolvedModel } from "./provider-model.ts";
export { AUTO_COMBO } from "./auto-combo.ts";
export type { Overrides, ProviderPreferences } from "./overrides.ts";
export { LimitedError } from "./limited-error.ts";
export type { Ticket, Wish } from "./waiting-room.ts";
export { QuotaBook } from "./quota-book.ts";
export { readHeaderWindows, readReset, tellsLimits, type HeaderWindow } from "./reset-time.ts";
export {
  comboCycle,
  isEndlessAlias,
  resolveForProvider,
  MOST_NESTED_COMBOS,
  resolveModel,
  type Resolution,
  type ResolutionStep,
} from "./resolve.ts";
export { storyOf } from "./story.ts";
export { placeOf } from "./target-reasons.ts";
export { STRATEGIES, strategyOf, type Leg, type Strategy, type StrategyView } from "./strategies/index.ts";
export type { BarReason, PriceReading, RoutingView, Standing, Vitals } from "./view.ts";
