import { asc } from "drizzle-orm";
import { health } from "./config-schema.ts";
import type { Store } from "./store.ts";

/** The state of a breaker, a cooldown or a counter under its key. `state` is any JSON value but null. */
export type HealthEntry = { key: string; state: unknown; savedAt: number };

/** What `saveHealth` kept last. The reader checks shapes and times: the clock may have been moved since. */
export function loadHealth(store: Store): HealthEntry[] {
  return store.config.select().from(health).orderBy(asc(health.key)).all();
}

/** Keeps exactly these entries in place of all former ones. */
export function saveHealth(store: Store, entries: readonly { key: string; state: unknown }[]): void {
  const savedAt = store.clock.now();
  store.note(() =>
    store.config.transaction((transaction) => {
      transaction.delete(health).run();
      for (const { key, state } of entries) transaction.insert(health).values({ key, state, savedAt }).run();
    }),
  );
}
