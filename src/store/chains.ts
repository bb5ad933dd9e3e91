import { asc, eq } from "drizzle-orm";
import type { FallbackChain } from "../core/chain.ts";
import { fallbackChains } from "./config-schema.ts";
import type { Store } from "./store.ts";

/** All fallback chains in the order they apply. */
export function listChains(store: Store): FallbackChain[] {
  return store.config
    .select()
    .from(fallbackChains)
    .orderBy(asc(fallbackChains.priority), asc(fallbackChains.createdAt), asc(fallbackChains.name))
    .all();
}

/** Adds a chain, or replaces the one of its name. */
export function saveChain(store: Store, chain: FallbackChain): FallbackChain {
  store.change("chains", () =>
    store.config
      .insert(fallbackChains)
      .values(chain)
      .onConflictDoUpdate({ target: fallbackChains.name, set: chain })
      .run(),
  );
  return chain;
}

/** True when there was one. */
export function removeChain(store: Store, name: string): boolean {
  return store.change(
    "chains",
    () =>
      store.config
        .delete(fallbackChains)
        .where(eq(fallbackChains.name, name))
        .returning({ name: fallbackChains.name })
        .all().length > 0,
  );
}
