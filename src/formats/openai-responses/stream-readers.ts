import type { EventWriter } from "../../core/event-writer.ts";
import type { DecodeContext } from "../../core/format.ts";
import { emptied, type Part, textOf } from "../../core/reply.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { CallIds } from "./call-ids.ts";
import { Fields, FROM_PROVIDER } from "./fields.ts";
import { leftover, messageBag, rawPart, readCall } from "./items.ts";
import { withBag } from "./wire.ts";

/** Which item an event belongs to, what grows by it, and in which field its text stands. */
const GROWTH: Readonly<{ [event: string]: { item: string; kind: Growth; index: string; text: string } }> = {
  "response.output_text.delta": grow("message", "text", "content_index", "delta"),
  "response.output_text.done": grow("message", "text", "content_index", "text"),
  "response.refusal.delta": grow("message", "refusal", "content_index", "delta"),
  "response.refusal.done": grow("message", "refusal", "content_index", "refusal"),
  "response.reasoning_summary_text.delta": grow("reasoning", "summary", "summary_index", "delta"),
  "response.reasoning_summary_text.done": grow("reasoning", "summary", "summary_index", "text"),
  "response.reasoning_text.delta": grow("reasoning", "words", "content_index", "delta"),
  "response.reasoning_text.done": grow("reasoning", "words", "content_index", "text"),
  "response.function_call_arguments.delta": grow("function_call", "input", "", "delta"),
  "response.function_call_arguments.done": grow("function_call", "input", "", "arguments"),
  "response.custom_tool_call_input.delta": grow("custom_tool_call", "input", "", "delta"),
  "response.custom_tool_call_input.done": grow("custom_tool_call", "input", "", "input"),
};

type Growth = "text" | "refusal" | "summary" | "words" | "input";

function grow(item: string, kind: Growth, index: string, text: string) {
  return { item, kind, index, text };
}

/** Items whose parts are known only once they are done. */
const LATE_TYPES = new Set(["message", "reasoning", "image_generation_call"]);

/** A piece of text that grows: under which key its part is open, and how much of it has come. */
type Piece = { key: string; length: number };

/** Reads one output item's events into parts. Counts what deltas brought, so that nothing is said twice or lost. */
export class ItemReader {
  /** The item's type; "" until an event tells it. */
  type = "";
  settled = false;
  #announced: JsonObject = {};
  readonly #pieces = new Map<number, Piece>();
  #kind: Growth | undefined;
  /** Arguments that came before the call's name. */
  #early = "";

  constructor(
    readonly key: string,
    readonly out: EventWriter,
    readonly context: DecodeContext,
    readonly ids: CallIds,
  ) {}

  get isCall(): boolean {
    return this.#kind === "input" && (this.type === "function_call" || this.type === "custom_tool_call");
  }

  /** `response.output_item.added` */
  announce(item: unknown): void {
    if (!isObject(item) || this.settled) return;
    this.#announced = item;
    this.type = String(item["type"]);
    if (this.type === "function_call" || this.type === "custom_tool_call") this.#openCall(item);
    else if (!LATE_TYPES.has(this.type)) this.out.open(this.key, rawPart(item));
  }

  /** Any event between an item's beginning and end; those that bring no text are passed over. */
  take(event: string, data: JsonObject): void {
    const growth = Object.hasOwn(GROWTH, event) ? GROWTH[event] : undefined;
    const text = growth && data[growth.text];
    if (!growth || typeof text !== "string" || this.settled) return;
    this.type ||= growth.item;
    if (this.type !== growth.item) return;
    const index = growth.index === "" ? 0 : Number(data[growth.index] ?? 0);
    if (growth.text === "delta") this.#grow(growth.kind, index, text);
    else this.#complete(growth.kind, index, text);
  }

  /** The finished item under the id it began with, where the provider changed it on the way. */
  withAnnouncedId(item: JsonObject): JsonObject {
    const { id } = this.#announced;
    return id === undefined || id === item["id"] ? item : { ...item, id };
  }

  /** The finished item and its parts: adds what deltas left out, and closes. */
  settle(item: JsonObject, parts: readonly Part[]): void {
    if (this.settled) return;
    this.settled = true;
    this.type ||= String(item["type"]);
    if (this.type === "message") return this.#settleMessage(parts);
    const [part] = parts;
    if (!part) return;
    if (part.type === "tool-call") this.#openCall(item);
    const piece = this.#pieces.get(0);
    if (part.type === "reasoning" && this.#kind) this.#settleReasoning(item);
    else if (part.type === "tool-call" && piece) this.#add(piece, part.input.slice(piece.length));
    if (this.out.isOpen(this.key)) this.out.close(this.key, ending(part));
    else writeWhole(this.out, part);
  }

  #openCall(item: JsonObject): void {
    if (this.out.isOpen(this.key) || typeof item["name"] !== "string" || item["name"] === "") return;
    this.#kind = "input";
    const call = readCall(new Fields(item, FROM_PROVIDER), this.context);
    this.out.open(this.key, { ...call, id: this.ids.distinct(call.id), input: "" });
    this.#pieces.set(0, { key: this.key, length: 0 });
    const early = this.#early;
    this.#early = "";
    if (early !== "") this.#grow("input", 0, early);
  }

  #grow(kind: Growth, index: number, text: string): void {
    if (text === "") return;
    const piece = this.#piece(kind, index);
    if (piece) this.#add(piece, text);
    else if (kind === "input") this.#early += text;
  }

  /** The whole of a piece: adds what its deltas left out. */
  #complete(kind: Growth, index: number, text: string): void {
    const come = this.#pieces.get(index)?.length ?? this.#early.length;
    this.#grow(kind, index, text.slice(come));
  }

  #add(piece: Piece, text: string): void {
    piece.length += text.length;
    this.out.append(piece.key, text);
  }

  /** The piece text goes into, opening its part with the first of it. */
  #piece(kind: Growth, index: number): Piece | undefined {
    const known = this.#pieces.get(index);
    if (known) return this.#kind === kind || this.type === "message" ? known : undefined;
    switch (kind) {
      case "text":
      case "refusal":
        return this.#openText(kind, index);
      case "summary":
      case "words":
        return this.#openReasoning(kind, index);
      case "input":
        return undefined;
    }
  }

  #openText(kind: "text" | "refusal", index: number): Piece {
    const piece = { key: `${this.key}:${index}`, length: 0 };
    const item = new Fields(this.#announced, FROM_PROVIDER);
    for (const field of ["type", "role", "content"]) item.any(field);
    const phase = item.text("phase");
    const opening = this.#pieces.size === 0 ? withBag({ item: messageBag(item).item ?? {} }) : {};
    const part: Part =
      kind === "refusal"
        ? { type: kind, text: "" }
        : { type: kind, text: "", ...(phase !== undefined && { phase }) };
    this.#pieces.set(index, piece);
    this.out.open(piece.key, { ...part, ...opening });
    return piece;
  }

  #openReasoning(kind: "summary" | "words", index: number): Piece | undefined {
    if (this.#kind !== undefined && this.#kind !== kind) return undefined;
    this.#kind = kind;
    if (this.#pieces.size > 0) this.out.append(this.key, "\n\n");
    const item = new Fields(this.#announced, FROM_PROVIDER);
    for (const field of ["type", "summary", "content", "encrypted_content"]) item.any(field);
    this.out.open(this.key, {
      type: "reasoning",
      text: "",
      ...(kind === "summary" && { summary: true }),
      ...withBag({ item: leftover(item), ...(kind === "words" && { words: true }) }),
    });
    const piece = { key: this.key, length: 0 };
    this.#pieces.set(index, piece);
    return piece;
  }

  #settleReasoning(item: JsonObject): void {
    const texts = item[this.#kind === "summary" ? "summary" : "content"];
    if (!Array.isArray(texts)) return;
    for (const [index, piece] of texts.entries())
      if (isObject(piece) && typeof piece["text"] === "string" && this.#kind)
        this.#complete(this.#kind, index, piece["text"]);
  }

  /** Pieces of the finished message stand in the order in which they came, whatever their numbers were. */
  #settleMessage(parts: readonly Part[]): void {
    const come = [...this.#pieces.values()];
    for (const [index, part] of parts.entries()) {
      const piece = come[index];
      if (!piece) {
        writeWhole(this.out, part);
        continue;
      }
      this.#add(piece, textOf(part).slice(piece.length));
      this.out.close(piece.key, ending(part));
    }
    for (const piece of come.slice(parts.length)) this.out.close(piece.key);
  }
}

const ending = (part: Part) => ({
  ...(part.vendor && { vendor: part.vendor }),
  ...(part.proof && { proof: part.proof }),
  ...(part.type === "text" && part.sources && { sources: part.sources }),
});

/** A part that no delta told. */
export function writeWhole(out: EventWriter, part: Part): void {
  const key = "whole";
  const { proof: _proof, ...start } = emptied(part);
  out.open(key, start);
  out.append(key, textOf(part));
  out.close(key, ending(part));
}
