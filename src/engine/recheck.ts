import type { TestResult } from "../accounts/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";

export type RecheckDeps = {
  clock: Clock;
  log: Log;
  /** Tests a connection and remembers the result. */
  test(connectionId: string, signal: AbortSignal): Promise<TestResult>;
  /** Connections that wait for a person, or for the vendor to come to its senses. */
  awaiting(): readonly string[];
  /** Connections that somebody wants tested every so often, and when each was tested last. */
  wished(): readonly { id: string; everyMs: number; testedAt: number | undefined }[];
};

const TEST_TIMEOUT_MS = 15_000;
const AGAIN_EVERY_MS = 10 * 60_000;
const LOOK_EVERY_MS = 60_000;
/** Tests that are begun at one look; the others come with the next. */
const MOST_AT_ONCE = 10;

/**
 * Tests credentials beside the traffic: at once when a provider refused one for some model (is it the credential, or
 * only that model?), every ten minutes while a connection waits to be signed in again, and as often as its owner says.
 */
export class Recheck {
  readonly #running = new Set<string>();
  #cancel: () => void = () => {};
  #cancelLook: () => void = () => {};
  #closed = false;

  constructor(readonly deps: RecheckDeps) {
    this.#schedule();
    this.#lookAround();
  }

  /** Tests one connection now, unless that is being done already. */
  soon(connectionId: string): void {
    if (this.#closed || this.#running.has(connectionId)) return;
    this.#running.add(connectionId);
    void this.#test(connectionId).finally(() => this.#running.delete(connectionId));
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#cancelLook();
  }

  async #test(connectionId: string): Promise<void> {
    try {
      await this.deps.test(connectionId, AbortSignal.timeout(TEST_TIMEOUT_MS));
    } catch (error) {
      if (!this.#closed)
        this.deps.log.warn("accounts", "A connection could not be tested.", { connectionId, cause: error });
    }
  }

  #schedule(): void {
    this.#cancel = this.deps.clock.after(AGAIN_EVERY_MS, () => {
      for (const id of this.deps.awaiting()) this.soon(id);
      this.#schedule();
    });
  }

  #lookAround(): void {
    this.#cancelLook = this.deps.clock.after(LOOK_EVERY_MS, () => {
      const now = this.deps.clock.now();
      const due = this.deps
        .wished()
        .filter(({ everyMs, testedAt = 0 }) => testedAt > now || now - testedAt >= everyMs)
        .toSorted((left, right) => (left.testedAt ?? 0) - (right.testedAt ?? 0));
      for (const { id } of due.slice(0, MOST_AT_ONCE)) this.soon(id);
      this.#lookAround();
    });
  }
}
