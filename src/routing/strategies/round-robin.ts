import { startingAt } from "../order.ts";
import type { Strategy } from "./strategy.ts";

/** Each request starts one entry further on; the rest follow in list order. */
export const roundRobin: Strategy = {
  id: "round-robin",
  label: "Round robin",
  why: "whose turn it is",
  deterministic: true,
  order: (legs, view) => startingAt(legs, view.turn, view.length),
};
