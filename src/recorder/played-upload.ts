/** What is sent as a stream, read as far as it was read then: more of it may never come. */
export class PlayedUpload {
  /** Rejects when the stream breaks; never resolves. */
  readonly broken: Promise<never>;
  readonly #break: (error: unknown) => void;

  constructor(readonly stream: ReadableStream<Uint8Array>) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.broken = promise;
    this.#break = reject;
    // Not everybody who has one waits for it.
    promise.catch(() => {});
  }

  /** At least so many bytes, or all there are. Rejects when the stream breaks before. */
  async read(most: number): Promise<Buffer> {
    const reader = this.stream.getReader();
    const pieces: Uint8Array[] = [];
    let size = 0;
    while (size < most) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(pieces);
      pieces.push(value);
      size += value.length;
    }
    void this.#readOn(reader);
    return Buffer.concat(pieces);
  }

  async #readOn(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    try {
      while (!(await reader.read()).done);
    } catch (error) {
      this.#break(error);
    }
  }
}
