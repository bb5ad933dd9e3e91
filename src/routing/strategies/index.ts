import type { ComboStrategy } from "../../core/strategy-names.ts";
import { costOptimized } from "./cost-optimized.ts";
import { fillFirst } from "./fill-first.ts";
import { leastUsed } from "./least-used.ts";
import { lowestLatency } from "./lowest-latency.ts";
import { p2c } from "./p2c.ts";
import { priority } from "./priority.ts";
import { quotaAware } from "./quota-aware.ts";
import { random } from "./random.ts";
import { roundRobin } from "./round-robin.ts";
import type { Strategy } from "./strategy.ts";
import { weighted } from "./weighted.ts";

export type { Leg, Strategy, StrategyView } from "./strategy.ts";

/** The strategies of combos, in the order they are shown. */
export const STRATEGIES: readonly Strategy[] = [
  priority,
  roundRobin,
  weighted,
  random,
  leastUsed,
  costOptimized,
  fillFirst,
  p2c,
  lowestLatency,
  quotaAware,
];

/** The strategy of this id. */
export function strategyOf(id: ComboStrategy): Strategy {
  return STRATEGIES.find((strategy) => strategy.id === id) ?? priority;
}
