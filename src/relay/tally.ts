import { plausible } from "../metering/index.ts";
import { type FinishReason, type Reply, type ReplyEvent, textOf, type Usage } from "../core/reply.ts";

/** Counts what an answer's stream carried, for the log and the price. */
export class Tally {
  usage: Usage | undefined;
  finish: FinishReason | undefined;
  model: string | undefined;
  /** Characters of text, reasoning and arguments seen; on the raw lane, frames passed unread. */
  #characters = 0;
  #frames = 0;

  take(event: ReplyEvent): void {
    switch (event.type) {
      case "reply-start":
        this.model = event.model;
        return;
      case "part-delta":
        this.#characters += event.delta.length;
        return;
      case "usage":
        this.usage = event.usage;
        return;
      case "reply-end":
        this.finish = event.finish;
        return;
      case "part-start":
      case "part-end":
        return;
    }
  }

  /** A whole answer: the same as all its events. */
  takeWhole(reply: Reply): void {
    this.model = reply.model;
    for (const part of reply.parts) this.#characters += textOf(part).length;
    if (reply.usage) this.usage = reply.usage;
    this.finish = reply.finish;
  }

  /** Content frames passed by unread; providers send about one token in each. */
  passFrames(count: number): void {
    this.#frames += count;
  }

  /** The provider's own count, or an estimate marked as such when it gave none. */
  settled(estimatedInput: number): Usage {
    if (this.usage) return plausible(this.usage);
    return { input: estimatedInput, output: this.estimatedOutput(), estimated: true };
  }

  estimatedOutput(): number {
    return Math.ceil(this.#characters / 4) + this.#frames;
  }
}
