import type { Price, ProviderDefinition } from "../core/provider.ts";
import type { CostKind } from "../core/record.ts";
import type { Usage } from "../core/reply.ts";

const PER = 1_000_000;

/** No answer holds more tokens; a larger count is a provider's mistake. */
const MOST_TOKENS = 1_000_000_000;

/**
 * What a call cost in USD; undefined when usage or price is unknown. Cached and written tokens cost as input and
 * reasoning as output unless they have prices of their own; tokens kept for an hour cost as written ones.
 */
export function costOf(usage: Usage, price: Price): number;
export function costOf(usage: Usage | undefined, price: Price | undefined): number | undefined;
export function costOf(usage: Usage | undefined, price: Price | undefined): number | undefined {
  if (!usage || !price) return undefined;
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

/** Whose money a call costs: `shadow` is the list price of what a subscription or a free plan gave. */
export function costKindOf(provider: Pick<ProviderDefinition, "tier" | "builtIn">): CostKind {
  if (provider.builtIn) return "free";
  return provider.tier === "subscription" || provider.tier === "free" ? "shadow" : "billed";
}

function tokens(count: number | undefined): number {
  if (count === undefined || Number.isNaN(count)) return 0;
  return Math.min(Math.max(count, 0), MOST_TOKENS);
}
