import type { GatewayError } from "../../core/errors.ts";
import type { EncodeContext, StreamEncoder } from "../../core/format.ts";
import {
  appendDelta,
  emptied,
  mergeVendor,
  textOf,
  type Part,
  type ReplyEvent,
  type Source,
  type Usage,
  type Vendor,
} from "../../core/reply.ts";
import type { JsonObject } from "../../lib/json.ts";
import { encodeError } from "./errors.ts";
import type { Media } from "./media.ts";
import { plainEntry, sealedEntry } from "./proofs.ts";
import { answerId } from "./reply.ts";
import { writeUsage } from "./usage.ts";
import { CHAT, objectsOf, writeFinish } from "./wire.ts";
import {
  callWord,
  isCustom,
  isHidden,
  isLegacy,
  signedCall,
  writeAnnotations,
  writeCall,
  writeImage,
  type ToolCall,
} from "./write-message.ts";

const LEGACY_ARGUMENTS = '{"function_call":{"arguments":';

/** How the deltas of an open part are written. */
type OpenPart = { part: Part; before: string; after: string; inString: boolean; isEmpty: boolean };

/**
 * Writes a chat stream. The head and tail of every chunk are made once; a delta costs one `JSON.stringify` of its
 * text.
 */
export class ChatEncoder implements StreamEncoder {
  readonly #open = new Map<number, OpenPart>();
  readonly #tail: string;
  #head = "";
  #calls = 0;
  #entries = 0;
  /** A thought that ended without a proof; if another follows, it is told apart from it. */
  #lastThought: string | undefined;
  #usage: Usage | undefined;
  #vendor: Vendor | undefined;
  readonly #pages: Source[] = [];
  /** Characters of text so far. */
  #length = 0;
  #trailer = "";

  constructor(readonly context: EncodeContext) {
    this.#tail = `,"logprobs":null,"finish_reason":null}]${this.#usageField("null")}}\n\n`;
  }

  push(event: ReplyEvent): string {
    switch (event.type) {
      case "reply-start":
        return this.#start(event);
      case "part-start":
        return this.#startPart(event.index, event.part);
      case "part-delta":
        return this.#append(event.index, event.delta);
      case "part-end":
        return this.#endPart(event);
      case "usage":
        this.#usage = event.usage;
        return "";
      case "reply-end":
        this.#vendor = mergeVendor(this.#vendor, event.vendor);
        return this.#end(writeFinish(event.finish, this.#calls > 0 ? callWord(this.context) : undefined));
    }
  }

  trailer(comments: string[]): void {
    this.#trailer = comments
      .map((comment) => `${comment.startsWith(":") ? comment : `: ${comment}`}\n`)
      .join("");
  }

  heartbeat(): string {
    return ": ping\n\n";
  }

  fail(error: GatewayError): string {
    return `data: ${JSON.stringify(encodeError(error))}\n\n`;
  }

  #start(event: Extract<ReplyEvent, { type: "reply-start" }>): string {
    this.#vendor = event.vendor;
    const { system_fingerprint, service_tier } = event.vendor?.[CHAT] ?? {};
    const head = JSON.stringify({
      id: answerId(event.id, this.context),
      object: "chat.completion.chunk",
      created: event.created ?? this.context.created,
      model: this.context.model,
      ...(service_tier !== undefined && { service_tier }),
      ...(system_fingerprint !== undefined && { system_fingerprint }),
    });
    this.#head = `data: ${head.slice(0, -1)},"choices":[`;
    return this.#delta('{"role":"assistant","content":""}');
  }

  #startPart(index: number, part: Part): string {
    const open = this.#opened(part);
    this.#open.set(index, open);
    const first =
      part.type === "tool-call" ? this.#startCall({ ...part, input: "" }) : this.#separateThoughts(part);
    this.#lastThought = undefined;
    const text = textOf(part);
    // The part's own text is empty here and grows with the deltas, for those who need it whole at the end.
    open.part = { ...emptied(part) };
    return first + (text === "" ? "" : this.#append(index, text));
  }

  #separateThoughts(part: Part): string {
    if (part.type !== "reasoning" || this.#lastThought === undefined) return "";
    return this.#delta(
      JSON.stringify({ reasoning_details: [plainEntry(this.#lastThought, this.#entries++)] }),
    );
  }

  #opened(part: Part): OpenPart {
    const open = { part, inString: false, isEmpty: true };
    switch (part.type) {
      case "text":
        return { ...open, before: '{"content":', after: "}" };
      case "reasoning":
        if (isHidden(this.context.request)) return { ...open, before: "", after: "" };
        return { ...open, before: '{"reasoning_content":', after: "}" };
      case "refusal":
        return { ...open, before: '{"refusal":', after: "}" };
      case "tool-call": {
        const custom = isCustom(part, this.context.request);
        const family = custom ? '"custom":{"input":' : '"function":{"arguments":';
        const inString = part.freeText === true && !custom;
        if (isLegacy(this.context.request))
          return { ...open, before: this.#calls > 0 ? "" : LEGACY_ARGUMENTS, after: "}}", inString };
        return {
          ...open,
          before: `{"tool_calls":[{"index":${this.#calls},${family}`,
          after: "}}]}",
          inString,
        };
      }
      case "media":
      case "tool-result":
      case "other":
        return { ...open, before: "", after: "" };
    }
  }

  #startCall(call: ToolCall): string {
    if (isLegacy(this.context.request)) {
      // Those clients know one call per answer.
      if (this.#calls++ > 0) return "";
      return this.#delta(JSON.stringify({ function_call: { name: call.name, arguments: "" } }));
    }
    const entry = writeCall(call, this.context);
    const opening = {
      index: this.#calls++,
      ...entry,
      ...(entry["function"] !== undefined && { function: { name: call.name, arguments: "" } }),
    };
    return this.#delta(JSON.stringify({ tool_calls: [opening] }));
  }

  #append(index: number, delta: string): string {
    const open = this.#open.get(index);
    if (!open) return "";
    if (open.part.type === "text") this.#length += delta.length;
    else if (open.part.type !== "refusal") appendDelta(open.part, delta);
    if (open.before === "") return "";
    const start = open.inString && open.isEmpty ? '{"input":"' : "";
    open.isEmpty = false;
    const text = open.inString ? start + JSON.stringify(delta).slice(1, -1) : delta;
    return this.#delta(open.before + JSON.stringify(text) + open.after);
  }

  #endPart(event: Extract<ReplyEvent, { type: "part-end" }>): string {
    const open = this.#open.get(event.index);
    if (!open) return "";
    this.#open.delete(event.index);
    const { part } = open;
    const known = part.proof;
    if (event.proof) part.proof = event.proof;
    this.#pages.push(...(event.sources ?? []));
    part.vendor = mergeVendor(part.vendor, event.vendor);
    let wire = "";
    if (part.type === "tool-call") wire += this.#endCall(open, part);
    if (part.type === "media") wire += this.#media(part);
    this.#lastThought = part.type === "reasoning" && !part.proof ? part.text : undefined;
    if (!part.proof) return wire;
    if (part.type === "tool-call" && !known) wire += this.#signCall(open, part);
    return wire + this.#entry(part);
  }

  /** Clients parse the arguments, so there must be some. */
  #endCall(open: OpenPart, call: ToolCall): string {
    if (open.before === "") return "";
    if (open.inString)
      return this.#delta(
        `${open.before}${JSON.stringify(open.isEmpty ? '{"input":""}' : '"}')}${open.after}`,
      );
    if (!open.isEmpty || call.freeText) return "";
    return this.#delta(`${open.before}"{}"${open.after}`);
  }

  /** A signature that became known after the call was opened. */
  #signCall(open: OpenPart, call: ToolCall): string {
    const index = /"index":\d+/.exec(open.before)?.[0];
    if (index === undefined) return "";
    return this.#delta(
      `{"tool_calls":[{${index},${JSON.stringify(signedCall(call, this.context)).slice(1)}]}`,
    );
  }

  #entry(part: Part): string {
    if (!part.proof) return "";
    const entry = sealedEntry(part, part.proof, this.#entries, (proof) => this.context.sealProof(proof));
    if (!entry) return "";
    this.#entries++;
    return this.#delta(JSON.stringify({ reasoning_details: [entry] }));
  }

  #media(media: Media): string {
    if (media.kind === "image") return this.#delta(JSON.stringify({ images: [writeImage(media)] }));
    if (media.kind !== "audio") return "";
    const fields = media.vendor?.[CHAT]?.["audio"] as JsonObject | undefined;
    return this.#delta(JSON.stringify({ audio: { ...fields, data: media.data ?? "" } }));
  }

  #end(finish: string): string {
    const { annotations: own, logprobs, choices } = this.#vendor?.[CHAT] ?? {};
    const pages = this.#pages.length === 0 ? undefined : writeAnnotations(this.#pages, this.#length);
    const annotations = own ?? pages;
    let wire = annotations === undefined ? "" : this.#delta(JSON.stringify({ annotations }));
    wire += this.#choice(
      JSON.stringify({ index: 0, delta: {}, logprobs: logprobs ?? null, finish_reason: finish }),
    );
    for (const choice of objectsOf(choices)) {
      const { message, ...rest } = choice;
      wire += this.#choice(JSON.stringify({ ...rest, delta: asDelta(message as JsonObject) }));
    }
    if (this.context.request.includeUsage) {
      const usage = JSON.stringify(writeUsage(this.#usage));
      wire += `${this.#head}]${this.#usageField(usage)}}\n\n`;
    }
    return `${wire}${this.#trailer}data: [DONE]\n\n`;
  }

  #delta(delta: string): string {
    return `${this.#head}{"index":0,"delta":${delta}${this.#tail}`;
  }

  #choice(choice: string): string {
    return `${this.#head}${choice}]${this.#usageField("null")}}\n\n`;
  }

  /** Clients that asked for usage find the field on every chunk, filled in the last. */
  #usageField(usage: string): string {
    return this.context.request.includeUsage ? `,"usage":${usage}` : "";
  }
}

/** In a stream calls carry their position. */
function asDelta(message: JsonObject): JsonObject {
  const calls = objectsOf(message["tool_calls"]);
  if (calls.length === 0) return message;
  return { ...message, tool_calls: calls.map((call, index) => ({ index, ...call })) };
}
