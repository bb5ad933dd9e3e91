import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Outbound } from "../net/index.ts";
import type { Store } from "../store/index.ts";
import { type Bundle, bundleName, deviceOf, MOST_BUNDLE_BYTES, readBundle, writeBundle } from "./bundle.ts";
import type { Membership, SyncMemory } from "./memory.ts";
import { localRecords, takeOver } from "./merge.ts";
import { receiveMoves } from "./moves.ts";
import { apiKeys, RECORD_KINDS, type RecordKind } from "./records/index.ts";
import { openTarget, type SyncTarget } from "./targets/index.ts";
import { hashOf, noticeChanges, partsOf, placeOf, type Version } from "./versions.ts";

const MOST_RECEIVED = 1000;

export type RoundParts = {
  store: Store;
  clock: Clock;
  outbound: Outbound;
  cloudUrl: string | undefined;
  installationId: string;
  instanceName(): string;
  memory: SyncMemory;
  /** Does what changes the store without being a change of this device's own. */
  quietly<T>(work: () => T): T;
  /** Hears what was refused or did not fit. */
  tell(problem: string): void;
};

/**
 * One round: reads the bundles of the others, takes over what is newer there, and writes one of its own where that
 * says anything new. Throws what the target throws, and `bad_gateway` where there is more to share than a bundle holds.
 */
export async function exchange(
  parts: RoundParts,
  membership: Membership,
  signal: AbortSignal,
): Promise<void> {
  const { memory } = parts;
  const target = openTarget(parts.outbound, membership.target, parts.cloudUrl);
  const key = Buffer.from(membership.key, "base64url");
  const bundles = await readOthers(parts, target, key, signal);
  const content = merge(parts, membership, bundles);
  const { records, moves, received } = content;
  const written = hashOf({ records, moves, received, name: content.name });
  const progress = memory.progress();
  let { counter } = progress;
  if (written !== progress.written) {
    const bytes = writeBundle(key, content);
    if (bytes.length > MOST_BUNDLE_BYTES)
      throw new GatewayError("bad_gateway", "There is more to share than a bundle of 10 MB holds.");
    await target.write(bundleName(content.device), bytes, signal);
    counter = content.counter;
  }
  const { lastError: _over, ...rest } = progress;
  memory.saveProgress({ ...rest, counter, written, received, lastSyncAt: parts.clock.now() });
}

/** The bundles of the other devices; one that was altered or is older than what was seen is refused, and told. */
async function readOthers(
  parts: RoundParts,
  target: SyncTarget,
  key: Uint8Array,
  signal: AbortSignal,
): Promise<Bundle[]> {
  const { memory } = parts;
  const peers = memory.peers();
  const here = memory.device();
  const bundles: Bundle[] = [];
  for (const name of await target.list(signal)) {
    const device = deviceOf(name);
    if (device === undefined || device === here) continue;
    const bytes = await target.read(name, signal);
    if (bytes === undefined) continue;
    const bundle = readBundle(key, name, bytes);
    if (!bundle) parts.tell(`${name} was altered, or sealed with another passphrase. It was left alone.`);
    else if (bundle.counter < (peers[device]?.counter ?? 0))
      parts.tell(`${name} is older than what ${bundle.name} wrote before. It was left alone.`);
    else bundles.push(bundle);
  }
  const seen = bundles.map(({ device, name, counter, writtenAt }) => [device, { name, counter, writtenAt }]);
  memory.savePeers({ ...peers, ...Object.fromEntries(seen) });
  return bundles;
}

/** Takes over what is newer elsewhere, and gives what this device has to tell. In one go, without the network. */
function merge(parts: RoundParts, { includeApiKeys }: Membership, bundles: readonly Bundle[]): Bundle {
  const { store, clock, installationId, memory } = parts;
  const kinds = includeApiKeys ? RECORD_KINDS : RECORD_KINDS.filter((kind) => kind !== apiKeys);
  const device = memory.device();
  const known = memory.versions();
  const now = clock.now();
  const context = { device, now, isFirst: known === undefined };
  const shared = sharedOf(known ?? new Map<string, Version>(), kinds);
  const versions = noticeChanges(shared, localRecords(store, kinds), context);
  const progress = memory.progress();
  const arrived = parts.quietly(() => {
    for (const { kind, id, why } of takeOver(store, kinds, bundles, versions))
      parts.tell(`${kind} ${id} was not taken over: ${why}`);
    memory.saveVersions(versions);
    const { received } = progress;
    return receiveMoves(store, bundles, { device, installation: installationId, received });
  });
  const taken = new Set(bundles.flatMap(({ received }) => received));
  const moves = memory.moves().filter(({ id }) => !taken.has(id));
  memory.saveMoves(moves);
  const received = [...progress.received, ...arrived].slice(-MOST_RECEIVED);
  // Before the answer goes out: what arrived must not be taken twice, also after a crash.
  if (arrived.length > 0) memory.saveProgress({ ...progress, received });
  return {
    format: "omniroute-sync-v1",
    device,
    installation: installationId,
    name: parts.instanceName() || device.slice(0, 8),
    // Grows by the clock: a copy put back here must not look like a replay to the others.
    counter: Math.max(progress.counter + 1, now),
    writtenAt: now,
    records: recordsOf(versions, localRecords(store, kinds)),
    moves,
    received,
  };
}

function recordsOf(
  versions: ReadonlyMap<string, Version>,
  local: ReturnType<typeof localRecords>,
): Bundle["records"] {
  const values = new Map(local.map((record) => [placeOf(record), record.value]));
  return [...versions].map(([place, { changedAt, device }]) => {
    const { kind, id } = partsOf(place);
    const value = values.get(place);
    return { kind, id, changedAt, device, ...(value !== undefined && { value }) };
  });
}

/** What is not shared from here is not deleted for the others either. */
function sharedOf(known: ReadonlyMap<string, Version>, kinds: readonly RecordKind[]): Map<string, Version> {
  const shared = new Set(kinds.map(({ kind }) => kind));
  return new Map([...known].filter(([place]) => shared.has(partsOf(place).kind)));
}
