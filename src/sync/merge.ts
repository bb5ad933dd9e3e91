import { addAudit, type Store } from "../store/index.ts";
import type { Bundle, SharedRecord } from "./bundle.ts";
import { apiKeys, type RecordKind } from "./records/index.ts";
import { hashOf, isNewer, type LocalRecord, placeOf, type Version, versionOf } from "./versions.ts";

/** What is here now, of the kinds this device shares. */
export function localRecords(store: Store, kinds: readonly RecordKind[]): LocalRecord[] {
  return kinds.flatMap(({ kind, list }) => list(store).map((record) => ({ ...record, kind })));
}

/** What could not be taken over from another device, and why. */
export type Misfit = { kind: string; id: string; device: string; why: string };

/**
 * Takes over what others changed later. `versions` is brought up to date; a record that does not fit stays as it is
 * here and is tried again next time. What was replaced stands in the audit log.
 */
export function takeOver(
  store: Store,
  kinds: readonly RecordKind[],
  bundles: readonly Bundle[],
  versions: Map<string, Version>,
): Misfit[] {
  const news = newest(bundles, versions);
  const present = new Map(localRecords(store, kinds).map((record) => [placeOf(record), record.value]));
  const misfits: Misfit[] = [];
  const removed = (record: SharedRecord) => record.value === undefined;
  for (const kind of kinds) {
    const own = news.filter((record) => record.kind === kind.kind && !removed(record));
    misfits.push(...apply(store, kind, own, present, versions));
  }
  for (const kind of kinds.toReversed()) {
    const own = news.filter((record) => record.kind === kind.kind && removed(record));
    misfits.push(...apply(store, kind, own, present, versions));
  }
  // What was taken over may be written otherwise here (defaults, order); that is no change made here.
  const taken = new Set(news.map(placeOf)).difference(new Set(misfits.map(placeOf)));
  for (const record of localRecords(store, kinds)) {
    const version = versions.get(placeOf(record));
    if (version && taken.has(placeOf(record))) version.hash = hashOf(record.value);
  }
  return misfits;
}

/** For each record the newest word of all bundles, where it is newer than ours. */
function newest(bundles: readonly Bundle[], versions: ReadonlyMap<string, Version>): SharedRecord[] {
  const best = new Map<string, SharedRecord>();
  for (const { records } of bundles) {
    for (const record of records) {
      const place = placeOf(record);
      const rival = best.get(place);
      if (isNewer(record, rival ? versionOf(rival) : versions.get(place))) best.set(place, record);
    }
  }
  return [...best.values()];
}

function apply(
  store: Store,
  kind: RecordKind,
  records: readonly SharedRecord[],
  present: ReadonlyMap<string, unknown>,
  versions: Map<string, Version>,
): Misfit[] {
  const misfits: Misfit[] = [];
  for (const record of records) {
    const place = placeOf(record);
    const version = versionOf(record);
    if (version.hash !== versions.get(place)?.hash) {
      try {
        if (record.value === undefined) kind.remove(store, record.id);
        else kind.put(store, record.id, record.value);
      } catch (error) {
        const why = error instanceof Error ? error.message : "It does not fit.";
        misfits.push({ kind: record.kind, id: record.id, device: record.device, why: why.slice(0, 300) });
        continue;
      }
      tell(store, record, present.get(place));
    }
    versions.set(place, version);
  }
  return misfits;
}

function tell(store: Store, record: SharedRecord, before: unknown): void {
  const isSecret = record.kind === apiKeys.kind;
  addAudit(store, {
    action: record.value === undefined ? "sync.remove" : "sync.replace",
    actor: "sync",
    target: `${record.kind} ${record.id}`,
    result: "ok",
    details: { device: record.device, ...(before !== undefined && !isSecret && { before }) },
  });
}
