import type { CostKind } from "../core/record.ts";
import type { Plan, Target } from "../core/target.ts";
import { reasonFor } from "./target-reasons.ts";
import type { PriceReading } from "./view.ts";

/** The dry run of a call, as clients see it. */
export type PlanDescription = {
  object: "omniroute.plan";
  request_id: string;
  requested: string;
  resolved: readonly { step: string; from: string; to: string }[];
  strategy: string;
  combo?: string;
  targets: {
    position: number;
    model: string;
    provider: string;
    connection: string;
    tier: string;
    /** Why it stands where it does. */
    reason: string;
    estimated_input_tokens: number;
    /** USD; absent when the price is unknown. */
    estimated_cost?: number;
    cost_kind?: CostKind;
    /** The global fallback chain it comes from. */
    chain?: string;
  }[];
  excluded: { model: string; connection?: string; reason: string; until?: string }[];
  cache: "hit" | "miss" | "off";
};

/** Tells a plan without carrying it out. Positions count from 1, costs are USD, times ISO 8601. */
export function describePlan(
  plan: Plan,
  facts: {
    requestId: string;
    estimatedInputTokens: number;
    price: (target: Target, inputTokens: number) => PriceReading | undefined;
    cache?: "hit" | "miss" | "off";
  },
): PlanDescription {
  const { requestId, estimatedInputTokens, price, cache = "off" } = facts;
  return {
    object: "omniroute.plan",
    request_id: requestId,
    requested: plan.requested,
    resolved: plan.resolved,
    strategy: plan.strategy,
    ...(plan.combo !== undefined && { combo: plan.combo }),
    targets: plan.targets.map((target, index) => {
      const reading = price(target, estimatedInputTokens);
      return {
        position: index + 1,
        model: target.label,
        provider: target.provider.id,
        connection: target.connection.id,
        tier: target.provider.tier,
        reason: reasonFor(plan, target),
        estimated_input_tokens: estimatedInputTokens,
        ...(reading?.cost !== undefined && { estimated_cost: reading.cost }),
        ...(reading && { cost_kind: reading.kind }),
        ...(plan.chain && index >= plan.chain.from && { chain: plan.chain.name }),
      };
    }),
    excluded: plan.excluded.map(({ model, connectionId, reason, until }) => ({
      model,
      ...(connectionId !== undefined && { connection: connectionId }),
      reason,
      ...(until !== undefined && { until: new Date(until).toISOString() }),
    })),
    cache,
  };
}
