import type { LiveRequest, RequestRecord } from "../core/record.ts";
import type { Journal } from "../relay/index.ts";

/** The calls in work right now, and how many places are taken. Keeps the log, the live view and shutdown informed. */
export class LiveRequests implements Journal {
  readonly #running = new Map<string, LiveRequest>();
  #admitted = 0;
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

  /** Takes a place; the result gives it back, once. */
  admit(): () => void {
    this.#admitted++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
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
