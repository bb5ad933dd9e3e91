import type { FormatId } from "../../src/core/reply.ts";
import { NO_QUIRKS, type Quirks } from "../../src/core/quirks.ts";

/** The quirks under which an answer has to be read: what a provider's definition says in the running gateway. */
const ANSWER_QUIRKS: { [file: string]: Quirks } = {
  "openai-chat/groq-think-tags.json": { thinkTags: true },
  "openai-chat/huggingface-think-tags.json": { thinkTags: true },
  "openai-chat/huggingface-think-unclosed-length.json": { thinkTags: true },
  "openai-chat/made-think-tags-split.sse": { thinkTags: true },
  "openai-chat/think-tags.sse": { thinkTags: true },
  "openai-chat/think-lookalikes.sse": { thinkTags: true },
  "openai-chat/xai-reasoning-tool.chunks.txt": { reasoningApart: true },
  "openai-chat/xai-tool-call.chunks.txt": { reasoningApart: true },
  "openai-chat/xai-reasoning-total-not-sum.json": { reasoningApart: true },
  "openai-chat/compat-tool-calls-without-id.json": { reasoningApart: true },
};

/** The quirks to read the answer `file` with (`<format>/<name>`). */
export const answerQuirks = (file: string): Quirks => ANSWER_QUIRKS[file] ?? NO_QUIRKS;

/** The quirks of the provider that the request `file` was sent to, so that nothing in it is lost on the way back. */
export function requestQuirks(format: FormatId, file: string): Quirks {
  const provider = /([a-z]+)[^/]*$/.exec(file)?.[1] ?? "";
  return { ...MOST_CAPABLE[format], ...(format === "openai-chat" && CHAT_PROVIDERS[provider]) };
}

const CHAT_PROVIDERS: { [provider: string]: Quirks } = {
  openrouter: { reasoningControl: "openrouter" },
  zai: { reasoningControl: "thinking" },
};

/** What a format's most capable provider takes. */
const MOST_CAPABLE: { [F in FormatId]: Quirks } = {
  "openai-chat": { developerRole: true, cacheMarks: true, echoReasoning: true },
  "openai-responses": { developerRole: true },
  anthropic: NO_QUIRKS,
  gemini: { jsonSchemaParameters: true },
};
