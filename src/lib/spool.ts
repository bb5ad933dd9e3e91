import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";

export type SpoolOptions = {
  /** Up to this size everything stays in memory. */
  memoryBytes: number;
  /** Where the rest goes, in a file that has no name as soon as it is open. */
  directory: string;
};

/** Longest piece that is read from the file at once. */
const READ_BYTES = 64 * 1024;

/**
 * Bytes that arrive once and may be read several times, also while they arrive. A large upload lies on the disk, not
 * in memory; where the disk refuses, it stays in memory.
 */
export class Spool {
  readonly #memory: Uint8Array[] = [];
  #memorySize = 0;
  #file: FileHandle | undefined;
  /** Bytes in the file, which hold what came behind the first `#memorySize` ones. */
  #fileSize = 0;
  #refused = false;
  #state: { type: "open" } | { type: "ended" } | { type: "failed"; error: unknown } = { type: "open" };
  #wake: (() => void)[] = [];

  constructor(readonly options: SpoolOptions) {}

  /** How much has come so far. */
  get size(): number {
    return this.#memorySize + this.#fileSize;
  }

  get isEnded(): boolean {
    return this.#state.type === "ended";
  }

  /**
   * Adds bytes; none once it has ended or was put away. To be awaited before the next call, so that a slow disk slows
   * the sender down.
   */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#state.type !== "open") return;
    if (this.#fileSize === 0 && (this.#refused || this.size + bytes.length <= this.options.memoryBytes))
      this.#keep(bytes);
    else await this.#store(bytes);
    this.#tell();
  }

  end(): void {
    if (this.#state.type === "open") this.#state = { type: "ended" };
    this.#tell();
  }

  /** The sender broke off: readers get `error` once they have read what came before. */
  fail(error: unknown): void {
    if (this.#state.type === "open") this.#state = { type: "failed", error };
    this.#tell();
  }

  /** From the first byte; waits for those still to come. */
  stream(): ReadableStream<Uint8Array> {
    let piece = 0;
    let at = 0;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          for (;;) {
            const next = this.#memory[piece];
            if (next) {
              piece++;
              return controller.enqueue(next);
            }
            if (at < this.#fileSize) {
              const read = await this.#read(at);
              at += read.length;
              return controller.enqueue(read);
            }
            if (this.#state.type === "ended") return controller.close();
            if (this.#state.type === "failed") return controller.error(this.#state.error);
            await new Promise<void>((resolve) => this.#wake.push(resolve));
          }
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** All bytes, once they are there. */
  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.stream()) pieces.push(piece);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** Gives the disk space back. Nothing can be read afterwards. */
  async close(): Promise<void> {
    this.fail(new Error("The upload was put away."));
    this.#memory.length = 0;
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #keep(bytes: Uint8Array): void {
    this.#memory.push(bytes);
    this.#memorySize += bytes.length;
  }

  async #store(bytes: Uint8Array): Promise<void> {
    try {
      const file = this.#file ?? (await openNameless(this.options.directory));
      // Put away while the disk was slow: nobody else would close it.
      if (this.#state.type !== "open") return await file.close();
      this.#file = file;
      await writeAll(file, bytes, this.#fileSize);
      this.#fileSize += bytes.length;
    } catch (error) {
      // What is in the file already could not be followed by bytes in memory.
      if (this.#fileSize > 0) throw error;
      this.#refused = true;
      this.#keep(bytes);
    }
  }

  async #read(at: number): Promise<Uint8Array> {
    const file = this.#file;
    if (!file) throw new Error("The upload was put away.");
    const length = Math.min(READ_BYTES, this.#fileSize - at);
    const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, at);
    if (bytesRead === 0) throw new Error("The upload could not be read back.");
    return bytesRead === length ? buffer : buffer.subarray(0, bytesRead);
  }

  #tell(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}

/** A crash then leaves nothing behind. Windows keeps the name until the file is closed. */
async function openNameless(directory: string): Promise<FileHandle> {
  const path = join(directory, `upload-${randomUUID()}.tmp`);
  const file = await open(path, "wx+", 0o600);
  await unlink(path).catch(() => {});
  return file;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}
