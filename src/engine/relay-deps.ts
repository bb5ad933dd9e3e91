import type { TokenKeeper } from "../accounts/index.ts";
import type { PromptCacheMeter, ProofKeeper } from "../caching/index.ts";
import type { Config } from "../core/config.ts";
import { PROVIDER_FORMATS } from "../formats/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Outbound } from "../net/index.ts";
import type { Journal, RelayDeps } from "../relay/index.ts";
import type { HealthBoard } from "../routing/index.ts";
import type { Router } from "./router.ts";

export type RelayParts = {
  config: Config;
  clock: Clock;
  random: () => number;
  outbound: Outbound;
  egress: NonNullable<RelayDeps["egress"]>;
  health: HealthBoard;
  router: Router;
  journal: Journal;
  proofs: ProofKeeper;
  cache: NonNullable<RelayDeps["cache"]>;
  promptCache: PromptCacheMeter;
  tokens: TokenKeeper;
};

/** What the way of a request needs, taken from the engine's parts. */
export function relayDepsOf({ config, router, ...parts }: RelayParts): RelayDeps {
  return {
    ...parts,
    version: config.version,
    formats: PROVIDER_FORMATS,
    limits: router.limits,
    memory: router.memory,
    quotas: router.quotas,
    settings: () => router.settings,
    plan: (call, options) => router.plan(call, options),
    planService: (call, options) => router.planService(call, options),
    priceOf: (target) => router.priceOf(target),
    expectedPrice: (target, inputTokens, units) => router.expectedPrice(target, inputTokens, units),
    streamIdleMs: config.streamIdleTimeoutMs,
  };
}
