import type { Units, Usage } from "../core/reply.ts";

/** More than any model reads or writes in one call. */
const MOST = 1_000_000_000;

/**
 * A provider's count as it may be believed: what is negative counts nothing, what is beyond any model is cut. Budgets
 * and costs add these numbers up, so that one wild answer would spoil them for good.
 */
export function plausible(usage: Usage): Usage {
  if (counts(usage).every(isPlausible)) return usage;
  const { units, estimated, beside, ...tokens } = usage;
  return {
    ...kept(tokens),
    ...(beside && { beside: plausible(beside) }),
    ...(units && { units: kept(units) }),
    ...(estimated !== undefined && { estimated }),
  };
}

function counts({ units, beside, estimated: _estimated, ...tokens }: Usage): number[] {
  return [...Object.values(tokens), ...Object.values(units ?? {}), ...(beside ? counts(beside) : [])];
}

const isPlausible = (count: number): boolean => count >= 0 && count <= MOST;

function kept<Counts extends Omit<Usage, "units" | "estimated" | "beside"> | Units>(of: Counts): Counts {
  return Object.fromEntries(
    Object.entries(of).map(([name, count]) => [name, count > MOST ? MOST : count >= 0 ? count : 0]),
  ) as Counts;
}
