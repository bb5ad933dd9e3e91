import { asc, eq } from "drizzle-orm";
import type { Alias } from "../core/alias.ts";
import { aliases } from "./config-schema.ts";
import type { Store } from "./store.ts";

/** All aliases, oldest first. */
export function listAliases(store: Store): Alias[] {
  return store.config.select().from(aliases).orderBy(asc(aliases.createdAt), asc(aliases.pattern)).all();
}

/** Adds an alias, or gives the pattern a new target; its age stays. */
export function saveAlias(store: Store, alias: Alias): Alias {
  store.change("aliases", () =>
    store.config
      .insert(aliases)
      .values(alias)
      .onConflictDoUpdate({ target: aliases.pattern, set: { target: alias.target } })
      .run(),
  );
  return alias;
}

/** True when there was one. */
export function removeAlias(store: Store, pattern: string): boolean {
  return store.change(
    "aliases",
    () =>
      store.config
        .delete(aliases)
        .where(eq(aliases.pattern, pattern))
        .returning({ pattern: aliases.pattern })
        .all().length > 0,
  );
}
