import { FAILURES, GatewayError, TargetFailure } from "../core/errors.ts";
import type { AttemptRecord, Egress } from "../core/record.ts";
import { configFor, type Exclusion, type Plan, type Target } from "../core/target.ts";
import { sleep, type Clock } from "../lib/clock.ts";
import { blamedFor } from "./blame.ts";
import { failureOf } from "./encoder-refusal.ts";
import { barred } from "./exclusions.ts";
import { finalError, safeMessage, type FailedTry } from "./final-error.ts";
import type { Claim, HealthBoard } from "./health.ts";
import type { LimitBoard } from "./limits.ts";
import { standingOf } from "./live-view.ts";
import type { RoutingMemory } from "./memory.ts";
import type { Ticket } from "./waiting-room.ts";

export type WalkOptions<Answer> = {
  plan: Plan;
  /** One try. Resolves at the first content (or the whole answer); throws `TargetFailure`. */
  attempt(target: Target, signal: AbortSignal): Promise<Answer>;
  health: HealthBoard;
  limits: LimitBoard;
  memory: RoutingMemory;
  clock: Clock;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
  /** Aborts when the client leaves. */
  signal: AbortSignal;
  /** The call has waited for its turn at a connection. */
  ticket?: Ticket;
  /** How many tries the call has made already, in a walk before this one. */
  made?: number;
  /** The network proxy that calls to a target take; undefined: none. */
  egress?: (target: Target) => Egress | undefined;
  /** Told of every try when it has failed or begun to answer. */
  onAttempt?: (record: AttemptRecord) => void;
};

export type Answered<Answer> = {
  answer: Answer;
  target: Target;
  /** All tries, the last one being the answer. */
  attempts: AttemptRecord[];
  /**
   * To be called once when the answer has been passed on, or has broken off: frees the connection's slot, completes
   * the last attempt's record.
   */
  settle(failure?: TargetFailure): void;
};

const RETRY_JITTER = 0.2;
const LONGEST_PROBE_WAIT_MS = 2000;

/**
 * Walks the plan until one target answers. A failure leads to the next target at once; a connection that broke before
 * the first byte is repeated once; when all were tried, those that failed transiently are tried again after a wait. A
 * provider whose breaker opens on the way is left until the others were asked.
 * Throws `GatewayError`: the answer to give when nothing answered.
 */
export async function firstToAnswer<Answer>(options: WalkOptions<Answer>): Promise<Answered<Answer>> {
  const leave = options.limits.enter();
  try {
    return await new Walk(options, leave).run();
  } catch (error) {
    leave();
    throw error;
  }
}

class Walk<Answer> {
  readonly #attempts: AttemptRecord[] = [];
  readonly #tries: FailedTry[] = [];
  readonly #passedOver: Exclusion[] = [];
  readonly #asked = new Set<Target>();

  constructor(
    readonly options: WalkOptions<Answer>,
    readonly leave: () => void,
  ) {}

  async run(): Promise<Answered<Answer>> {
    const { plan, memory } = this.options;
    if (!this.options.made) memory.planned(plan);
    for (const target of this.#inOrder()) {
      const answered = await this.#visit(target);
      if (answered) return answered;
    }
    const probed = await this.#afterProbes();
    if (probed) return probed;
    const rounds = Math.max(...plan.targets.map((target) => configFor(plan, target).maxRetries));
    for (let round = 0; round < rounds; round++) {
      const answered = await this.#again(round);
      if (answered === "no more") break;
      if (answered) return answered;
    }
    throw finalError(plan, this.#tries, this.#passedOver, this.options.clock.now());
  }

  /** The plan's targets; those of a provider whose breaker this request itself has opened come last. */
  *#inOrder(): Generator<Target> {
    const spares: Target[] = [];
    for (const target of this.options.plan.targets) {
      if (this.#hasFelled(target)) spares.push(target);
      else yield target;
    }
    yield* spares;
  }

  /** Tries a target for the first time, and once more at once when the connection broke before the first byte. */
  async #visit(target: Target): Promise<Answered<Answer> | undefined> {
    const before = this.#tries.length;
    const answered = await this.#try(target, this.#isOwnDoing(target));
    const failure = this.#tries.length > before ? this.#tries.at(-1)?.failure : undefined;
    if (answered || !failure?.brokeEarly) return answered;
    const over = this.options.limits.repeat();
    if (!over) return undefined;
    try {
      return await this.#try(target, true);
    } finally {
      over();
    }
  }

  /**
   * Targets that were passed over because another request was just finding out whether their provider works again:
   * asked as soon as that is known, if it does.
   */
  async #afterProbes(): Promise<Answered<Answer> | undefined> {
    const { plan, health, clock, signal } = this.options;
    const probes = plan.targets.flatMap((target) => {
      const probed = this.#asked.has(target) ? undefined : health.probed(target);
      return probed ? [{ target, probed }] : [];
    });
    if (probes.length === 0) return undefined;
    const longest = Math.max(...probes.map(({ target }) => configFor(plan, target).retryDelayMs));
    const over = new AbortController();
    const first = Promise.race(probes.map(({ probed }) => probed));
    const leaving = () => over.abort();
    signal.addEventListener("abort", leaving);
    await Promise.race([first, sleep(clock, Math.min(LONGEST_PROBE_WAIT_MS, longest), over.signal)]);
    signal.removeEventListener("abort", leaving);
    over.abort();
    for (const { target } of probes) {
      const answered = await this.#visit(target);
      if (answered) return answered;
    }
    return undefined;
  }

  /** One round over the targets that failed transiently. */
  async #again(round: number): Promise<Answered<Answer> | undefined | "no more"> {
    const { limits, clock, signal, health, plan } = this.options;
    const tries = this.#transient().filter(
      ({ target }) => configFor(plan, target).maxRetries > round && health.standing(target).usable,
    );
    if (tries.length === 0 || this.#isSpent()) return "no more";
    // Taken before the wait, so that a crowd that fails together does not come back together.
    const over = limits.repeat();
    if (!over) return "no more";
    try {
      if (!(await sleep(clock, this.#wait(tries), signal))) throw clientLeft();
      for (const { target } of tries) {
        const answered = await this.#try(target, false);
        if (answered) return answered;
      }
      return undefined;
    } finally {
      over();
    }
  }

  /** The last failure of each target, where that was a passing one. */
  #transient(): FailedTry[] {
    const last = new Map(this.#tries.map((one) => [one.target, one]));
    return [...last.values()].filter(({ failure }) => FAILURES[failure.kind].transient && !failure.underWay);
  }

  #wait(tries: readonly FailedTry[]): number {
    const { plan, random, clock } = this.options;
    const retryDelayMs = Math.max(...tries.map(({ target }) => configFor(plan, target).retryDelayMs));
    const jittered = retryDelayMs * (1 + RETRY_JITTER * (2 * random() - 1));
    const named = tries
      .map(({ failure }) => (failure.until ?? Infinity) - clock.now())
      .filter((ms) => ms >= 0 && ms <= retryDelayMs);
    return named.length > 0 ? Math.min(...named) : jittered;
  }

  async #try(target: Target, anyway: boolean): Promise<Answered<Answer> | undefined> {
    const { signal, health, limits, memory, ticket } = this.options;
    if (signal.aborted) throw clientLeft();
    if (this.#isSpent() || this.#isRefused(target)) return undefined;
    const claim = health.claim(target, anyway);
    const release = claim && limits.claim(target, ticket);
    if (!claim || !release) {
      claim?.abandoned();
      this.#passOver(target);
      return undefined;
    }
    this.#asked.add(target);
    memory.attempted(target, !this.#attempts.some(({ provider }) => provider === target.provider.id));
    return this.#ask(target, claim, release);
  }

  async #ask(target: Target, claim: Claim, release: () => void): Promise<Answered<Answer> | undefined> {
    const { clock, signal, memory, plan } = this.options;
    const startedAt = clock.now();
    const started = clock.monotonic();
    const record = (outcome: AttemptRecord["outcome"], more: Partial<AttemptRecord>): AttemptRecord =>
      this.#record(target, { startedAt, durationMs: clock.monotonic() - started, outcome, ...more });
    let answer: Answer;
    try {
      answer = await this.options.attempt(target, signal);
    } catch (error) {
      release();
      const failure = signal.aborted ? LEFT : failureOf(error);
      if (!failure) {
        claim.abandoned();
        throw error;
      }
      claim.failed(failure);
      record(failure.kind, this.#told(target, failure));
      if (failure.kind === "cancelled") throw clientLeft();
      this.#note(target, failure);
      return undefined;
    }
    if (signal.aborted) {
      // It answered in the moment the client left: nobody will take the answer or settle it.
      release();
      claim.abandoned();
      record("cancelled", {});
      throw clientLeft();
    }
    const firstContentMs = clock.monotonic() - started;
    claim.succeeded(firstContentMs);
    if (plan.sessionKey !== undefined) memory.served(plan.sessionKey, target);
    const told = record("ok", { status: 200, firstContentMs });
    const settle = this.#settler(target, told, started, release);
    return { answer, target, attempts: this.#attempts, settle };
  }

  #settler(target: Target, record: AttemptRecord, started: number, release: () => void) {
    const { clock, health } = this.options;
    let settled = false;
    return (failure?: TargetFailure): void => {
      if (settled) return;
      settled = true;
      release();
      this.leave();
      record.durationMs = clock.monotonic() - started;
      if (!failure) return health.completed(target);
      health.brokeOff(target, failure);
      record.outcome = failure.kind;
      Object.assign(record, this.#told(target, failure));
    };
  }

  /** What a failure is told as, once it counts. */
  #told(target: Target, failure: TargetFailure): Partial<AttemptRecord> {
    const { health } = this.options;
    const blamed = blamedFor(failure);
    const standing = health.standing(target);
    const until = standing.usable ? health.behindUntil(target) : standing.until;
    return {
      ...(failure.status !== undefined && { status: failure.status }),
      message: safeMessage(target.connection, failure),
      ...(blamed && { blamed }),
      ...(blamed && until !== undefined && { until }),
    };
  }

  #record(
    target: Target,
    facts: Pick<AttemptRecord, "startedAt" | "durationMs" | "outcome"> & Partial<AttemptRecord>,
  ): AttemptRecord {
    const egress = this.options.egress?.(target);
    const record: AttemptRecord = {
      position: (this.options.made ?? 0) + this.#attempts.length + 1,
      provider: target.provider.id,
      model: target.label,
      connectionId: target.connection.id,
      connectionName: target.connection.name,
      ...(egress && { egress }),
      ...facts,
    };
    this.#attempts.push(record);
    this.options.onAttempt?.(record);
    return record;
  }

  #note(target: Target, failure: TargetFailure): void {
    const { health } = this.options;
    const standing = health.standing(target);
    const returnsAt = standing.usable ? health.behindUntil(target) : standing.until;
    this.#tries.push({ target, failure, returnsAt: returnsAt ?? failure.until });
  }

  /** Did a model say that every connection would refuse it alike? */
  #isRefused(target: Target): boolean {
    return this.#tries.some(
      ({ target: tried, failure }) =>
        FAILURES[failure.kind].skipModel &&
        tried.modelId === target.modelId &&
        tried.provider.id === target.provider.id,
    );
  }

  /**
   * What this request's own failures did to a connection or provider does not keep its other models from being
   * tried; what others learned meanwhile does.
   */
  #isOwnDoing(target: Target): boolean {
    return this.#tries.some(
      ({ target: tried }) =>
        tried.connection.id === target.connection.id || tried.provider.id === target.provider.id,
    );
  }

  #hasFelled(target: Target): boolean {
    if (this.#tries.length === 0 || !this.#isOwnDoing(target)) return false;
    const standing = this.options.health.standing(target);
    return !standing.usable && standing.reason === "breaker";
  }

  #passOver(target: Target): void {
    const { health, limits, ticket } = this.options;
    const standing = standingOf(target, health, limits, ticket);
    if (!standing.usable) this.#passedOver.push(barred(target, standing.reason, standing.until));
  }

  #isSpent(): boolean {
    return (this.options.made ?? 0) + this.#attempts.length >= this.options.plan.config.maxAttempts;
  }
}

const LEFT = new TargetFailure("cancelled", "The client left.");

const clientLeft = (): GatewayError => new GatewayError("cancelled", "The client left.");
