import { TargetFailure } from "../../core/errors.ts";
import type { DecodeContext } from "../../core/format.ts";
import { type Reply, ReplyCollector } from "../../core/reply.ts";
import { isObject } from "../../lib/json.ts";
import { GeminiStreamDecoder } from "./decode-stream.ts";
import { listOf } from "./wire.ts";

/**
 * Reads a whole answer, also the list of chunks that a stream without server-sent events is, and answers inside a
 * Code Assist envelope. Throws `TargetFailure` for an error object and for an answer without candidates.
 */
export function decodeReply(body: unknown, context: DecodeContext): Reply {
  const decoder = new GeminiStreamDecoder(context);
  const collector = new ReplyCollector();
  for (const chunk of listOf(body)) {
    if (!isObject(chunk)) throw new TargetFailure("malformed", "The provider's answer is not an object.");
    decoder.chunk(chunk);
  }
  for (const event of decoder.end()) collector.push(event);
  return collector.reply();
}
