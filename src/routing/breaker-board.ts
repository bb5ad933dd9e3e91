import type { Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import { Lru } from "../lib/lru.ts";
import { Breaker, type BreakerOptions, type BreakerState } from "./breaker.ts";

/** What one provider's breaker says. Times in milliseconds since 1970. */
export type BreakerEntry = {
  name: string;
  state: BreakerState;
  failureCount: number;
  lastFailureTime?: number;
  openUntil?: number;
};

/** A breaker came into another state. */
export type BreakerChange = { type: "breaker"; provider: string; state: BreakerState; openUntil?: number };

export type BreakerBoardOptions = {
  clock: Clock;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
  onChange?: (change: BreakerChange) => void;
};

const MOST_BREAKERS = 2000;

/** The breakers of all providers that have failed. */
export class BreakerBoard {
  readonly #breakers = new Lru<string, Breaker>(MOST_BREAKERS);
  /** Opened because nothing could be reached, with no answer from anywhere since: it may be us who are offline. */
  readonly #maybeOffline = new Set<string>();

  constructor(readonly options: BreakerBoardOptions) {}

  /** The breaker that stands before a target; undefined where nothing has failed yet. */
  of(target: Target): Breaker | undefined {
    return this.#breakers.get(breakerName(target));
  }

  /** Tells a target's breaker something, and those who listen when that changed its state. */
  tell(target: Target, what: (breaker: Breaker) => void): void {
    this.#tell(breakerName(target), what);
  }

  /** A provider was seen to be there, by a test beside the traffic. */
  reached(provider: string): void {
    this.#maybeOffline.delete(provider);
    this.#tell(provider, (breaker) => breaker.reached());
  }

  #tell(name: string, what: (breaker: Breaker) => void): void {
    const breaker = this.#breakers.get(name);
    if (!breaker) return;
    const before = breaker.state;
    what(breaker);
    if (breaker.state !== before) this.#announce(name, breaker);
  }

  /** The same, with a breaker made where there is none. */
  tellAnyway(target: Target, what: (breaker: Breaker) => void): void {
    const name = breakerName(target);
    if (!this.#breakers.get(name))
      this.#breakers.set(name, new Breaker(this.options.clock, this.options.random));
    this.tell(target, what);
  }

  /** A provider could not be reached. */
  unreachable(target: Target, isProbe: boolean, options: BreakerOptions): void {
    const name = breakerName(target);
    this.tellAnyway(target, (breaker) => {
      const isSteady = this.#maybeOffline.has(name);
      if (breaker.failed(isProbe, { ...options, isSteady }) && !isProbe) this.#maybeOffline.add(name);
    });
  }

  /** A provider elsewhere answered, so that we are online: those that seemed out of reach get their probe now. */
  heard(): void {
    for (const name of this.#maybeOffline) this.reached(name);
  }

  /** There is no such provider any more. */
  forget(provider: string): void {
    this.#breakers.delete(provider);
    this.#maybeOffline.delete(provider);
  }

  /** Closes a breaker by its name. Says whether it was shut. */
  close(name: string): boolean {
    const breaker = this.#breakers.get(name);
    if (!breaker || breaker.state === "CLOSED") return false;
    breaker.close();
    this.#announce(name, breaker);
    return true;
  }

  /** Closes all. Says how many were shut. */
  closeAll(): number {
    let count = 0;
    for (const [name, breaker] of this.#breakers.entries()) {
      if (this.close(name)) count++;
      // Failures that did not open it are forgotten too.
      else breaker.close();
    }
    return count;
  }

  /** Every breaker that has seen a failure. */
  list(): BreakerEntry[] {
    return [...this.#breakers.entries()]
      .filter(([, breaker]) => breaker.lastFailureAt !== undefined)
      .map(([name, breaker]) => ({
        name,
        state: breaker.state,
        failureCount: breaker.failures,
        lastFailureTime: breaker.lastFailureAt,
        ...(breaker.openUntil !== undefined && { openUntil: breaker.openUntil }),
      }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  }

  #announce(provider: string, { state, openUntil }: Breaker): void {
    this.options.onChange?.({
      type: "breaker",
      provider,
      state,
      ...(openUntil !== undefined && { openUntil }),
    });
  }
}

/** Built-in models fail on purpose and each on its own account, so each has its own breaker. */
function breakerName(target: Target): string {
  const { provider, modelId } = target;
  return provider.builtIn ? `${provider.id}/${modelId.split("?", 1)[0]}` : provider.id;
}
