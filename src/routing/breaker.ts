import type { Clock } from "../lib/clock.ts";
import { deadlineIn, msLeft, timeOf, type Deadline } from "./deadline.ts";

export type BreakerState = "CLOSED" | "OPEN" | "HALF_OPEN";

export type BreakerOptions = {
  /** Failures in a row that open it. */
  threshold: number;
  /** Milliseconds it stays open the first time. */
  resetMs: number;
  /** Does it open again for no longer than the first time? */
  isSteady?: boolean;
};

const LONGEST_OPEN_MS = 300_000;
const JITTER = 0.1;
/** A probe that nobody settles does not block the provider for ever. */
const LONGEST_PROBE_MS = 900_000;

/**
 * Keeps calls from a provider that fails as a whole: after some failures in a row it opens, after a time it lets
 * exactly one call through, and that call's outcome closes or reopens it.
 */
export class Breaker {
  failures = 0;
  /** Answers in a row that began well and broke off. */
  #broken = 0;
  lastFailureAt: number | undefined;
  #openings = 0;
  #open: { until: Deadline; since: number } | undefined;
  #probe: Deadline | undefined;
  #whenProbed: (() => void)[] = [];

  constructor(
    readonly clock: Clock,
    readonly random: () => number,
  ) {}

  get state(): BreakerState {
    if (!this.#open) return "CLOSED";
    return msLeft(this.clock, this.#open.until) > 0 ? "OPEN" : "HALF_OPEN";
  }

  /** When it lets a call through again, in milliseconds since 1970; undefined unless open. */
  get openUntil(): number | undefined {
    return this.#open && this.state === "OPEN" ? timeOf(this.clock, this.#open.until) : undefined;
  }

  /** Is the one call of a half-open breaker under way? */
  get probing(): boolean {
    return this.#probe !== undefined && msLeft(this.clock, this.#probe) > 0;
  }

  /** Resolves when the probe under way has told something. */
  probed(): Promise<void> {
    return this.probing ? new Promise((resolve) => this.#whenProbed.push(resolve)) : Promise.resolve();
  }

  /** May a call go through? */
  get passes(): boolean {
    const { state } = this;
    return state === "CLOSED" || (state === "HALF_OPEN" && !this.probing);
  }

  /** Takes leave for a call; true when it is the half-open breaker's probe. Ask `passes` first. */
  enter(): boolean {
    if (this.state !== "HALF_OPEN") return false;
    this.#probe = deadlineIn(this.clock, LONGEST_PROBE_MS);
    return true;
  }

  /** A call that began at `startedAt` (steady clock) was answered well. */
  succeeded(startedAt: number, isProbe: boolean): void {
    if (isProbe) this.#endProbe();
    // An answer to a call from before the outage says nothing about now.
    if (!isProbe && this.#open && startedAt <= this.#open.since) return;
    this.#closed();
  }

  /** An answer came to its end. */
  completed(): void {
    this.#broken = 0;
  }

  /** An answer that had begun well broke off: the good beginning does not count. True when this opened the breaker. */
  brokeOff(options: BreakerOptions): boolean {
    this.failures = Math.max(this.failures, this.#broken);
    this.#broken++;
    return this.failed(false, options);
  }

  /** A call failed in a way that speaks of the whole provider. True when this opened the breaker. */
  failed(isProbe: boolean, options: BreakerOptions): boolean {
    this.lastFailureAt = this.clock.now();
    this.failures++;
    if (isProbe) this.#endProbe();
    if (this.#open && !isProbe) return false;
    if (!isProbe && this.failures < options.threshold) return false;
    if (!options.isSteady || this.#openings === 0) this.#openings++;
    const jitter = 1 + JITTER * (2 * this.random() - 1);
    const ms = Math.min(LONGEST_OPEN_MS, options.resetMs * this.#openings * jitter);
    this.#open = { until: deadlineIn(this.clock, ms), since: this.clock.monotonic() };
    return true;
  }

  /** The provider answered a call, though not well: it is there. */
  answered(isProbe: boolean): void {
    if (isProbe) this.close();
  }

  /** The provider was seen to be there: an open breaker lets its probe through now. */
  reached(): void {
    if (this.#open) this.#open = { ...this.#open, until: deadlineIn(this.clock, 0) };
  }

  /** A call ended without telling anything. */
  abandoned(isProbe: boolean): void {
    if (isProbe) this.#endProbe();
  }

  close(): void {
    this.#broken = 0;
    this.#closed();
  }

  #closed(): void {
    this.failures = 0;
    this.#openings = 0;
    this.#open = undefined;
    this.#endProbe();
  }

  #endProbe(): void {
    this.#probe = undefined;
    const waiting = this.#whenProbed;
    this.#whenProbed = [];
    // They go on only when this is over, and so see what came of it.
    for (const resolve of waiting) resolve();
  }
}
