import type { ChatRequest, Message } from "../core/request.ts";

/** For models that do not write on from an answer that was begun for them. */
const ASKED_TO_GO_ON =
  "The connection broke in the middle of your answer. Write on exactly where your text ends, in the middle of the word if need be. Repeat nothing and say nothing about it.";
const CHARACTERS_PER_TOKEN = 4;

/**
 * The request with the beginning of its answer, for a model to write on from. `asked`: with words that ask for it
 * behind, for models that refuse a request that ends with their own turn.
 */
export function writtenOn(request: ChatRequest, soFar: string, asked = false): ChatRequest {
  // An assistant's turn at the end may not end with white space (Anthropic).
  const begun: Message = { role: "assistant", parts: [{ type: "text", text: soFar.trimEnd() }] };
  const wish: Message = { role: "user", parts: [{ type: "text", text: ASKED_TO_GO_ON }] };
  const { maxOutputTokens } = request;
  const written = Math.ceil(soFar.length / CHARACTERS_PER_TOKEN);
  return {
    ...request,
    messages: [...request.messages, begun, ...(asked ? [wish] : [])],
    ...(maxOutputTokens !== undefined && { maxOutputTokens: Math.max(1, maxOutputTokens - written) }),
  };
}
