import type { Plan } from "../core/target.ts";

/** Why no plan could be made, for the receipt; undefined where not even the name leads anywhere. */
export function reasonsOf(planEvenEmpty: () => Plan): Plan | undefined {
  try {
    return planEvenEmpty();
  } catch {
    return undefined;
  }
}
