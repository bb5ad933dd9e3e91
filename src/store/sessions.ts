import { asc, eq, inArray, lt, or } from "drizzle-orm";
import { sessions } from "./config-schema.ts";
import type { Store } from "./store.ts";

/** One sign-in at the dashboard. Of its token only a hash is kept. Times in milliseconds since 1970. */
export type Session = {
  id: string;
  hash: string;
  /** Address the sign-in came from. */
  peer: string;
  createdAt: number;
  lastSeenAt: number;
};

/** All sessions that were not ended, oldest first. */
export function listSessions(store: Store): Session[] {
  return store.config.select().from(sessions).orderBy(asc(sessions.createdAt)).all();
}

/** Writes a sign-in to the dashboard down, or its newest use. */
export function saveSession(store: Store, session: Session): void {
  store.change(undefined, () =>
    store.config
      .insert(sessions)
      .values(session)
      .onConflictDoUpdate({ target: sessions.hash, set: session })
      .run(),
  );
}

/** Ends sessions by id. */
export function removeSessions(store: Store, ids: readonly string[]): void {
  if (ids.length === 0) return;
  store.change(undefined, () =>
    store.config
      .delete(sessions)
      .where(inArray(sessions.id, [...ids]))
      .run(),
  );
}

/** Ends sessions made before or last seen before the given times. */
export function removeOldSessions(store: Store, before: { createdAt: number; lastSeenAt: number }): void {
  store.change(undefined, () =>
    store.config
      .delete(sessions)
      .where(or(lt(sessions.createdAt, before.createdAt), lt(sessions.lastSeenAt, before.lastSeenAt)))
      .run(),
  );
}

/** Writes down when sessions were last seen: id → time. */
export function saveSessionSightings(store: Store, sightings: ReadonlyMap<string, number>): void {
  if (sightings.size === 0) return;
  store.note(() =>
    store.config.transaction((transaction) => {
      for (const [id, lastSeenAt] of sightings) {
        transaction.update(sessions).set({ lastSeenAt }).where(eq(sessions.id, id)).run();
      }
    }),
  );
}
