import { EventWriter } from "../../core/event-writer.ts";
import { TargetFailure } from "../../core/errors.ts";
import type { DecodeContext, StreamDecoder } from "../../core/format.ts";
import { unwrapFreeText } from "../../core/free-text.ts";
import { emptied, type FinishReason, type Part, type ReplyEvent } from "../../core/reply.ts";
import { isObject, tryParseJson } from "../../lib/json.ts";
import type { SseEvent } from "../../lib/sse.ts";
import { citedPages, proofOf, readAnswerBlock } from "./answer-blocks.ts";
import { failureOf } from "./failures.ts";
import { mergeUsage, readUsage } from "./usage.ts";
import { otherFields, readStopReason, type Fields } from "./wire.ts";

/** A block that is still growing, with what is only known of it at its end. */
type OpenBlock = {
  part: Part;
  /** The whole block as it began. */
  block: Fields;
  /** Argument text, of calls whose input cannot be passed on before it is whole. */
  held: string;
  appended: boolean;
  signature?: unknown;
  citations: unknown[];
  compaction?: unknown;
};

/** Reads a Messages stream. https://platform.claude.com/docs/en/build-with-claude/streaming */
export class AnthropicStreamDecoder implements StreamDecoder {
  readonly #out = new EventWriter();
  readonly #open = new Map<string, OpenBlock>();
  readonly #context: DecodeContext;
  #id: string | undefined;
  #usage: Fields = {};
  #finish: FinishReason | undefined;
  #stopSequence: string | undefined;
  #vendor: Fields = {};
  #hasCalls = false;
  #stopped = false;

  constructor(context: DecodeContext) {
    this.#context = context;
  }

  push(event: SseEvent): ReplyEvent[] {
    if (this.#stopped) return [];
    const body = tryParseJson(event.data);
    if (isObject(body)) this.#read(body, event.event);
    return this.#out.take();
  }

  end(): ReplyEvent[] {
    if (!this.#stopped) {
      if (this.#finish === undefined)
        throw new TargetFailure(
          "malformed",
          "The answer was cut off: the stream ended without its end mark.",
        );
      this.#stop();
    }
    return this.#out.take();
  }

  #read(body: Fields, eventName: string): void {
    switch (body["type"] ?? eventName) {
      case "message_start":
        return this.#start(isObject(body["message"]) ? body["message"] : {});
      case "content_block_start":
        return this.#openBlock(
          String(body["index"]),
          isObject(body["content_block"]) ? body["content_block"] : {},
        );
      case "content_block_delta":
        return this.#grow(String(body["index"]), isObject(body["delta"]) ? body["delta"] : {});
      case "content_block_stop":
        return this.#closeBlock(String(body["index"]));
      case "message_delta":
        return this.#readEnd(body);
      case "message_stop":
        return this.#stop();
      case "error":
        throw failureOf(body);
      default:
        if (body["type"] === undefined && isObject(body["error"])) throw failureOf(body);
    }
  }

  #start(message: Fields): void {
    const id = typeof message["id"] === "string" ? message["id"] : "";
    if (this.#id !== undefined) {
      if (id === this.#id) return;
      throw new TargetFailure("malformed", "The provider began a second answer before the first had ended.");
    }
    this.#id = id;
    const model = typeof message["model"] === "string" ? message["model"] : "";
    const vendor = otherFields(message, MESSAGE);
    this.#out.start(id, model, Object.keys(vendor).length > 0 ? { vendor: { anthropic: vendor } } : {});
    this.#readUsage(message["usage"]);
    // Answers that go on after a program called a tool come with their calls in the first event.
    if (Array.isArray(message["content"]))
      for (const [index, block] of message["content"].entries())
        if (isObject(block)) {
          this.#openBlock(`start ${index}`, block);
          this.#closeBlock(`start ${index}`);
        }
    this.#readStop(message);
  }

  #openBlock(key: string, block: Fields): void {
    if (this.#open.has(key)) return;
    if (!this.#out.started) this.#out.start("", "");
    const part = readAnswerBlock(block, this.#context);
    if (part.type === "tool-call") this.#hasCalls = true;
    this.#open.set(key, { part, block, held: "", appended: false, citations: [] });
    const { proof: _proof, ...begun } = part;
    this.#out.open(key, emptied(begun));
    if (part.type === "text" || part.type === "reasoning") this.#out.append(key, part.text);
  }

  #grow(key: string, delta: Fields): void {
    let open = this.#open.get(key);
    if (!open) {
      // A provider that forgets to open its blocks.
      const type =
        delta["type"] === "text_delta" ? "text" : delta["type"] === "thinking_delta" ? "thinking" : undefined;
      if (!type) return;
      this.#openBlock(key, { type });
      open = this.#open.get(key);
      if (!open) return;
    }
    switch (delta["type"]) {
      case "text_delta":
        return this.#append(key, delta["text"]);
      case "thinking_delta":
        return this.#append(key, delta["thinking"]);
      case "input_json_delta":
        return this.#growInput(key, open, delta["partial_json"]);
      case "signature_delta":
        open.signature = delta["signature"];
        return;
      case "citations_delta":
        open.citations.push(delta["citation"]);
        return;
      case "compaction_delta":
        open.compaction = delta["content"];
        return;
      default:
    }
  }

  #append(key: string, text: unknown): void {
    if (typeof text === "string") this.#out.append(key, text);
  }

  #growInput(key: string, open: OpenBlock, text: unknown): void {
    if (typeof text !== "string" || text === "") return;
    open.appended = true;
    if (open.part.type === "tool-call" && !open.part.freeText) this.#out.append(key, text);
    else open.held += text;
  }

  #closeBlock(key: string): void {
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    const { part } = open;
    if (part.type === "tool-call") {
      // Without a single delta the input stands in the block itself, and is mostly `{}`.
      if (!open.appended) this.#out.append(key, part.input);
      else if (part.freeText) this.#out.append(key, unwrapFreeText(open.held));
      return this.#out.close(key);
    }
    const proof = open.signature === undefined ? part.proof : proofOf(open.signature, this.#context);
    const vendor = vendorAtEnd(open);
    this.#out.close(key, {
      ...(vendor && { vendor: { anthropic: vendor } }),
      ...(proof && { proof }),
      ...citedPages(open.citations),
    });
  }

  #readEnd(body: Fields): void {
    this.#readUsage(body["usage"]);
    const delta = isObject(body["delta"]) ? body["delta"] : {};
    Object.assign(this.#vendor, otherFields(delta, DELTA), otherFields(body, MESSAGE_DELTA));
    this.#readStop(delta);
  }

  #readStop(source: Fields): void {
    const reason = source["stop_reason"];
    if (typeof reason !== "string") return;
    this.#finish = readStopReason(reason);
    this.#vendor["stop_reason"] = reason;
    if (typeof source["stop_sequence"] === "string") this.#stopSequence = source["stop_sequence"];
  }

  #readUsage(usage: unknown): void {
    if (!isObject(usage)) return;
    this.#usage = mergeUsage(this.#usage, usage);
    const counted = readUsage(this.#usage);
    if (!counted) return;
    this.#out.add({ type: "usage", usage: counted });
    this.#vendor["usage"] = this.#usage;
  }

  #stop(): void {
    this.#stopped = true;
    if (!this.#out.started) this.#out.start("", "");
    for (const key of this.#open.keys()) this.#closeBlock(key);
    const finish = this.#finish ?? "stop";
    const callsMustRun = this.#hasCalls && (finish === "stop" || finish === "pause");
    this.#out.add({
      type: "reply-end",
      finish: callsMustRun ? "tool-calls" : finish,
      ...(this.#stopSequence !== undefined && { stopSequence: this.#stopSequence }),
      ...(Object.keys(this.#vendor).length > 0 && { vendor: { anthropic: this.#vendor } }),
    });
  }
}

const MESSAGE = new Set(["id", "type", "role", "model", "content", "usage", "stop_reason", "stop_sequence"]);
const DELTA = new Set(["stop_reason", "stop_sequence"]);
const MESSAGE_DELTA = new Set(["type", "delta", "usage"]);

/** What a block's end adds to what only this wire understands of it: always the whole bag, never a piece of it. */
function vendorAtEnd({ part, block, held, citations, compaction }: OpenBlock): Fields | undefined {
  if (part.type === "text" && citations.length > 0) return { ...part.vendor?.anthropic, citations };
  if (part.type !== "other") return undefined;
  if (compaction !== undefined) return { ...block, content: compaction };
  if (held === "") return undefined;
  return { ...block, input: tryParseJson(held) ?? held };
}
