import type { ComboStrategy } from "../../core/strategy-names.ts";
import type { Target } from "../../core/target.ts";
import type { Vitals } from "../view.ts";

/** One entry of a combo with the targets it stands for: a model's connections, or a nested combo's whole order. */
export type Leg = {
  /** Where the entry stands in the combo's list, counted from 0. Legs that cannot be used are missing, so gaps occur. */
  position: number;
  weight: number | undefined;
  /** At least one. */
  targets: readonly [Target, ...Target[]];
};

/** What a combo's strategy may look at. */
export type StrategyView = {
  /** Requests of this combo so far, divided by how many in a row keep the same start. */
  turn: number;
  /** How many entries the combo lists. */
  length: number;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
  /** Requests of this combo to the leg in the last 60 minutes. */
  uses(leg: Leg): number;
  /** Expected cost of the request in USD, 0 for subscriptions and free models; undefined when unknown. */
  cost(leg: Leg): number | undefined;
  vitals(leg: Leg): Vitals;
  /** How much of its first target's quota would expire unused, see `expiry.ts`; undefined when nobody knows. */
  surplus(leg: Leg): number | undefined;
};

/** Puts a combo's legs in order, the first to be tried first. Loses none, changes nothing it is given. */
export type Strategy = {
  id: ComboStrategy;
  /** For people. */
  label: string;
  /** Why a target stands where it does, for plans. */
  why: string;
  /** The same order for the same view: no chance is involved. */
  deterministic: boolean;
  order(legs: readonly Leg[], view: StrategyView): Leg[];
};
