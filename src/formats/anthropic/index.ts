import type { Format } from "../../core/format.ts";
import { byteMarks } from "../../lib/byte-marks.ts";
import { encodeError, readError } from "./failures.ts";
import { decodeRequest } from "./read-request.ts";
import { decodeReply, encodeReply } from "./reply.ts";
import { AnthropicStreamDecoder } from "./stream-decoder.ts";
import { AnthropicStreamEncoder } from "./stream-encoder.ts";
import { takesAsIs } from "./takes-as-is.ts";
import { encodeRequest } from "./write-request.ts";

export { decodeCountRequest, refuseThread } from "./read-request.ts";

/** The Messages format of Anthropic. https://platform.claude.com/docs/en/api/messages */
export const anthropic: Format = {
  id: "anthropic",
  streamType: "text/event-stream",
  decodeRequest,
  encodeRequest,
  takesAsIs,
  decodeReply,
  encodeReply,
  streamDecoder: (context) => new AnthropicStreamDecoder(context),
  streamEncoder: (context) => new AnthropicStreamEncoder(context),
  encodeError,
  readError,
  /** Events that start, end or fail an answer. A text that holds such a word costs one look too many, no more. */
  isMeterFrame: byteMarks("message_start", "message_delta", "message_stop", '"error"', "event: error"),
};
