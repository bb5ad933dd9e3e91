/** At most so much of one body is kept. */
export const MOST_BODY_BYTES = 1024 * 1024;

/** How a stream ended: by itself, by its fault, or because nobody wanted more. */
export type Ended = { how: "end" | "cancel" } | { how: "error"; error: unknown };

/** Bytes as they go by, with the time of each piece. */
export class Tape {
  readonly #chunks: Uint8Array[] = [];
  /** `[milliseconds, bytes]` */
  readonly pieces: [number, number][] = [];
  #size = 0;
  whole = true;

  constructor(readonly elapsed: () => number) {}

  add(chunk: Uint8Array): void {
    const room = MOST_BODY_BYTES - this.#size;
    if (chunk.length > room) this.whole = false;
    const kept = chunk.subarray(0, Math.max(0, room));
    if (kept.length === 0) return;
    // A copy: whoever reads the bytes may use their memory again.
    this.#chunks.push(kept.slice());
    this.#size += kept.length;
    this.pieces.push([Math.round(this.elapsed()), kept.length]);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** The same stream, read along: no piece is asked for before the reader asks for it. */
  along(body: ReadableStream<Uint8Array>, ended: (how: Ended) => void): ReadableStream<Uint8Array> {
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
