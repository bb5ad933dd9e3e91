import type { Vitals } from "./view.ts";

/** The items from place `turn` on, then those before it. Places count gaps, so that every item has its own turn. */
export function startingAt<T extends { position: number }>(
  items: readonly T[],
  turn: number,
  places: number,
): T[] {
  const start = turn % Math.max(1, places);
  return [
    ...items.filter((item) => item.position >= start),
    ...items.filter((item) => item.position < start),
  ];
}

/** Fisher–Yates: every order is equally likely. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1));
  return order;
}

/** Two items drawn at random, and the rest in their order. */
export function twoDrawn<T>(items: readonly T[], random: () => number): [T[], T[]] {
  const rest = [...items];
  const two: T[] = [];
  while (two.length < 2 && rest.length > 0) two.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return [two, rest];
}

/**
 * Quicker first, failures counting as so much time lost. What was not measured lately comes before all, so that it is;
 * while its first call is under way it waits behind the others, or a crowd would go there blindly.
 */
export function byLatency<T>(vitalsOf: (item: T) => Vitals): (a: T, b: T) => number {
  return (a, b) => expectedMs(vitalsOf(a)) - expectedMs(vitalsOf(b));
}

const NEVER_MS = Number.MAX_SAFE_INTEGER;

function expectedMs({ p50, failureShare, inFlight }: Vitals): number {
  if (p50 !== undefined) return p50 / Math.max(0.01, 1 - failureShare);
  return failureShare > 0 || inFlight > 0 ? NEVER_MS : -1;
}

/** Healthier first: fewer failures, then the quicker median, then fewer calls in flight. */
export function byVitals<T>(vitalsOf: (item: T) => Vitals): (a: T, b: T) => number {
  return (a, b) => {
    const one = vitalsOf(a);
    const other = vitalsOf(b);
    return (
      one.failureShare - other.failureShare ||
      (one.p50 ?? 0) - (other.p50 ?? 0) ||
      one.inFlight - other.inFlight
    );
  };
}
