import type { ModelDefinition, Price } from "../core/provider.ts";

/** What a user set for a model; fields left out follow the built-in price. */
export type PriceOverride = Partial<Price>;

/**
 * The price of a model in USD per 1M tokens: the user's own fields over those of our tables, or of `otherwise` where
 * our tables have none. Undefined while input or output is unknown, which is not the same as free; what is sold by
 * other units needs neither.
 */
export function priceOf(
  model: ModelDefinition | undefined,
  override: PriceOverride = {},
  otherwise?: () => Price | undefined,
): Price | undefined {
  const known = model?.price === undefined ? otherwise?.() : builtInPrice(model);
  const { input, output, ...rest } = { ...known, ...given(override) } as PriceOverride;
  if (input !== undefined && output !== undefined) return { input, output, ...rest };
  return UNITS.some((unit) => rest[unit] !== undefined)
    ? { input: input ?? 0, output: output ?? 0, ...rest }
    : undefined;
}

const UNITS = ["perMinute", "perImage", "perSearch", "perCharacter"] as const;

function builtInPrice(model: ModelDefinition | undefined): PriceOverride {
  const price = model?.price;
  if (price === undefined) return {};
  if (!isTuple(price)) return price;
  const [input, output, cacheRead, cacheWrite] = price;
  return given({ input, output, cacheRead, cacheWrite });
}

type Tuple = Extract<NonNullable<ModelDefinition["price"]>, readonly unknown[]>;
const isTuple = (price: NonNullable<ModelDefinition["price"]>): price is Tuple => Array.isArray(price);

/** The fields that hold a usable number. */
function given(price: PriceOverride): PriceOverride {
  return Object.fromEntries(
    Object.entries(price).filter(([, value]) => Number.isFinite(value) && value >= 0),
  );
}
