import type { Format } from "../../core/format.ts";
import { encodeError, readError } from "./failures.ts";
import { decodeRequest } from "./read-request.ts";
import { decodeReply, encodeReply } from "./reply.ts";
import { AnthropicStreamDecoder } from "./stream-decoder.ts";
import { AnthropicStreamEncoder } from "./stream-encoder.ts";
import { encodeRequest } from "./write-request.ts";

export { decodeCountRequest, refuseThread } from "./read-request.ts";

/** The Messages format of Anthropic. https://platform.claude.com/docs/en/api/messages */
export const anthropic: Format = {
  id: "anthropic",
  streamType: "text/event-stream",
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  streamDecoder: (context) => new AnthropicStreamDecoder(context),
  streamEncoder: (context) => new AnthropicStreamEncoder(context),
  encodeError,
  readError,
  isMeterFrame,
};

/** Everything but the frames of blocks: those say their type within the first bytes. */
function isMeterFrame(frame: Buffer): boolean {
  return frame.subarray(0, 48).indexOf("content_block_") < 0;
}
