import type { AccountStrategyId } from "../../core/strategy-names.ts";
import type { AccountStrategy } from "./account-strategy.ts";
import { costOptimized } from "./cost-optimized.ts";
import { fillFirst } from "./fill-first.ts";
import { leastUsed } from "./least-used.ts";
import { lowestLatency } from "./lowest-latency.ts";
import { p2c } from "./p2c.ts";
import { quotaAware } from "./quota-aware.ts";
import { random } from "./random.ts";
import { roundRobin } from "./round-robin.ts";

export type { AccountStrategyId } from "../../core/strategy-names.ts";
export type { Account, AccountStrategy, AccountView } from "./account-strategy.ts";

/** The strategies for a provider's connections, in the order they are shown. */
export const ACCOUNT_STRATEGIES: readonly AccountStrategy[] = [
  fillFirst,
  roundRobin,
  p2c,
  random,
  leastUsed,
  costOptimized,
  lowestLatency,
  quotaAware,
];

/** The strategy of this id; the default for undefined. */
export function accountStrategyOf(id: AccountStrategyId | undefined): AccountStrategy {
  return ACCOUNT_STRATEGIES.find((strategy) => strategy.id === id) ?? fillFirst;
}
