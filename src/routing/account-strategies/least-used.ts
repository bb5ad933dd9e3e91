import type { AccountStrategy } from "./account-strategy.ts";

/** The one whose last use lies longest back first; those never used before all. */
export const leastUsed = {
  id: "least-used",
  label: "Least used",
  why: "the account unused for longest first",
  order: (accounts, view) =>
    accounts.toSorted((a, b) => (view.lastUsedAt(a) ?? 0) - (view.lastUsedAt(b) ?? 0)),
} as const satisfies AccountStrategy;
