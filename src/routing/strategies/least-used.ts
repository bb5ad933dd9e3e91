import type { Strategy } from "./strategy.ts";

/** Fewest requests of this combo in the last 60 minutes first, ties as listed. */
export const leastUsed: Strategy = {
  id: "least-used",
  label: "Least used",
  why: "fewest requests of this combo in the last hour first",
  deterministic: true,
  order: (legs, view) => legs.toSorted((a, b) => view.uses(a) - view.uses(b)),
};
