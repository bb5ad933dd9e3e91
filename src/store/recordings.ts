import { and, asc, desc, eq, inArray, lte } from "drizzle-orm";
import { recordingParts, recordings } from "./log-schema.ts";
import type { Store } from "./store.ts";

/** Bounds of what is kept; whichever comes first with the age of the log. */
const MOST_ROWS = 2000;
const MOST_CHARACTERS = 256 * 1024 * 1024;
/** Characters of a part: sealed and written in a few milliseconds. */
const PART_LENGTH = 256 * 1024;

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

/**
 * Keeps what was recorded of a call, sealed, and lets the oldest give way. Others get their turn between its parts.
 * Throws when the disk refuses.
 */
export async function saveRecording(
  store: Store,
  { id, ...facts }: RecordingFacts,
  text: string,
): Promise<void> {
  const count = Math.max(1, Math.ceil(text.length / PART_LENGTH));
  const size = Math.ceil((text.length * 4) / 3);
  const row = { id, at: store.clock.now(), size, isWhole: count === 1, facts: JSON.stringify(facts) };
  let seq = 0;
  for (let part = 0; part < count; part++) {
    if (part > 0) await new Promise((resolve) => setImmediate(resolve));
    const piece = text.slice(part * PART_LENGTH, (part + 1) * PART_LENGTH);
    const sealed = store.sealer.seal(piece, placeOf(id, part));
    store.change(undefined, () => {
      if (part === 0) seq = store.logs.insert(recordings).values(row).returning().get().seq;
      store.logs.insert(recordingParts).values({ recording: seq, part, sealed }).run();
      if (part < count - 1) return;
      store.logs.update(recordings).set({ isWhole: true }).where(eq(recordings.seq, seq)).run();
      makeRoom(store);
    });
  }
}

/** The recordings, the newest first, without what they hold. */
export function listRecordings(store: Store, limit: number, offset = 0): RecordingFacts[] {
  const rows = store.logs
    .select({ id: recordings.id, facts: recordings.facts })
    .from(recordings)
    .where(eq(recordings.isWhole, true))
    .orderBy(desc(recordings.seq))
    .limit(limit)
    .offset(offset)
    .all();
  return rows.map(({ id, facts }) => ({ id, ...(JSON.parse(facts) as Omit<RecordingFacts, "id">) }));
}

/** What was recorded of a call; undefined when nothing was, or it can no longer be opened. */
export function findRecording(store: Store, id: string): string | undefined {
  const row = store.logs
    .select({ seq: recordings.seq })
    .from(recordings)
    .where(and(eq(recordings.id, id), eq(recordings.isWhole, true)))
    .orderBy(desc(recordings.seq))
    .get();
  if (!row) return undefined;
  const parts = store.logs
    .select({ part: recordingParts.part, sealed: recordingParts.sealed })
    .from(recordingParts)
    .where(eq(recordingParts.recording, row.seq))
    .orderBy(asc(recordingParts.part))
    .all()
    .map(({ part, sealed }) => store.sealer.open(sealed, placeOf(id, part)));
  return parts.includes(undefined) ? undefined : parts.join("");
}

/** Those of the ids of which something was recorded. */
export function recordedOf(store: Store, ids: readonly string[]): Set<string> {
  if (ids.length === 0) return new Set();
  const rows = store.logs
    .select({ id: recordings.id })
    .from(recordings)
    .where(and(inArray(recordings.id, [...ids]), eq(recordings.isWhole, true)))
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

/** A part opens only in its place of the recording it was made for. */
const placeOf = (id: string, part: number) => `recording ${id} ${part}`;
