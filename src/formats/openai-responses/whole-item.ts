import { appendDelta, mergeVendor, type Part } from "../../core/reply.ts";
import type { JsonObject } from "../../lib/json.ts";
import { writeClientCall } from "./client-calls.ts";
import { type Cut, itemAdded, itemDone, type ItemPlace, type OpenItem, type PartEnd } from "./open-item.ts";
import { pictureItem, rawItem } from "./output.ts";

/** An item told in one piece: pictures, calls with a shape of their own, what only this format understands. */
export class WholeItem implements OpenItem {
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
    return itemAdded(this.place, { ...raw, id: this.#id });
  }

  delta(text: string): string {
    appendDelta(this.#part, text);
    return "";
  }

  endPart(end: PartEnd): string {
    this.#part.vendor = mergeVendor(this.#part.vendor, end.vendor);
    return "";
  }

  finish(cut: Cut | undefined): string {
    const item = this.#item();
    if (!item || (cut && this.#part.type === "tool-call")) return "";
    this.json = JSON.stringify(item);
    const opened =
      this.#part.type === "other" ? "" : itemAdded(this.place, { ...item, status: "in_progress" });
    return opened + itemDone(this.place, this.json);
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
