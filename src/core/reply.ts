/** The wire formats of chat, by the name used in code, in the database and in `vendor` bags. */
export const FORMAT_IDS = ["openai-chat", "openai-responses", "anthropic", "gemini"] as const;
export type FormatId = (typeof FORMAT_IDS)[number];

/** What providers speak: the formats above, and those that no client does. */
export const PROVIDER_FORMAT_IDS = [...FORMAT_IDS, "kiro"] as const;
export type ProviderFormatId = (typeof PROVIDER_FORMAT_IDS)[number];

/**
 * What one format alone understands, keyed by format. It is written back only to the same format. A format keeps
 * unknown fields of the wire here under their own names, so that nothing is lost on the way back.
 */
export type Vendor = { [F in FormatId]?: { [field: string]: unknown } };

/**
 * An opaque proof that a part is a model's own (Anthropic `signature`, Responses `encrypted_content`, Gemini
 * `thoughtSignature`). It may only go back to the format and model family that made it.
 */
export type Proof = {
  /** The format whose slot the value belongs in. */
  format: FormatId;
  /** Provider id and model as `provider/model`, where known; "" when a client sent it without saying. */
  maker: string;
  value: string;
  /** The reasoning it proves is withheld (Anthropic `redacted_thinking`); rides along in envelopes. */
  redacted?: boolean;
};

/** A page on the web that an answer rests on. */
export type Source = { url: string; title?: string };

/** One piece of a message or an answer. */
export type Part = { vendor?: Vendor; proof?: Proof } & (
  | {
      type: "text";
      text: string;
      /** Responses `phase`: "commentary", "final_answer". */
      phase?: string;
      /** What a model's text rests on, each page once; known at the end of the part. */
      sources?: Source[];
    }
  | {
      type: "reasoning";
      text: string;
      /** The text is withheld; only the proof says what it was. */
      redacted?: boolean;
      /** The vendor gave a summary of the reasoning, not its words. */
      summary?: boolean;
    }
  | { type: "refusal"; text: string }
  | {
      type: "media";
      kind: "image" | "document" | "audio" | "video";
      /** MIME type; "" when unknown (a URL without one). */
      mediaType: string;
      /** Base64 without a `data:` prefix, or plain text for `text/*` documents given as text (`plain`). */
      data?: string;
      plain?: boolean;
      url?: string;
      /** An id of a file kept at the vendor. */
      fileId?: string;
      name?: string;
      /** OpenAI image detail. */
      detail?: string;
    }
  | {
      type: "tool-call";
      id: string;
      name: string;
      /** The arguments as the JSON text the model wrote, or free text. */
      input: string;
      freeText?: boolean;
      namespace?: string;
    }
  | {
      type: "tool-result";
      /** The id of the call this answers. */
      id: string;
      /** The called tool's name where the wire says it (Gemini). */
      name?: string;
      output: Part[];
      failed?: boolean;
      freeText?: boolean;
    }
  /** Something only `vendor` knows: server tool blocks, unknown types. */
  | { type: "other" }
);

/** Why an answer ended. A turn with calls ends with `tool-calls`, unless the limit was hit inside the arguments. */
export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "pause";

/**
 * Tokens as they are billed. `input` leaves cached tokens out; `input + cacheRead + cacheWrite` is all input and
 * `output` all output, `reasoning` being a part of `output`. A missing field is unknown, never zero by guess.
 */
export type Usage = {
  input: number;
  output: number;
  cacheRead?: number;
  cacheWrite?: number;
  /** The part of `cacheWrite` that is kept for an hour (priced apart by Anthropic). */
  cacheWrite1h?: number;
  reasoning?: number;
  /** What was used of things that are not sold by tokens. */
  units?: Units;
  /** Billed on top, and no part of the counts: what summing up the conversation took (Anthropic). */
  beside?: Usage;
  /** Our own count, because the provider gave none. */
  estimated?: boolean;
};

/** Seconds of audio, images made, searches in a list of documents, characters spoken. */
export type Units = { seconds?: number; images?: number; searches?: number; characters?: number };

/** One step of an answer's stream. Every `part-start` is followed by exactly one `part-end` of the same index. */
export type ReplyEvent =
  | {
      type: "reply-start";
      id: string;
      model: string;
      /** seconds since 1970 */ created?: number;
      vendor?: Vendor;
    }
  | { type: "part-start"; index: number; part: Part }
  | { type: "part-delta"; index: number; delta: string }
  /** `part` carries what became known only at the end: vendor fields, the proof, corrected fields (id, name). */
  | { type: "part-end"; index: number; vendor?: Vendor; proof?: Proof; sources?: Source[] }
  /** May come several times; each replaces the one before. */
  | { type: "usage"; usage: Usage }
  | {
      type: "reply-end";
      finish: FinishReason;
      /** the stop sequence that was hit */ stopSequence?: string;
      vendor?: Vendor;
    };

/** A whole answer. */
export type Reply = {
  id: string;
  model: string;
  created?: number;
  parts: Part[];
  finish: FinishReason;
  stopSequence?: string;
  usage?: Usage;
  vendor?: Vendor;
};

/** The text that a `part-delta` adds to. Parts without text take no deltas. */
export function appendDelta(part: Part, delta: string): void {
  switch (part.type) {
    case "text":
    case "reasoning":
    case "refusal":
      part.text += delta;
      return;
    case "tool-call":
      part.input += delta;
      return;
    case "media":
      part.data = (part.data ?? "") + delta;
      return;
    case "tool-result":
    case "other":
      return;
  }
}

/** Merges two vendor bags, the later one's fields winning within each format. */
export function mergeVendor(earlier: Vendor | undefined, later: Vendor | undefined): Vendor | undefined {
  if (!earlier || !later) return earlier ?? later;
  const merged: Vendor = { ...earlier };
  for (const [format, fields] of Object.entries(later) as [FormatId, { [field: string]: unknown }][])
    merged[format] = { ...merged[format], ...fields };
  return merged;
}

/**
 * Adds a stream of events up to the whole answer. Throws when the stream has no `reply-end`: decoders throw on cut
 * streams before that, so it is a fault of ours.
 */
export function collect(events: Iterable<ReplyEvent>): Reply {
  const collector = new ReplyCollector();
  for (const event of events) collector.push(event);
  return collector.reply();
}

/** Adds events up one by one; `reply()` gives the whole once `reply-end` has come. */
export class ReplyCollector {
  readonly #parts = new Map<number, Part>();
  #reply: Reply = { id: "", model: "", parts: [], finish: "stop" };
  #ended = false;

  push(event: ReplyEvent): void {
    switch (event.type) {
      case "reply-start":
        this.#reply.id = event.id;
        this.#reply.model = event.model;
        if (event.created !== undefined) this.#reply.created = event.created;
        if (event.vendor) this.#reply.vendor = event.vendor;
        return;
      case "part-start": {
        const part = { ...event.part };
        this.#parts.set(event.index, part);
        this.#reply.parts.push(part);
        return;
      }
      case "part-delta": {
        const part = this.#parts.get(event.index);
        if (part) appendDelta(part, event.delta);
        return;
      }
      case "part-end": {
        const part = this.#parts.get(event.index);
        if (!part) return;
        if (event.vendor) part.vendor = mergeVendor(part.vendor, event.vendor);
        if (event.proof) part.proof = event.proof;
        if (event.sources && part.type === "text") part.sources = event.sources;
        return;
      }
      case "usage":
        this.#reply.usage = event.usage;
        return;
      case "reply-end":
        this.#reply.finish = event.finish;
        if (event.stopSequence !== undefined) this.#reply.stopSequence = event.stopSequence;
        if (event.vendor) this.#reply.vendor = mergeVendor(this.#reply.vendor, event.vendor);
        this.#ended = true;
        return;
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  reply(): Reply {
    if (!this.#ended) throw new Error("The answer has no end.");
    return this.#reply;
  }
}

/** Spells a whole answer as a stream: `collect(replay(reply))` says the same as `reply`. */
export function* replay(reply: Reply): Generator<ReplyEvent> {
  yield {
    type: "reply-start",
    id: reply.id,
    model: reply.model,
    ...(reply.created !== undefined && { created: reply.created }),
    ...(reply.vendor && { vendor: reply.vendor }),
  };
  for (const [index, part] of reply.parts.entries()) {
    const { vendor, proof, ...rest } = part;
    const sources = part.type === "text" ? part.sources : undefined;
    const text = textOf(part);
    yield { type: "part-start", index, part: emptied({ ...rest, ...(vendor && { vendor }) } as Part) };
    if (text) yield { type: "part-delta", index, delta: text };
    yield {
      type: "part-end",
      index,
      ...(vendor && { vendor }),
      ...(proof && { proof }),
      ...(sources && { sources }),
    };
  }
  if (reply.usage) yield { type: "usage", usage: reply.usage };
  yield {
    type: "reply-end",
    finish: reply.finish,
    ...(reply.stopSequence !== undefined && { stopSequence: reply.stopSequence }),
  };
}

/** The text that grows by deltas; "" for parts that come whole. */
export function textOf(part: Part): string {
  switch (part.type) {
    case "text":
    case "reasoning":
    case "refusal":
      return part.text;
    case "tool-call":
      return part.input;
    case "media":
    case "tool-result":
    case "other":
      return "";
  }
}

/** The part without the text that grows by deltas, as it stands when it is opened. */
export function emptied(part: Part): Part {
  switch (part.type) {
    case "text":
    case "reasoning":
    case "refusal":
      return { ...part, text: "" };
    case "tool-call":
      return { ...part, input: "" };
    case "media":
    case "tool-result":
    case "other":
      return part;
  }
}
