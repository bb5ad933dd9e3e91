import { mergeVendor, type Part } from "../../core/reply.ts";
import { type JsonObject, tryParseJson } from "../../lib/json.ts";
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
import { callItem, type CallSpelling, type Status } from "./output.ts";
import { bagOf } from "./wire.ts";

/** A call of a function or of a tool that takes free text. */
export class CallItem implements OpenItem {
  json: string | undefined;
  readonly #ids: { id: string; callId: string };
  readonly #where: string;
  readonly #text = new GrowingText();
  readonly #part: Extract<Part, { type: "tool-call" }>;
  #ended = false;

  constructor(
    part: Extract<Part, { type: "tool-call" }>,
    readonly place: ItemPlace,
    readonly spelling: Extract<CallSpelling, { kind: "function" | "custom" }>,
  ) {
    this.#part = { ...part };
    const type = spelling.kind === "custom" ? "custom_tool_call" : "function_call";
    const { speller, index } = place;
    const id = speller.id(type, index, bagOf(part)?.item?.["id"]);
    this.#ids = { id, callId: speller.callId(part, index) };
    this.#where = `"item_id":${quoted(id)},"output_index":${index}`;
  }

  begin(): string {
    return itemAdded(this.place, this.#item("in_progress", "")) + this.delta(this.#part.input);
  }

  delta(text: string): string {
    const ready = this.#text.take(text);
    return ready === "" || this.spelling.respell ? "" : this.#deltaEvent(ready);
  }

  endPart(end: PartEnd): string {
    this.#ended = true;
    this.#part.vendor = mergeVendor(this.#part.vendor, end.vendor);
    return "";
  }

  finish(cut: Cut | undefined): string {
    const input = this.#text.end();
    const status = this.#isWhole(cut) ? "completed" : "incomplete";
    const item = this.#item(status, input);
    this.json = JSON.stringify(item);
    const custom = this.spelling.kind === "custom";
    // A client runs free text as soon as its item is done, and half a script runs as well as a whole one.
    if (status === "incomplete") return custom ? "" : itemDone(this.place, this.json);
    const field = custom ? "input" : "arguments";
    const told = item[field] as string;
    const late = this.spelling.respell || (input === "" && told !== "") ? this.#deltaEvent(told) : "";
    const type = custom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done";
    const name = custom ? "" : `,"name":${quoted(this.#part.name)}`;
    return (
      late +
      this.place.frames.event(type, `${this.#where},"${field}":${quoted(told)}${name}`) +
      itemDone(this.place, this.json)
    );
  }

  /**
   * Cut short, the part was closed by whoever read the stream, so only its text can tell: half a JSON object is none,
   * while free text never shows that something is missing.
   */
  #isWhole(cut: Cut | undefined): boolean {
    if (!cut) return true;
    if (!this.#ended) return false;
    if (this.spelling.kind === "function") return tryParseJson(this.#text.text) !== undefined;
    return cut === "failed";
  }

  #deltaEvent(delta: string): string {
    const kind = this.spelling.kind === "custom" ? "custom_tool_call_input" : "function_call_arguments";
    return this.place.frames.event(`response.${kind}.delta`, `${this.#where},"delta":${quoted(delta)}`);
  }

  #item(status: Status, input: string): JsonObject {
    return callItem(this.#part, this.#ids, this.spelling, status, input);
  }
}
