import { byVitals, twoDrawn } from "../order.ts";
import type { Account, AccountStrategy } from "./account-strategy.ts";

/** Two drawn at random, the healthier first; the rest by health. */
export const p2c = {
  id: "p2c",
  label: "Power of two choices",
  why: "the healthier of two accounts drawn by lot",
  order(accounts, view) {
    const health = byVitals<Account>((account) => view.vitals(account));
    const [two, rest] = twoDrawn(accounts, view.random);
    return [...two.toSorted(health), ...rest.toSorted(health)];
  },
} as const satisfies AccountStrategy;
