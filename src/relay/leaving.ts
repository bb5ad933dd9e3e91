/**
 * Tells a call that its client has left. A signal of our own in front of the request's: listeners on the request's
 * signal (and signals derived from it) live as long as the connection, and would hold every past call in memory.
 */
export class Leaving {
  readonly #controller = new AbortController();
  readonly #onAbort = () => this.leave();

  constructor(readonly client: AbortSignal) {
    if (client.aborted) this.leave();
    else client.addEventListener("abort", this.#onAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The client has left. */
  leave(): void {
    this.forget();
    this.#controller.abort();
  }

  /** Nobody needs to be told any more. */
  forget(): void {
    this.client.removeEventListener("abort", this.#onAbort);
  }
}
