import type { Plan, Target } from "../core/target.ts";
import { ACCOUNT_STRATEGIES } from "./account-strategies/index.ts";
import { STRATEGIES } from "./strategies/index.ts";

/** Why a target stands apart from its strategy's order. */
export type PlaceKind = "chain" | "behind" | "held";

const BEHIND = "it failed a moment ago, so it stands behind the others";

/** What put a target elsewhere than its strategy would have; undefined where nothing did. */
export function placeOf(plan: Plan, target: Target): PlaceKind | undefined {
  if (plan.behind?.includes(target)) return "behind";
  if (plan.chain && plan.targets.indexOf(target) >= plan.chain.from) return "chain";
  return plan.affinity?.includes(target.connection.id) ? "held" : undefined;
}

/** Why a target of a plan stands where it does, in words. */
export function reasonFor(plan: Plan, target: Target): string {
  switch (placeOf(plan, target)) {
    case "behind":
      return BEHIND;
    case "chain":
      return `the fallback chain ${plan.chain?.name} follows when all others have failed`;
    case "held":
      return "it served this conversation last and holds its prompt cache";
    case undefined:
      return byStrategy(plan, target);
  }
}

/** The reason why a target that was never asked had been put last; undefined for those that simply came later. */
export const reasonUnasked = (plan: Plan, target: Target): string | undefined =>
  placeOf(plan, target) === "behind" ? BEHIND : undefined;

function byStrategy(plan: Plan, target: Target): string {
  const [first] = plan.targets;
  const before = plan.targets.slice(0, plan.targets.indexOf(target));
  if (before.some(({ label }) => label === target.label)) return "another account for the same model";
  if (plan.overridden) return "as the request's own `models` and `provider` say";
  if (plan.combo !== undefined)
    return STRATEGIES.find(({ id }) => id === plan.strategy)?.why ?? plan.strategy;
  if (first && first.label !== target.label) return "the next that the name stands for";
  return ACCOUNT_STRATEGIES.find(({ id }) => id === plan.strategy)?.why ?? plan.strategy;
}
