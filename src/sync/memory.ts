import { z } from "zod";
import { newId } from "../lib/ids.ts";
import { readSecretValue, readValue, saveSecretValue, saveValues, type Store } from "../store/index.ts";
import type { Move } from "./bundle.ts";
import type { Version } from "./versions.ts";

export const syncTargetInput = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("omniroute"),
    url: z.string().max(2000).optional(),
    token: z.string().min(1).max(1000),
  }),
  z.object({
    kind: z.literal("s3"),
    endpoint: z.string().min(1).max(2000),
    region: z.string().min(1).max(100),
    bucket: z.string().min(1).max(255),
    prefix: z.string().max(500).default(""),
    accessKeyId: z.string().min(1).max(500),
    secretAccessKey: z.string().min(1).max(500),
  }),
]);
export type SyncTargetInput = z.infer<typeof syncTargetInput>;

/** What this device needs to take part. Kept sealed. `key` in base64url; the passphrase itself is kept nowhere. */
export type Membership = { target: SyncTargetInput; key: string; includeApiKeys: boolean };

/** Another device, as its newest bundle told. */
export type Peer = { name: string; counter: number; writtenAt: number };

export type Progress = {
  /** Of the newest bundle written here. */
  counter: number;
  /** Fingerprint of what that bundle said. */
  written?: string;
  lastSyncAt?: number;
  lastError?: string;
  /** Ids of sign-ins that were moved here, the newest last. */
  received: string[];
};

const NAMESPACE = "sync";
const NOTHING: Progress = { counter: 0, received: [] };

/** What this device remembers of its group. */
export class SyncMemory {
  readonly #store: Store;
  /** The id this device will have once it joins a group. Nothing is written for those who only look. */
  readonly #intended = newId();

  constructor(store: Store) {
    this.#store = store;
  }

  /** This device's id: that of its first group, for good. */
  device(): string {
    const known = readValue(this.#store, NAMESPACE, "device");
    return typeof known === "string" ? known : this.#intended;
  }

  membership(): Membership | undefined {
    return this.#sealed("membership") as Membership | undefined;
  }

  join(membership: Membership): void {
    this.#save({ device: this.device() });
    saveSecretValue(this.#store, NAMESPACE, "membership", JSON.stringify(membership));
  }

  /** Forgets the group, but not who this device is. */
  leave(): void {
    this.#save({ membership: undefined, moves: undefined, versions: undefined, peers: undefined });
    this.#save({ progress: undefined });
  }

  versions(): Map<string, Version> | undefined {
    const saved = readValue(this.#store, NAMESPACE, "versions") as { [place: string]: Version } | undefined;
    return saved && new Map(Object.entries(saved));
  }

  saveVersions(versions: ReadonlyMap<string, Version>): void {
    this.#save({ versions: Object.fromEntries(versions) });
  }

  peers(): { [device: string]: Peer } {
    return (readValue(this.#store, NAMESPACE, "peers") ?? {}) as { [device: string]: Peer };
  }

  savePeers(peers: { [device: string]: Peer }): void {
    this.#save({ peers });
  }

  /** Sign-ins that have left here and have not been taken over yet. */
  moves(): Move[] {
    return (this.#sealed("moves") ?? []) as Move[];
  }

  saveMoves(moves: readonly Move[]): void {
    const text = moves.length === 0 ? undefined : JSON.stringify(moves);
    saveSecretValue(this.#store, NAMESPACE, "moves", text);
  }

  progress(): Progress {
    return (readValue(this.#store, NAMESPACE, "progress") ?? NOTHING) as Progress;
  }

  saveProgress(progress: Progress): void {
    this.#save({ progress });
  }

  #sealed(key: string): unknown {
    const text = readSecretValue(this.#store, NAMESPACE, key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  #save(values: { [key: string]: unknown }): void {
    saveValues(this.#store, NAMESPACE, values);
  }
}
