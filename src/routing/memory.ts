import type { Plan, Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";

/** What must survive a restart: whose turn it is, who was used how often, and who served which conversation. */
export type MemorySnapshot = {
  turns: [counter: string, turn: number][];
  uses: [key: string, minutes: [minute: number, count: number][]][];
  lastUsed: [connectionId: string, at: number][];
  served: [key: string, connectionId: string, at: number, model?: string, requests?: number][];
};

/** A conversation and the connection that serves it, for the list of sessions. */
export type SessionEntry = {
  sessionKey: string;
  provider: string;
  connectionId: string;
  /** `prefix/id` of the last answer. */
  model: string;
  /** Answers since the conversation came to this connection. */
  requests: number;
  lastUsedAt: number;
};

type Served = { connectionId: string; at: number; model: string; requests: number };

const MINUTE_MS = 60_000;
const USES_MINUTES = 60;
const SERVED_MS = 3_600_000;

/** What routing remembers between requests. Every map is bounded; what was unused for longest is forgotten. */
export class RoutingMemory {
  readonly #turns = new Lru<string, number>(5000);
  readonly #uses = new Lru<string, Map<number, number>>(5000);
  readonly #lastUsed = new Lru<string, number>(10_000);
  readonly #inARow = new Lru<string, { connectionId: string; count: number }>(1000);
  readonly #served = new Lru<string, Served>(10_000);

  constructor(readonly clock: Clock) {}

  turn(counter: string): number {
    return this.#turns.get(counter) ?? 0;
  }

  /** Calls of a combo to a model in the last 60 minutes, to the minute. */
  uses(comboId: string, label: string): number {
    const minutes = this.#uses.get(usesKey(comboId, label));
    if (!minutes) return 0;
    const oldest = this.#minute() - USES_MINUTES;
    let sum = 0;
    for (const [minute, count] of minutes) if (minute > oldest) sum += count;
    return sum;
  }

  lastUsedAt(connectionId: string): number | undefined {
    return this.#lastUsed.get(connectionId);
  }

  /** How many calls of a provider in a row went to a connection; 0 when the newest went to another. */
  usesInARow(providerId: string, connectionId: string): number {
    const newest = this.#inARow.get(providerId);
    return newest?.connectionId === connectionId ? newest.count : 0;
  }

  /** The connection that served a conversation at a provider within the last 60 minutes. */
  servedBy(sessionKey: string, providerId: string): string | undefined {
    const served = this.#served.get(servedKey(sessionKey, providerId));
    return served && this.clock.now() - served.at < SERVED_MS ? served.connectionId : undefined;
  }

  /** A plan is about to be carried out: the combos it came through move on by one turn. */
  planned(plan: Plan): void {
    for (const counter of plan.turns ?? []) this.#moveOn(counter);
  }

  /** A target is asked: counts for `least-used`. `first`: it is the request's first call to this provider. */
  attempted(target: Target, first: boolean): void {
    if (first) this.#moveOn(accountCounter(target.provider.id));
    this.#lastUsed.set(target.connection.id, this.clock.now());
    this.#countInARow(target.provider.id, target.connection.id);
    for (const comboId of target.combos ?? []) this.#countUse(usesKey(comboId, target.label));
  }

  /** A target answers a conversation. */
  served(sessionKey: string, target: Target): void {
    const key = servedKey(sessionKey, target.provider.id);
    const before = this.#served.get(key);
    const stayed = before?.connectionId === target.connection.id;
    this.#served.set(key, {
      connectionId: target.connection.id,
      at: this.clock.now(),
      model: target.label,
      requests: (stayed ? before.requests : 0) + 1,
    });
  }

  /** Conversations of the last 60 minutes, the newest first. */
  sessions(): SessionEntry[] {
    const entries: SessionEntry[] = [];
    for (const [key, { connectionId, at, model, requests }] of this.#served.entries()) {
      if (this.clock.now() - at >= SERVED_MS) continue;
      // The conversation's own key may hold the separator; a provider's id does not.
      const cut = key.indexOf("\u0000");
      entries.push({
        sessionKey: key.slice(cut + 1),
        provider: key.slice(0, cut),
        connectionId,
        model,
        requests,
        lastUsedAt: at,
      });
    }
    return entries.toSorted((a, b) => b.lastUsedAt - a.lastUsedAt);
  }

  snapshot(): MemorySnapshot {
    const now = this.clock.now();
    return {
      turns: [...this.#turns.entries()],
      uses: [...this.#uses.entries()].map(([key, minutes]) => [key, [...minutes]]),
      lastUsed: [...this.#lastUsed.entries()],
      served: [...this.#served.entries()]
        .filter(([, { at }]) => now - at < SERVED_MS)
        .map(([key, { connectionId, at, model, requests }]) => [key, connectionId, at, model, requests]),
    };
  }

  /** Takes a stored snapshot back; what is no snapshot is left out. */
  restore(snapshot: unknown): void {
    const { turns, uses, lastUsed, served } = (snapshot ?? {}) as { [field: string]: unknown };
    for (const [counter, turn] of rows(turns)) {
      if (typeof counter === "string" && isCount(turn)) this.#turns.set(counter, turn);
    }
    for (const [key, minutes] of rows(uses)) {
      const counts = rows(minutes).filter(([minute, count]) => isCount(minute) && isCount(count));
      if (typeof key === "string") this.#uses.set(key, new Map(counts as [number, number][]));
    }
    for (const [connectionId, at] of rows(lastUsed)) {
      if (typeof connectionId === "string" && isCount(at)) this.#lastUsed.set(connectionId, at);
    }
    for (const [key, connectionId, at, model, requests] of rows(served)) {
      if (typeof key === "string" && typeof connectionId === "string" && isCount(at))
        this.#served.set(key, {
          connectionId,
          at: Math.min(at, this.clock.now()),
          model: typeof model === "string" ? model : "",
          requests: isCount(requests) ? requests : 1,
        });
    }
  }

  #moveOn(counter: string): void {
    this.#turns.set(counter, this.turn(counter) + 1);
  }

  #countInARow(providerId: string, connectionId: string): void {
    const newest = this.#inARow.get(providerId);
    if (newest?.connectionId === connectionId) newest.count++;
    else this.#inARow.set(providerId, { connectionId, count: 1 });
  }

  #countUse(key: string): void {
    const now = this.#minute();
    const minutes = new Map(
      [...(this.#uses.get(key) ?? [])].filter(([minute]) => minute > now - USES_MINUTES && minute <= now),
    );
    minutes.set(now, (minutes.get(now) ?? 0) + 1);
    this.#uses.set(key, minutes);
  }

  #minute(): number {
    return Math.floor(this.clock.now() / MINUTE_MS);
  }
}

/** A short name for a conversation that tells nothing of it. */
export const sessionIdOf = (sessionKey: string): string => Bun.hash.wyhash(sessionKey).toString(36);

/** The counter of a combo's turns. */
export const comboCounter = (comboId: string): string => `combo:${comboId}`;

/** The counter of calls to a provider's connections. */
export const accountCounter = (providerId: string): string => `accounts:${providerId}`;

const usesKey = (comboId: string, label: string): string => `${comboId}\u0000${label}`;
const servedKey = (sessionKey: string, providerId: string): string => `${providerId}\u0000${sessionKey}`;

const rows = (value: unknown): unknown[][] => (Array.isArray(value) ? value.filter(Array.isArray) : []);

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;
