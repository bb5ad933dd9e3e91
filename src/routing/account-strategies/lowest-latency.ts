import { byLatency } from "../order.ts";
import type { AccountStrategy } from "./account-strategy.ts";

/** Quickest to its first content in the last 5 minutes; what was not measured goes first, one call at a time. */
export const lowestLatency = {
  id: "lowest-latency",
  label: "Lowest latency",
  why: "the account quickest to begin an answer lately first",
  order: (accounts, view) => accounts.toSorted(byLatency((account) => view.vitals(account))),
} as const satisfies AccountStrategy;
