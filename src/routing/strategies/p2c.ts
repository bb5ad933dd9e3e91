import { byVitals, twoDrawn } from "../order.ts";
import type { Strategy } from "./strategy.ts";

/** Two drawn at random, the healthier first; the rest by health. */
export const p2c: Strategy = {
  id: "p2c",
  label: "Power of two choices",
  why: "the healthier of two drawn by lot, then by health",
  deterministic: false,
  order(legs, view) {
    const health = byVitals((leg: (typeof legs)[number]) => view.vitals(leg));
    const [two, rest] = twoDrawn(legs, view.random);
    return [...two.toSorted(health), ...rest.toSorted(health)];
  },
};
