import type { ClientFormat, Format, ProviderFormat } from "../core/format.ts";
import type { FormatId, ProviderFormatId } from "../core/reply.ts";
import { anthropic } from "./anthropic/index.ts";
import { gemini, geminiArray } from "./gemini/index.ts";
import { kiro } from "./kiro/index.ts";
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

/** Everything providers may speak: the formats, and those that no client does. */
export const PROVIDER_FORMATS: Readonly<Record<ProviderFormatId, ProviderFormat>> = { ...FORMATS, kiro };

/** Everything clients may speak: the formats and the dialects that no provider speaks. */
export const CLIENT_FORMATS = {
  ...FORMATS,
  "openai-completions": openaiCompletions,
  ollama,
} as const satisfies Record<string, ClientFormat>;

/** Gemini streams as clients get them without `alt=sse`: one JSON array. */
export { geminiArray };
