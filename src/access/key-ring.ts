import { keyInput, type ApiKey, type Caller, type KeyInput } from "../core/key.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import { parseInput } from "../core/parse-input.ts";
import type { Clock } from "../lib/clock.ts";
import { newId, randomToken } from "../lib/ids.ts";
import {
  findKey,
  findKeyGroup,
  listKeyGroups,
  listKeys,
  readValue,
  saveKey,
  saveKeyUses,
  saveValue,
  type Store,
} from "../store/index.ts";
import { unlessDiskFull } from "./disk-full.ts";
import { applyRules } from "./key-rules.ts";

const PREFIX = "sk-omni-";
/** No key of ours or of an earlier version is longer; more is not worth hashing. */
const LONGEST_KEY = 512;
const LONGEST_GRACE_S = 604_800;
const MOST_FORMER = 10;

/** A key at the only moment its text is known. */
export type NewKey = { key: string; record: ApiKey };

/** A key that is kept elsewhere, and whether it had to be made or changed. */
export type DeclaredKey = { record: ApiKey; did: "created" | "updated" | "nothing" };

/** What is said of a key that gives no caller; `paused` is its group. */
export type KeyRefusal = "unknown" | "revoked" | "expired" | "paused";

type Entry = { caller: Caller; record: ApiKey; until: number | undefined; paused: boolean };

/** What keys are known and looked up by: gives the same short text for the same whole key, and tells nothing of it. */
export type KeyDigest = (key: string) => string;

/** HMAC-SHA-256 under the installation's secret, in hex. */
export function keyedDigest(secret: string): KeyDigest {
  return (key) => new Bun.CryptoHasher("sha256", secret).update(key).digest("hex");
}

/**
 * The client keys, by digest, in memory: finding a caller reads no disk and waits for nothing. Keys themselves are
 * never compared, so that the time of a refusal tells nobody how much of a guess was right.
 */
export class KeyRing {
  #byHash = new Map<string, Entry>();
  readonly #uses = new Map<string, number>();
  readonly #clock: Clock;
  readonly #stopListening: () => void;

  constructor(
    readonly store: Store,
    /** What a key is known by. */
    readonly hash: KeyDigest,
  ) {
    this.#clock = store.clock;
    this.#load();
    this.#stopListening = store.onChange((change) => {
      if (change === "keys" || change === "key-groups") this.#load();
    });
  }

  /** Who shows this key, or why nobody does. */
  find(presented: string | undefined): Caller | KeyRefusal {
    if (presented === undefined || presented === "" || presented.length > LONGEST_KEY) return "unknown";
    const entry = this.#byHash.get(this.hash(presented));
    if (!entry) return "unknown";
    const now = this.#clock.now();
    const { record, until, paused } = entry;
    if (record.revokedAt !== undefined) return "revoked";
    if (until !== undefined && until <= now) return "expired";
    if (record.expiresAt !== undefined && record.expiresAt <= now) return "expired";
    if (paused) return "paused";
    this.#uses.set(record.id, now);
    return entry.caller;
  }

  create(input: KeyInput): NewKey {
    const fields = parseInput(keyInput, input);
    const key = PREFIX + randomToken();
    const record: ApiKey = {
      id: newId(),
      name: fields.name,
      hash: this.hash(key),
      masked: masked(key),
      scopes: fields.scopes,
      noLog: fields.noLog,
      createdAt: this.#clock.now(),
    };
    const expiresAt = timeOf(fields.expiresAt);
    if (expiresAt !== undefined) record.expiresAt = expiresAt;
    this.#applyGroup(record, fields.groupId);
    applyRules(record, fields);
    return { key, record: saveKey(this.store, record) };
  }

  /** A key whose text somebody keeps elsewhere. Known by its name; one that was revoked is not brought back. */
  declare(text: string, input: KeyInput): DeclaredKey {
    const fields = parseInput(keyInput, input);
    const former = listKeys(this.store).find(
      (key) => key.name === fields.name && key.revokedAt === undefined,
    );
    const record: ApiKey = {
      id: former?.id ?? newId(),
      name: fields.name,
      hash: this.hash(text),
      masked: `${text.slice(0, 8)}…${text.slice(-4)}`,
      scopes: fields.scopes,
      noLog: fields.noLog,
      createdAt: former?.createdAt ?? this.#clock.now(),
      ...(former?.former && { former: former.former }),
      ...(former?.lastUsedAt !== undefined && { lastUsedAt: former.lastUsedAt }),
    };
    const expiresAt = timeOf(fields.expiresAt);
    if (expiresAt !== undefined) record.expiresAt = expiresAt;
    this.#applyGroup(record, fields.groupId);
    applyRules(record, fields);
    if (former && Bun.deepEquals(former, record)) return { record: former, did: "nothing" };
    return { record: saveKey(this.store, record), did: former ? "updated" : "created" };
  }

  /** Changes what the patch names; `expiresAt: null` takes the end away. */
  update(id: string, patch: Partial<KeyInput>): ApiKey {
    const fields = parseInput(keyInput.partial(), patch);
    const record = { ...this.#existing(id) };
    if (patch.name !== undefined) record.name = fields.name!;
    if (patch.scopes !== undefined) record.scopes = fields.scopes!;
    if (patch.noLog !== undefined) record.noLog = fields.noLog!;
    if (patch.expiresAt === null) delete record.expiresAt;
    else if (patch.expiresAt !== undefined) record.expiresAt = timeOf(fields.expiresAt)!;
    this.#applyGroup(record, fields.groupId);
    applyRules(record, fields);
    return saveKey(this.store, record);
  }

  /** A new text for a key; the old one goes on working for the grace time. */
  rotate(id: string, graceSeconds: number): NewKey {
    if (!Number.isInteger(graceSeconds) || graceSeconds < 0 || graceSeconds > LONGEST_GRACE_S) {
      throw badRequest(`graceSeconds must be a whole number from 0 to ${LONGEST_GRACE_S}.`, "graceSeconds");
    }
    const old = this.#existing(id);
    if (old.revokedAt !== undefined) {
      throw new GatewayError("conflict", "A revoked key cannot be rotated: create a new one.");
    }
    const now = this.#clock.now();
    const key = PREFIX + randomToken();
    const former = (old.former ?? []).filter((entry) => entry.until > now);
    const record: ApiKey = {
      ...old,
      hash: this.hash(key),
      masked: masked(key),
      former: [...former, { hash: old.hash, until: now + graceSeconds * 1000 }].slice(-MOST_FORMER),
    };
    return { key, record: saveKey(this.store, record) };
  }

  /** Ends a key at once; it stays in the list. */
  revoke(id: string): ApiKey {
    const record = this.#existing(id);
    if (record.revokedAt !== undefined) return record;
    return saveKey(this.store, { ...record, revokedAt: this.#clock.now() });
  }

  /** All keys, oldest first, with uses that are not written yet. */
  list(): ApiKey[] {
    return listKeys(this.store).map((record) => this.#withUse(record));
  }

  get hasNews(): boolean {
    return this.#uses.size > 0;
  }

  /** Tells the store when keys were last used. */
  save(): void {
    unlessDiskFull(() => {
      saveKeyUses(this.store, this.#uses);
      this.#uses.clear();
    });
  }

  close(): void {
    this.#stopListening();
  }

  /**
   * A warning when the keys were hashed with another secret than today's: none of them would be known any more.
   * Otherwise leaves a mark by which a later start can tell.
   */
  secretWarning(): string | undefined {
    const mark = this.hash("api-key-check");
    const known = readValue(this.store, "access", "api-key-check");
    if (known === mark) return undefined;
    const count = this.list().length;
    if (known !== undefined && count > 0) {
      return `API_KEY_SECRET is not the secret that the stored client keys (${count}) were hashed with: they do not work until it is set back.`;
    }
    unlessDiskFull(() => saveValue(this.store, "access", "api-key-check", mark));
    return undefined;
  }

  #load(): void {
    const byHash = new Map<string, Entry>();
    const groups = new Map(listKeyGroups(this.store).map((group) => [group.id, group]));
    for (const record of listKeys(this.store)) {
      const group = record.groupId === undefined ? undefined : groups.get(record.groupId);
      // A group that is gone against all rules must not set its keys free.
      const paused = record.groupId !== undefined && !group?.isActive;
      const caller: Caller = { keyId: record.id, name: record.name, key: record, ...(group && { group }) };
      for (const { hash, until } of record.former ?? []) byHash.set(hash, { caller, record, until, paused });
      byHash.set(record.hash, { caller, record, until: undefined, paused });
    }
    this.#byHash = byHash;
  }

  #applyGroup(record: ApiKey, groupId: string | null | undefined): void {
    if (groupId === undefined) return;
    if (groupId === null) delete record.groupId;
    else if (findKeyGroup(this.store, groupId)) record.groupId = groupId;
    else throw badRequest("There is no such key group.", "groupId");
  }

  #existing(id: string): ApiKey {
    const record = findKey(this.store, id);
    if (!record) throw new GatewayError("not_found", "There is no such API key.");
    return this.#withUse(record);
  }

  #withUse(record: ApiKey): ApiKey {
    const lastUsedAt = this.#uses.get(record.id);
    return lastUsedAt === undefined ? record : { ...record, lastUsedAt };
  }
}

/** `sk-omni-AbCd…wxyz` */
const masked = (key: string) => `${key.slice(0, PREFIX.length + 4)}…${key.slice(-4)}`;

function timeOf(value: string | number | null | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  const time = typeof value === "number" ? value : Date.parse(value);
  if (!Number.isSafeInteger(time) || time < 0) {
    throw badRequest("expiresAt must be an ISO date or milliseconds since 1970.", "expiresAt");
  }
  return time;
}
