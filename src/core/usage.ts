import type { Usage } from "./reply.ts";

/** What several attempts, or several rounds of one, used together. */
export function added(one: Usage, other: Usage): Usage {
  const sum: Usage = { input: one.input + other.input, output: one.output + other.output };
  for (const field of ["cacheRead", "cacheWrite", "cacheWrite1h", "reasoning"] as const) {
    const total = (one[field] ?? 0) + (other[field] ?? 0);
    if (one[field] !== undefined || other[field] !== undefined) sum[field] = total;
  }
  const { beside } = one;
  if (beside || other.beside)
    sum.beside = beside && other.beside ? added(beside, other.beside) : (beside ?? other.beside!);
  if (one.estimated || other.estimated) sum.estimated = true;
  return sum;
}
