import type { ClientFormat, Format } from "../core/format.ts";
import type { FormatId } from "../core/reply.ts";
import { anthropic } from "./anthropic/index.ts";
import { gemini, geminiArray } from "./gemini/index.ts";
import { ollama } from "./ollama/index.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiCompletions } from "./openai-completions/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";

/** Every wire format, by id. */
export const FORMATS: Readonly<Record<FormatId, Format>> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  anthropic,
  gemini,
};

/** Everything clients may speak: the formats and the dialects that no provider speaks. */
export const CLIENT_FORMATS = {
  ...FORMATS,
  "openai-completions": openaiCompletions,
  ollama,
} as const satisfies Record<string, ClientFormat>;

/** Gemini streams as clients get them without `alt=sse`: one JSON array. */
export { geminiArray };
