import type { AccountStrategy } from "./account-strategy.ts";

/** Lowest priority number first; among equals the one with more quota left, unknown quota last. */
export const costOptimized = {
  id: "cost-optimized",
  label: "Cost optimized",
  why: "the account of the lowest priority number and most quota first",
  order: (accounts, view) =>
    accounts.toSorted(
      (a, b) =>
        a.connection.priority - b.connection.priority ||
        (view.quotaLeft(b) ?? -1) - (view.quotaLeft(a) ?? -1),
    ),
} as const satisfies AccountStrategy;
