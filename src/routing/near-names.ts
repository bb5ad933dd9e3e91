import { labelOf, isConnected, type Catalogue } from "./catalogue.ts";

const MOST_NAMES = 3;
/** Longer names are not worth comparing letter by letter. */
const LONGEST = 100;

/**
 * Up to three names that look like `wanted`: combos, aliases and models of connected providers, then models of
 * providers that could be connected. `visible` says which of them the caller may know of.
 */
export function nearNames(
  catalogue: Catalogue,
  wanted: string,
  visible: (name: string) => boolean = () => true,
): string[] {
  if (wanted.length > LONGEST) return [];
  const name = wanted.toLowerCase();
  const scored: { candidate: string; distance: number }[] = [];
  for (const candidate of new Set(knownNames(catalogue))) {
    const distance = distanceTo(name, candidate.toLowerCase());
    if (distance !== undefined && visible(candidate)) scored.push({ candidate, distance });
  }
  return scored
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, MOST_NAMES)
    .map((entry) => entry.candidate);
}

function* knownNames(catalogue: Catalogue): Generator<string> {
  for (const combo of catalogue.combos.values()) if (combo.isActive) yield combo.name;
  for (const alias of catalogue.aliases) if (!/[*?]/.test(alias.pattern)) yield alias.pattern;
  for (const connected of [true, false]) {
    for (const entry of catalogue.entries) {
      if (entry.blocked || isConnected(entry) !== connected) continue;
      for (const id of entry.models.keys()) yield labelOf(entry, id);
    }
  }
}

/** How far apart two names are; undefined when too far to be a slip. The part after the prefix counts on its own. */
function distanceTo(name: string, candidate: string): number | undefined {
  const bare = candidate.slice(candidate.indexOf("/") + 1);
  const wanted = name.slice(name.indexOf("/") + 1);
  if (bare === wanted) return 0;
  const limit = Math.max(2, Math.floor(name.length / 4));
  const whole = editDistance(name, candidate, limit);
  const rest = editDistance(wanted, bare, limit);
  const nearest = Math.min(whole, rest + 0.5);
  return nearest > limit ? undefined : nearest;
}

/** Levenshtein distance, given up beyond `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= b.length; column++) {
      const replace = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const cost = Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      current.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest > limit) return limit + 1;
    previous = current;
  }
  return previous[b.length] ?? limit + 1;
}
