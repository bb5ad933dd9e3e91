import type { Format } from "../../core/format.ts";
import { byteMarks } from "../../lib/byte-marks.ts";
import { asksForSummary } from "./compaction.ts";
import { CompactionEncoder } from "./compaction-encoder.ts";
import { encodeError, readError } from "./failure.ts";
import { decodeReply, encodeReply } from "./reply.ts";
import { decodeRequest } from "./request.ts";
import { ResponsesStreamDecoder } from "./stream-decoder.ts";
import { ResponsesStreamEncoder } from "./stream-encoder.ts";
import { ID } from "./wire.ts";
import { encodeRequest } from "./write-request.ts";

/** OpenAI's Responses format: Codex, the OpenAI SDKs, and the providers that offer `/responses`. */
export const openaiResponses: Format = {
  id: ID,
  streamType: "text/event-stream",
  decodeRequest,
  encodeRequest,
  takesAsIs: (body) => !holdsMadeIds(body),
  decodeReply,
  encodeReply,
  streamDecoder: (context) => new ResponsesStreamDecoder(context),
  streamEncoder: (context) =>
    asksForSummary(context.request) ? new CompactionEncoder(context) : new ResponsesStreamEncoder(context),
  encodeError,
  readError,
  /** Events that start, end or fail an answer. A text that holds such a word costs one look too many, no more. */
  isMeterFrame: byteMarks(
    "response.created",
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.queued",
    '"error"',
  ),
};

/** Items made here stand for another vendor's turns, and OpenAI looks for reasoning by its id. See `MADE_ID`. */
const holdsMadeIds = byteMarks('"rs_omni', '"msg_omni', '"fc_omni', '"ctc_omni', '"ig_omni', '"item_omni');
