import type { AccountStrategy } from "./account-strategy.ts";

/** By priority: the first serves all until it is unavailable. */
export const fillFirst = {
  id: "fill-first",
  label: "Fill first",
  why: "the account of the lowest priority number first",
  order: (accounts) => [...accounts],
} as const satisfies AccountStrategy;
