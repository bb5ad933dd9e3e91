import type { Part } from "../../core/reply.ts";
import type { ToolNames } from "../../core/tool-names.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { readContent } from "./content.ts";
import type { Fields } from "./fields.ts";
import { readSlot } from "./proofs.ts";
import { type Bag, bagOf, MADE_ID, withBag } from "./wire.ts";

type ToolCall = Extract<Part, { type: "tool-call" }>;

/** What is known of where items come from: how tools are called there, and who makes the proofs. */
export type ItemSource = { toolNames?: ToolNames; maker: string };

/** Reads an item of the assistant's that stands by itself: reasoning, picture, call. `other` for all else. */
export function readItem(item: Fields, source: ItemSource): Part[] {
  switch (item.text("type")) {
    case "message":
      return readMessage(item);
    case "reasoning":
      return [readReasoning(item, source.maker)];
    case "function_call":
    case "custom_tool_call":
      return [readCall(item, source)];
    case "image_generation_call":
      return [readPicture(item)];
    default:
      return [rawPart(item.source)];
  }
}

/** Reads an assistant's message: a part for each piece of content, the first of them opening the item. */
export function readMessage(item: Fields): Part[] {
  item.any("role");
  const phase = item.text("phase");
  const parts = messageParts(item);
  const first = parts[0];
  const opening = messageBag(item);
  return parts.map((part) => ({
    ...part,
    ...(part.type === "text" && phase !== undefined && { phase }),
    ...withBag({ ...(part === first && opening), ...bagOf(part) }),
  }));
}

/** The content of any message, without empty texts, which most formats refuse. */
export function messageParts(item: Fields): Part[] {
  const content = item.any("content");
  const parts: Part[] =
    typeof content === "string"
      ? [{ type: "text", text: content }]
      : item.objects("content").map(readContent);
  return parts.filter((part) => (part.type !== "text" && part.type !== "refusal") || part.text !== "");
}

/** What else a message item says, and how it was spelled. Ask for it once the other fields have been read. */
export function messageBag(item: Fields): Bag {
  return {
    item: leftover(item),
    ...(item.source["type"] === undefined && { bare: true }),
    ...(typeof item.source["content"] === "string" && { plain: true }),
  };
}

/** One reasoning item is one part, however many pieces its summary has. */
function readReasoning(item: Fields, maker: string): Part {
  const summary = joinTexts(item.any("summary"));
  const words = joinTexts(item.any("content"));
  const slot = readSlot(item.text("encrypted_content"), maker);
  const text = summary || words;
  // Thoughts of another format's model that were shown under an id of ours: no item that any vendor would know.
  if (!slot.proof && isMade(item.source["id"])) return { type: "reasoning", text };
  if (text === "" && !slot.proof) return rawPart(item.source);
  const left = leftover(item);
  return {
    type: "reasoning",
    text,
    // Where a foreign proof rides along, the summary was only the place the client shows.
    ...(summary !== "" && (!slot.proof || slot.proof.format === "openai-responses") && { summary: true }),
    ...slot,
    ...withBag({
      item: summary !== "" && words !== "" ? { ...left, content: item.source["content"] } : left,
      ...(summary === "" && words !== "" && { words: true }),
    }),
  };
}

/** The texts of a list of summary or content pieces, with a blank line between them. */
function joinTexts(pieces: unknown): string {
  if (!Array.isArray(pieces)) return "";
  return pieces
    .map((piece: unknown) => (isObject(piece) && typeof piece["text"] === "string" ? piece["text"] : ""))
    .filter((text) => text !== "")
    .join("\n\n");
}

/** Reads a function or custom call, under the names the client declared. */
export function readCall(item: Fields, source: ItemSource): ToolCall {
  const custom = item.text("type") === "custom_tool_call";
  const wireName = item.required("name");
  const namespace = item.text("namespace");
  const declared =
    namespace === undefined && source.toolNames
      ? source.toolNames.fromWire(wireName)
      : { name: wireName, namespace };
  return {
    type: "tool-call",
    id: item.text("call_id") || item.text("id") || "",
    name: declared.name,
    input: custom ? (item.text("input") ?? "") : readArguments(item.any("arguments")),
    ...(custom && { freeText: true }),
    ...(declared.namespace !== undefined && { namespace: declared.namespace }),
    ...withBag({ item: leftover(item) }),
  };
}

/** Arguments are text; a few providers send the object itself. */
function readArguments(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A finished picture; anything else about picture generation is the vendor's own affair. */
function readPicture(item: Fields): Part {
  const data = item.text("result");
  if (!data) return rawPart(item.source);
  const format = item.source["output_format"];
  return {
    type: "media",
    kind: "image",
    mediaType: `image/${typeof format === "string" ? format : "png"}`,
    data,
    ...withBag({ item: { type: "image_generation_call", ...leftover(item) } }),
  };
}

/** An item only this format understands. */
export function rawPart(item: JsonObject): Part {
  return { type: "other", ...withBag({ item: withoutMadeId(item) }) };
}

/** The fields of an item nobody has read, without an id of our own making. */
export function leftover(item: Fields): JsonObject {
  return withoutMadeId(item.rest() ?? {});
}

/** An item without an id of our own making. */
export function withoutMadeId(item: JsonObject): JsonObject {
  const { id, ...others } = item;
  return isMade(id) ? others : item;
}

const isMade = (id: unknown): boolean => typeof id === "string" && MADE_ID.test(id);
