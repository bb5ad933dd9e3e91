import type { Caller } from "../core/key.ts";
import type { Target } from "../core/target.ts";
import type { RelayDeps } from "./index.ts";
import { egressAsk } from "./via.ts";

/** What every walk over targets is given, whatever is asked of them. */
export const walkTools = (deps: RelayDeps, caller: Caller) => ({
  health: deps.health,
  clock: deps.clock,
  random: deps.random,
  limits: deps.limits,
  memory: deps.memory,
  egress: (target: Target) => deps.egress?.(egressAsk(target, caller)),
});
