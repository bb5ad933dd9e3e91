import type { Price, ProviderDefinition, UnitPrice } from "../core/provider.ts";
import type { CostKind } from "../core/record.ts";
import type { Units, Usage } from "../core/reply.ts";

const PER = 1_000_000;

/** No answer holds more tokens; a larger count is a provider's mistake. */
const MOST_TOKENS = 1_000_000_000;

/**
 * What a call cost in USD; undefined when usage or price is unknown, or when nobody counted what is sold. Cached and
 * written tokens cost as input and reasoning as output unless they have prices of their own; tokens kept for an hour
 * cost as written ones.
 */
export function costOf(usage: Usage | undefined, price: Price | undefined): number | undefined {
  if (!usage || !price) return undefined;
  const own = ownCost(usage, price);
  return own === undefined || !usage.beside ? own : own + tokenCost(usage.beside, price);
}

function ownCost(usage: Usage, price: Price): number | undefined {
  if (!usage.units) return tokenCost(usage, price);
  if (isSoldByUnits(price)) {
    const sold = unitCost(usage.units, price);
    return sold === undefined ? undefined : sold + tokenCost(usage, price);
  }
  return areTokensTold(usage, price) ? tokenCost(usage, price) : undefined;
}

function tokenCost(usage: Usage, price: Price): number {
  const { input, output, cacheRead = input, cacheWrite = input, cacheWrite1h = cacheWrite } = price;
  const { reasoning = output } = price;
  const written = tokens(usage.cacheWrite);
  const writtenForAnHour = Math.min(tokens(usage.cacheWrite1h), written);
  const produced = tokens(usage.output);
  const thought = Math.min(tokens(usage.reasoning), produced);
  return (
    (tokens(usage.input) * input +
      tokens(usage.cacheRead) * cacheRead +
      (written - writtenForAnHour) * cacheWrite +
      writtenForAnHour * cacheWrite1h +
      (produced - thought) * output +
      thought * reasoning) /
    PER
  );
}

/** Undefined when none of the priced things was counted. */
function unitCost(units: Units, price: UnitPrice): number | undefined {
  const minutes = units.seconds === undefined ? undefined : units.seconds / 60;
  const costs = [
    product(minutes, price.perMinute),
    product(units.images, price.perImage),
    product(units.searches, price.perSearch),
    product(units.characters, price.perCharacter),
  ].filter((cost) => cost !== undefined);
  return costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0);
}

const product = (count: number | undefined, each: number | undefined): number | undefined =>
  count === undefined || each === undefined || !Number.isFinite(count)
    ? undefined
    : Math.max(0, count) * each;

const isSoldByUnits = ({ perMinute, perImage, perSearch, perCharacter }: UnitPrice): boolean =>
  [perMinute, perImage, perSearch, perCharacter].some((each) => each !== undefined);

/** Sold by tokens, and the provider named them: no tokens at all, or an estimate without the answer's, is no count. */
function areTokensTold(usage: Usage, price: Price): boolean {
  if (price.input === 0 && price.output === 0) return true;
  const input = tokens(usage.input) + tokens(usage.cacheRead) + tokens(usage.cacheWrite);
  const produced = tokens(usage.output);
  if (usage.estimated && price.output > 0 && produced === 0) return false;
  return input + produced > 0;
}

/** Whose money a call costs: `shadow` is the list price of what a subscription or a free plan gave. */
export function costKindOf(provider: Pick<ProviderDefinition, "tier" | "builtIn">): CostKind {
  if (provider.builtIn) return "free";
  return provider.tier === "subscription" || provider.tier === "free" ? "shadow" : "billed";
}

function tokens(count: number | undefined): number {
  if (count === undefined || Number.isNaN(count)) return 0;
  return Math.min(Math.max(count, 0), MOST_TOKENS);
}
