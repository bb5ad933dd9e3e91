import type { Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";
import { deadlineIn, msLeft, timeOf, type Deadline } from "./deadline.ts";

export const COOLDOWN_KINDS = ["rate-limit", "quota", "credentials", "no-such-model"] as const;
/** `transient`: not set aside, only moved behind others. */
export type CooldownKind = (typeof COOLDOWN_KINDS)[number] | "transient";

/** What is set aside: a whole connection, or one model over it. */
export type Subject = { provider: string; connectionId: string; modelId?: string };

/** The connection a target goes over. */
export const connectionOf = (target: Target): Subject => ({
  provider: target.provider.id,
  connectionId: target.connection.id,
});

/** A target's model over its connection. */
export const modelOf = (target: Target): Subject => ({ ...connectionOf(target), modelId: target.modelId });

/** A subject set aside until a time (milliseconds since 1970). */
export type CooldownEntry = Subject & { kind: CooldownKind; until: number; level: number };

type Running = { kind: CooldownKind; until: number };

type Cooldown = {
  subject: Subject;
  kind: CooldownKind;
  until: Deadline;
  /** Steady clock. */
  since: number;
  /** How many in a row came before it. Outlives its time, until a success. */
  level: number;
};

const DAY_MS = 86_400_000;
const SHORTEST_COOLDOWN_MS = 1000;

/** The longest a cooldown of a kind may last, in milliseconds: typed quotas may run a month, limits a day. */
const LONGEST: Readonly<Record<CooldownKind, number>> = {
  quota: 31 * DAY_MS,
  "rate-limit": DAY_MS,
  credentials: DAY_MS,
  "no-such-model": DAY_MS,
  transient: 60_000,
};

/** Cooldowns of connections and models, at most `capacity` subjects; those unused for longest are forgotten. */
export class Cooldowns {
  readonly #bySubject: Lru<string, Cooldown[]>;

  constructor(
    readonly clock: Clock,
    capacity = 20_000,
  ) {
    this.#bySubject = new Lru(capacity);
  }

  /**
   * Sets a subject aside for as long as `length` says (milliseconds, by how many came in a row before), kept within
   * the kind's bounds; an earlier cooldown that ends later stays. `startedAt` (steady clock): when the failed call
   * began. Calls that began before the last failure are echoes of the same trouble and do not count in the row.
   * Gives the end in milliseconds since 1970.
   */
  start(subject: Subject, kind: CooldownKind, length: (level: number) => number, startedAt: number): number {
    const cooldowns = this.#bySubject.get(keyOf(subject)) ?? [];
    const earlier = cooldowns.find((cooldown) => cooldown.kind === kind);
    const isEcho = earlier !== undefined && startedAt < earlier.since;
    const level = isEcho ? earlier.level : (earlier?.level ?? -1) + 1;
    const bounded = Math.min(LONGEST[kind], Math.max(SHORTEST_COOLDOWN_MS, length(level)));
    const left = earlier ? msLeft(this.clock, earlier.until) : 0;
    const until = earlier && left >= bounded ? earlier.until : deadlineIn(this.clock, bounded);
    const cooldown: Cooldown = { subject, kind, until, since: this.clock.monotonic(), level };
    this.#bySubject.set(keyOf(subject), [...cooldowns.filter((other) => other.kind !== kind), cooldown]);
    return timeOf(this.clock, until);
  }

  /** Is nothing set aside, and nothing remembered of earlier times? */
  get isEmpty(): boolean {
    return this.#bySubject.size === 0;
  }

  /** What keeps a target aside for longest, its model's or its connection's. Asked several times a call. */
  against(target: Target): Running | undefined {
    if (this.isEmpty) return undefined;
    const connection = this.running(connectionOf(target));
    const model = this.running(modelOf(target));
    if (!connection || !model) return connection ?? model;
    return connection.until >= model.until ? connection : model;
  }

  /** The cooldown that keeps a subject aside for longest; undefined when it may be used. */
  running(subject: Subject): Running | undefined {
    let longest: Running | undefined;
    for (const cooldown of this.#bySubject.get(keyOf(subject)) ?? []) {
      if (msLeft(this.clock, cooldown.until) <= 0) continue;
      const until = timeOf(this.clock, cooldown.until);
      if (!longest || until > longest.until) longest = { kind: cooldown.kind, until };
    }
    return longest;
  }

  /** A call that began at `startedAt` succeeded: what was set aside before it is free, and levels are 0 again. */
  succeeded(subject: Subject, startedAt: number): void {
    const cooldowns = this.#bySubject.get(keyOf(subject));
    if (!cooldowns) return;
    this.#keep(
      keyOf(subject),
      cooldowns.filter((cooldown) => cooldown.since > startedAt),
    );
  }

  /** Ends the running cooldowns that `matches` names, levels included. Says how many there were. */
  lift(matches: (subject: Subject, kind: CooldownKind) => boolean): number {
    let count = 0;
    // A copy, because keeping what is left moves a subject to the end of the map.
    const subjects = [...this.#bySubject.entries()];
    for (const [key, cooldowns] of subjects) {
      const lifted = cooldowns.filter((cooldown) => matches(cooldown.subject, cooldown.kind));
      if (lifted.length === 0) continue;
      count += lifted.filter((cooldown) => msLeft(this.clock, cooldown.until) > 0).length;
      this.#keep(
        key,
        cooldowns.filter((cooldown) => !lifted.includes(cooldown)),
      );
    }
    return count;
  }

  /** All running cooldowns. */
  list(): CooldownEntry[] {
    const entries: CooldownEntry[] = [];
    for (const [, cooldowns] of this.#bySubject.entries()) {
      for (const { subject, kind, until, level } of cooldowns) {
        if (msLeft(this.clock, until) > 0)
          entries.push({ ...subject, kind, level, until: timeOf(this.clock, until) });
      }
    }
    return entries.toSorted((a, b) => a.until - b.until);
  }

  /** Takes stored cooldowns back. Past times and what is no cooldown are left out, too long ones cut. */
  restore(entries: readonly unknown[]): void {
    for (const entry of entries) {
      if (!isEntry(entry)) continue;
      const ms = Math.min(LONGEST[entry.kind], entry.until - this.clock.now());
      if (ms <= 0) continue;
      const { provider, connectionId, modelId, kind, level } = entry;
      const subject = { provider, connectionId, ...(modelId !== undefined && { modelId }) };
      const cooldown = {
        subject,
        kind,
        until: deadlineIn(this.clock, ms),
        since: this.clock.monotonic(),
        level: Math.min(64, Math.max(0, Math.floor(level))),
      };
      const others = (this.#bySubject.get(keyOf(subject)) ?? []).filter((other) => other.kind !== kind);
      this.#bySubject.set(keyOf(subject), [...others, cooldown]);
    }
  }

  #keep(key: string, cooldowns: Cooldown[]): void {
    if (cooldowns.length === 0) this.#bySubject.delete(key);
    else this.#bySubject.set(key, cooldowns);
  }
}

const keyOf = (subject: Subject): string =>
  subject.modelId === undefined ? subject.connectionId : `${subject.connectionId}\u0000${subject.modelId}`;

function isEntry(value: unknown): value is CooldownEntry {
  if (typeof value !== "object" || value === null) return false;
  const entry = value as Partial<CooldownEntry>;
  return (
    typeof entry.provider === "string" &&
    typeof entry.connectionId === "string" &&
    (entry.modelId === undefined || typeof entry.modelId === "string") &&
    COOLDOWN_KINDS.some((kind) => kind === entry.kind) &&
    Number.isFinite(entry.until) &&
    Number.isFinite(entry.level)
  );
}
