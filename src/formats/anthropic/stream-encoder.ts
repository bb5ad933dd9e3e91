import type { GatewayError } from "../../core/errors.ts";
import type { EncodeContext, StreamEncoder } from "../../core/format.ts";
import { mergeVendor, type Part, type ReplyEvent, type Usage, type Vendor } from "../../core/reply.ts";
import { SerialParts } from "../../core/serial-parts.ts";
import { encodeError } from "./failures.ts";
import { foundPages } from "./found-pages.ts";
import { proofBlock, slotText } from "./proof-blocks.ts";
import { finalStopReason, mediaNote, messageId } from "./reply.ts";
import { blockOf, deltaOf, startOf, stopOf, written } from "./stream-blocks.ts";
import { writeUsage } from "./usage.ts";
import { ownFields, wholeObject, type Fields } from "./wire.ts";

const PING = 'event: ping\ndata: {"type":"ping"}\n\n';

/** The part being written, and its block once that is open. */
type Current = {
  part: Part;
  /** What stands before and after a delta's text in an event; undefined until the block is open. */
  around: { before: string; after: string } | undefined;
  written: boolean;
};

/**
 * Writes a Messages stream for a client: one block open at a time, numbered from 0 without gaps, usage at both ends.
 * https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export class AnthropicStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext;
  readonly #serial = new SerialParts();
  #current: Current | undefined;
  #nextIndex = 0;
  #usage: Usage | undefined;
  #vendor: Vendor | undefined;
  #refused = false;
  #calls = false;
  #comments = "";
  /** Carriers of proofs of texts; see `#lateProof`. */
  #held: Fields[] = [];

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  push(event: ReplyEvent): string {
    let wire = "";
    for (const due of this.#serial.push(event)) wire += this.#write(due);
    return wire;
  }

  trailer(comments: string[]): void {
    for (const comment of comments)
      this.#comments += comment.startsWith(":") ? `${comment}\n` : `: ${comment}\n`;
  }

  heartbeat(): string {
    return PING;
  }

  fail(error: GatewayError, requestId: string): string {
    return written("error", encodeError(error, requestId));
  }

  #write(event: ReplyEvent): string {
    switch (event.type) {
      case "reply-start":
        return this.#begin(event);
      case "part-start":
        return this.#startPart(event.part);
      case "part-delta":
        return this.#delta(event.delta);
      case "part-end":
        return this.#endPart(event);
      case "usage":
        this.#usage = event.usage;
        return "";
      case "reply-end":
        return this.#end(event);
    }
  }

  #begin(event: Extract<ReplyEvent, { type: "reply-start" }>): string {
    this.#vendor = event.vendor;
    const message = {
      id: messageId(event.id, this.#context),
      type: "message",
      role: "assistant",
      model: this.#context.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: writeUsage({ input: this.#context.estimatedInput ?? 0, output: 1 }, undefined),
    };
    return written("message_start", { type: "message_start", message });
  }

  #startPart(part: Part): string {
    this.#current = { part, around: undefined, written: false };
    switch (part.type) {
      case "refusal":
        this.#refused = true;
        return this.#delta(part.text);
      case "text":
        return this.#delta(part.text);
      case "reasoning":
        return this.#delta(part.text);
      case "tool-call":
        return this.#startCall(part);
      case "media":
      case "tool-result":
      case "other":
        return "";
    }
  }

  /** Calls are announced at once; other blocks with their first text, so that none is opened for nothing. */
  #startCall(part: Extract<Part, { type: "tool-call" }>): string {
    this.#calls = true;
    const signed = proofBlock(part, this.#context);
    const before = this.#release() + (signed ? this.#wholeBlock(signed.before) : "");
    return before + this.#openBlock(part) + this.#delta(part.input);
  }

  #openBlock(part: Part): string {
    const current = this.#current;
    const kind = blockOf(part);
    if (!current || !kind) return "";
    const held = this.#release();
    const index = this.#nextIndex++;
    current.around = {
      before: `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${kind.delta}","${kind.field}":`,
      after: "}}\n\n",
    };
    return held + startOf(index, kind.block);
  }

  #delta(text: string): string {
    const current = this.#current;
    if (!current || text === "") return "";
    const { part } = current;
    if (part.type === "reasoning" && part.redacted) return "";
    let wire = "";
    if (!current.around) wire = this.#openBlock(part);
    if (!current.around) return wire;
    const { before, after } = current.around;
    if (part.type !== "tool-call" || !part.freeText) {
      current.written = true;
      return `${wire}${before}${JSON.stringify(text)}${after}`;
    }
    // Free text goes into the one string that the tool's schema has.
    const piece = JSON.stringify(text).slice(1, -1);
    const opening = current.written ? "" : '{"input":"';
    current.written = true;
    return `${wire}${before}${JSON.stringify(opening + piece)}${after}`;
  }

  #endPart(event: Extract<ReplyEvent, { type: "part-end" }>): string {
    const current = this.#current;
    this.#current = undefined;
    if (!current) return "";
    const proof = event.proof ?? current.part.proof;
    const vendor = mergeVendor(current.part.vendor, event.vendor);
    const part: Part = { ...current.part, ...(vendor && { vendor }), ...(proof && { proof }) };
    if (part.type === "text" && event.sources) part.sources = event.sources;
    if (part.type === "other") return this.#other(part);
    if (part.type === "media") return this.#wholeText(mediaNote(part));
    if (part.type === "reasoning") return this.#endThought(part, current);
    return this.#endOfBlock(part, current) + this.#found(part) + this.#lateProof(part, current);
  }

  #endOfBlock(part: Part, { around, written }: Current): string {
    if (!around) return "";
    const index = this.#nextIndex - 1;
    let wire = "";
    if (part.type === "tool-call") {
      const ending = part.freeText ? (written ? '"}' : '{"input":""}') : written ? "" : "{}";
      if (ending !== "") wire += around.before + JSON.stringify(ending) + around.after;
    }
    const citations = part.type === "text" ? ownFields(part)["citations"] : undefined;
    if (Array.isArray(citations))
      for (const citation of citations) wire += deltaOf(index, { type: "citations_delta", citation });
    return wire + stopOf(index);
  }

  /**
   * The proof of a text waits for the next block and is left out at the end of an answer: clients take an answer's
   * last block for what it says (`claude -p` prints nothing else), and Gemini insists on the proofs of calls only.
   */
  #lateProof(part: Part, current: Current): string {
    const signed =
      current.part.proof === undefined || part.type !== "tool-call"
        ? proofBlock(part, this.#context)
        : undefined;
    if (!signed) return "";
    if (part.type === "tool-call") return this.#wholeBlock(signed.after);
    this.#held.push(signed.after);
    return "";
  }

  #release(): string {
    const held = this.#held;
    this.#held = [];
    return held.map((block) => this.#wholeBlock(block)).join("");
  }

  #endThought(part: Extract<Part, { type: "reasoning" }>, current: Current): string {
    const signature = slotText(part, this.#context);
    if (part.redacted)
      return signature === ""
        ? ""
        : this.#release() + this.#wholeBlock({ type: "redacted_thinking", data: signature });
    if (!current.around && signature === "") return "";
    let wire = "";
    if (!current.around) {
      this.#current = current;
      wire = this.#openBlock(part);
      this.#current = undefined;
    }
    const index = this.#nextIndex - 1;
    if (signature !== "") wire += deltaOf(index, { type: "signature_delta", signature });
    return wire + stopOf(index);
  }

  #found(part: Part): string {
    return foundPages(part, this.#context, this.#nextIndex)
      .map((block) => this.#other({ type: "other", vendor: { anthropic: block } }))
      .join("");
  }

  /** Blocks of this wire's own, grown the way the provider lets them grow. */
  #other(part: Part): string {
    const block = wholeObject(part);
    if (!block) return "";
    const held = this.#release();
    const index = this.#nextIndex;
    if (block.type.endsWith("tool_use")) {
      const input = JSON.stringify(block["input"] ?? {});
      this.#nextIndex++;
      const delta = deltaOf(index, { type: "input_json_delta", partial_json: input });
      return held + startOf(index, { ...block, input: {} }) + delta + stopOf(index);
    }
    if (block.type === "compaction") {
      this.#nextIndex++;
      const delta = deltaOf(index, { type: "compaction_delta", content: block["content"] });
      return held + startOf(index, { ...block, content: null }) + delta + stopOf(index);
    }
    return held + this.#wholeBlock(block);
  }

  #wholeText(text: string): string {
    const held = this.#release();
    const index = this.#nextIndex++;
    const delta = deltaOf(index, { type: "text_delta", text });
    return held + startOf(index, { type: "text", text: "" }) + delta + stopOf(index);
  }

  #wholeBlock(block: Fields): string {
    const index = this.#nextIndex++;
    if (block["type"] !== "thinking") return startOf(index, block) + stopOf(index);
    const delta = deltaOf(index, { type: "signature_delta", signature: block["signature"] });
    return startOf(index, { ...block, signature: "" }) + delta + stopOf(index);
  }

  #end(event: Extract<ReplyEvent, { type: "reply-end" }>): string {
    const {
      stop_reason: own,
      usage: ownUsage,
      ...rest
    } = ownFields({ vendor: mergeVendor(this.#vendor, event.vendor) });
    const { context_management: management, stop_details: details, container } = rest;
    const reason = finalStopReason(event, { refused: this.#refused, calls: this.#calls }, own);
    const delta = {
      stop_reason: reason,
      stop_sequence: event.stopSequence ?? null,
      stop_details: details ?? null,
      ...(container !== undefined && { container }),
    };
    const usage = writeUsage(
      this.#usage ?? { input: this.#context.estimatedInput ?? 0, output: 0 },
      ownUsage,
    );
    const end = {
      type: "message_delta",
      delta,
      usage,
      ...(management !== undefined && { context_management: management }),
    };
    return `${written("message_delta", end)}${this.#comments}event: message_stop\ndata: {"type":"message_stop"}\n\n`;
  }
}
