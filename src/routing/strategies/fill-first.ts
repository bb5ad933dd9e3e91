import type { Strategy } from "./strategy.ts";

/** As listed: a target at its limits is left out of every plan, so the next one fills up at once. */
export const fillFirst: Strategy = {
  id: "fill-first",
  label: "Fill first",
  why: "as listed, full ones left out",
  deterministic: true,
  order: (legs) => [...legs],
};
