import { SseEventTooLarge } from "./sse.ts";

const LF = 10;
const CR = 13;
const NOTHING = Buffer.alloc(0);

/**
 * Cuts a byte stream at the blank lines between server-sent events, without reading them. Gives whole frames only,
 * with their blank line; the rest waits for more. Frames are views into the pushed bytes where possible. Line ends
 * are LF or CRLF. Beyond `limit` bytes in one frame `push` throws `SseEventTooLarge`.
 */
export class SseFrames {
  #rest: Buffer = NOTHING;

  constructor(readonly limit: number = 8 * 1024 * 1024) {}

  /** The frames that `chunk` completes, in order. */
  push(chunk: Uint8Array): Buffer[] {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = this.#rest.length === 0 ? fresh : Buffer.concat([this.#rest, fresh]);
    const frames: Buffer[] = [];
    let start = 0;
    let from = Math.max(0, this.#rest.length - 3);
    for (;;) {
      const end = frameEnd(bytes, from);
      if (end < 0) break;
      frames.push(bytes.subarray(start, end));
      start = from = end;
    }
    this.#rest = start === bytes.length ? NOTHING : bytes.subarray(start);
    if (this.#rest.length > this.limit) throw new SseEventTooLarge(this.limit);
    return frames;
  }

  /** What came after the last blank line. */
  rest(): Buffer {
    return this.#rest;
  }
}

/** Index behind the first blank line at or after `from`; -1 when there is none yet. */
function frameEnd(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const lf = bytes.indexOf(LF, at);
    if (lf < 0) return -1;
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
    at = lf + 1;
  }
}
