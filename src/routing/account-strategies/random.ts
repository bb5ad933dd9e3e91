import { shuffled } from "../order.ts";
import type { AccountStrategy } from "./account-strategy.ts";

/** Every order is equally likely. */
export const random = {
  id: "random",
  label: "Random",
  why: "an account drawn by lot",
  order: (accounts, view) => shuffled(accounts, view.random),
} as const satisfies AccountStrategy;
