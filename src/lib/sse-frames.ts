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
  #rest: Uint8Array = NOTHING;

  constructor(readonly limit: number = 8 * 1024 * 1024) {}

  /**
   * The whole frames that `chunk` completes, with their blank lines, in one piece; empty when it completes none. A view
   * into `chunk` where possible.
   */
  push(chunk: Uint8Array): Uint8Array {
    const known = this.#rest.length;
    const bytes = known === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = lastFrameEnd(bytes, known);
    this.#rest = end === bytes.length ? NOTHING : bytes.subarray(end);
    if (this.#rest.length > this.limit) throw new SseEventTooLarge(this.limit);
    return end === bytes.length ? bytes : bytes.subarray(0, end);
  }

  /** What came after the last blank line. */
  rest(): Uint8Array {
    return this.#rest;
  }
}

/** Cuts whole frames that stand in a row in two, behind a blank line near the middle; undefined for a single frame. */
export function halveFrames(frames: Uint8Array): [Uint8Array, Uint8Array] | undefined {
  const middle = frames.length >> 1;
  const behind = frameEnd(frames, middle);
  const cut = behind < frames.length ? behind : lastFrameEnd(frames.subarray(0, middle), 0);
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

/** Index behind the last blank line; 0 where there is none. The first `known` bytes hold none. */
function lastFrameEnd(bytes: Uint8Array, known: number): number {
  let from = bytes.length - 1;
  for (;;) {
    // Most chunks end where a frame does.
    const lf = bytes[from] === LF || from < 0 ? from : bytes.lastIndexOf(LF, from);
    if (lf < known) return 0;
    if (bytes[lf - 1] === LF || (bytes[lf - 1] === CR && bytes[lf - 2] === LF)) return lf + 1;
    from = lf - 1;
  }
}
