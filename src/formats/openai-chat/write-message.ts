import { sealProof as sealWithoutContext } from "../../core/envelope.ts";
import type { EncodeContext } from "../../core/format.ts";
import type { FinishReason, Part, Proof, Source } from "../../core/reply.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { JsonObject } from "../../lib/json.ts";
import { unwrapFreeText, wrapFreeText } from "../../core/free-text.ts";
import { writeUrl, type Media } from "./media.ts";
import { plainEntry, sealedEntry } from "./proofs.ts";
import { ownFields, writeFinish } from "./wire.ts";

export type ToolCall = Extract<Part, { type: "tool-call" }>;

/** A whole choice, cleaned to what OpenAI documents plus reasoning and images. `fields`: annotations, logprobs. */
export function writeChoice(
  index: number,
  parts: readonly Part[],
  finish: FinishReason,
  fields: { [field: string]: unknown },
  context?: EncodeContext,
): JsonObject {
  return {
    index,
    message: writeMessage(parts, fields["annotations"] ?? pagesAsAnnotations(parts), context),
    logprobs: fields["logprobs"] ?? null,
    finish_reason: writeFinish(
      finish,
      parts.some((part) => part.type === "tool-call") ? callWord(context) : undefined,
    ),
  };
}

/** What a text rests on, where its provider says so in another format. */
function pagesAsAnnotations(parts: readonly Part[]): JsonObject[] | undefined {
  const pages = parts.flatMap((part) => (part.type === "text" ? (part.sources ?? []) : []));
  return pages.length === 0 ? undefined : writeAnnotations(pages, joined(parts, "text").length);
}

/** Pages as OpenAI's annotations. Which words each stands for is not known, so it stands for all of them. */
export const writeAnnotations = (pages: readonly Source[], length: number): JsonObject[] =>
  pages.map(({ url, title }) => ({
    type: "url_citation",
    url_citation: { start_index: 0, end_index: length, url, title: title ?? url },
  }));

function writeMessage(
  parts: readonly Part[],
  annotations: unknown,
  context: EncodeContext | undefined,
): JsonObject {
  const details = writeEntries(parts, context);
  const calls = parts.filter((part): part is ToolCall => part.type === "tool-call");
  const legacy = calls[0] && context && isLegacy(context.request) ? calls[0] : undefined;
  const content = joined(parts, "text");
  const reasoning = context && isHidden(context.request) ? "" : joined(parts, "reasoning");
  const images = parts.filter((part): part is Media => part.type === "media" && part.kind === "image");
  return {
    role: "assistant",
    content: content === "" && (calls.length > 0 || joined(parts, "refusal") !== "") ? null : content,
    refusal: joined(parts, "refusal") || null,
    ...(reasoning !== "" && { reasoning_content: reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(images.length > 0 && { images: images.map(writeImage) }),
    ...writeAudio(parts),
    ...(annotations !== undefined && { annotations }),
    ...(calls.length > 0 && !legacy && { tool_calls: calls.map((call) => writeCall(call, context)) }),
    ...(legacy && { function_call: { name: legacy.name, arguments: argumentsOf(legacy) } }),
  };
}

/** The entries that carry proofs. Where one thought has a proof, all get an entry, so that each stays what it is. */
function writeEntries(parts: readonly Part[], context: EncodeContext | undefined): JsonObject[] {
  const seal = (proof: Proof) => (context ? context.sealProof(proof) : sealWithoutContext(proof));
  const isProved = parts.some((part) => part.type === "reasoning" && part.proof);
  const entries: JsonObject[] = [];
  for (const part of parts) {
    const isPlain = part.type === "reasoning" && isProved;
    const entry = part.proof
      ? sealedEntry(part, part.proof, entries.length, seal)
      : isPlain && plainEntry(part.text, entries.length);
    if (entry) entries.push(entry);
  }
  return entries;
}

/** A call in the family in which the client declared its tool. */
export function writeCall(call: ToolCall, context: EncodeContext | undefined): JsonObject {
  const custom = context ? isCustom(call, context.request) : call.freeText === true;
  return {
    id: call.id,
    type: custom ? "custom" : "function",
    ...(custom
      ? { custom: { name: call.name, input: call.freeText ? call.input : unwrapFreeText(call.input) } }
      : {
          function: { name: call.name, arguments: argumentsOf(call) },
        }),
    ...(call.proof && context && signedCall(call, context)),
  };
}

const argumentsOf = (call: ToolCall): string =>
  call.freeText ? wrapFreeText(call.input) : call.input || "{}";

/**
 * Google's slot for the signature of a call, which the AI SDK gives back where it drops `reasoning_details`.
 */
export function signedCall(call: ToolCall, context: EncodeContext): JsonObject {
  if (!call.proof) return {};
  return { extra_content: { google: { thought_signature: context.sealProof(call.proof) } } };
}

/**
 * Did the client declare the called tool as one that takes free text? A call of a tool nobody declared is a function's:
 * few chat clients have heard of the other family.
 */
export const isCustom = (call: ToolCall, request: ChatRequest): boolean =>
  request.tools?.some((tool) => tool.type === "custom" && tool.name === call.name) ?? false;

/** Did the client ask in the manner of 2023, with `functions`? Then it looks for `function_call` in the answer. */
export const isLegacy = (request: ChatRequest): boolean =>
  request.tools?.some((tool) => ownFields(tool)[LEGACY_MARK] === true) ?? false;

/** How calls are told to the client, which is also its word for an answer that ends with them. */
export const callWord = (context: EncodeContext | undefined): "tool_calls" | "function_call" =>
  context && isLegacy(context.request) ? "function_call" : "tool_calls";

/** Did the client ask not to be shown any reasoning? Its proofs are still given, with what they prove. */
export const isHidden = (request: ChatRequest): boolean => request.reasoning?.visible === false;

/** Marks tools that came as `functions`. */
export const LEGACY_MARK = "from_functions";

/** Images as OpenRouter gives them; there is no other way to say a picture in a chat answer. */
export const writeImage = (image: Media): JsonObject => ({
  type: "image_url",
  image_url: { url: writeUrl(image) ?? "" },
});

function writeAudio(parts: readonly Part[]): JsonObject {
  const audio = parts.find((part): part is Media => part.type === "media" && part.kind === "audio");
  if (!audio) return {};
  const fields = ownFields(audio)["audio"];
  return { audio: { ...(fields as JsonObject | undefined), data: audio.data ?? "" } };
}

function joined(parts: readonly Part[], type: "text" | "reasoning" | "refusal"): string {
  let text = "";
  for (const part of parts) if (part.type === type) text += part.text;
  return text;
}
