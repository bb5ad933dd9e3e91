import type { Units, Usage } from "../core/reply.ts";

/** More than any model reads or writes in one call. */
const MOST = 1_000_000_000;

/**
 * A provider's count as it may be believed: what is negative counts nothing, what is beyond any model is cut. Budgets
 * and costs add these numbers up, so that one wild answer would spoil them for good.
 */
export function plausible(usage: Usage): Usage {
  if (isPlausible(usage)) return usage;
  const { units, estimated, beside, ...tokens } = usage;
  return {
    ...kept(tokens),
    ...(beside && { beside: plausible(beside) }),
    ...(units && { units: kept(units) }),
    ...(estimated !== undefined && { estimated }),
  };
}

/** Looks without making anything, for it is asked of every answer. */
function isPlausible(usage: Usage): boolean {
  const { input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning, units, beside } = usage;
  return (
    isCount(input) &&
    isCount(output) &&
    isCount(cacheRead ?? 0) &&
    isCount(cacheWrite ?? 0) &&
    isCount(cacheWrite1h ?? 0) &&
    isCount(reasoning ?? 0) &&
    (units === undefined || Object.values(units).every(isCount)) &&
    (beside === undefined || isPlausible(beside))
  );
}

const isCount = (count: number): boolean => count >= 0 && count <= MOST;

function kept<Counts extends Omit<Usage, "units" | "estimated" | "beside"> | Units>(of: Counts): Counts {
  return Object.fromEntries(
    Object.entries(of).map(([name, count]) => [name, count > MOST ? MOST : count >= 0 ? count : 0]),
  ) as Counts;
}
