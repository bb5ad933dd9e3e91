import type { Status } from "../core/provider.ts";

/** A model that its vendor stopped serving; calls are still passed on. `since`: ISO date, where known. */
export function retired(since?: string, replacement?: string): Status {
  return {
    state: "shut-down",
    note: "Its vendor no longer serves this model.",
    ...(since !== undefined && { since }),
    ...(replacement !== undefined && { replacement }),
  };
}

/** A name that earlier documents used and that stands in no list of its vendor; calls are still passed on. */
export function unknownId(replacement?: string): Status {
  return {
    state: "not-offered",
    note: "Its vendor lists no model of this name.",
    ...(replacement !== undefined && { replacement }),
  };
}

/** Known from earlier releases; nobody has looked lately whether its address and models still hold. */
export const UNCHECKED: Status = {
  state: "works",
  note: "Its address was not checked against the vendor lately: let a test of the connection tell.",
};
