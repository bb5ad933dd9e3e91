import type { Connection } from "../../core/connection.ts";
import type { AccountStrategyId } from "../../core/strategy-names.ts";
import type { Vitals } from "../view.ts";

/** A usable connection of a provider. Given by priority, then the oldest first. */
export type Account = {
  connection: Connection;
  /** Where it stands among all the provider's connections, counted from 0. */
  position: number;
};

/** What an account strategy may look at. */
export type AccountView = {
  /** Calls this provider served so far, divided by how many in a row go to the same connection. */
  turn: number;
  /** How many connections the provider has, usable or not. */
  length: number;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
  vitals(account: Account): Vitals;
  /** Milliseconds since 1970; undefined when never used. */
  lastUsedAt(account: Account): number | undefined;
  /** Share of its quota that is left, 0 to 1; undefined when nobody knows. */
  quotaLeft(account: Account): number | undefined;
  /** How much of its quota would expire unused, see `expiry.ts`; undefined when nobody knows. */
  surplus(account: Account): number | undefined;
};

/** Puts a provider's connections in order for one model. Loses none, changes nothing it is given. */
export type AccountStrategy = {
  id: AccountStrategyId;
  /** For people. */
  label: string;
  /** Why an account stands where it does, for plans. */
  why: string;
  order(accounts: readonly Account[], view: AccountView): Account[];
};
