import { sha256 } from "../lib/ids.ts";
import type { SharedRecord } from "./bundle.ts";

/** When a record was last changed and where; without a hash it was deleted. */
export type Version = { changedAt: number; device: string; hash?: string };

/** A record as it is here now. `changedAt` where the record itself knows it. */
export type LocalRecord = { kind: string; id: string; value: unknown; changedAt?: number };

/** Tombstones are kept as long as a device may reasonably have been away. */
const TOMBSTONE_MS = 180 * 86_400_000;

/** One text for kind and id, to look a record up by. */
export const placeOf = ({ kind, id }: { kind: string; id: string }) => `${kind}\u0000${id}`;

/** Kind and id again, out of what `placeOf` wrote. */
export function partsOf(place: string): { kind: string; id: string } {
  const at = place.indexOf("\u0000");
  return { kind: place.slice(0, at), id: place.slice(at + 1) };
}

/**
 * What was changed since the last look, found by comparing: nobody has to remember to tell. Times are made to grow, so
 * that a change made after reading another's is later than it, whatever the clocks say.
 */
export function noticeChanges(
  known: ReadonlyMap<string, Version>,
  local: readonly LocalRecord[],
  { device, now, isFirst }: { device: string; now: number; isFirst: boolean },
): Map<string, Version> {
  const versions = new Map<string, Version>();
  for (const record of local) {
    const place = placeOf(record);
    const before = known.get(place);
    const hash = hashOf(record.value);
    if (before?.hash === hash) versions.set(place, before);
    // Who joins a group does not overwrite it with what nobody has touched for ages.
    else if (isFirst) versions.set(place, { changedAt: record.changedAt ?? 0, device, hash });
    else versions.set(place, { changedAt: later(before, now), device, hash });
  }
  for (const [place, before] of known) {
    if (versions.has(place)) continue;
    if (before.hash !== undefined) versions.set(place, { changedAt: later(before, now), device });
    else if (now - before.changedAt < TOMBSTONE_MS) versions.set(place, before);
  }
  return versions;
}

const later = (before: Version | undefined, now: number) => Math.max(now, (before?.changedAt ?? 0) + 1);

/** Does what another device says replace what is here? The later change wins; of two at once, the greater name. */
export function isNewer(theirs: SharedRecord, ours: Version | undefined): boolean {
  if (!ours) return true;
  if (theirs.changedAt !== ours.changedAt) return theirs.changedAt > ours.changedAt;
  return theirs.device > ours.device;
}

/** The version another device's record has. */
export const versionOf = ({ changedAt, device, value }: SharedRecord): Version => ({
  changedAt,
  device,
  ...(value !== undefined && { hash: hashOf(value) }),
});

/** A fingerprint that does not depend on the order of fields. */
export function hashOf(value: unknown): string {
  return sha256(JSON.stringify(value, sorted)).slice(0, 32);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
