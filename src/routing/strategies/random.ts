import { shuffled } from "../order.ts";
import type { Strategy } from "./strategy.ts";

/** Every order is equally likely. */
export const random: Strategy = {
  id: "random",
  label: "Random",
  why: "drawn by lot",
  deterministic: false,
  order: (legs, view) => shuffled(legs, view.random),
};
