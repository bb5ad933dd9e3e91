import type { GatewayError } from "../../core/errors.ts";
import type { EncodeContext, StreamEncoder } from "../../core/format.ts";
import type { FinishReason, Part, ReplyEvent, Source, Usage, Vendor } from "../../core/reply.ts";
import { SerialParts, WholeParts } from "../../core/serial-parts.ts";
import { isRefusedPrompt, promptFeedback, writeCandidate } from "./encode-reply.ts";
import { encodeError } from "./errors.ts";
import { writeUsage } from "./usage.ts";
import { isRunnable, ReplyParts } from "./write-reply-parts.ts";
import type { WirePart } from "./wire.ts";

/** How chunks are put on the wire. */
export interface Framing {
  chunk(json: string): string;
  /** Comments before the next chunk; "" where the framing has none. */
  comments(comments: string[]): string;
  /** What follows the last chunk. */
  end(): string;
}

type TextPart = Extract<Part, { type: "text" | "reasoning" | "refusal" }>;

/**
 * Writes an answer as Gemini's chunks: text and thoughts piece by piece, everything else whole, the finish reason
 * and the usage in the last chunk alone.
 */
export class GeminiStreamEncoder implements StreamEncoder {
  readonly #serial = new SerialParts();
  readonly #whole = new WholeParts();
  readonly #parts: ReplyParts;
  /** The text part under way, with what of it has been written. */
  #growing: { part: TextPart; held: string } | undefined;
  #heldCall: WirePart[] = [];
  #responseId: string;
  #usage: Usage | undefined;
  readonly #pages: Source[] = [];
  #comments: string[] = [];
  #tail = "";
  #wroteParts = false;

  constructor(
    readonly context: EncodeContext,
    readonly framing: Framing,
  ) {
    this.#parts = new ReplyParts(context);
    this.#responseId = context.id;
  }

  push(event: ReplyEvent): string {
    let text = "";
    for (const next of this.#serial.push(event)) text += this.#one(next);
    return text;
  }

  trailer(comments: string[]): void {
    this.#comments = comments;
  }

  heartbeat(): string {
    return "";
  }

  fail(error: GatewayError, _requestId: string): string {
    return this.framing.chunk(safeJson(encodeError(error))) + this.framing.end();
  }

  #one(event: ReplyEvent): string {
    switch (event.type) {
      case "reply-start":
        if (event.id) this.#responseId = event.id;
        return "";
      case "part-start":
        return isText(event.part) ? this.#begin(event.part) : this.#collect(event);
      case "part-delta":
        return this.#growing ? this.#grow(event.delta) : this.#collect(event);
      case "part-end":
        return this.#growing ? this.#finish(event) : this.#collect(event);
      case "usage":
        this.#usage = event.usage;
        return "";
      case "reply-end":
        return this.#end(event.finish, event.vendor);
    }
  }

  #begin(part: TextPart): string {
    this.#growing = { part: { ...part, text: "" }, held: "" };
    const before = part.type === "reasoning" ? this.#write(this.#parts.thoughtsBegin()) : "";
    return before + this.#grow(part.text);
  }

  /** A character that two deltas share is written once it is whole. */
  #grow(delta: string): string {
    const growing = this.#growing;
    if (!growing || delta === "") return "";
    const text = growing.held + delta;
    const last = text.charCodeAt(text.length - 1);
    const isSplit = last >= 0xd800 && last <= 0xdbff;
    growing.held = isSplit ? text.slice(-1) : "";
    return this.#writeText(growing.part, isSplit ? text.slice(0, -1) : text);
  }

  #writeText(part: TextPart, text: string): string {
    if (text === "") return "";
    part.text = "…";
    if (part.type === "reasoning") return this.#deltaChunk(text, THOUGHT_END);
    const proof = this.#parts.forText();
    return proof === undefined
      ? this.#deltaChunk(text, TEXT_END)
      : this.#write([{ text, thoughtSignature: proof }]);
  }

  #finish(event: Extract<ReplyEvent, { type: "part-end" }>): string {
    const growing = this.#growing;
    if (!growing) return "";
    const rest = this.#writeText(growing.part, growing.held);
    this.#growing = undefined;
    const proof = event.proof ?? growing.part.proof;
    this.#pages.push(...(event.sources ?? []));
    const { part } = growing;
    const signature =
      part.type === "reasoning"
        ? this.#parts.thoughtsEnd({ ...part, ...(proof && { proof }) })
        : this.#parts.textEnd(proof);
    return rest + this.#write(signature);
  }

  /** Parts that are written whole wait for their end. A call whose arguments are no JSON waits for the finish. */
  #collect(event: Extract<ReplyEvent, { type: "part-start" | "part-delta" | "part-end" }>): string {
    const part = this.#whole.push(event);
    if (!part) return "";
    const written = this.#parts.whole(part);
    if (part.type !== "tool-call" || isRunnable(part)) return this.#write(written);
    this.#heldCall.push(...written);
    return "";
  }

  #end(finish: FinishReason, vendor: Vendor | undefined): string {
    const rest = this.#write([...(finish === "length" ? [] : this.#heldCall), ...this.#parts.rest()]);
    const isRefused = isRefusedPrompt(vendor) && !this.#wroteParts;
    const last = {
      ...(!isRefused && { candidates: [writeCandidate([], finish, vendor, this.#pages)] }),
      ...promptFeedback(vendor),
      ...(this.#usage && { usageMetadata: writeUsage(this.#usage) }),
      modelVersion: this.context.model,
      responseId: this.#responseId,
    };
    return (
      rest + this.framing.comments(this.#comments) + this.framing.chunk(safeJson(last)) + this.framing.end()
    );
  }

  #write(parts: WirePart[]): string {
    if (parts.length === 0) return "";
    this.#wroteParts = true;
    return this.framing.chunk(`${PARTS_BEGIN}${safeJson(parts)}${this.#chunkEnd()}`);
  }

  #deltaChunk(text: string, end: string): string {
    this.#wroteParts = true;
    return this.framing.chunk(`${PARTS_BEGIN}[{"text":${safeJson(text)}${end}${this.#chunkEnd()}`);
  }

  #chunkEnd(): string {
    this.#tail ||= `,"role":"model"},"index":0}],"modelVersion":${safeJson(this.context.model)},"responseId":${safeJson(this.#responseId)}}`;
    return this.#tail;
  }
}

const PARTS_BEGIN = '{"candidates":[{"content":{"parts":';
const TEXT_END = "}]";
const THOUGHT_END = ',"thought":true}]';

const isText = (part: Part): part is TextPart =>
  part.type === "text" || part.type === "reasoning" || part.type === "refusal";

/** JSON on one line even for readers that take U+2028 and U+2029 for line ends, as Google's older SDKs do. */
function safeJson(value: unknown): string {
  const json = JSON.stringify(value);
  return LINE_ENDS.test(json) ? json.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029") : json;
}

const LINE_ENDS = /[\u2028\u2029]/;
