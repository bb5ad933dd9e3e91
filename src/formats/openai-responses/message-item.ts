import { mergeVendor, type Part, textOf } from "../../core/reply.ts";
import type { JsonObject } from "../../lib/json.ts";
import { GrowingText } from "./frames.ts";
import {
  type Cut,
  itemAdded,
  itemDone,
  type ItemPlace,
  type OpenItem,
  type PartEnd,
  quoted,
} from "./open-item.ts";
import { contentPiece, messageItem } from "./output.ts";
import { bagOf } from "./wire.ts";

/** A message: one or more pieces of text or refusal. */
export class MessageItem implements OpenItem {
  json: string | undefined;
  readonly #head: { id: string; phase?: string | undefined; left?: JsonObject | undefined };
  readonly #content: JsonObject[] = [];
  #part: Part | undefined;
  #text = new GrowingText();
  #where = "";

  constructor(
    readonly first: Part,
    readonly place: ItemPlace,
  ) {
    const left = bagOf(first)?.item;
    this.#head = { id: place.speller.id("message", place.index, left?.["id"]), phase: phaseOf(first), left };
  }

  begin(): string {
    return itemAdded(this.place, messageItem(this.#head, "in_progress", [])) + this.#beginPiece(this.first);
  }

  join(part: Part): string | undefined {
    const isContent = part.type === "text" || part.type === "refusal" || bagOf(part)?.content !== undefined;
    if (!isContent || bagOf(part)?.item || phaseOf(part) !== this.#head.phase) return undefined;
    return this.#beginPiece(part);
  }

  delta(text: string): string {
    const ready = this.#text.take(text);
    if (ready === "") return "";
    if (this.#part?.type === "refusal")
      return this.place.frames.event("response.refusal.delta", `${this.#where},"delta":${quoted(ready)}`);
    return this.place.frames.event(
      "response.output_text.delta",
      `${this.#where},"delta":${quoted(ready)},"logprobs":[]`,
    );
  }

  endPart(end: PartEnd): string {
    const part = this.#part;
    if (!part) return "";
    const text = this.#text.end();
    part.vendor = mergeVendor(part.vendor, end.vendor);
    if (part.type === "text" && end.sources) part.sources = end.sources;
    const piece = part.type === "other" ? (bagOf(part)?.content ?? {}) : contentPiece(part, text);
    const told = this.#endText(part, piece, text) + this.#pieceEvent("done", piece);
    this.#content.push(piece);
    this.#part = undefined;
    return told;
  }

  finish(cut: Cut | undefined): string {
    const open = this.#part ? this.endPart({ type: "part-end", index: 0 }) : "";
    this.json = JSON.stringify(messageItem(this.#head, cut ? "incomplete" : "completed", this.#content));
    return open + itemDone(this.place, this.json);
  }

  #beginPiece(part: Part): string {
    this.#part = { ...part };
    this.#text = new GrowingText();
    this.#where = `"item_id":${quoted(this.#head.id)},"output_index":${this.place.index},"content_index":${this.#content.length}`;
    if (part.type === "other") return this.#pieceEvent("added", bagOf(part)?.content ?? {});
    const empty: Part = part.type === "refusal" ? part : { type: "text", text: "" };
    return this.#pieceEvent("added", contentPiece(empty, "")) + this.delta(textOf(part));
  }

  #pieceEvent(step: "added" | "done", piece: JsonObject): string {
    return this.place.frames.event(
      `response.content_part.${step}`,
      `${this.#where},"part":${JSON.stringify(piece)}`,
    );
  }

  #endText(part: Part, piece: JsonObject, text: string): string {
    const { frames } = this.place;
    if (part.type === "other") return "";
    if (part.type === "refusal")
      return frames.event("response.refusal.done", `${this.#where},"refusal":${quoted(text)}`);
    const { annotations } = piece;
    return (
      (Array.isArray(annotations) ? annotations : [])
        .map((annotation: unknown, index) =>
          frames.event(
            "response.output_text.annotation.added",
            `${this.#where},"annotation_index":${index},"annotation":${JSON.stringify(annotation)}`,
          ),
        )
        .join("") +
      frames.event(
        "response.output_text.done",
        `${this.#where},"text":${quoted(text)},"logprobs":${JSON.stringify(piece["logprobs"])}`,
      )
    );
  }
}

const phaseOf = (part: Part): string | undefined => (part.type === "text" ? part.phase : undefined);
