import type { Strategy } from "./strategy.ts";

/** As listed. */
export const priority: Strategy = {
  id: "priority",
  label: "Priority",
  why: "as listed",
  deterministic: true,
  order: (legs) => [...legs],
};
