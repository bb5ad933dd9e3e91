import type { FormatId } from "../core/reply.ts";

const LAST: Readonly<Record<FormatId, readonly string[]>> = {
  "openai-chat": ["[DONE]"],
  "openai-responses": ['"response.completed"', '"response.incomplete"'],
  anthropic: ['"message_stop"'],
  gemini: ['"finishReason"'],
};

/** Is this raw frame the one that ends a complete answer in its format? */
export function isLastFrame(format: FormatId, frame: Buffer): boolean {
  return LAST[format].some((mark) => frame.includes(mark));
}

/** Does this raw frame begin an answer? A second one must not pass: SDKs take it for a broken stream. */
export function isFirstFrame(format: FormatId, frame: Buffer): boolean {
  return format === "anthropic" && frame.includes('"message_start"');
}
