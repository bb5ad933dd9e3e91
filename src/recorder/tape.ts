/** Of one call at most so much is kept, whatever is kept of each body: an upload as large as providers take one. */
export const MOST_CALL_BYTES = 32 * 1024 * 1024;
/** Of what is only shown and compared, never played: the bodies sent to providers. */
export const MOST_SHOWN_BYTES = 1024 * 1024;
/** What a piece costs beside its bytes. */
const PIECE_BYTES = 16;

/** How many bytes may still be kept, of one call and of all that are being recorded. */
export class Room {
  #left: number;
  #taken = 0;

  constructor(
    most: number,
    readonly around?: Room,
  ) {
    this.#left = most;
  }

  /** Takes room for so many bytes; false where there is none left. */
  take(bytes: number): boolean {
    if (bytes > this.#left || (this.around && !this.around.take(bytes))) return false;
    this.#left -= bytes;
    this.#taken += bytes;
    return true;
  }

  /** Nothing of it is held any longer. */
  free(): void {
    this.giveBack(this.#taken);
  }

  /** So much of what was taken is not needed after all. */
  giveBack(bytes: number): void {
    this.#taken -= bytes;
    this.around?.giveBack(bytes);
    this.#left += bytes;
  }
}

/** How a stream ended: by itself, by its fault, or because nobody wanted more. */
export type Ended = { how: "end" | "cancel" } | { how: "error"; error: unknown };

/** Bytes as they go by, with the time of each piece. What finds no room is counted and not kept. */
export class Tape {
  #chunks: Uint8Array[] = [];
  /** `[milliseconds, bytes]` */
  pieces: [number, number][] = [];
  #kept = 0;
  /** Bytes that went by. */
  size = 0;

  constructor(
    readonly elapsed: () => number,
    readonly room: Room,
    readonly most = MOST_CALL_BYTES,
  ) {}

  get whole(): boolean {
    return this.#kept === this.size;
  }

  /** `isLasting`: nobody uses the memory of these bytes for others, so that what is kept whole needs no copy. */
  add(chunk: Uint8Array, isLasting = false): void {
    if (chunk.length === 0) return;
    const wasWhole = this.whole;
    this.size += chunk.length;
    // Behind a gap nothing is kept: what is there is the beginning, without holes.
    if (!wasWhole) return;
    const kept = chunk.subarray(0, Math.max(0, this.most - this.#kept));
    if (kept.length === 0) return;
    if (!this.room.take(kept.length + PIECE_BYTES)) return this.#shorten();
    this.#chunks.push(isLasting && kept.length === chunk.length ? kept : kept.slice());
    this.#kept += kept.length;
    this.pieces.push([Math.round(this.elapsed()), kept.length]);
  }

  /** Begins anew: the same body is sent once more. */
  rewind(): void {
    this.room.giveBack(this.#kept + this.#chunks.length * PIECE_BYTES);
    this.#chunks = [];
    this.pieces = [];
    this.#kept = 0;
    this.size = 0;
  }

  /** What cannot be played any more is only shown: the rest of its room is better used for others. */
  #shorten(): void {
    for (let last = this.#chunks.length - 1; last > 0 && this.#kept > MOST_SHOWN_BYTES; last--) {
      const { length } = this.#chunks[last]!;
      this.#chunks.pop();
      this.pieces.pop();
      this.#kept -= length;
      this.room.giveBack(length + PIECE_BYTES);
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** The same stream, read along: no piece is asked for before the reader asks for it. */
  along(body: ReadableStream<Uint8Array>, over: (how: Ended) => void): ReadableStream<Uint8Array> {
    // What comes of it after the end, or after nobody wanted more, is no news.
    let isOver = false;
    const ended = (how: Ended) => {
      if (!isOver) over(how);
      isOver = true;
    };
    // Taken at the first look: until then the body can still be read otherwise.
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            reader ??= body.getReader();
            const { done, value } = await reader.read();
            if (done) {
              ended({ how: "end" });
              return controller.close();
            }
            this.add(value);
            controller.enqueue(value);
          } catch (error) {
            ended({ how: "error", error });
            controller.error(error);
          }
        },
        cancel: (reason) => {
          ended({ how: "cancel" });
          return reader ? reader.cancel(reason) : body.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }
}
