import type { Price, UnitPrice } from "../../src/core/provider.ts";
import type { UsageTotals } from "../../src/store/index.ts";
import { html, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** Units beside tokens, and how many of each a price is told for, so that it can be read. */
export const UNITS = {
  perMinute: 1,
  perImage: 1,
  perSearch: 1000,
  perCharacter: 1_000_000,
} as const satisfies Record<keyof UnitPrice, number>;
export const UNIT_NAMES = Object.keys(UNITS) as (keyof UnitPrice)[];

/** What a model costs: input and output in USD per million tokens, and whatever else it is sold by. */
export function PriceOf(visit: Visit, price: Price | undefined): Markup {
  const { say, show } = visit;
  if (!price) return html`<span class="text-muted">${say("cost.unknown")}</span>`;
  const units = UnitPrices(visit, price);
  if (price.input === 0 && price.output === 0) return units.length > 0 ? units : say("cost.free");
  return html`<span class="whitespace-nowrap"
      >${show.money(price.input)} <span class="text-faint">/</span> ${show.money(price.output)}</span
    >${units}`;
}

/**
 * What a number of requests cost; in brackets what was not billed. Requests whose price nobody knows are told apart
 * from free ones.
 */
export function CostOfMany({ say, show }: Visit, { cost, shadowCost, unknownPrice }: UsageTotals): Markup {
  const shadow =
    shadowCost > 0 &&
    html` <span class="text-muted" title=${say("cost.shadow.hint")}>(${show.money(shadowCost)})</span>`;
  if (unknownPrice === 0) return html`${show.money(cost)}${shadow}`;
  const hint = say("home.cost.unknown", { count: unknownPrice });
  return cost + shadowCost === 0
    ? html`<span class="text-muted" title=${hint}>${say("cost.unknown")}</span>`
    : html`${show.money(cost)}${shadow} <span class="text-muted" title=${hint}>+ ?</span>`;
}

/** Is it sold by something else than tokens alone? */
export const isForUnits = (price: Price | undefined): boolean =>
  price?.input === 0 && price.output === 0 && UNIT_NAMES.some((unit) => price[unit] !== undefined);

/** The prices that are not for tokens, a line each. */
export function UnitPrices({ say, show }: Visit, price: Price | undefined): Markup[] {
  return UNIT_NAMES.filter((unit) => price?.[unit] !== undefined).map(
    (unit) =>
      html`<span class="block whitespace-normal sm:whitespace-nowrap"
        >${say(`price.${unit}`, { price: show.money(price![unit]! * UNITS[unit]) })}</span
      >`,
  );
}
