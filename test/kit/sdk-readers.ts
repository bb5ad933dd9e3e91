import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI, type GenerateContentResponse } from "@google/genai";
import OpenAI from "openai";
import type { FormatId } from "../../src/core/reply.ts";
import { canonicalJson } from "./reply-facts.ts";

/** What a client's own SDK understood of an answer. A count is undefined where the SDK was told none. */
export type ReadAnswer = {
  text: string;
  refusal: string;
  /** Without white space: formats put different breaks between blocks. */
  reasoning: string;
  /** Name and arguments with sorted keys; free text stands as `{"input":"…"}`. */
  calls: [name: string, input: string][];
  finish: string;
  input: number | undefined;
  output: number | undefined;
  cacheRead: number | undefined;
  reasoningTokens: number | undefined;
};

/** Asks `baseUrl` (without a version) one question for `model` and reads the answer. Throws what the SDK throws. */
export type SdkReader = (baseUrl: string, model: string, stream: boolean) => Promise<ReadAnswer>;

const QUESTION = "x";

/** One reader per client format, each the vendor's official SDK without repeats of its own. */
export const SDK_READERS: Readonly<Record<FormatId, SdkReader>> = {
  "openai-chat": readChat,
  "openai-responses": readResponses,
  anthropic: readMessages,
  gemini: readGemini,
};

const openaiClient = (baseUrl: string) =>
  new OpenAI({ apiKey: "none", baseURL: `${baseUrl}/v1`, maxRetries: 0 });

async function readChat(baseUrl: string, model: string, stream: boolean): Promise<ReadAnswer> {
  const client = openaiClient(baseUrl);
  const messages = [{ role: "user" as const, content: QUESTION }];
  let streamed = "";
  const whole = async () => {
    if (!stream) return client.chat.completions.create({ model, messages });
    const runner = client.chat.completions.stream({
      model,
      messages,
      stream_options: { include_usage: true },
    });
    runner.on("chunk", (chunk) => (streamed += thoughtIn(chunk.choices[0]?.delta)));
    return runner.finalChatCompletion();
  };
  const { choices, usage } = await whole();
  const [choice] = choices;
  if (!choice) throw new Error("no choices");
  return {
    text: choice.message.content ?? "",
    refusal: choice.message.refusal ?? "",
    reasoning: bare(stream ? streamed : thoughtIn(choice.message)),
    calls: (choice.message.tool_calls ?? []).map((call) =>
      call.type === "function"
        ? [call.function.name, canonicalJson(call.function.arguments)]
        : [call.custom.name, asFreeText(call.custom.input)],
    ),
    finish: choice.finish_reason.replace("_", "-"),
    input: usage?.prompt_tokens,
    output: usage?.completion_tokens,
    cacheRead: usage?.prompt_tokens_details?.cached_tokens,
    reasoningTokens: usage?.completion_tokens_details?.reasoning_tokens,
  };
}

const thoughtIn = (holder: object | undefined): string =>
  holder && "reasoning_content" in holder && typeof holder.reasoning_content === "string"
    ? holder.reasoning_content
    : "";

async function readResponses(baseUrl: string, model: string, stream: boolean): Promise<ReadAnswer> {
  const client = openaiClient(baseUrl);
  const response: OpenAI.Responses.Response = stream
    ? await client.responses.stream({ model, input: QUESTION }).finalResponse()
    : await client.responses.create({ model, input: QUESTION });
  if (response.status === "failed") throw new Error(response.error?.message ?? "failed");
  const { output, usage } = response;
  const said = output.flatMap((item) => (item.type === "message" ? item.content : []));
  const thoughts = output.flatMap((item): { text: string }[] => {
    if (item.type !== "reasoning") return [];
    return item.content?.length ? item.content : item.summary;
  });
  return {
    text: said.map((piece) => (piece.type === "output_text" ? piece.text : "")).join(""),
    refusal: said.map((piece) => (piece.type === "refusal" ? piece.refusal : "")).join(""),
    reasoning: bare(thoughts.map((thought) => thought.text).join("")),
    calls: output.flatMap((item): ReadAnswer["calls"] => {
      if (item.type === "function_call") return [[item.name, canonicalJson(item.arguments)]];
      return item.type === "custom_tool_call" ? [[item.name, asFreeText(item.input)]] : [];
    }),
    finish: finishOf(response),
    input: usage?.input_tokens,
    output: usage?.output_tokens,
    cacheRead: usage?.input_tokens_details.cached_tokens,
    reasoningTokens: usage?.output_tokens_details.reasoning_tokens,
  };
}

function finishOf({ status, incomplete_details: details, output }: OpenAI.Responses.Response): string {
  if (status === "incomplete") return details?.reason === "content_filter" ? "content-filter" : "length";
  if (status !== "completed") return status ?? "";
  return output.some(isForClient) ? "tool-calls" : "stop";
}

/** Must the client carry this out? Shells may also stand in a container at the provider. */
function isForClient(item: OpenAI.Responses.ResponseOutputItem): boolean {
  switch (item.type) {
    case "function_call":
    case "custom_tool_call":
    case "local_shell_call":
    case "apply_patch_call":
      return true;
    case "shell_call":
      return item.environment?.type !== "container_reference";
    default:
      return false;
  }
}

const STOP_REASONS: Readonly<{ [reason: string]: string }> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool-calls",
  refusal: "content-filter",
  pause_turn: "pause",
};

async function readMessages(baseUrl: string, model: string, stream: boolean): Promise<ReadAnswer> {
  const client = new Anthropic({ apiKey: "none", baseURL: baseUrl, maxRetries: 0 });
  const body = { model, max_tokens: 1000, messages: [{ role: "user" as const, content: QUESTION }] };
  const message = stream
    ? await client.messages.stream(body).finalMessage()
    : await client.messages.create(body);
  const { content, usage } = message;
  return {
    text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    refusal: "",
    reasoning: bare(content.map((block) => (block.type === "thinking" ? block.thinking : "")).join("")),
    calls: content.flatMap((block): ReadAnswer["calls"] =>
      block.type === "tool_use" ? [[block.name, canonicalJson(JSON.stringify(block.input))]] : [],
    ),
    finish: STOP_REASONS[message.stop_reason ?? ""] ?? String(message.stop_reason),
    input:
      usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    output: usage.output_tokens,
    cacheRead: usage.cache_read_input_tokens ?? undefined,
    reasoningTokens: thinkingTokens(usage),
  };
}

const thinkingTokens = (usage: object): number | undefined =>
  (usage as { output_tokens_details?: { thinking_tokens?: number } }).output_tokens_details?.thinking_tokens;

const FINISH_WORDS: Readonly<{ [word: string]: string }> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content-filter",
  RECITATION: "content-filter",
  BLOCKLIST: "content-filter",
  PROHIBITED_CONTENT: "content-filter",
  SPII: "content-filter",
  MODEL_ARMOR: "content-filter",
  UNEXPECTED_TOOL_CALL: "error",
};

async function readGemini(baseUrl: string, model: string, stream: boolean): Promise<ReadAnswer> {
  const client = new GoogleGenAI({ apiKey: "none", httpOptions: { baseUrl } });
  const body = { model, contents: QUESTION };
  const chunks: GenerateContentResponse[] = [];
  if (stream) for await (const chunk of await client.models.generateContentStream(body)) chunks.push(chunk);
  else chunks.push(await client.models.generateContent(body));
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  const calls = parts.flatMap((part): ReadAnswer["calls"] =>
    part.functionCall
      ? [[part.functionCall.name ?? "", canonicalJson(JSON.stringify(part.functionCall.args ?? {}))]]
      : [],
  );
  const isBlocked = chunks.some((chunk) => chunk.promptFeedback?.blockReason !== undefined);
  const word = chunks.map((chunk) => chunk.candidates?.[0]?.finishReason).findLast(Boolean) ?? "";
  const finish = isBlocked ? "content-filter" : (FINISH_WORDS[word] ?? word);
  const usage = chunks.map((chunk) => chunk.usageMetadata).findLast(Boolean);
  return {
    text: parts.map((part) => (part.thought ? "" : (part.text ?? ""))).join(""),
    refusal: "",
    reasoning: bare(parts.map((part) => (part.thought ? (part.text ?? "") : "")).join("")),
    calls,
    finish: finish === "stop" && calls.length > 0 ? "tool-calls" : finish,
    input:
      usage?.promptTokenCount === undefined
        ? undefined
        : usage.promptTokenCount + (usage.toolUsePromptTokenCount ?? 0),
    output: usage && (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
    cacheRead: usage?.cachedContentTokenCount,
    reasoningTokens: usage?.thoughtsTokenCount,
  };
}

const bare = (text: string): string => text.replace(/\s+/g, "");
const asFreeText = (input: string): string => JSON.stringify({ input });
