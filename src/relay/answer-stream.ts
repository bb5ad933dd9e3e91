import { TargetFailure } from "../core/errors.ts";
import type { ProviderFormat, StreamDecoder, StreamEncoder } from "../core/format.ts";
import type { ReplyEvent } from "../core/reply.ts";
import { AwsStreamBroken } from "../lib/aws-event-stream.ts";
import { byteMarks } from "../lib/byte-marks.ts";
import { type SseEvent, SseEventTooLarge, SseSplitter } from "../lib/sse.ts";
import { countFrames, halveFrames, SseFrames } from "../lib/sse-frames.ts";
import type { Splitter } from "./splitter.ts";
import type { Tally } from "./tally.ts";

type Piece = string | Uint8Array;

/** A target's answer on its way to the client. */
export interface AnswerStream {
  readonly tally: Tally;
  /** Reads until the first part of real content; what came is kept for `read`. Throws `TargetFailure`. */
  open(): Promise<void>;
  /** The next bytes for the client; undefined at the end. Throws `TargetFailure` when the answer broke off. */
  read(): Promise<Piece | undefined>;
  /** Ends the upstream connection. */
  cancel(reason?: unknown): void;
  /** Pieces that came from the provider so far, also those of which the client sees nothing. */
  readonly heard?: number;
  /** The provider is silent for too long: true when the answer may go on by other means. */
  interrupt?(failure: TargetFailure): boolean;
}

export type StreamParts = {
  body: ReadableStream<Uint8Array>;
  format: ProviderFormat;
  decoder: StreamDecoder;
  encoder: StreamEncoder;
  tally: Tally;
  /** Reads along with everything that is decoded for good. */
  watch(event: ReplyEvent): void;
  /** Comment lines to stand before the protocol's last event, known once the usage is. */
  trailer(): string[];
  /** Called when the answer gave no usage, before its end: the estimate to tell the client. */
  estimate(): ReplyEvent;
};

/** Decodes the provider's stream and writes it anew in the client's format. */
export class DecodedStream implements AnswerStream {
  readonly tally: Tally;
  heard = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #opened = "";
  #ended = false;
  /** Comes after what was said before it. */
  #failure: unknown;

  constructor(
    readonly parts: StreamParts,
    readonly splitter: Splitter,
  ) {
    this.tally = parts.tally;
    this.#reader = parts.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  }

  async open(): Promise<void> {
    while (!this.#ended) {
      const events = this.#take(await this.#next());
      this.#opened += this.#write(events);
      if (events.some(isContent)) return;
    }
  }

  async read(): Promise<Piece | undefined> {
    if (this.#opened !== "") {
      const opened = this.#opened;
      this.#opened = "";
      return opened;
    }
    while (!this.#ended) {
      const text = this.#write(this.#take(await this.#next()));
      if (text !== "") return text;
    }
    this.cancel();
    return undefined;
  }

  cancel(reason?: unknown): void {
    void this.#reader.cancel(reason).catch(ignore);
  }

  #next(): Promise<Uint8Array | undefined> {
    return this.#failure === undefined ? readChunk(this.#reader) : Promise.reject(this.#failure);
  }

  /** What a chunk says; undefined stands for the end. */
  #take(chunk: Uint8Array | undefined): ReplyEvent[] {
    this.heard++;
    const { decoder } = this.parts;
    const events: ReplyEvent[] = [];
    try {
      const said = chunk === undefined ? this.splitter.end() : this.splitter.push(chunk);
      for (const each of said) events.push(...decoder.push(each));
      if (chunk === undefined) events.push(...decoder.end());
    } catch (error) {
      const failure = splitFailure(error);
      if (events.length === 0) throw failure;
      this.#failure = failure;
    }
    return events;
  }

  #write(events: ReplyEvent[]): string {
    const { encoder, tally } = this.parts;
    let text = "";
    for (const event of events) {
      if (this.#ended) break;
      if (event.type === "reply-end") {
        if (!tally.usage) text += this.#push(this.parts.estimate());
        tally.take(event);
        this.parts.watch(event);
        encoder.trailer?.(this.parts.trailer());
        this.#ended = true;
        text += encoder.push(event);
        continue;
      }
      text += this.#push(event);
    }
    return text;
  }

  #push(event: ReplyEvent): string {
    this.tally.take(event);
    this.parts.watch(event);
    return this.parts.encoder.push(event);
  }
}

/**
 * Lets the provider's bytes through untouched; the decoder reads along only where a frame may tell the meter something.
 * Until the first content every frame is decoded, so that an error in a 200 is found in time.
 */
export class RawStream implements AnswerStream {
  readonly tally: Tally;
  heard = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #frames = new SseFrames();
  readonly #splitter = new SseSplitter();
  #opened: Uint8Array[] = [];
  #open = false;
  #begun = false;
  #over = false;
  /** Comes after what was said before it. */
  #failure: unknown;

  /**
   * `isFirst`: does this frame begin an answer? Only one may. `isLast`: is it the protocol's last frame, before which
   * comments belong? `hideUsage`: drop the usage chunk.
   */
  constructor(
    readonly parts: StreamParts,
    readonly options: {
      isFirst(frame: Uint8Array): boolean;
      isLast(frame: Uint8Array): boolean;
      hideUsage: boolean;
    },
  ) {
    this.tally = parts.tally;
    this.#reader = parts.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  }

  async open(): Promise<void> {
    while (!this.#open && !this.#over) this.#opened.push(this.#take(await this.#next()));
    if (!this.#open && this.tally.finish === undefined)
      throw new TargetFailure("malformed", "The provider's answer was empty.");
  }

  /** No async function: it would be the dearest part of what a chunk costs that nobody needs to read. */
  read(): Promise<Piece | undefined> {
    if (this.#opened.length > 0) {
      const pieces = this.#opened;
      this.#opened = [];
      return Promise.resolve(joined(pieces));
    }
    return this.#over ? Promise.resolve(undefined) : this.#next().then(this.#give);
  }

  readonly #give = (chunk: Uint8Array | undefined): Piece | Promise<Piece | undefined> => {
    const piece = this.#take(chunk);
    return piece.length > 0 ? piece : this.read();
  };

  cancel(reason?: unknown): void {
    void this.#reader.cancel(reason).catch(ignore);
  }

  #next(): Promise<Uint8Array | undefined> {
    return this.#failure === undefined ? readChunk(this.#reader) : Promise.reject(this.#failure);
  }

  /** What the client gets for a chunk; undefined stands for the end. */
  #take(chunk: Uint8Array | undefined): Uint8Array {
    this.heard++;
    if (chunk === undefined) return this.#end();
    const frames = this.#cut(chunk);
    return this.#passes(frames) ? frames : this.#look(frames);
  }

  #cut(chunk: Uint8Array): Uint8Array {
    try {
      return this.#frames.push(chunk);
    } catch (error) {
      throw splitFailure(error);
    }
  }

  #look(frames: Uint8Array): Uint8Array {
    const passed: Uint8Array[] = [];
    try {
      this.#pass(frames, passed);
    } catch (error) {
      const failure = splitFailure(error);
      if (passed.length === 0) throw failure;
      this.#failure = failure;
    }
    return joined(passed);
  }

  #pass(frames: Uint8Array, passed: Uint8Array[]): void {
    if (frames.length === 0) return;
    if (this.#passes(frames)) return void passed.push(frames);
    const halves = halveFrames(frames);
    if (!halves) return void passed.push(...this.#passFrame(frames));
    this.#pass(halves[0], passed);
    this.#pass(halves[1], passed);
  }

  /** Is all of this content that nobody needs to read? */
  #passes(frames: Uint8Array): boolean {
    if (!this.#open || this.parts.format.isMeterFrame(frames)) return false;
    this.tally.passFrames(countFrames(frames));
    return true;
  }

  /** What the client gets for a frame that may tell the meter something. */
  #passFrame(frame: Uint8Array): readonly Uint8Array[] {
    const hadUsage = this.tally.usage !== undefined;
    this.#decode(this.#splitter.push(frame));
    if (this.options.isFirst(frame)) {
      if (this.#begun) return NOTHING;
      this.#begun = true;
    }
    if (this.options.hideUsage && !hadUsage && this.tally.usage !== undefined && isUsageOnly(frame))
      return NOTHING;
    return this.options.isLast(frame) ? [commentFrame(this.parts.trailer()), frame] : [frame];
  }

  #decode(events: readonly SseEvent[]): void {
    for (const event of events) this.#note(this.parts.decoder.push(event));
  }

  #note(events: readonly ReplyEvent[]): void {
    for (const event of events) {
      this.tally.take(event);
      if (isContent(event)) this.#open = true;
    }
  }

  #end(): Uint8Array {
    this.#over = true;
    const rest = this.#frames.rest();
    this.#decode([...this.#splitter.push(rest), ...this.#splitter.end()]);
    this.#note(this.parts.decoder.end());
    return rest.length > 0 ? joined([rest, Buffer.from("\n\n")]) : rest;
  }
}

/** Something a client would see, after which no other target may be tried; or the answer's proper end. */
function isContent(event: ReplyEvent): boolean {
  switch (event.type) {
    case "part-delta":
    case "reply-end":
      return true;
    case "part-start":
      return event.part.type === "tool-call" || event.part.type === "media" || event.part.type === "other";
    case "reply-start":
    case "part-end":
    case "usage":
      return false;
  }
}

/** The next bytes of a provider's answer; undefined at its end. */
function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  return reader.read().then(bytesOf, throwBroken);
}

const bytesOf = ({ value }: { value?: Uint8Array | undefined }): Uint8Array | undefined => value;

function throwBroken(cause: unknown): never {
  if (cause instanceof TargetFailure) throw cause;
  const message = "The connection to the provider broke in the middle of the answer.";
  throw new TargetFailure("malformed", message, { cause });
}

/** What bytes that cannot be cut into events say of the provider; anything else as it is. */
function splitFailure(error: unknown): unknown {
  if (error instanceof AwsStreamBroken) return new TargetFailure("malformed", error.message);
  if (!(error instanceof SseEventTooLarge)) return error;
  const message = `The provider sent a single event larger than ${error.limit} bytes.`;
  return new TargetFailure("malformed", message);
}

/** The usage chunk of a chat stream has no choices. */
const isUsageOnly = byteMarks('"choices":[]', '"choices": []');

function commentFrame(comments: string[]): Buffer {
  return Buffer.from(
    comments.map((comment) => `: ${comment}\n`).join("") + (comments.length > 0 ? "\n" : ""),
  );
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
}

const NOTHING: readonly Uint8Array[] = [];

const ignore = (): void => {};
