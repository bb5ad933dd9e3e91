import { byLatency } from "../order.ts";
import type { Strategy } from "./strategy.ts";

/** Quickest to its first content in the last 5 minutes; what was not measured goes first, one call at a time. */
export const lowestLatency: Strategy = {
  id: "lowest-latency",
  label: "Lowest latency",
  why: "quickest to begin an answer lately first",
  deterministic: true,
  order: (legs, view) => legs.toSorted(byLatency((leg) => view.vitals(leg))),
};
