import type { ClientFormat, Format } from "../../core/format.ts";
import { byteMarks } from "../../lib/byte-marks.ts";
import { decodeReply } from "./decode-reply.ts";
import { decodeRequest } from "./decode-request.ts";
import { GeminiStreamDecoder } from "./decode-stream.ts";
import { encodeReply } from "./encode-reply.ts";
import { encodeRequest } from "./encode-request.ts";
import { GeminiStreamEncoder } from "./encode-stream.ts";
import { encodeError, readError } from "./errors.ts";
import { arrayFraming, sseFraming } from "./framing.ts";
import { takesAsIs } from "./takes-as-is.ts";

export { readsComments } from "./framing.ts";

/** Google's generateContent. https://ai.google.dev/api/generate-content */
export const gemini: Format = {
  id: "gemini",
  streamType: "text/event-stream",
  decodeRequest,
  encodeReply,
  streamEncoder: (context) => new GeminiStreamEncoder(context, sseFraming()),
  encodeError,
  encodeRequest,
  takesAsIs,
  decodeReply,
  streamDecoder: (context) => new GeminiStreamDecoder(context),
  readError,
  /** Nearly every chunk of Google's own API counts tokens; Vertex counts only in the last one. */
  isMeterFrame: byteMarks('"promptTokenCount"', '"finishReason"', '"error"', '"promptFeedback"'),
};

/** The same for clients that do not ask for `alt=sse`: their stream is one JSON array. */
export const geminiArray: ClientFormat = {
  ...gemini,
  id: "gemini",
  streamType: "application/json",
  streamEncoder: (context) => new GeminiStreamEncoder(context, arrayFraming()),
};
