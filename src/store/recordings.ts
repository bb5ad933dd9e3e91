import { desc, eq, inArray, lte } from "drizzle-orm";
import { recordings } from "./schema.ts";
import type { Store } from "./store.ts";

/** Bounds of what is kept; whichever comes first with the age of the log. */
const MOST_ROWS = 2000;
const MOST_CHARACTERS = 256 * 1024 * 1024;

/** What a list tells of a recording. `at`: when the call came in, milliseconds since 1970; `bytes`: of all bodies. */
export type RecordingFacts = {
  id: string;
  at: number;
  /** `chat`, `count`, or the path of a service. */
  kind: string;
  path: string;
  status: number;
  bytes: number;
  exchanges: number;
  isCut: boolean;
  isPlayable: boolean;
};

/** Keeps what was recorded of a call, sealed, and lets the oldest give way. Throws when the disk refuses. */
export function saveRecording(store: Store, { id, ...facts }: RecordingFacts, text: string): void {
  const sealed = store.sealer.seal(text, placeOf(id));
  store.change(undefined, () => {
    store.logs
      .insert(recordings)
      .values({ id, at: store.clock.now(), size: sealed.length, facts: JSON.stringify(facts), sealed })
      .run();
    makeRoom(store);
  });
}

/** The recordings, the newest first, without what they hold. */
export function listRecordings(store: Store, limit: number, offset = 0): RecordingFacts[] {
  const rows = store.logs
    .select({ id: recordings.id, facts: recordings.facts })
    .from(recordings)
    .orderBy(desc(recordings.seq))
    .limit(limit)
    .offset(offset)
    .all();
  return rows.map(({ id, facts }) => ({ id, ...(JSON.parse(facts) as Omit<RecordingFacts, "id">) }));
}

/** What was recorded of a call; undefined when nothing was, or it can no longer be opened. */
export function findRecording(store: Store, id: string): string | undefined {
  const row = store.logs
    .select({ sealed: recordings.sealed })
    .from(recordings)
    .where(eq(recordings.id, id))
    .orderBy(desc(recordings.seq))
    .get();
  return row && store.sealer.open(row.sealed, placeOf(id));
}

/** Those of the ids of which something was recorded. */
export function recordedOf(store: Store, ids: readonly string[]): Set<string> {
  if (ids.length === 0) return new Set();
  const rows = store.logs
    .select({ id: recordings.id })
    .from(recordings)
    .where(inArray(recordings.id, [...ids]))
    .all();
  return new Set(rows.map(({ id }) => id));
}

/** Forgets everything that was recorded. Gives how much there was. */
export function clearRecordings(store: Store): number {
  return store.change(
    undefined,
    () => store.logs.delete(recordings).returning({ seq: recordings.seq }).all().length,
  );
}

function makeRoom(store: Store): void {
  const kept = store.logs
    .select({ seq: recordings.seq, size: recordings.size })
    .from(recordings)
    .orderBy(desc(recordings.seq))
    .all();
  let characters = 0;
  const last = kept.findIndex(
    ({ size }, index) => (characters += size) > MOST_CHARACTERS || index >= MOST_ROWS,
  );
  if (last > 0) store.logs.delete(recordings).where(lte(recordings.seq, kept[last]!.seq)).run();
}

/** A recording opens only under the id it was made for. */
const placeOf = (id: string) => `recording ${id}`;
