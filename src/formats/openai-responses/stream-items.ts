import type { EncodeContext } from "../../core/format.ts";
import { appendDelta, mergeVendor, type Part, type ReplyEvent } from "../../core/reply.ts";
import { tryParseJson, type JsonObject } from "../../lib/json.ts";
import { writeClientCall } from "./client-calls.ts";
import { Frames, GrowingText } from "./frames.ts";
import {
  callItem,
  type CallSpelling,
  contentPiece,
  type ItemSpeller,
  messageItem,
  pictureItem,
  rawItem,
  reasoningItem,
  saysWords,
  type Status,
} from "./output.ts";
import { bagOf } from "./wire.ts";

type PartEnd = Extract<ReplyEvent, { type: "part-end" }>;

/** An item being written. `finish` is held back until the next thing happens, since only then its status is known. */
export interface OpenItem {
  /** Takes a further part into this item, where it belongs there; undefined where it begins an item of its own. */
  join(part: Part): string | undefined;
  delta(text: string): string;
  endPart(end: PartEnd): string;
  /** Closes the item; `cut`: the answer ended before the item was whole. */
  finish(cut: boolean): string;
  /** The finished item as JSON text; undefined when it came to nothing. */
  readonly json: string | undefined;
}

/** What every item needs to be written. */
export type ItemPlace = { frames: Frames; index: number; speller: ItemSpeller; context: EncodeContext };

/** Begins the item for a part; undefined for what this format's clients cannot be shown. */
export function beginItem(part: Part, place: ItemPlace): { item: OpenItem; text: string } | undefined {
  switch (part.type) {
    case "text":
    case "refusal":
      return begun(new MessageItem(part, place));
    case "reasoning":
      return begun(new ReasoningItem(part, place));
    case "tool-call": {
      const spelling = place.speller.call(part);
      return begun(
        spelling.kind === "own" ? new WholeItem(part, place) : new CallItem(part, place, spelling),
      );
    }
    case "media":
      return part.kind === "image" ? begun(new WholeItem(part, place)) : undefined;
    case "other":
      if (rawItem(part)?.["type"] !== undefined) return begun(new WholeItem(part, place));
      return bagOf(part)?.content ? begun(new MessageItem(part, place)) : undefined;
    case "tool-result":
      return undefined;
  }
}

const begun = (item: OpenItem & { begin(): string }) => ({ item, text: item.begin() });

const added = (place: ItemPlace, item: JsonObject): string =>
  place.frames.event(
    "response.output_item.added",
    `"output_index":${place.index},"item":${JSON.stringify(item)}`,
  );

const done = (place: ItemPlace, json: string): string =>
  place.frames.event("response.output_item.done", `"output_index":${place.index},"item":${json}`);

const quoted = (text: string): string => JSON.stringify(text);

/** A message: one or more pieces of text or refusal. */
class MessageItem implements OpenItem {
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
    return added(this.place, messageItem(this.#head, "in_progress", [])) + this.#beginPiece(this.first);
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
    const piece = part.type === "other" ? (bagOf(part)?.content ?? {}) : contentPiece(part, text);
    const told = this.#endText(part, piece, text) + this.#pieceEvent("done", piece);
    this.#content.push(piece);
    this.#part = undefined;
    return told;
  }

  finish(cut: boolean): string {
    const open = this.#part ? this.endPart({ type: "part-end", index: 0 }) : "";
    this.json = JSON.stringify(messageItem(this.#head, cut ? "incomplete" : "completed", this.#content));
    return open + done(this.place, this.json);
  }

  #beginPiece(part: Part): string {
    this.#part = { ...part };
    this.#text = new GrowingText();
    this.#where = `"item_id":${quoted(this.#head.id)},"output_index":${this.place.index},"content_index":${this.#content.length}`;
    if (part.type === "other") return this.#pieceEvent("added", bagOf(part)?.content ?? {});
    const empty: Part = part.type === "refusal" ? part : { type: "text", text: "" };
    return (
      this.#pieceEvent("added", contentPiece(empty, "")) +
      (part.type === "text" ? this.#given(part.text) : "")
    );
  }

  /** A part may open with text in it. */
  #given(text: string): string {
    return text === "" ? "" : this.delta(text);
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

/** Reasoning: a summary in one or more pieces, or the model's words. */
class ReasoningItem implements OpenItem {
  json: string | undefined;
  readonly #id: string;
  readonly #part: Extract<Part, { type: "reasoning" }>;
  readonly #pieces: string[] = [];
  #piece: GrowingText | undefined;
  #where = "";

  constructor(
    part: Extract<Part, { type: "reasoning" }>,
    readonly place: ItemPlace,
  ) {
    this.#part = { ...part };
    this.#id = place.speller.id("reasoning", place.index, bagOf(part)?.item?.["id"]);
  }

  begin(): string {
    const opened = { ...this.#part, proof: undefined };
    const head = added(this.place, reasoningItem(opened, this.#id, [], this.place.context));
    return this.#part.text === "" ? head : head + this.delta(this.#part.text);
  }

  join(): undefined {
    return undefined;
  }

  delta(text: string): string {
    // The decoder of this format tells the break between two pieces of a summary as a delta of its own.
    if (text === "\n\n" && this.#piece && this.#part.summary && !this.#words) return this.#endPiece();
    const opened = this.#piece ? "" : this.#beginPiece();
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
    this.json = JSON.stringify(reasoningItem(this.#part, this.#id, this.#pieces, this.place.context));
    return open + done(this.place, this.json);
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

/** A call of a function or of a tool that takes free text. */
class CallItem implements OpenItem {
  json: string | undefined;
  readonly #ids: { id: string; callId: string };
  readonly #where: string;
  readonly #text = new GrowingText();
  readonly #part: Extract<Part, { type: "tool-call" }>;
  #ended = false;

  constructor(
    part: Extract<Part, { type: "tool-call" }>,
    readonly place: ItemPlace,
    readonly spelling: Extract<CallSpelling, { wrapped: boolean }>,
  ) {
    this.#part = { ...part };
    const type = spelling.kind === "custom" ? "custom_tool_call" : "function_call";
    const { speller, index } = place;
    const id = speller.id(type, index, bagOf(part)?.item?.["id"]);
    this.#ids = { id, callId: speller.callId(part, index) };
    this.#where = `"item_id":${quoted(id)},"output_index":${index}`;
  }

  begin(): string {
    return (
      added(this.place, this.#item("in_progress", "")) +
      (this.#part.input ? this.delta(this.#part.input) : "")
    );
  }

  join(): undefined {
    return undefined;
  }

  delta(text: string): string {
    const ready = this.#text.take(text);
    return ready === "" || this.spelling.wrapped ? "" : this.#deltaEvent(ready);
  }

  endPart(end: PartEnd): string {
    this.#ended = true;
    this.#part.vendor = mergeVendor(this.#part.vendor, end.vendor);
    return "";
  }

  finish(cut: boolean): string {
    const input = this.#text.end();
    const status = this.#isWhole(cut) ? "completed" : "incomplete";
    const item = this.#item(status, input);
    this.json = JSON.stringify(item);
    const custom = this.spelling.kind === "custom";
    // A client runs free text as soon as its item is done, and half a script runs as well as a whole one.
    if (status === "incomplete") return custom ? "" : done(this.place, this.json);
    const field = custom ? "input" : "arguments";
    const told = item[field] as string;
    const late = this.spelling.wrapped || (input === "" && told !== "") ? this.#deltaEvent(told) : "";
    const type = custom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done";
    const name = custom ? "" : `,"name":${quoted(this.#part.name)}`;
    return (
      late +
      this.place.frames.event(type, `${this.#where},"${field}":${quoted(told)}${name}`) +
      done(this.place, this.json)
    );
  }

  #isWhole(cut: boolean): boolean {
    if (!cut) return true;
    const couldRun = this.#ended && this.spelling.kind === "function";
    return couldRun && tryParseJson(this.#text.text) !== undefined;
  }

  #deltaEvent(delta: string): string {
    const kind = this.spelling.kind === "custom" ? "custom_tool_call_input" : "function_call_arguments";
    return this.place.frames.event(`response.${kind}.delta`, `${this.#where},"delta":${quoted(delta)}`);
  }

  #item(status: Status, input: string): JsonObject {
    return callItem(this.#part, this.#ids, this.spelling, status, input);
  }
}

/** An item told in one piece: pictures, calls with a shape of their own, what only this format understands. */
class WholeItem implements OpenItem {
  json: string | undefined;
  readonly #part: Part;
  #id = "";

  constructor(
    part: Part,
    readonly place: ItemPlace,
  ) {
    this.#part = { ...part };
  }

  /** What a provider runs itself is shown as soon as it begins. */
  begin(): string {
    const raw = this.#part.type === "other" ? rawItem(this.#part) : undefined;
    if (!raw) return "";
    this.#id = this.place.speller.id(String(raw["type"]), this.place.index, raw["id"]);
    return added(this.place, { ...raw, id: this.#id });
  }

  join(): undefined {
    return undefined;
  }

  delta(text: string): string {
    appendDelta(this.#part, text);
    return "";
  }

  endPart(end: PartEnd): string {
    this.#part.vendor = mergeVendor(this.#part.vendor, end.vendor);
    return "";
  }

  finish(cut: boolean): string {
    const item = this.#item();
    if (!item || (cut && this.#part.type === "tool-call")) return "";
    this.json = JSON.stringify(item);
    const opened = this.#part.type === "other" ? "" : added(this.place, { ...item, status: "in_progress" });
    return opened + done(this.place, this.json);
  }

  #item(): JsonObject | undefined {
    const part = this.#part;
    const { speller, index } = this.place;
    if (part.type === "other") return { ...rawItem(part), id: this.#id };
    if (part.type === "media")
      return pictureItem(part, speller.id("image_generation_call", index, rawItem(part)?.["id"]));
    if (part.type !== "tool-call") return undefined;
    const item = writeClientCall(speller.declared(part), { ...part, id: speller.callId(part, index) });
    return item && { id: speller.id(String(item["type"]), index), ...item, status: "completed" };
  }
}
