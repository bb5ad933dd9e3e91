import type { AttemptRecord, RequestStory } from "../core/record.ts";
import type { Plan, Target } from "../core/target.ts";
import { sessionIdOf } from "./memory.ts";
import { reasonUnasked } from "./target-reasons.ts";

const MOST_TOLD = 20;

/**
 * How a call was routed, for its receipt; undefined when there was nothing to decide. `answered`: the target that
 * did.
 */
export function storyOf(
  plan: Plan,
  attempts: readonly AttemptRecord[],
  answered: Target | undefined,
  waitedMs: number,
): RequestStory | undefined {
  const isPlain =
    plan.targets.length <= 1 &&
    plan.excluded.length === 0 &&
    plan.resolved.length <= 1 &&
    plan.combo === undefined &&
    attempts.length <= 1 &&
    waitedMs < 1;
  if (isPlain) return undefined;
  const asked = new Set(attempts.map(({ model, connectionId }) => `${model}\u0000${connectionId}`));
  const unused = plan.targets.filter(({ label, connection }) => !asked.has(`${label}\u0000${connection.id}`));
  const chain =
    plan.chain && answered && plan.targets.indexOf(answered) >= plan.chain.from && plan.chain.name;
  const held = plan.affinity ?? [];
  return {
    strategy: plan.strategy,
    resolved: plan.resolved.slice(0, MOST_TOLD).map(({ step, from, to }) => ({ step, from, to })),
    ...(unused.length > 0 && {
      unused: unused.slice(0, MOST_TOLD).map((target) => unusedOf(plan, target)),
    }),
    ...(plan.excluded.length > 0 && {
      excluded: plan.excluded.slice(0, MOST_TOLD).map(({ model, connectionId, reason, until }) => ({
        model,
        reason,
        ...(connectionId !== undefined && { connectionId }),
        ...(until !== undefined && { until }),
      })),
    }),
    ...(chain && { chain }),
    ...(plan.sessionKey !== undefined && { session: sessionIdOf(plan.sessionKey) }),
    ...(held.length > 0 &&
      answered && { affinity: held.includes(answered.connection.id) ? "kept" : "moved" }),
    ...(waitedMs >= 1 && { waitedMs: Math.round(waitedMs) }),
  };
}

function unusedOf(plan: Plan, target: Target) {
  const reason = reasonUnasked(plan, target);
  return { model: target.label, connectionId: target.connection.id, ...(reason !== undefined && { reason }) };
}
