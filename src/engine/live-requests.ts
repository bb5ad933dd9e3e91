import type { LiveRequest, RequestRecord } from "../core/record.ts";
import type { Journal } from "../relay/index.ts";

/** The calls in work right now, and how many places are taken. Keeps the log, the live view and shutdown informed. */
export class LiveRequests implements Journal {
  readonly #running = new Map<string, LiveRequest>();
  #admitted = 0;
  /** Places taken, by the key that took them. */
  readonly #held = new Map<string, number>();
  #onIdle: (() => void)[] = [];

  constructor(
    readonly onStart: (request: LiveRequest) => void,
    readonly onEnd: (record: RequestRecord) => void,
  ) {}

  started(request: LiveRequest): void {
    this.#running.set(request.id, request);
    this.onStart(request);
  }

  ended(record: RequestRecord): void {
    this.#running.delete(record.id);
    this.onEnd(record);
  }

  list(): LiveRequest[] {
    return [...this.#running.values()];
  }

  get admitted(): number {
    return this.#admitted;
  }

  /** How many places a caller holds. */
  heldBy(keyId: string): number {
    return this.#held.get(keyId) ?? 0;
  }

  /** How many callers hold a place. */
  get callers(): number {
    return this.#held.size;
  }

  /** Takes a place for a caller; the result gives it back, once. */
  admit(keyId: string): () => void {
    this.#admitted++;
    this.#held.set(keyId, this.heldBy(keyId) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = this.heldBy(keyId) - 1;
      if (left > 0) this.#held.set(keyId, left);
      else this.#held.delete(keyId);
      if (--this.#admitted > 0) return;
      for (const resolve of this.#onIdle) resolve();
      this.#onIdle = [];
    };
  }

  /** Resolves when no call is in work. */
  idle(): Promise<void> {
    return this.#admitted === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }
}
