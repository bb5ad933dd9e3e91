import { EFFORTS, type Effort, type Reasoning } from "./request.ts";

/** Thinking tokens that stand for an effort where a model takes a budget; `high` and above mean "all it has". */
const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 10_240,
  high: 131_072,
  xhigh: 131_072,
  max: 131_072,
};

/** The budget in tokens for an effort; callers clamp it to what the model allows. */
export function budgetOf(effort: Effort): number {
  return BUDGETS[effort];
}

/** The effort a budget of `tokens` comes nearest to, for models that take no budget. */
export function effortOf(tokens: number): Effort {
  if (tokens <= 0) return "none";
  if (tokens < 6000) return "low";
  return tokens < 24_000 ? "medium" : "high";
}

/** The effort a client asked for, in its own word or by its budget; undefined when it left that to the model. */
export function askedEffort(reasoning: Reasoning | undefined): Effort | undefined {
  if (reasoning?.effort) return reasoning.effort;
  return reasoning?.budget === undefined ? undefined : effortOf(reasoning.budget);
}

/** The effort among `allowed` that lies nearest to `wanted`, the smaller one in doubt. */
export function nearestEffort(wanted: Effort, allowed: readonly Effort[]): Effort | undefined {
  const distance = (effort: Effort) => Math.abs(EFFORTS.indexOf(effort) - EFFORTS.indexOf(wanted));
  return [...allowed]
    .sort((a, b) => EFFORTS.indexOf(a) - EFFORTS.indexOf(b))
    .reduce<Effort | undefined>(
      (best, effort) => (best === undefined || distance(effort) < distance(best) ? effort : best),
      undefined,
    );
}
