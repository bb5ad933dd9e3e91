import type { Connection } from "../core/connection.ts";
import { FAILURES, type TargetFailure } from "../core/errors.ts";
import { healthKey, type Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import { BreakerBoard, type BreakerChange, type BreakerEntry } from "./breaker-board.ts";
import { heldAgainst } from "./blame.ts";
import {
  connectionOf,
  Cooldowns,
  type CooldownEntry,
  type CooldownKind,
  modelOf,
  type Subject,
} from "./cooldowns.ts";
import { DEFAULT_PROFILES, profileOf, type ResilienceProfile, type ResilienceProfiles } from "./profiles.ts";
import { type LockedIdentifier, lockedBy, named } from "./locked.ts";
import { RecentOutcomes } from "./recent-outcomes.ts";
import type { Standing } from "./view.ts";

/** What changed, for the live view and for storing. */
export type HealthChange =
  | BreakerChange
  | { type: "cooldown"; connectionId: string; modelId?: string; kind: CooldownKind; until: number }
  | { type: "cleared" };

export type HealthOptions = {
  clock: Clock;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
  profiles?: ResilienceProfiles;
  /** The provider refused a connection's credential for one model: test the credential beside the traffic. */
  onCredentialFailure?: (target: Target, failure: TargetFailure) => void;
  onChange?: (change: HealthChange) => void;
};

/** Leave to try a target. Exactly one of its functions is called, once; later calls do nothing. */
export type Claim = {
  readonly target: Target;
  /** The first content came, after so many milliseconds. */
  succeeded(firstContentMs: number): void;
  failed(failure: TargetFailure): void;
  /** Nothing was learned: the client left, or the fault was ours. */
  abandoned(): void;
};

export type HealthSnapshot = { cooldowns: CooldownEntry[] };

/**
 * What is known of how providers, connections and models fare. Kept in memory; cooldowns can be stored and taken
 * back. Told by the attempt loop, read by plans and pages.
 */
export class HealthBoard {
  readonly #clock: Clock;
  readonly #options: HealthOptions;
  #profiles: ResilienceProfiles;
  readonly #cooldowns: Cooldowns;
  readonly #behind: Cooldowns;
  readonly #breakers: BreakerBoard;
  readonly #outcomes: RecentOutcomes;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#profiles = options.profiles ?? DEFAULT_PROFILES;
    const { clock, random, onChange } = options;
    this.#breakers = new BreakerBoard({ clock, random, ...(onChange && { onChange }) });
    this.#cooldowns = new Cooldowns(options.clock);
    this.#behind = new Cooldowns(options.clock);
    this.#outcomes = new RecentOutcomes(options.clock);
  }

  get profiles(): ResilienceProfiles {
    return this.#profiles;
  }

  /** New profiles hold for the next failure. */
  configure(profiles: ResilienceProfiles): void {
    this.#profiles = profiles;
  }

  /** May the target be tried now? Changes nothing. */
  standing(target: Target): Standing {
    const bar = this.#cooldowns.against(target);
    const breaker = this.#breakers.of(target);
    const openUntil = breaker?.openUntil;
    if (openUntil !== undefined && openUntil >= (bar?.until ?? 0)) {
      return { usable: false, reason: "breaker", until: openUntil };
    }
    if (bar)
      return { usable: false, reason: bar.kind as Exclude<CooldownKind, "transient">, until: bar.until };
    if (breaker && !breaker.passes) return { usable: false, reason: "probing" };
    return { usable: true, behind: this.behindUntil(target) !== undefined };
  }

  /** Until when a transiently failed target stands behind others, in milliseconds since 1970. */
  behindUntil(target: Target): number | undefined {
    return this.#behind.isEmpty ? undefined : this.#behind.running(modelOf(target))?.until;
  }

  /**
   * Leave to try a target, or undefined when it has become unusable. `anyway`: no matter how it stands, because what
   * speaks against it is this very request's own doing.
   */
  claim(target: Target, anyway = false): Claim | undefined {
    if (!anyway && !this.standing(target).usable) return undefined;
    const breaker = this.#breakers.of(target);
    const isProbe = breaker !== undefined && breaker.passes && breaker.enter();
    const startedAt = this.#clock.monotonic();
    let settled = false;
    const once = (settle: () => void) => () => {
      if (settled) return;
      settled = true;
      settle();
    };
    return {
      target,
      succeeded: (firstContentMs) =>
        once(() => this.#succeeded(target, startedAt, isProbe, firstContentMs))(),
      failed: (failure) => once(() => this.#failed(target, failure, startedAt, isProbe))(),
      abandoned: once(() => breaker?.abandoned(isProbe)),
    };
  }

  /** Resolves when the probe at a target's half-open breaker has told something; undefined where none is under way. */
  probed(target: Target): Promise<void> | undefined {
    const breaker = this.#breakers.of(target);
    return breaker?.state === "HALF_OPEN" && breaker.probing ? breaker.probed() : undefined;
  }

  /** An answer that had begun well broke off. */
  brokeOff(target: Target, failure: TargetFailure): void {
    this.#failed(target, failure, this.#clock.monotonic(), false, true);
  }

  /** An answer came to its end. */
  completed(target: Target): void {
    this.#breakers.of(target)?.completed();
  }

  /** A test beside the traffic: what failed passingly goes behind the others, what answers comes back. */
  checked(target: Target, failure?: TargetFailure): void {
    const now = this.#clock.monotonic();
    if (!failure) return this.#behind.succeeded(modelOf(target), now);
    const ms = this.#namedBy(failure) ?? 0;
    this.#behind.start(modelOf(target), "transient", () => ms, now);
  }

  /** A test found a connection's provider there: what failed passingly is not held against it any more. */
  reached({ id, provider }: Pick<Connection, "id" | "provider">): void {
    this.#behind.lift((subject) => subject.connectionId === id);
    this.#breakers.reached(provider);
  }

  /** Share of failures in the last 5 minutes and the median milliseconds to the first content. */
  recent(target: Target): { failureShare: number; p50?: number } {
    return this.#outcomes.read(healthKey(target));
  }

  /** Sets a target or its whole connection aside because headers or a quota check say that nothing is left. */
  pause(target: Target, scope: "model" | "connection", kind: "rate-limit" | "quota", until: number): void {
    if (!(until > this.#clock.now())) return;
    this.#coolDown(scope === "model" ? modelOf(target) : connectionOf(target), kind, () => this.#msTo(until));
  }

  /** A quota check shows that nothing is left of an account, or of one model over it, until a time. */
  quotaSpent(
    { modelId, ...account }: { provider: string; connectionId: string; modelId: string | undefined },
    until: number,
  ): void {
    if (!(until > this.#clock.now())) return;
    const subject = modelId === undefined ? account : { ...account, modelId };
    this.#coolDown(subject, "quota", () => this.#msTo(until));
  }

  /** A quota check shows room again: limits of the connection (or of one model over it) end early. */
  quotaReturned(connectionId: string, modelId?: string): number {
    return this.#lift(
      (subject, kind) =>
        subject.connectionId === connectionId &&
        (modelId === undefined || subject.modelId === modelId) &&
        (kind === "quota" || kind === "rate-limit"),
    );
  }

  /** A connection has a new token: what was held against the old one ends. */
  credentialRenewed(connectionId: string): number {
    return this.#lift((subject, kind) => subject.connectionId === connectionId && kind === "credentials");
  }

  /** A connection's provider lists these models: those that it did not know a moment ago are asked again. */
  listed(connectionId: string, modelIds: readonly string[]): number {
    const isBack = ({ modelId }: Subject) => modelId !== undefined && modelIds.includes(modelId);
    return this.#lift(
      (subject, kind) => kind === "no-such-model" && subject.connectionId === connectionId && isBack(subject),
    );
  }

  /** A provider is gone, and its breaker with it. */
  forgetProvider(id: string): void {
    this.#breakers.forget(id);
  }

  /** A connection was changed, renewed or tested well: everything held against it is forgotten. */
  forget(connectionId: string): void {
    const isIts = (subject: Subject) => subject.connectionId === connectionId;
    this.#behind.lift(isIts);
    this.#lift(isIts);
  }

  /** Frees what `identifier` names (see `locked`). Says whether there was anything to free. */
  forceUnlock(identifier: string): boolean {
    const what = named(identifier);
    if (what.kind === "breaker") return this.#breakers.close(what.name);
    return (
      this.#lift(
        (subject) => subject.connectionId === what.connectionId && subject.modelId === what.modelId,
      ) > 0
    );
  }

  /** Closes all breakers and ends all cooldowns. Says how many there were. */
  resetAll(): number {
    const count = this.#breakers.closeAll() + this.#cooldowns.lift(() => true);
    this.#behind.lift(() => true);
    this.#outcomes.clear();
    this.#options.onChange?.({ type: "cleared" });
    return count;
  }

  /** Every breaker that has seen a failure. */
  breakers(): BreakerEntry[] {
    return this.#breakers.list();
  }

  /** Everything set aside, the first to return first. */
  cooldowns(): CooldownEntry[] {
    return this.#cooldowns.list();
  }

  /** All that is kept from use, with the identifier that frees it. */
  locked(): LockedIdentifier[] {
    return lockedBy(this.breakers(), this.cooldowns());
  }

  /** What must survive a restart. */
  snapshot(): HealthSnapshot {
    return { cooldowns: this.#cooldowns.list() };
  }

  /** Takes a stored snapshot back; what is past, too long or no snapshot is dropped or cut. */
  restore(snapshot: unknown): void {
    const { cooldowns } = (snapshot ?? {}) as Partial<HealthSnapshot>;
    if (Array.isArray(cooldowns)) this.#cooldowns.restore(cooldowns);
  }

  #succeeded(target: Target, startedAt: number, isProbe: boolean, firstContentMs: number): void {
    this.#outcomes.add(healthKey(target), true, firstContentMs);
    if (!this.#behind.isEmpty) this.#behind.succeeded(modelOf(target), startedAt);
    if (!this.#cooldowns.isEmpty) {
      this.#cooldowns.succeeded(modelOf(target), startedAt);
      this.#cooldowns.succeeded(connectionOf(target), startedAt);
    }
    this.#breakers.tell(target, (breaker) => breaker.succeeded(startedAt, isProbe));
    if (isElsewhere(target)) this.#breakers.heard();
  }

  #failed(
    target: Target,
    failure: TargetFailure,
    startedAt: number,
    isProbe: boolean,
    brokeOff = false,
  ): void {
    if (failure.kind === "cancelled")
      return this.#breakers.tell(target, (breaker) => breaker.abandoned(isProbe));
    const { blame } = FAILURES[failure.kind];
    if (blame !== "nobody") this.#outcomes.add(healthKey(target), false);
    if (blame === "provider") this.#failedAsWhole(target, failure, isProbe, brokeOff);
    else this.#breakers.tell(target, (breaker) => breaker.answered(isProbe));
    const held = heldAgainst(target, failure, this.#profile(target), this.#namedBy(failure));
    if (!held) return;
    const { subject, kind, length } = held;
    if (kind === "transient") return void this.#behind.start(subject, kind, length, startedAt);
    const isKnown = this.#cooldowns.running(subject)?.kind === kind;
    this.#coolDown(subject, kind, length, startedAt);
    if (kind === "credentials" && !isKnown) this.#options.onCredentialFailure?.(target, failure);
  }

  #failedAsWhole(target: Target, { kind }: TargetFailure, isProbe: boolean, brokeOff: boolean): void {
    const { circuitBreakerThreshold: threshold, circuitBreakerReset: resetMs } = this.#profile(target);
    const options = { threshold, resetMs };
    if (kind === "unreachable" && !brokeOff) return this.#breakers.unreachable(target, isProbe, options);
    this.#breakers.tellAnyway(target, (breaker) =>
      brokeOff ? breaker.brokeOff(options) : breaker.failed(isProbe, options),
    );
  }

  #coolDown(
    subject: Subject,
    kind: CooldownKind,
    length: (level: number) => number | undefined,
    startedAt = this.#clock.monotonic(),
  ): void {
    const until = this.#cooldowns.start(subject, kind, (level) => length(level) ?? 0, startedAt);
    const { connectionId, modelId } = subject;
    this.#options.onChange?.({
      type: "cooldown",
      connectionId,
      ...(modelId !== undefined && { modelId }),
      kind,
      until,
    });
  }

  /** Milliseconds from now to a named time; undefined for times that are past or no times. */
  #msTo(until: number): number | undefined {
    const ms = until - this.#clock.now();
    return ms > 0 && Number.isFinite(ms) ? ms : undefined;
  }

  /** Milliseconds to the time that a failure names. */
  #namedBy({ until }: TargetFailure): number | undefined {
    return until === undefined ? undefined : this.#msTo(until);
  }

  #profile(target: Target): ResilienceProfile {
    return profileOf(this.#profiles, target.connection);
  }

  #lift(matches: Parameters<Cooldowns["lift"]>[0]): number {
    const count = this.#cooldowns.lift(matches);
    if (count > 0) this.#options.onChange?.({ type: "cleared" });
    return count;
  }
}

/** Local servers, which answer without a network, are spoken to in plain HTTP. */
const isElsewhere = ({ connection, provider }: Target): boolean =>
  !provider.builtIn && (connection.baseUrl ?? provider.baseUrl).startsWith("https:");
