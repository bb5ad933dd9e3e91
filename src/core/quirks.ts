import type { Effort } from "./request.ts";

/** A provider's departures from its format. Each is a named flag with a meaning, read by the format that it bends. */
export type Quirks = {
  /** The answers keep to the format strictly enough for official SDKs, so bytes may pass untouched. */
  clean?: boolean;
  /** Top-level request fields the provider refuses; left out. */
  drop?: readonly string[];
  /** Top-level request fields under another name here: `{ max_completion_tokens: "max_tokens" }`. */
  rename?: Readonly<{ [field: string]: string }>;
  /** Knows OpenAI's `developer` role; services that are only compatible know `system` alone. */
  developerRole?: boolean;
  /** Refuses system messages: their text goes to the front of the first user message. */
  systemAsUser?: boolean;
  /** Where a chat provider puts and wants reasoning text: `reasoning_content` (default) or `reasoning`. */
  reasoningField?: "reasoning_content" | "reasoning";
  /** Wants the reasoning of earlier assistant turns back (DeepSeek, Kimi, GLM refuse tool loops without). */
  echoReasoning?: boolean;
  /** How the effort is said: OpenAI's `reasoning_effort`, OpenRouter's `reasoning: {…}` object, or not at all. */
  reasoningControl?: "effort" | "openrouter" | "thinking" | "none";
  /** Efforts the provider takes; the nearest one is sent. */
  efforts?: readonly Effort[];
  /** Answers carry reasoning inside `<think>` tags in the text. */
  thinkTags?: boolean;
  /** `usage.completion_tokens` leaves reasoning tokens out (xAI, Google's chat endpoint). */
  reasoningApart?: boolean;
  /** Message content must be a string, not a list of parts. */
  contentAsString?: boolean;
  /** Does not know `stream_options`. */
  noStreamOptions?: boolean;
  /** Name of the output limit on the wire. Default `max_tokens`; OpenAI itself wants `max_completion_tokens`. */
  maxTokensField?: "max_tokens" | "max_completion_tokens";
  /** Takes JSON Schema answers (`response_format: json_schema`); else a forced JSON object with the schema as text. */
  noJsonSchema?: boolean;
  /** Tool call ids must match this (Mistral: 9 letters or digits). */
  toolCallIdPattern?: RegExp;
  /** No tool message may be followed directly by a user message (Mistral). */
  assistantAfterTool?: boolean;
  /** Keeps `cache_control` marks in chat content (OpenRouter towards Claude). */
  cacheMarks?: boolean;
  /** Streams only: whole answers are collected from a stream. */
  streamOnly?: boolean;
  /** Cannot stream: a stream is replayed from the whole answer. */
  wholeOnly?: boolean;
  /** Gemini: takes `parametersJsonSchema` beside `parameters`. */
  jsonSchemaParameters?: boolean;
  /**
   * Gemini: the request travels inside an object that names the model and the account's project, as Google's Code
   * Assist has it; Antigravity's has a few fields more.
   */
  envelope?: "code-assist" | "antigravity";
  /** Responses: top-level fields that must have these values, whatever the client says. */
  fixed?: Readonly<{ [field: string]: unknown }>;
  /** Responses: refuses a call without `instructions`. */
  needsInstructions?: boolean;
};

export const NO_QUIRKS: Quirks = {};
