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
};

const TEST_TIMEOUT_MS = 15_000;
const AGAIN_EVERY_MS = 10 * 60_000;

/**
 * Tests credentials beside the traffic: at once when a provider refused one for some model (is it the credential, or
 * only that model?), and every ten minutes while a connection waits to be signed in again.
 */
export class Recheck {
  readonly #running = new Set<string>();
  #cancel: () => void = () => {};
  #closed = false;

  constructor(readonly deps: RecheckDeps) {
    this.#schedule();
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
}
