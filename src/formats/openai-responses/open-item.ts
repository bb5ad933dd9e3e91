import type { EncodeContext } from "../../core/format.ts";
import type { Part, ReplyEvent } from "../../core/reply.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { Frames } from "./frames.ts";
import type { ItemSpeller } from "./output.ts";

export type PartEnd = Extract<ReplyEvent, { type: "part-end" }>;

/** How the answer ended before its last item was whole: at the limit (or a filter), or by a failure. */
export type Cut = "short" | "failed";

/** An item being written. `finish` is held back until the next thing happens, since only then its status is known. */
export interface OpenItem {
  begin(): string;
  /** Takes a further part into this item, where it belongs there; undefined where it begins an item of its own. */
  join?(part: Part): string | undefined;
  delta(text: string): string;
  endPart(end: PartEnd): string;
  /** Closes the item. */
  finish(cut: Cut | undefined): string;
  /** The finished item as JSON text; undefined when it came to nothing. */
  readonly json: string | undefined;
}

/** What every item needs to be written. */
export type ItemPlace = { frames: Frames; index: number; speller: ItemSpeller; context: EncodeContext };

/** `response.output_item.added` */
export function itemAdded({ frames, index }: ItemPlace, item: JsonObject): string {
  return frames.event("response.output_item.added", `"output_index":${index},"item":${JSON.stringify(item)}`);
}

/** `response.output_item.done`, from the item's JSON text. */
export function itemDone({ frames, index }: ItemPlace, json: string): string {
  return frames.event("response.output_item.done", `"output_index":${index},"item":${json}`);
}

export const quoted = (text: string): string => JSON.stringify(text);
