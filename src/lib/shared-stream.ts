/** How a shared source ended: `abandoned` when every reader had left, `overflow` when it grew beyond what is kept. */
export type SharedEnd = "complete" | "broken" | "abandoned" | "overflow";

/** `ended` resolves when this reader has got everything, could get no more, or has left. */
export type SharedReader = {
  stream: ReadableStream<Uint8Array>;
  ended: Promise<"complete" | "failed" | "cancelled">;
};

/**
 * One stream for several readers. The source is read as fast as the fastest of them wants it; what was read is kept, so
 * that a reader may come later and still get everything. Beyond `limit` bytes nobody can join any more, what all have
 * read is dropped, and a reader that lags behind by more than the limit is cut off. The source is given up only when
 * all readers have left.
 */
export class SharedStream {
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  readonly #readers = new Set<{ position: number }>();
  #chunks: Uint8Array[] = [];
  /** How many chunks were dropped at the beginning. */
  #dropped = 0;
  #bytes = 0;
  #overflowed = false;
  #ending: { error?: unknown } | undefined;
  #reading: Promise<void> | undefined;

  constructor(
    source: ReadableStream<Uint8Array>,
    readonly limit: number,
    readonly onEnd: (end: SharedEnd) => void,
  ) {
    this.#source = source.getReader();
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.#bytes;
  }

  /** A reader from the beginning; undefined when the beginning is no longer kept. */
  join(): SharedReader | undefined {
    if (this.#overflowed) return undefined;
    const reader = { position: 0 };
    this.#readers.add(reader);
    const { promise: ended, resolve } = Promise.withResolvers<Awaited<SharedReader["ended"]>>();
    const over = (how: Awaited<SharedReader["ended"]>) => {
      this.#readers.delete(reader);
      resolve(how);
    };
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const chunk = await this.#next(reader);
            if (chunk) return controller.enqueue(chunk);
            over("complete");
            controller.close();
          } catch (error) {
            over("failed");
            controller.error(error);
          }
        },
        cancel: () => {
          over("cancelled");
          this.#left();
        },
      },
      { highWaterMark: 0 },
    );
    return { stream, ended };
  }

  async #next(reader: { position: number }): Promise<Uint8Array | undefined> {
    for (;;) {
      const index = reader.position - this.#dropped;
      if (index < 0) throw new Error("This reader was too slow for what is kept.");
      const chunk = this.#chunks[index];
      if (chunk) {
        reader.position++;
        if (this.#overflowed) this.#drop();
        return chunk;
      }
      if (this.#ending) {
        if ("error" in this.#ending) throw this.#ending.error;
        return undefined;
      }
      this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
      await this.#reading;
    }
  }

  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#source.read();
      if (done) return this.#end({}, "complete");
      this.#chunks.push(value);
      this.#bytes += value.length;
    } catch (error) {
      return this.#end({ error }, "broken");
    }
    if (this.#bytes <= this.limit) return;
    if (!this.#overflowed) this.onEnd("overflow");
    this.#overflowed = true;
    this.#drop();
    // Whoever lags so far behind holds up everybody's memory.
    while (this.#bytes > this.limit && this.#chunks.length > 1) this.#dropFirst();
  }

  #drop(): void {
    const slowest = Math.min(...[...this.#readers].map(({ position }) => position));
    while (this.#dropped < slowest && this.#chunks.length > 0) this.#dropFirst();
  }

  #dropFirst(): void {
    this.#bytes -= this.#chunks.shift()?.length ?? 0;
    this.#dropped++;
  }

  #left(): void {
    if (this.#readers.size > 0 || this.#ending) return;
    this.#end({}, "abandoned");
    void this.#source.cancel().catch(() => {});
  }

  #end(ending: { error?: unknown }, end: SharedEnd): void {
    if (this.#ending) return;
    this.#ending = ending;
    if (!this.#overflowed) this.onEnd(end);
  }
}
