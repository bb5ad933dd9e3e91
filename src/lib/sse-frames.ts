import { SseEventTooLarge } from "./sse.ts";

const LF = 10;
const CR = 13;
const NOTHING = new Uint8Array(0);
/** On whatever bytes come; twice as quick as their own. */
const indexOf: (this: Uint8Array, byte: number, from: number) => number = Buffer.prototype.indexOf;

/**
 * Cuts a byte stream at the blank lines between server-sent events, without reading them; what stands behind the last
 * one waits for more. Line ends are LF or CRLF. Beyond `limit` bytes in one frame `push` throws `SseEventTooLarge`.
 */
export class SseFrames {
  /** Holds what waits, and room for more of it: frames of megabytes come in thousands of pieces. */
  #held: Uint8Array = NOTHING;
  /** How much of that waits. */
  #size = 0;

  constructor(readonly limit: number = 8 * 1024 * 1024) {}

  /**
   * The whole frames that `chunk` completes, with their blank lines, in one piece; empty when it completes none. A view
   * into `chunk` where possible.
   */
  push(chunk: Uint8Array): Uint8Array {
    const known = this.#size;
    if (known === 0) return this.#cut(chunk, 0);
    this.#append(chunk);
    return this.#cut(this.#held, known);
  }

  /** What came after the last blank line. */
  rest(): Uint8Array {
    return this.#held.subarray(0, this.#size);
  }

  #append(chunk: Uint8Array): void {
    const size = this.#size + chunk.length;
    if (size > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.#size));
      larger.set(this.rest());
      this.#held = larger;
    }
    this.#held.set(chunk, this.#size);
    this.#size = size;
  }

  /** Gives the whole frames of `held` and keeps the rest. Its first `known` bytes hold no blank line. */
  #cut(held: Uint8Array, known: number): Uint8Array {
    const size = known === 0 ? held.length : this.#size;
    const end = lastFrameEnd(held, known, size);
    if (size - end > this.limit) throw new SseEventTooLarge(this.limit);
    // What is given away must not be written over.
    this.#held = end === 0 ? held : end === size ? NOTHING : held.subarray(end, size);
    this.#size = size - end;
    return end === 0 ? NOTHING : end === held.length ? held : held.subarray(0, end);
  }
}

/** Cuts whole frames that stand in a row in two, behind a blank line near the middle; undefined for a single frame. */
export function halveFrames(frames: Uint8Array): [Uint8Array, Uint8Array] | undefined {
  const middle = frames.length >> 1;
  const behind = frameEnd(frames, middle);
  const cut = behind < frames.length ? behind : lastFrameEnd(frames, 0, middle);
  return cut === 0 ? undefined : [frames.subarray(0, cut), frames.subarray(cut)];
}

/** How many frames stand in a row. */
export function countFrames(frames: Uint8Array): number {
  let count = 0;
  for (let start = 0; start < frames.length; start = frameEnd(frames, start)) count++;
  return count;
}

/** Index behind the first blank line at or after `from`; the length where there is none. */
function frameEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const lf = indexOf.call(bytes, LF, at);
    if (lf < 0) return bytes.length;
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
    at = lf + 1;
  }
}

/** Index behind the last blank line before `size`; 0 where there is none. The first `known` bytes hold none. */
function lastFrameEnd(bytes: Uint8Array, known: number, size: number): number {
  let from = size - 1;
  for (;;) {
    const lf = lastFeed(bytes, known, from);
    if (lf < 0) return 0;
    if (bytes[lf - 1] === LF || (bytes[lf - 1] === CR && bytes[lf - 2] === LF)) return lf + 1;
    from = lf - 1;
  }
}

/** The last line feed from `known` to `from`; negative where there is none. */
function lastFeed(bytes: Uint8Array, known: number, from: number): number {
  if (from < known) return -1;
  // Most chunks end where a frame does.
  if (bytes[from] === LF) return from;
  // Of a long frame only what is new is searched.
  if (known > 0) {
    const lf = bytes.subarray(known, from).lastIndexOf(LF);
    return lf < 0 ? lf : known + lf;
  }
  return bytes.lastIndexOf(LF, from);
}
