import { TargetFailure } from "../core/errors.ts";
import type { AnswerStream } from "./answer-stream.ts";
import type { Tally } from "./tally.ts";

type Piece = string | Uint8Array;

export type ContinuingOptions = {
  /** Lets another target write on after a failure; undefined when none can. Aborted when the client leaves. */
  goOn(
    failure: TargetFailure,
    signal: AbortSignal,
  ): Promise<{ stream: AnswerStream; note: string } | undefined>;
};

/** An answer that goes on with another target when one breaks off in the middle of its text. */
export class ContinuingStream implements AnswerStream {
  #current: AnswerStream;
  readonly #leaving = new AbortController();
  #heardBefore = 0;
  #interrupt: ((failure: TargetFailure) => void) | undefined;

  constructor(
    first: AnswerStream,
    readonly options: ContinuingOptions,
  ) {
    this.#current = first;
  }

  get tally(): Tally {
    return this.#current.tally;
  }

  get heard(): number {
    return this.#heardBefore + (this.#current.heard ?? 0);
  }

  open(): Promise<void> {
    return this.#current.open();
  }

  async read(): Promise<Piece | undefined> {
    try {
      return await this.#readOn();
    } catch (error) {
      if (!(error instanceof TargetFailure) || this.#leaving.signal.aborted) throw error;
      this.#current.cancel(error);
      const next = await this.options.goOn(error, this.#leaving.signal);
      if (!next) throw error;
      this.#heardBefore = this.heard;
      this.#current = next.stream;
      return next.note === "" ? this.read() : next.note;
    }
  }

  /** The provider is silent for too long: true when another may be asked to go on. */
  interrupt(failure: TargetFailure): boolean {
    if (!this.#interrupt) return false;
    this.#interrupt(failure);
    return true;
  }

  cancel(reason?: unknown): void {
    this.#leaving.abort();
    this.#current.cancel(reason);
  }

  async #readOn(): Promise<Piece | undefined> {
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    this.#interrupt = reject;
    const reading = this.#current.read();
    // The one that loses must not count as unhandled.
    reading.catch(() => {});
    interrupted.catch(() => {});
    try {
      return await Promise.race([reading, interrupted]);
    } finally {
      this.#interrupt = undefined;
    }
  }
}
