import type { FormatId } from "../core/reply.ts";

const MARKS: Readonly<Record<FormatId, readonly string[]>> = {
  "openai-chat": ["[DONE]"],
  "openai-responses": ['"response.completed"', '"response.incomplete"'],
  anthropic: ['"message_stop"'],
  gemini: ['"finishReason"'],
};

/** Is this raw frame the one that ends a complete answer in its format? */
export function isLastFrame(format: FormatId, frame: Buffer): boolean {
  return MARKS[format].some((mark) => frame.includes(mark));
}
