import type { Clock } from "../lib/clock.ts";
import type { Call } from "./call.ts";
import type { Tally } from "./tally.ts";

/** A progress event leaves so often. */
export const PROGRESS_EVERY_MS = 2000;

/** How far a stream is, for clients that asked to be told (`X-OmniRoute-Progress`). */
export class Progress {
  readonly #started: number;

  private constructor(readonly clock: Clock) {
    this.#started = clock.monotonic();
  }

  /** Undefined where it is not asked for, or the client's stream has no place for events of another name. */
  static of(call: Call, clock: Clock, readsComments: boolean): Progress | undefined {
    const { headers, format } = call.inbound;
    const isAsked = /^(?:true|1|yes)$/i.test(headers.get("x-omniroute-progress") ?? "");
    const isPossible = call.stream && format.streamType === "text/event-stream" && readsComments;
    return isAsked && isPossible ? new Progress(clock) : undefined;
  }

  /** The event; `tally` counts the answer once it has begun. */
  frame(tally: Tally | undefined, done = false): string {
    const told = {
      tokens_generated: tally?.usage?.output ?? tally?.estimatedOutput() ?? 0,
      elapsed_ms: Math.round(this.clock.monotonic() - this.#started),
      ...(done && { done }),
    };
    return `event: progress\ndata: ${JSON.stringify(told)}\n\n`;
  }

  /** The last word, as an entry of a stream's trailer after a comment. */
  trailer(comment: string, tally: Tally): string {
    return `${comment}\n\n${this.frame(tally, true).trimEnd()}\n`;
  }
}
