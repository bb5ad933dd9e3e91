import { mergeVendor, type Part } from "../../core/reply.ts";
import { GrowingText } from "./frames.ts";
import { itemAdded, itemDone, type ItemPlace, type OpenItem, type PartEnd, quoted } from "./open-item.ts";
import { reasoningItem, saysWords } from "./output.ts";
import { bagOf } from "./wire.ts";

/** Reasoning: a summary in one or more pieces, or the model's words. */
export class ReasoningItem implements OpenItem {
  json: string | undefined;
  readonly #id: string;
  readonly #part: Extract<Part, { type: "reasoning" }>;
  readonly #pieces: string[] = [];
  #piece: GrowingText | undefined;
  #where = "";
  #added = false;

  constructor(
    part: Extract<Part, { type: "reasoning" }>,
    readonly place: ItemPlace,
  ) {
    this.#part = { ...part };
    this.#id = place.speller.id("reasoning", place.index, bagOf(part)?.item?.["id"]);
  }

  /** Told only once there is something to tell: some models think without a word or a proof of it. */
  begin(): string {
    return this.delta(this.#part.text);
  }

  delta(text: string): string {
    if (text === "") return "";
    // The decoder of this format tells the break between two pieces of a summary as a delta of its own.
    if (text === "\n\n" && this.#piece && this.#part.summary && !this.#words) return this.#endPiece();
    const opened = this.#add() + (this.#piece ? "" : this.#beginPiece());
    const ready = this.#piece?.take(text);
    return ready ? opened + this.#event("delta", `"delta":${quoted(ready)}`) : opened;
  }

  endPart(end: PartEnd): string {
    const part = this.#part;
    part.vendor = mergeVendor(part.vendor, end.vendor);
    if (end.proof) part.proof = end.proof;
    return this.#endPiece();
  }

  finish(): string {
    const open = this.#endPiece();
    if (!this.#added && !this.#part.proof) return "";
    const told = open + this.#add();
    this.json = JSON.stringify(reasoningItem(this.#part, this.#id, this.#pieces, this.place.context));
    return told + itemDone(this.place, this.json);
  }

  #add(): string {
    if (this.#added) return "";
    this.#added = true;
    const empty = { ...this.#part, proof: undefined };
    return itemAdded(this.place, reasoningItem(empty, this.#id, [], this.place.context));
  }

  get #words(): boolean {
    return saysWords(this.#part);
  }

  #beginPiece(): string {
    this.#piece = new GrowingText();
    const at = this.#words ? "content_index" : "summary_index";
    this.#where = `"item_id":${quoted(this.#id)},"output_index":${this.place.index},"${at}":${this.#pieces.length}`;
    return this.#pieceEvent("added", "");
  }

  #endPiece(): string {
    const piece = this.#piece;
    if (!piece) return "";
    const text = piece.end();
    this.#piece = undefined;
    const told = this.#event("done", `"text":${quoted(text)}`) + this.#pieceEvent("done", text);
    this.#pieces.push(text);
    return told;
  }

  #event(step: "delta" | "done", fields: string): string {
    const kind = this.#words ? "reasoning_text" : "reasoning_summary_text";
    return this.place.frames.event(`response.${kind}.${step}`, `${this.#where},${fields}`);
  }

  #pieceEvent(step: "added" | "done", text: string): string {
    const kind = this.#words ? "content_part" : "reasoning_summary_part";
    const type = this.#words ? "reasoning_text" : "summary_text";
    return this.place.frames.event(
      `response.${kind}.${step}`,
      `${this.#where},"part":${JSON.stringify({ type, text })}`,
    );
  }
}
