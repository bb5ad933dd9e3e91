import { byExpiry } from "../expiry.ts";
import type { AccountStrategy } from "./account-strategy.ts";

/** Spends what expires first: the quota with most left for the time until its reset; unknown quotas after, as listed. */
export const quotaAware = {
  id: "quota-aware",
  label: "Quota aware",
  why: "the account whose quota would expire unused first",
  order: (accounts, view) => accounts.toSorted(byExpiry((account) => view.surplus(account))),
} as const satisfies AccountStrategy;
