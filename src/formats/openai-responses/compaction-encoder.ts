import type { GatewayError } from "../../core/errors.ts";
import type { EncodeContext, StreamEncoder } from "../../core/format.ts";
import { replay, ReplyCollector, type ReplyEvent } from "../../core/reply.ts";
import { asCompaction } from "./compaction.ts";
import { ResponsesStreamEncoder } from "./stream-encoder.ts";

/** Writes the answer to a `compaction_trigger`: the item is told once all of the summary is there. */
export class CompactionEncoder implements StreamEncoder {
  readonly #encoder: ResponsesStreamEncoder;
  readonly #collected = new ReplyCollector();

  constructor(readonly context: EncodeContext) {
    this.#encoder = new ResponsesStreamEncoder(context);
  }

  push(event: ReplyEvent): string {
    this.#collected.push(event);
    switch (event.type) {
      case "part-start":
      case "part-delta":
      case "part-end":
        return "";
      case "reply-end":
        return this.#compaction() + this.#encoder.push(event);
      case "reply-start":
      case "usage":
        return this.#encoder.push(event);
    }
  }

  trailer(comments: string[]): void {
    this.#encoder.trailer(comments);
  }

  heartbeat(): string {
    return this.#encoder.heartbeat();
  }

  fail(error: GatewayError): string {
    return this.#encoder.fail(error);
  }

  #compaction(): string {
    const reply = this.#collected.reply();
    let text = "";
    for (const event of replay({ ...reply, parts: asCompaction(reply.parts, this.context) }))
      if (event.type === "part-start" || event.type === "part-end") text += this.#encoder.push(event);
    return text;
  }
}
