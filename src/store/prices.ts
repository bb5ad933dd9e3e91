import { and, asc, eq } from "drizzle-orm";
import type { PriceOverride } from "../core/custom-model.ts";
import { prices } from "./config-schema.ts";
import type { Store } from "./store.ts";

/** The users' own prices, by provider and model. */
export function listPrices(store: Store): PriceOverride[] {
  return store.config.select().from(prices).orderBy(asc(prices.provider), asc(prices.model)).all();
}

/** Keeps prices, all or none; each replaces a former one of the same model. */
export function savePrices(store: Store, overrides: readonly PriceOverride[]): void {
  if (overrides.length === 0) return;
  store.change("prices", () =>
    store.config.transaction((transaction) => {
      for (const row of overrides) {
        transaction
          .insert(prices)
          .values(row)
          .onConflictDoUpdate({ target: [prices.provider, prices.model], set: row })
          .run();
      }
    }),
  );
}

/** Takes a model's own price away, or those of a whole provider. Gives how many there were. */
export function removePrices(store: Store, provider: string, model?: string): number {
  const which = model === undefined ? undefined : eq(prices.model, model);
  return store.change(
    "prices",
    () =>
      store.config
        .delete(prices)
        .where(and(eq(prices.provider, provider), which))
        .returning({ model: prices.model })
        .all().length,
  );
}
