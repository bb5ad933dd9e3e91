import { TargetFailure } from "../core/errors.ts";
import type { StreamDecoder } from "../core/format.ts";
import { type Reply, ReplyCollector, type ReplyEvent } from "../core/reply.ts";
import { AwsStreamBroken } from "../lib/aws-event-stream.ts";
import type { Splitter } from "./splitter.ts";
import type { Tally } from "./tally.ts";

/** Reads a provider's stream to its end and gives the whole answer. Throws `TargetFailure` when it broke off. */
export async function collectStream(
  body: ReadableStream<Uint8Array>,
  splitter: Splitter,
  decoder: StreamDecoder,
  tally: Tally,
): Promise<Reply> {
  const collector = new ReplyCollector();
  const take = (events: ReplyEvent[]) => {
    for (const event of events) {
      tally.take(event);
      collector.push(event);
    }
  };
  try {
    for await (const chunk of body) for (const event of splitter.push(chunk)) take(decoder.push(event));
    for (const event of splitter.end()) take(decoder.push(event));
  } catch (error) {
    if (error instanceof TargetFailure) throw error;
    if (error instanceof AwsStreamBroken) throw new TargetFailure("malformed", error.message);
    throw new TargetFailure(
      "malformed",
      "The connection to the provider broke in the middle of the answer.",
      { cause: error },
    );
  }
  take(decoder.end());
  return collector.reply();
}
