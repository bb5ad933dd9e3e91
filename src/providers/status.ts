import type { Status } from "../core/provider.ts";

/** A model that its vendor stopped serving; calls are still passed on. `source`: where it says so. `since`: ISO date. */
export function retired(source: string, more: Pick<Status, "since" | "replacement"> = {}): Status {
  return { state: "shut-down", note: "Its vendor no longer serves this model.", source, ...more };
}

/** A name that earlier documents used and that is not in its vendor's list (`source`); calls are still passed on. */
export function unknownId(source: string, replacement?: string): Status {
  return {
    state: "not-offered",
    note: "Its vendor lists no model of this name.",
    source,
    ...(replacement !== undefined && { replacement }),
  };
}

/** Known from earlier releases; nobody has looked lately whether its address and models still hold. */
export const UNCHECKED: Status = {
  state: "works",
  note: "Its address was not checked against the vendor lately: let a test of the connection tell.",
};
