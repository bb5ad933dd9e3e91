import type { Part } from "./reply.ts";
import type { ChatRequest, Tool } from "./request.ts";

/**
 * Input tokens of a request, estimated over everything it carries: system, tools, texts, calls, results, reasoning
 * and media. It errs a little upwards, so that clients compact a history too early rather than too late.
 */
export function estimateInputTokens(request: ChatRequest): number {
  let tokens = 0;
  for (const message of request.messages) {
    tokens += PER_MESSAGE;
    for (const part of message.parts) tokens += partTokens(part);
  }
  const tools = request.tools ?? [];
  if (tools.length > 0) tokens += FOR_TOOL_USE;
  for (const tool of tools) tokens += toolTokens(tool);
  if (request.output?.type === "schema") tokens += jsonTokens(request.output.schema);
  return Math.ceil(tokens);
}

/** Roles and separators, which every template puts around a turn, a call or a tool. */
const PER_MESSAGE = 4;
const PER_CALL = 12;
const PER_TOOL = 24;
/** The explanation of tool use that Anthropic adds to the prompt; others add less or nothing. */
const FOR_TOOL_USE = 340;

/** English, code and JSON run between 2.8 and 4 characters a token with today's tokenizers. */
const CHARACTERS_PER_TOKEN = 3.2;
/** Each byte that UTF-8 needs beyond one per character: brings Chinese to 1 and Cyrillic to 0.6 tokens a character. */
const TOKENS_PER_EXTRA_BYTE = 0.35;

/** Tokens of a text, by its length; other scripts than Latin weigh more. */
export function estimateTextTokens(text: string): number {
  const extraBytes = Buffer.byteLength(text) - text.length;
  return text.length / CHARACTERS_PER_TOKEN + extraBytes * TOKENS_PER_EXTRA_BYTE;
}

const jsonTokens = (value: unknown): number => estimateTextTokens(JSON.stringify(value) ?? "");

function partTokens(part: Part): number {
  switch (part.type) {
    case "text":
    case "refusal":
      return estimateTextTokens(part.text);
    case "reasoning":
      return estimateTextTokens(part.text) + (part.text === "" ? proofTokens(part.proof?.value) : 0);
    case "tool-call":
      return PER_CALL + estimateTextTokens(part.name) + estimateTextTokens(part.input);
    case "tool-result":
      return part.output.reduce((sum, inner) => sum + partTokens(inner), PER_CALL);
    case "media":
      return mediaTokens(part);
    case "other":
      return part.vendor ? jsonTokens(part.vendor) : 0;
  }
}

/** Withheld reasoning counts as what it stands for: the proof is that text, encrypted and in base64. */
const proofTokens = (value: string | undefined): number => (value === undefined ? 0 : value.length / 6);

/** A full-size picture at Anthropic's 1.15 megapixels. https://platform.claude.com/docs/en/build-with-claude/vision */
const PICTURE = 1600;
const PAGE = 2000;
const BYTES_PER_PAGE = 50_000;
const BYTES_PER_SECOND_OF_SOUND = 4000;
const TOKENS_PER_SECOND_OF_SOUND = 32;

function mediaTokens(part: Extract<Part, { type: "media" }>): number {
  if (part.plain) return estimateTextTokens(part.data ?? "");
  const bytes = ((part.data?.length ?? 0) * 3) / 4;
  switch (part.kind) {
    case "image":
      return part.data === undefined ? PICTURE : Math.min(PICTURE, Math.max(85, bytes / 60));
    case "document":
      return PAGE * Math.max(1, Math.ceil(bytes / BYTES_PER_PAGE));
    case "audio":
    case "video":
      return Math.max(PICTURE, (bytes / BYTES_PER_SECOND_OF_SOUND) * TOKENS_PER_SECOND_OF_SOUND);
  }
}

function toolTokens(tool: Tool): number {
  const described = PER_TOOL + estimateTextTokens(tool.name) + estimateTextTokens(tool.description ?? "");
  switch (tool.type) {
    case "function":
      return described + jsonTokens(tool.parameters ?? {});
    case "custom":
      return described + estimateTextTokens(tool.grammar?.definition ?? "");
    case "hosted":
      return described;
  }
}
