import { byExpiry } from "../expiry.ts";
import type { Strategy } from "./strategy.ts";

/** Spends what expires first: the quota with most left for the time until its reset; unknown quotas after, as listed. */
export const quotaAware: Strategy = {
  id: "quota-aware",
  label: "Quota aware",
  why: "the quota that would expire unused first",
  deterministic: true,
  order: (legs, view) => legs.toSorted(byExpiry((leg) => view.surplus(leg))),
};
