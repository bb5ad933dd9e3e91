import { proofFits } from "../../core/envelope.ts";
import type { Loss, TargetModel } from "../../core/format.ts";
import type { Part } from "../../core/reply.ts";
import type { ToolNames } from "../../core/tool-names.ts";
import { unwrapFreeText, wrapFreeText } from "../../core/free-text.ts";
import { isObject, tryParseJson } from "../../lib/json.ts";
import type { ModelFacts } from "./models.ts";
import type { CallIds, Piece, ToolCall, ToolResult } from "./turns.ts";
import { ownFields, wholeObject, type Fields } from "./wire.ts";

/** What the blocks of a request are written with. */
export type BlockContext = {
  target: TargetModel;
  facts: ModelFacts;
  names: ToolNames;
  ids: CallIds;
  losses: Loss[];
};

/** A part of the history as a piece of its turn; nothing when there is nothing left that this wire could say. */
export function writePart(part: Part, context: BlockContext): Piece[] {
  switch (part.type) {
    case "tool-call":
      return [{ call: part }];
    case "tool-result":
      return [{ result: part }];
    default: {
      const block = writeBlock(part, context);
      return block ? [{ block }] : [];
    }
  }
}

/** A settled piece as its block. */
export function writePiece(piece: Piece, context: BlockContext): Fields {
  if ("block" in piece) return piece.block;
  return "call" in piece ? writeCall(piece.call, context) : writeResult(piece.result, piece.answers, context);
}

function writeBlock(part: Part, context: BlockContext): Fields | undefined {
  const whole = wholeObject(part);
  if (whole) return whole;
  switch (part.type) {
    case "text":
    case "refusal":
      // Anthropic refuses text without a visible character.
      return part.text.trim() === "" ? undefined : { type: "text", text: part.text, ...extras(part) };
    case "reasoning":
      return writeThought(part, context);
    case "media":
      return writeMedia(part, context);
    case "tool-call":
    case "tool-result":
    case "other":
      return undefined;
  }
}

/** This wire's own extra fields. A cache mark may also come from a chat client, in OpenRouter's manner. */
function extras(part: Part): Fields {
  const mark = part.vendor?.["openai-chat"]?.["cache_control"];
  return { ...(isObject(mark) && { cache_control: mark }), ...ownFields(part) };
}

/** Thinking is sent back to its maker alone. A block without a fitting proof would fail the whole request. */
function writeThought(
  part: Extract<Part, { type: "reasoning" }>,
  { target }: BlockContext,
): Fields | undefined {
  const { proof } = part;
  if (!proof || !proofFits(proof, "anthropic", target.maker)) return undefined;
  return part.redacted || proof.redacted
    ? { type: "redacted_thinking", data: proof.value }
    : { type: "thinking", thinking: part.text, signature: proof.value, ...ownFields(part) };
}

function writeCall(call: ToolCall, { names, ids }: BlockContext): Fields {
  return {
    type: "tool_use",
    id: ids.of(call),
    name: names.toWire(call.name, call.namespace),
    input: argumentsObject(call),
    ...extras(call),
  };
}

/**
 * The arguments as the object this wire wants. Text that is no JSON object, as a broken answer may have left it in a
 * history, is kept under a name of its own: refused, it would make every later request fail.
 */
function argumentsObject(call: ToolCall): Fields {
  const text = call.freeText ? wrapFreeText(unwrapFreeText(call.input)) : call.input;
  if (text.trim() === "") return {};
  const parsed = tryParseJson(text);
  return isObject(parsed) ? parsed : { _raw: text };
}

function writeResult(result: ToolResult, answers: ToolCall | undefined, context: BlockContext): Fields {
  const blocks = result.output.flatMap((part) => writeBlock(part, context) ?? []);
  const text = blocks.length === 1 ? plainText(blocks[0]) : undefined;
  return {
    type: "tool_result",
    tool_use_id: answers ? context.ids.of(answers) : result.id,
    content: blocks.length === 0 ? "" : (text ?? blocks),
    ...(result.failed && { is_error: true }),
    ...extras(result),
  };
}

/** The text of a block that says nothing else. */
const plainText = (block: unknown): unknown =>
  isObject(block) && block["type"] === "text" && Object.keys(block).length === 2 ? block["text"] : undefined;

const KEPT_ELSEWHERE = "a file kept at another vendor cannot be read here";
const IMAGES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

function writeMedia(part: Extract<Part, { type: "media" }>, context: BlockContext): Fields | undefined {
  const lose = (what: string, why: string): undefined => {
    context.losses.push({ what, why });
  };
  const mediaType = part.mediaType === "image/jpg" ? "image/jpeg" : part.mediaType;
  if (part.kind === "audio" || part.kind === "video")
    return lose(`${part.kind} input`, "the Anthropic protocol takes text, images and documents only");
  if (part.kind === "image") {
    if (context.target.vision === false) return lose("image", "this model cannot see images");
    if (part.url !== undefined)
      return { type: "image", source: { type: "url", url: part.url }, ...extras(part) };
    if (part.data === undefined) return lose("image", KEPT_ELSEWHERE);
    if (!IMAGES.has(mediaType))
      return lose(`image of type ${mediaType || "unknown"}`, "only JPEG, PNG, GIF and WebP are taken");
    const source = { type: "base64", media_type: mediaType, data: part.data };
    return { type: "image", source, ...extras(part) };
  }
  const source = documentSource(part, mediaType);
  if (!source && part.data === undefined) return lose("document", KEPT_ELSEWHERE);
  if (!source)
    return lose(`document of type ${mediaType || "unknown"}`, "only PDF and text documents are taken");
  return { type: "document", source, ...(part.name !== undefined && { title: part.name }), ...extras(part) };
}

function documentSource(part: Extract<Part, { type: "media" }>, mediaType: string): Fields | undefined {
  if (part.url !== undefined) return { type: "url", url: part.url };
  if (part.data === undefined) return undefined;
  if (part.plain) return { type: "text", media_type: "text/plain", data: part.data };
  if (mediaType === "application/pdf") return { type: "base64", media_type: mediaType, data: part.data };
  if (!/^text\/|^application\/(?:json|xml)$/.test(mediaType)) return undefined;
  return { type: "text", media_type: "text/plain", data: Buffer.from(part.data, "base64").toString() };
}
