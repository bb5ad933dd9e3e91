import type { FormatId, ProviderFormatId } from "../core/reply.ts";
import { byteMarks } from "../lib/byte-marks.ts";

const IS_LAST: Readonly<Record<FormatId, (frame: Uint8Array) => boolean>> = {
  "openai-chat": byteMarks("[DONE]"),
  "openai-responses": byteMarks('"response.completed"', '"response.incomplete"'),
  anthropic: byteMarks('"message_stop"'),
  gemini: byteMarks('"finishReason"'),
};
const isMessageStart = byteMarks('"message_start"');

/** Is this raw frame the one that ends a complete answer in its format? */
export function isLastFrame(format: ProviderFormatId, frame: Uint8Array): boolean {
  return format !== "kiro" && IS_LAST[format](frame);
}

/** Does this raw frame begin an answer? A second one must not pass: SDKs take it for a broken stream. */
export function isFirstFrame(format: ProviderFormatId, frame: Uint8Array): boolean {
  return format === "anthropic" && isMessageStart(frame);
}
