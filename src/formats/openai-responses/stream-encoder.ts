import type { GatewayError } from "../../core/errors.ts";
import type { EncodeContext, StreamEncoder } from "../../core/format.ts";
import type { Part, ReplyEvent, Usage } from "../../core/reply.ts";
import { SerialParts } from "../../core/serial-parts.ts";
import { type JsonObject, parseJson } from "../../lib/json.ts";
import { responseError } from "./failure.ts";
import { Frames } from "./frames.ts";
import { ItemSpeller } from "./output.ts";
import { finalState, pendingState, ResponseShell, type ResponseState } from "./response.ts";
import type { Cut, OpenItem } from "./open-item.ts";
import { itemFor } from "./stream-items.ts";

type ReplyStart = Extract<ReplyEvent, { type: "reply-start" }>;
type ReplyEnd = Extract<ReplyEvent, { type: "reply-end" }>;

/**
 * Writes a client's stream: one item at a time, each opened and closed once, in rising order. An item is closed when
 * the next thing happens, since pieces of text in a row are one message, and only the answer's end tells whether its
 * last item is whole.
 */
export class ResponsesStreamEncoder implements StreamEncoder {
  readonly #serial = new SerialParts();
  readonly #frames = new Frames();
  readonly #speller: ItemSpeller;
  readonly #items: string[] = [];
  #shell: ResponseShell | undefined;
  #open: OpenItem | undefined;
  /** The part that is being written goes into the open item; parts nobody can show go nowhere. */
  #writing = false;
  #usage: Usage | undefined;
  #comments: string[] = [];
  #ended = false;
  #state: ResponseState = { status: "in_progress" };

  constructor(readonly context: EncodeContext) {
    this.#speller = new ItemSpeller(context);
  }

  push(event: ReplyEvent): string {
    let text = "";
    for (const one of this.#serial.push(event)) text += this.#write(one);
    return text;
  }

  /** The response as it stands, for clients that want it whole. */
  response(): JsonObject {
    const output = this.#items.map((json) => parseJson(json) as JsonObject);
    return this.#shell?.object(this.#state, output) ?? {};
  }

  trailer(comments: string[]): void {
    this.#comments = comments;
  }

  heartbeat(): string {
    return ": ping\n\n";
  }

  fail(error: GatewayError): string {
    if (this.#ended) return "";
    const started = this.#start({ type: "reply-start", id: "", model: "" });
    const closed = this.#close("failed");
    return (
      started +
      closed +
      this.#end("response.failed", { status: "failed", error: responseError(error), usage: this.#usage })
    );
  }

  #write(event: ReplyEvent): string {
    if (this.#ended) return "";
    switch (event.type) {
      case "reply-start":
        return this.#start(event);
      case "part-start":
        return this.#beginPart(event.part);
      case "part-delta":
        return this.#writing ? (this.#open?.delta(event.delta) ?? "") : "";
      case "part-end":
        return this.#writing ? (this.#open?.endPart(event) ?? "") : "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "reply-end":
        return this.#finish(event);
    }
  }

  #start(event: ReplyStart): string {
    if (this.#shell) return "";
    this.#shell = new ResponseShell(this.context, event);
    const response = `"response":${this.#shell.text({ status: "in_progress" }, [])}`;
    return (
      this.#frames.event("response.created", response) + this.#frames.event("response.in_progress", response)
    );
  }

  #beginPart(part: Part): string {
    const joined = this.#open?.join?.(part);
    this.#writing = true;
    if (joined !== undefined) return joined;
    const closed = this.#close();
    const { context } = this;
    const place = { frames: this.#frames, index: this.#items.length, speller: this.#speller, context };
    this.#open = itemFor(part, place);
    this.#writing = this.#open !== undefined;
    return closed + (this.#open?.begin() ?? "");
  }

  #close(cut?: Cut): string {
    const item = this.#open;
    if (!item) return "";
    this.#open = undefined;
    const text = item.finish(cut);
    if (item.json !== undefined) this.#items.push(item.json);
    return text;
  }

  #finish(event: ReplyEnd): string {
    const state = pendingState(event.vendor) ?? this.#shell?.pending ?? finalState(event.finish, this.#usage);
    const closed = this.#close(state.status === "incomplete" ? "short" : undefined);
    return closed + this.#end(`response.${state.status}`, state);
  }

  #end(type: string, state: ResponseState): string {
    this.#ended = true;
    this.#state = state;
    const comments = this.#comments.map((comment) => `: ${comment}\n`).join("");
    const response = this.#shell?.text(state, this.#items) ?? "{}";
    return comments + this.#frames.event(type, `"response":${response}`);
  }
}
