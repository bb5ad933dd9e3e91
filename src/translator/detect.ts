import { isObject, type JsonObject, tryParseJson } from "../lib/json.ts";
import type { AnyFormatId } from "./format-names.ts";

/** What a piece of wire text is. */
export type Kind = "request" | "response" | "stream";
export type Detected = { format: AnyFormatId; kind: Kind };

/**
 * Which format a body is in, and whether it asks or answers; undefined when it looks like none. Objects are told by
 * the fields that only one format has; text by the first events of a stream.
 */
export function detect(body: unknown): Detected | undefined {
  if (typeof body === "string") return detectText(body);
  if (!isObject(body)) return undefined;
  const answer = answerFormat(body);
  if (answer) return { format: answer, kind: "response" };
  const request = requestFormat(body);
  return request && { format: request, kind: "request" };
}

function detectText(text: string): Detected | undefined {
  const whole = tryParseJson(text);
  if (isObject(whole)) return detect(whole);
  for (const data of firstData(text)) {
    const format = eventFormat(data);
    if (format) return { format, kind: "stream" };
  }
  return undefined;
}

const EVENTS_LOOKED_AT = 20;

/** The JSON objects of a stream's first events, one per line in all formats that are text. */
function* firstData(text: string): Generator<JsonObject> {
  let seen = 0;
  for (const line of text.slice(0, 256 * 1024).split(/\r?\n/)) {
    const data = tryParseJson(line.replace(/^(?:data:|\[|,)\s*/, ""));
    if (!isObject(data)) continue;
    yield data;
    if (++seen === EVENTS_LOOKED_AT) return;
  }
}

function eventFormat(data: JsonObject): AnyFormatId | undefined {
  const type = typeof data.type === "string" ? data.type : "";
  if (type.startsWith("response.")) return "openai-responses";
  if (/^(?:message_|content_block_)/.test(type)) return "anthropic";
  if (data.object === "chat.completion.chunk") return "openai-chat";
  return answerFormat(data);
}

function answerFormat(body: JsonObject): AnyFormatId | undefined {
  if (body.object === "response" || (Array.isArray(body.output) && !("input" in body)))
    return "openai-responses";
  if (Array.isArray(body.candidates) || isObject(body.response)) return "gemini";
  if (Array.isArray(body.choices)) {
    const [choice] = body.choices as unknown[];
    return isObject(choice) && "text" in choice ? "openai-completions" : "openai-chat";
  }
  if (body.type === "message" && Array.isArray(body.content)) return "anthropic";
  return isObject(body.message) && typeof body.done === "boolean" ? "ollama" : undefined;
}

function requestFormat(body: JsonObject): AnyFormatId | undefined {
  if (isObject(body.conversationState)) return "kiro";
  const enveloped = isObject(body.request) ? body.request : body;
  if (Array.isArray(enveloped.contents)) return "gemini";
  if (Array.isArray(body.messages)) return messagesFormat(body, body.messages);
  if ("input" in body) return "openai-responses";
  return "prompt" in body ? "openai-completions" : undefined;
}

/** Three formats call their turns `messages`; a plain body with nothing else is OpenAI's. */
function messagesFormat(body: JsonObject, messages: readonly unknown[]): AnyFormatId {
  const turns = messages.filter(isObject);
  if (isObject(body.options) || "keep_alive" in body || turns.some((turn) => "images" in turn))
    return "ollama";
  const tools = Array.isArray(body.tools) ? body.tools.filter(isObject) : [];
  const isOpenai =
    turns.some(({ role }) => role === "tool" || role === "developer") ||
    turns.some((turn) => "tool_calls" in turn) ||
    tools.some((tool) => isObject(tool.function)) ||
    OPENAI_FIELDS.some((field) => field in body);
  if (isOpenai) return "openai-chat";
  const isAnthropic =
    "system" in body ||
    ANTHROPIC_FIELDS.some((field) => field in body) ||
    tools.some((tool) => "input_schema" in tool) ||
    turns.some(({ content }) => Array.isArray(content) && content.some(isAnthropicBlock)) ||
    ("max_tokens" in body && typeof body.model === "string" && /(?:^|\/)claude/.test(body.model));
  return isAnthropic ? "anthropic" : "openai-chat";
}

const OPENAI_FIELDS = [
  "response_format",
  "max_completion_tokens",
  "stream_options",
  "reasoning_effort",
  "frequency_penalty",
  "n",
];
const ANTHROPIC_FIELDS = [
  "stop_sequences",
  "thinking",
  "anthropic_version",
  "output_config",
  "context_management",
];
const ANTHROPIC_BLOCKS = ["tool_use", "tool_result", "thinking", "redacted_thinking", "document"];

function isAnthropicBlock(block: unknown): boolean {
  if (!isObject(block)) return false;
  return ANTHROPIC_BLOCKS.includes(String(block.type)) || (block.type === "image" && isObject(block.source));
}
