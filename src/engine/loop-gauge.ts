import type { Clock } from "../lib/clock.ts";

export type LoopGaugeDeps = {
  clock: Clock;
  /** How long the event loop may be blocked before new calls are refused, in milliseconds. */
  limitMs: number;
  /** Is anything in work? While it is, the gauge does not rest. */
  isBusy: () => boolean;
  /** CPU time the loop's thread has used so far, in milliseconds. */
  cpuMs?: () => number;
};

const LONGEST_TICK_MS = 200;
/** Without anything to do. Waking a process that rests costs more than the tick. */
const TICKS_BEFORE_REST = 25;
/** Of the limit. Half, because a busy machine takes the core away in between. */
const CPU_SHARE = 0.5;
/** Of the limit; less than `CPU_SHARE`, so that a pause after hard work is no block. */
const TICK_SHARE = 0.4;
/** What counts as lately: this one and the one before. */
const PERIOD_MS = 60_000;

/**
 * Tells whether something holds up the event loop: a timer that should tick evenly, read when a call arrives. Calls that
 * waited in their sockets meanwhile may be handled before the late timer is, so that the time since the last tick
 * counts, not the last lateness. A process that was suspended or got no core is silent too, yet has done nothing
 * wrong; the CPU its thread used tells the two apart. Where nobody asks anything there is nothing to guard, and the
 * gauge rests.
 */
export class LoopGauge {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #isBusy: () => boolean;
  readonly #cpuMs: () => number;
  readonly #tickMs: number;
  /** When the last tick came, on the steady clock, and the CPU used by then; undefined while the gauge rests. */
  #last: { at: number; cpuMs: number } | undefined;
  /** The last tick came too late; the next one on time takes it back. */
  #wasBlocked = false;
  #idleTicks = 0;
  #period = 0;
  #longest = 0;
  #longestBefore = 0;
  #cancel: () => void = () => {};

  constructor({ clock, limitMs, isBusy, cpuMs = threadCpuMs }: LoopGaugeDeps) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#isBusy = isBusy;
    this.#cpuMs = cpuMs;
    this.#tickMs = Math.min(LONGEST_TICK_MS, limitMs * TICK_SHARE);
  }

  /** Somebody asks something: ticks from now on, if it rested. */
  wake(): void {
    this.#idleTicks = 0;
    if (this.#last) return;
    this.#last = { at: this.#clock.monotonic(), cpuMs: this.#cpuMs() };
    this.#schedule();
  }

  stop(): void {
    this.#cancel();
    this.#last = undefined;
    this.#wasBlocked = false;
  }

  /** Is the loop blocked, or was it until the moment this call could be handled? */
  isBlocked(): boolean {
    return this.#wasBlocked || this.#isTooLate(this.#clock.monotonic());
  }

  /** The longest time in the last minute or two that the loop's own work held it up, in milliseconds. */
  recentLagMs(): number {
    this.#turn(this.#clock.monotonic());
    return Math.round(Math.max(this.#longest, this.#longestBefore));
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(this.#tickMs, () => {
      this.#tick();
      if (this.#isBusy()) this.#idleTicks = 0;
      if (++this.#idleTicks > TICKS_BEFORE_REST) this.stop();
      else this.#schedule();
    });
  }

  #tick(): void {
    const now = this.#clock.monotonic();
    const last = this.#last ?? { at: now, cpuMs: 0 };
    this.#wasBlocked = this.#isTooLate(now);
    this.#turn(now);
    const cpuMs = this.#cpuMs();
    const lag = Math.min(now - last.at - this.#tickMs, cpuMs - last.cpuMs);
    this.#longest = Math.max(this.#longest, lag);
    this.#last = { at: now, cpuMs };
  }

  #isTooLate(now: number): boolean {
    const last = this.#last;
    if (!last || now - last.at < this.#limitMs) return false;
    return this.#cpuMs() - last.cpuMs >= this.#limitMs * CPU_SHARE;
  }

  #turn(now: number): void {
    const period = Math.floor(now / PERIOD_MS);
    if (period === this.#period) return;
    this.#longestBefore = period === this.#period + 1 ? this.#longest : 0;
    this.#longest = 0;
    this.#period = period;
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
