import { startingAt } from "../order.ts";
import type { AccountStrategy } from "./account-strategy.ts";

/** Goes round; each connection serves a few calls in a row. */
export const roundRobin = {
  id: "round-robin",
  label: "Round robin",
  why: "the account whose turn it is",
  order: (accounts, view) => startingAt(accounts, view.turn, view.length),
} as const satisfies AccountStrategy;
