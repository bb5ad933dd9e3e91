import type { Leg, Strategy } from "./strategy.ts";

/** Drawn without replacement in proportion to the weights; weight 0 only after all others; all 0 means equal. */
export const weighted: Strategy = {
  id: "weighted",
  label: "Weighted",
  why: "drawn by weight",
  deterministic: false,
  order(legs, view) {
    const heavy = legs.filter((leg) => weightOf(leg) > 0);
    const light = legs.filter((leg) => weightOf(leg) === 0);
    return [...drawn(heavy, weightOf, view.random), ...drawn(light, () => 1, view.random)];
  },
};

/** An entry without a weight has weight 0, as in combos of earlier versions. */
const weightOf = (leg: Leg): number => leg.weight ?? 0;

function drawn(legs: readonly Leg[], weight: (leg: Leg) => number, random: () => number): Leg[] {
  const left = [...legs];
  const order: Leg[] = [];
  while (left.length > 0) {
    let mark = random() * left.reduce((sum, leg) => sum + weight(leg), 0);
    const index = left.findIndex((leg) => (mark -= weight(leg)) < 0);
    order.push(...left.splice(index < 0 ? left.length - 1 : index, 1));
  }
  return order;
}
