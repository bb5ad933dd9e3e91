import { TargetFailure } from "../../core/errors.ts";
import { EventWriter } from "../../core/event-writer.ts";
import type { DecodeContext, StreamDecoder } from "../../core/format.ts";
import type { ReplyEvent } from "../../core/reply.ts";
import { isObject, type JsonObject, parseJson } from "../../lib/json.ts";
import type { SseEvent } from "../../lib/sse.ts";
import { CallIds } from "./call-ids.ts";
import { failureOf } from "./failure.ts";
import { Fields, FROM_PROVIDER } from "./fields.ts";
import { readItem } from "./items.ts";
import { isForClient, readFinish, refuseFailed } from "./reply.ts";
import { isPending, readFacts } from "./response.ts";
import { ItemReader, writeWhole } from "./stream-readers.ts";
import { readUsage } from "./usage.ts";

/**
 * Reads a provider's stream. Items are known by their place (`output_index`): Copilot gives every event another id.
 * What deltas left out is taken from the finished item, and what no item told from the finished response.
 */
export class ResponsesStreamDecoder implements StreamDecoder {
  readonly #out = new EventWriter();
  readonly #items = new Map<string, ItemReader>();
  readonly #ids = new CallIds();
  #queued: JsonObject | undefined;
  #callsClient = false;
  #ended = false;

  constructor(readonly context: DecodeContext) {}

  push(event: SseEvent): ReplyEvent[] {
    if (this.#ended) return [];
    const data = parsed(event.data);
    if (!data) return [];
    const type = data["type"];
    this.#read(typeof type === "string" ? type : event.event, data);
    return this.#out.take();
  }

  end(): ReplyEvent[] {
    if (this.#ended) return [];
    if (!this.#queued)
      throw new TargetFailure("malformed", "The provider's answer broke off before its end.");
    this.#finish(this.#queued);
    return this.#out.take();
  }

  #read(type: string, data: JsonObject): void {
    const { response } = data;
    switch (type) {
      case "response.created":
      case "response.in_progress":
      case "response.queued":
        if (!isObject(response)) return;
        this.#queued = type === "response.queued" ? response : undefined;
        return this.#start(response);
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        return this.#finish(isObject(response) ? response : { status: type.slice("response.".length) });
      case "error":
        throw failureOf(isObject(data["error"]) ? data["error"] : data);
      case "response.output_item.added":
        return this.#item(data)?.announce(data["item"]);
      case "response.output_item.done":
        return this.#done(data);
      default:
        this.#item(data)?.take(type, data);
    }
  }

  #start(response: JsonObject): void {
    // How far the answer is says nothing yet: streams of background answers begin in the queue as well.
    const { id, model, ...extra } = readFacts({ ...response, status: undefined });
    this.#out.start(id, model, extra);
  }

  /** The reader of the item that an event is about; undefined for events about none. */
  #item(data: JsonObject): ItemReader | undefined {
    const place = data["output_index"] ?? data["item_id"];
    if (typeof place !== "number" && typeof place !== "string") return undefined;
    this.#start({});
    const key = String(place);
    let reader = this.#items.get(key);
    if (!reader) {
      reader = new ItemReader(key, this.#out, this.context, this.#ids);
      this.#items.set(key, reader);
    }
    return reader;
  }

  #done(data: JsonObject): void {
    const { item } = data;
    if (isObject(item)) this.#settle(this.#item(data), item);
  }

  #settle(reader: ItemReader | undefined, item: JsonObject): void {
    const finished = reader?.withAnnouncedId(item) ?? item;
    const parts = readItem(new Fields(finished, FROM_PROVIDER), this.context);
    this.#callsClient ||= parts.some(isForClient);
    if (reader) return reader.settle(finished, parts);
    for (const part of parts) {
      if (part.type === "tool-call") part.id = this.#ids.distinct(part.id);
      writeWhole(this.#out, part);
    }
  }

  #finish(response: JsonObject): void {
    refuseFailed(response);
    this.#start(response);
    this.#settleRest(response["output"]);
    this.#out.closeAll();
    const usage = readUsage(response["usage"], this.context.quirks);
    if (usage) this.#out.add({ type: "usage", usage });
    const callsClient = this.#callsClient || [...this.#items.values()].some((item) => item.isCall);
    const pending = isPending(response) && { vendor: readFacts(response).vendor };
    this.#out.add({ type: "reply-end", finish: readFinish(response, callsClient), ...pending });
    this.#ended = true;
  }

  /** Items that no event told, or whose end was never told. */
  #settleRest(output: unknown): void {
    if (!Array.isArray(output)) return;
    const untold = this.#items.size === 0;
    for (const [index, item] of output.entries()) {
      if (!isObject(item)) continue;
      const reader = this.#items.get(String(index));
      if (untold || (reader && !reader.settled && reader.type === item["type"])) this.#settle(reader, item);
    }
  }
}

/** The event's object; undefined for a line that is none, which must not cost the answer. */
function parsed(text: string): JsonObject | undefined {
  try {
    const data = text.includes('.delta"') ? (JSON.parse(text) as unknown) : parseJson(text);
    return isObject(data) ? data : undefined;
  } catch {
    return undefined;
  }
}
