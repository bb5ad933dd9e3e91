import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { priceAmount, priceFields } from "../core/price-fields.ts";
import type { ModelDefinition, Price } from "../core/provider.ts";
import { type PriceOverride, priceOf } from "../metering/index.ts";
import { findProvider, type ProviderEntry } from "../routing/index.ts";
import { listPrices, removePrices, savePrices } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

/** Where a model's price comes from; the user's own fields win over all others. */
export type PriceSource = "user" | "catalogue" | "list" | "unknown";

/** A model as the price list shows it. */
export type PricedModel = {
  model: ModelDefinition;
  custom: boolean;
  price: Price | undefined;
  source: PriceSource;
};

const fields = priceFields(priceAmount.nullable());
/** By provider and model. Fields that are not named stay; `null` goes back to what is built in. */
export const pricesPatch = z.record(z.string().max(100), z.record(z.string().min(1).max(256), fields));

/** What is known of a provider's prices: of its models, and of others that have a price of the user's own. */
export function pricedModels(deps: ManageDeps, entry: ProviderEntry, withOwn = true): PricedModel[] {
  const own = withOwn ? overridesOf(deps, entry) : new Map<string, PriceOverride>();
  const custom = customIds(deps, entry);
  const ids = new Set([...entry.models.keys(), ...own.keys()]);
  return [...ids].map((id) => {
    const model = entry.models.get(id) ?? { id };
    const list = () => deps.listPrices.find(entry.provider.id, id);
    const override = own.get(id);
    const price = priceOf(model, override, list);
    const builtIn = priceOf(model);
    const source = override ? "user" : builtIn ? "catalogue" : price ? "list" : "unknown";
    return { model, custom: custom.has(id), price, source };
  });
}

function overridesOf(deps: ManageDeps, entry: ProviderEntry): Map<string, PriceOverride> {
  const rows = listPrices(deps.store).filter(({ provider }) => provider === entry.provider.id);
  return new Map(rows.map(({ model, price }) => [model, price]));
}

function customIds(deps: ManageDeps, entry: ProviderEntry): Set<string> {
  const rows = deps.customModels().filter(({ provider }) => provider === entry.provider.id);
  return new Set(rows.map(({ id }) => id));
}

/**
 * Sets prices by provider (id or prefix) and model; fields that are not named stay, `null` takes one back to what is
 * built in. All or none. Throws `bad_request` for what is no price.
 */
export function changePrices(deps: ManageDeps, patch: unknown, actor: Actor): void {
  const wanted = parseInput(pricesPatch, patch);
  const now = deps.clock.now();
  const rows = Object.entries(wanted).flatMap(([name, models]) => {
    const entry = providerOf(deps, name);
    const own = overridesOf(deps, entry);
    return Object.entries(models).map(([model, changes]) => {
      const merged = { ...own.get(model), ...changes };
      const price = Object.fromEntries(
        Object.entries(merged).filter(([, value]) => value !== null && value !== undefined),
      );
      // A price of the user's own may name some fields only; the rest follows what is built in.
      return { provider: entry.provider.id, model, price: price as Price, updatedAt: now };
    });
  });
  savePrices(deps.store, rows);
  audit(deps.store, actor, "prices.update", "prices", {
    models: rows.map(({ provider, model }) => `${provider}/${model}`).slice(0, 50),
  });
}

/** Takes the user's own prices of a model, or of a whole provider, away. Gives how many there were. */
export function dropPrices(deps: ManageDeps, name: string, model: string | undefined, actor: Actor): number {
  const { provider } = providerOf(deps, name);
  const removed = removePrices(deps.store, provider.id, model);
  if (removed > 0)
    audit(deps.store, actor, "prices.reset", provider.id, model === undefined ? undefined : { model });
  return removed;
}

function providerOf(deps: ManageDeps, name: string): ProviderEntry {
  const entry = findProvider(deps.catalogue(), name);
  if (!entry)
    throw new GatewayError("bad_request", `There is no provider \`${name}\`.`, { param: "provider" });
  return entry;
}
