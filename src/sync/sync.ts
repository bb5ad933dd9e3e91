import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Outbound } from "../net/index.ts";
import type { Store, StoreChange } from "../store/index.ts";
import { bundleName } from "./bundle.ts";
import { joinGroup } from "./group.ts";
import { SyncMemory, syncTargetInput } from "./memory.ts";
import { packMove, unpackMove } from "./moves.ts";
import { exchange, type RoundParts } from "./round.ts";
import { openTarget, shownTarget } from "./targets/index.ts";

const AFTER_CHANGE_MS = 10_000;
const EVERY_MS = 15 * 60_000;
const MOST_PROBLEMS = 20;
/** What people change and devices share; notes about use are not among it. */
const SHARED: readonly StoreChange[] = [
  "connections",
  "nodes",
  "combos",
  "key-groups",
  "settings",
  "aliases",
  "chains",
  "custom-models",
  "prices",
];

export const syncEnableInput = z.object({
  target: syncTargetInput,
  passphrase: z.string().min(12, "at least 12 characters").max(1000),
  includeApiKeys: z.boolean().default(false),
});

export type SyncDeps = {
  store: Store;
  clock: Clock;
  log: Log;
  outbound: Outbound;
  /** Where bundles lie when people name no address. */
  cloudUrl: string | undefined;
  /** Longest time one round may take, in milliseconds. */
  timeoutMs: number;
  instanceName(): string;
  installationId: string;
  /** Hears after each round why it failed; undefined when all is well. */
  report(why: string | undefined): void;
};

/** How sync stands, for pages and the API. Times in milliseconds since 1970. */
export type SyncState = {
  enabled: boolean;
  /** Did the last round reach the target? */
  connected: boolean;
  target: { [field: string]: string } | null;
  includeApiKeys: boolean;
  lastSyncAt: number | null;
  lastError: string | null;
  deviceId: string;
  devices: { id: string; name: string; lastWriteAt: number }[];
  /** Sign-ins on their way to another device. */
  moving: { connectionId: string; to: string }[];
  /** What was refused or did not fit in the last round. */
  problems: string[];
};

/**
 * Keeps several installations alike through a place none of them has to trust: each writes one sealed bundle with all
 * it knows, and reads those of the others. The later change of a record wins.
 */
export class Sync {
  readonly #deps: SyncDeps;
  readonly #memory: SyncMemory;
  readonly #unsubscribe: () => void;
  #cancel = () => {};
  #running: Promise<void> = Promise.resolve();
  #stop = new AbortController();
  #isTakingOver = false;
  #problems: string[] = [];

  constructor(deps: SyncDeps) {
    this.#deps = deps;
    this.#memory = new SyncMemory(deps.store);
    this.#unsubscribe = deps.store.onChange((what) => {
      if (!this.#isTakingOver && SHARED.includes(what) && this.#memory.membership())
        this.#later(AFTER_CHANGE_MS);
    });
    if (this.#memory.membership()) this.#later(AFTER_CHANGE_MS);
  }

  get isEnabled(): boolean {
    return this.#memory.membership() !== undefined;
  }

  state(): SyncState {
    const membership = this.#memory.membership();
    const { lastSyncAt, lastError } = this.#memory.progress();
    const peers = Object.entries(this.#memory.peers());
    return {
      enabled: membership !== undefined,
      connected: membership !== undefined && lastSyncAt !== undefined && lastError === undefined,
      target: membership ? shownTarget(membership.target, this.#deps.cloudUrl) : null,
      includeApiKeys: membership?.includeApiKeys ?? false,
      lastSyncAt: lastSyncAt ?? null,
      lastError: lastError ?? null,
      deviceId: this.#memory.device(),
      devices: peers.map(([id, { name, writtenAt }]) => ({ id, name, lastWriteAt: writtenAt })),
      moving: this.#memory
        .moves()
        .map(({ connection, to }) => ({ connectionId: String(connection["id"]), to })),
      problems: this.#problems,
    };
  }

  /** Joins the devices that use a target, or founds their group. Throws `bad_request`, `conflict` or `bad_gateway`. */
  async enable(input: z.infer<typeof syncEnableInput>): Promise<SyncState> {
    if (this.#memory.membership())
      throw new GatewayError("conflict", "Sync is on already; switch it off before joining another group.");
    const target = openTarget(this.#deps.outbound, input.target, this.#deps.cloudUrl);
    const key = await this.#limited((signal) => joinGroup(target, input.passphrase, signal));
    this.#memory.join({
      target: input.target,
      key: Buffer.from(key).toString("base64url"),
      includeApiKeys: input.includeApiKeys,
    });
    return this.sync();
  }

  /** Reads and writes now. Throws `bad_gateway` with the reason, `conflict` when sync is off. */
  async sync(): Promise<SyncState> {
    const round = this.#running.then(() => this.#round());
    this.#running = round.catch(() => {});
    await round;
    return this.state();
  }

  /** Leaves the group; `deleteRemote` takes this device's bundle away from the target. */
  async disable(deleteRemote: boolean): Promise<SyncState> {
    const membership = this.#memory.membership();
    if (membership) {
      await this.#running;
      if (this.#memory.moves().length > 0)
        throw new GatewayError("conflict", "A sign-in is on its way to another device; take it back first.");
      const target = openTarget(this.#deps.outbound, membership.target, this.#deps.cloudUrl);
      const name = bundleName(this.#memory.device());
      if (deleteRemote) await this.#limited((signal) => target.remove(name, signal));
      this.#cancel();
      this.#memory.leave();
      this.#problems = [];
      this.#deps.report(undefined);
    }
    return this.state();
  }

  /** Hands a sign-in over to another device; to this one: takes it back while nobody has it. Throws `GatewayError`. */
  async move(connectionId: string, toDevice: string): Promise<SyncState> {
    if (!this.#memory.membership()) throw isOff();
    await this.sync();
    const moves = this.#memory.moves();
    const waiting = moves.find(({ connection }) => connection["id"] === connectionId);
    if (toDevice === this.#memory.device()) {
      if (!waiting) throw new GatewayError("not_found", "This sign-in is not on its way to anybody.");
      this.#memory.saveMoves(moves.filter((move) => move !== waiting));
      unpackMove(this.#deps.store, waiting, this.#deps.installationId);
      return this.sync();
    }
    const peer = this.#memory.peers()[toDevice];
    if (!peer) throw new GatewayError("not_found", "There is no such device in this group.");
    if (waiting) throw new GatewayError("conflict", "This sign-in is on its way already.");
    const { store } = this.#deps;
    const move = packMove(store, connectionId, { id: toDevice, name: peer.name });
    this.#memory.saveMoves([...moves, move]);
    return this.sync();
  }

  /** Ends what is running and waits for it. */
  async close(): Promise<void> {
    this.#cancel();
    this.#unsubscribe();
    this.#stop.abort();
    await this.#running;
  }

  #later(ms: number): void {
    this.#cancel();
    this.#cancel = this.#deps.clock.after(ms, () => void this.sync().catch(() => {}));
  }

  async #limited<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const { clock, timeoutMs } = this.#deps;
    const cancel = clock.after(timeoutMs, () => limit.abort());
    const onStop = () => limit.abort();
    this.#stop.signal.addEventListener("abort", onStop);
    try {
      return await work(limit.signal);
    } catch (error) {
      if (!limit.signal.aborted) throw error;
      throw new GatewayError("bad_gateway", `The sync target took longer than ${timeoutMs} ms.`, {
        cause: error,
      });
    } finally {
      cancel();
      this.#stop.signal.removeEventListener("abort", onStop);
    }
  }

  async #round(): Promise<void> {
    const membership = this.#memory.membership();
    if (!membership) throw isOff();
    this.#later(EVERY_MS);
    try {
      this.#problems = [];
      await this.#limited((signal) => exchange(this.#roundParts(), membership, signal));
      this.#deps.report(undefined);
    } catch (error) {
      const told = error instanceof GatewayError ? error.message : "Sync failed.";
      if (!this.#stop.signal.aborted) {
        this.#memory.saveProgress({ ...this.#memory.progress(), lastError: told });
        this.#deps.log.warn("sync", told, { cause: error });
        this.#deps.report(told);
      }
      throw error instanceof GatewayError ? error : new GatewayError("bad_gateway", told, { cause: error });
    }
  }

  #roundParts(): RoundParts {
    return {
      ...this.#deps,
      memory: this.#memory,
      quietly: (work) => this.#quietly(work),
      tell: (problem) => this.#tell(problem),
    };
  }

  /** What comes from the others is no change that they have to be told of. */
  #quietly<T>(work: () => T): T {
    this.#isTakingOver = true;
    try {
      return work();
    } finally {
      this.#isTakingOver = false;
    }
  }

  #tell(problem: string): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
    this.#deps.log.warn("sync", problem);
  }
}

const isOff = () => new GatewayError("conflict", "Sync is off.");
