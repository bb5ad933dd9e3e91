import type { Alias } from "../core/alias.ts";
import { globMatches } from "../lib/glob.ts";

/** Does a pattern hold `*` or `?`? */
export const isWildcard = (pattern: string): boolean => /[*?]/.test(pattern);

/** The alias of exactly this name. */
export function exactAlias(aliases: readonly Alias[], name: string): Alias | undefined {
  return aliases.find((alias) => alias.pattern === name && !isWildcard(alias.pattern));
}

/** Of the wildcard aliases that match, the one with the most literal characters; among equals the oldest. */
export function wildcardAlias(
  aliases: readonly Alias[],
  name: string,
  applies: (pattern: string) => boolean,
): Alias | undefined {
  let best: Alias | undefined;
  for (const alias of aliases) {
    if (!isWildcard(alias.pattern) || !applies(alias.pattern) || !globMatches(alias.pattern, name)) continue;
    if (best === undefined || isStronger(alias, best)) best = alias;
  }
  return best;
}

/** An alias's target, its `*` filled with what the pattern's first `*` stood for. */
export function fillTarget(alias: Alias, name: string): string {
  if (!alias.pattern.includes("*")) return alias.target;
  const part = firstStarText(alias.pattern, name);
  return alias.target.replace("*", () => part);
}

function isStronger(one: Alias, other: Alias): boolean {
  const difference = literals(one.pattern) - literals(other.pattern);
  return difference === 0 ? one.createdAt < other.createdAt : difference > 0;
}

const literals = (pattern: string): number => pattern.replace(/[*?]/g, "").length;

/** What the first `*` of a pattern that matches `name` stands for: as little as the rest of the pattern allows. */
function firstStarText(pattern: string, name: string): string {
  const start = pattern.indexOf("*");
  const tail = pattern.slice(start + 1);
  const nextStar = tail.indexOf("*");
  if (nextStar < 0) return name.slice(start, name.length - tail.length);
  const middle = tail.slice(0, nextStar);
  let end = start;
  while (end < name.length && !standsAt(middle, name, end)) end++;
  return name.slice(start, end);
}

function standsAt(piece: string, text: string, at: number): boolean {
  for (let index = 0; index < piece.length; index++) {
    const character = text[at + index];
    if (character === undefined || (piece[index] !== "?" && piece[index] !== character)) return false;
  }
  return true;
}
