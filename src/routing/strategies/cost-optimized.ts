import type { Strategy } from "./strategy.ts";

/** Lowest expected cost of this request first, unknown prices last, ties as listed. */
export const costOptimized: Strategy = {
  id: "cost-optimized",
  label: "Cost optimized",
  why: "lowest expected cost first",
  deterministic: true,
  order(legs, view) {
    const costs = new Map(legs.map((leg) => [leg, view.cost(leg) ?? Infinity]));
    const cost = (leg: (typeof legs)[number]) => costs.get(leg) ?? Infinity;
    return legs.toSorted((a, b) => (cost(a) === cost(b) ? 0 : cost(a) - cost(b)));
  },
};
