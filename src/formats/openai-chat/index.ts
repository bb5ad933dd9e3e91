import type { Format } from "../../core/format.ts";
import { byteMarks } from "../../lib/byte-marks.ts";
import { decodeRequest } from "./decode-request.ts";
import { encodeRequest } from "./encode-request.ts";
import { encodeError, readError } from "./errors.ts";
import { isMeterFrame } from "./meter-frame.ts";
import { decodeReply, encodeReply } from "./reply.ts";
import { ChatDecoder } from "./stream-decoder.ts";
import { ChatEncoder } from "./stream-encoder.ts";
import { CHAT } from "./wire.ts";

/** OpenAI Chat Completions, and the dialects of everybody who copied it. https://platform.openai.com/docs/api-reference/chat */
export const openaiChat: Format = {
  id: CHAT,
  streamType: "text/event-stream",
  decodeRequest,
  encodeRequest,
  takesAsIs: (body) => !holdsThoughts(body),
  decodeReply,
  encodeReply,
  streamDecoder: (context) => new ChatDecoder(context),
  streamEncoder: (context) => new ChatEncoder(context),
  readError,
  encodeError,
  isMeterFrame,
};

/** Fields of other services on an assistant's messages, which clients hand back to everybody; OpenAI knows neither. */
const holdsThoughts = byteMarks('"reasoning_content"', '"reasoning_details"');
