import { TargetFailure } from "../../core/errors.ts";
import { EventWriter } from "../../core/event-writer.ts";
import { estimateTextTokens } from "../../core/estimate.ts";
import type { DecodeContext, StreamDecoder } from "../../core/format.ts";
import { unwrapFreeText } from "../../core/free-text.ts";
import type { FinishReason, ReplyEvent, Usage } from "../../core/reply.ts";
import { isObject, type JsonObject, tryParseJson } from "../../lib/json.ts";
import type { SseEvent } from "../../lib/sse.ts";
import { failureOf } from "./errors.ts";

/** All its models are counted against this window when only a share of it is told. */
const WINDOW_TOKENS = 200_000;

/**
 * Reads Kiro's event stream. It has no closing event of its own: an answer whose bytes end between two frames is
 * whole, one whose connection breaks is not.
 */
export class KiroDecoder implements StreamDecoder {
  readonly #out = new EventWriter();
  #calls = 0;
  /** The call that is being told. */
  #open: { id: string; freeText: boolean; input: string } | undefined;
  #written = 0;
  #counted: Usage | undefined;
  #share: number | undefined;
  #cutByLimit = false;

  constructor(readonly context: DecodeContext) {}

  push({ event, data }: SseEvent): ReplyEvent[] {
    if (event === "exception" || event === "error") throw failureOf(data);
    const parsed = tryParseJson(data);
    if (isObject(parsed)) this.#read(event, parsed);
    return this.#out.take();
  }

  end(): ReplyEvent[] {
    if (!this.#out.started) throw new TargetFailure("malformed", "The provider's answer was empty.");
    if (this.#open && !this.#open.freeText && this.#open.input !== "" && !isWholeJson(this.#open.input))
      throw new TargetFailure("malformed", "The provider's answer ended inside a tool call.");
    this.#endCall();
    this.#out.closeAll();
    const usage = this.#usage();
    if (usage) this.#out.add({ type: "usage", usage });
    this.#out.add({ type: "reply-end", finish: this.#finish() });
    return this.#out.take();
  }

  #read(event: string, payload: JsonObject): void {
    switch (event) {
      case "assistantResponseEvent":
      case "codeEvent":
        return this.#text("text", payload.content);
      case "reasoningContentEvent":
        return this.#text("reasoning", payload.text ?? payload.content);
      case "toolUseEvent":
        return this.#call(payload);
      case "messageStopEvent":
        this.#cutByLimit = payload.stopReason === "max_tokens" || payload.stopReason === "MAX_TOKENS";
        return;
      case "contextUsageEvent":
        if (typeof payload.contextUsagePercentage === "number") this.#share = payload.contextUsagePercentage;
        return;
      case "metricsEvent":
      case "usageEvent":
      case "metadataEvent":
        return this.#count(payload);
      default:
        // Metering, follow-up questions and what is invented tomorrow.
        return;
    }
  }

  #text(type: "text" | "reasoning", content: unknown): void {
    if (typeof content !== "string" || content === "") return;
    this.#start();
    this.#close(type === "text" ? "reasoning" : "text");
    this.#out.open(type, { type, text: "" });
    this.#out.append(type, content);
    this.#written += estimateTextTokens(content);
  }

  #call({ toolUseId, name, input, stop }: JsonObject): void {
    if (typeof toolUseId !== "string") return;
    this.#start();
    this.#close("text");
    this.#close("reasoning");
    if (this.#open?.id !== toolUseId) this.#endCall();
    if (!this.#open && typeof name === "string") this.#beginCall(toolUseId, name);
    const piece = typeof input === "string" ? input : isObject(input) ? JSON.stringify(input) : "";
    this.#written += estimateTextTokens(piece);
    if (this.#open) {
      this.#open.input += piece;
      if (!this.#open.freeText) this.#out.append(toolUseId, piece);
    }
    if (stop === true) this.#endCall();
  }

  #beginCall(id: string, wireName: string): void {
    const { name, namespace, freeText = false } = this.context.toolNames.fromWire(wireName);
    this.#calls++;
    this.#open = { id, freeText, input: "" };
    this.#out.open(id, {
      type: "tool-call",
      id,
      name,
      input: "",
      ...(namespace !== undefined && { namespace }),
      ...(freeText && { freeText }),
    });
  }

  #endCall(): void {
    const call = this.#open;
    if (!call) return;
    this.#open = undefined;
    if (call.freeText) this.#out.append(call.id, unwrapFreeText(call.input));
    else if (call.input.trim() === "") this.#out.append(call.id, "{}");
    this.#close(call.id);
  }

  #start(): void {
    this.#out.start("", "");
  }

  #close(key: string): void {
    this.#out.close(key);
  }

  #count(payload: JsonObject): void {
    const told = isObject(payload.tokenUsage) ? payload.tokenUsage : payload;
    const input = told.inputTokens ?? told.uncachedInputTokens;
    const { outputTokens: output, cacheReadInputTokens: cacheRead, cacheWriteInputTokens: cacheWrite } = told;
    if (typeof input !== "number" || typeof output !== "number") return;
    this.#counted = {
      input,
      output,
      ...(typeof cacheRead === "number" && { cacheRead }),
      ...(typeof cacheWrite === "number" && { cacheWrite }),
    };
  }

  /** As told; else from the share of the window that is used, which counts question and answer together. */
  #usage(): Usage | undefined {
    if (this.#counted || this.#share === undefined) return this.#counted;
    const output = Math.ceil(this.#written);
    const all = Math.round((this.#share / 100) * WINDOW_TOKENS);
    return { input: Math.max(0, all - output), output, estimated: true };
  }

  #finish(): FinishReason {
    if (this.#cutByLimit) return "length";
    return this.#calls > 0 ? "tool-calls" : "stop";
  }
}

const isWholeJson = (text: string): boolean => tryParseJson(text) !== undefined;
