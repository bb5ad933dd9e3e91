import { asc, eq } from "drizzle-orm";
import type { Combo } from "../core/combo.ts";
import { COMBO_STRATEGIES, type ComboStrategy } from "../core/strategy-names.ts";
import { GatewayError } from "../core/errors.ts";
import { combos } from "./config-schema.ts";
import { isDuplicate } from "./store-error.ts";
import type { Store } from "./store.ts";

/** All combos, by name. */
export function listCombos(store: Store): Combo[] {
  return store.config.select().from(combos).orderBy(asc(combos.name)).all().map(fromRow);
}

/** A combo by its id; undefined when there is none. */
export function findCombo(store: Store, id: string): Combo | undefined {
  const row = store.config.select().from(combos).where(eq(combos.id, id)).get();
  return row && fromRow(row);
}

/** Adds a combo, or replaces the one with its id. A name another combo has is a `conflict` (409). */
export function saveCombo(store: Store, combo: Combo): Combo {
  try {
    store.change("combos", () =>
      store.config.insert(combos).values(combo).onConflictDoUpdate({ target: combos.id, set: combo }).run(),
    );
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new GatewayError(
      "conflict",
      `There is a combo named "${combo.name}" already: choose another name.`,
    );
  }
  return combo;
}

/** True when there was one. */
export function removeCombo(store: Store, id: string): boolean {
  return store.change(
    "combos",
    () => store.config.delete(combos).where(eq(combos.id, id)).returning({ id: combos.id }).all().length > 0,
  );
}

function fromRow(row: typeof combos.$inferSelect): Combo {
  return { ...row, strategy: isStrategy(row.strategy) ? row.strategy : "priority" };
}

const isStrategy = (word: string): word is ComboStrategy =>
  (COMBO_STRATEGIES as readonly string[]).includes(word);
