/** One server-sent event: `event` is "" when the stream named none; several data lines are joined with "\n". */
export type SseEvent = { event: string; data: string };

/** Thrown when one event grows beyond the limit. */
export class SseEventTooLarge extends Error {
  constructor(readonly limit: number) {
    super(`A server-sent event is larger than ${limit} bytes.`);
  }
}

const LF = 10;
const CR = 13;

/**
 * Splits a byte stream into server-sent events as the HTML standard reads them: LF, CRLF or CR line ends, an
 * optional byte order mark, comments, `data:` with or without a space, several data lines. Bytes may be cut
 * anywhere, also inside a character. Memory is bounded by `limit` bytes per event (default 8 MiB); beyond it
 * `push` throws `SseEventTooLarge`.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class SseSplitter {
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  #skipLineFeed = false;
  #atStart = true;
  #event = "";
  #data: string | undefined;
  #eventBytes = 0;
  readonly #decoder = new TextDecoder();

  constructor(readonly limit: number = 8 * 1024 * 1024) {}

  /** Takes the next bytes and gives the events they complete. */
  push(chunk: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    let start = 0;
    if (this.#skipLineFeed && chunk.length > 0) {
      if (chunk[0] === LF) start = 1;
      this.#skipLineFeed = false;
    }
    // A carriage return is searched once per chunk, not once per line: most streams have none.
    let nextReturn = chunk.indexOf(CR, start);
    while (start < chunk.length) {
      if (nextReturn >= 0 && nextReturn < start) nextReturn = chunk.indexOf(CR, start);
      const feed = chunk.indexOf(LF, start);
      const end = nextReturn < 0 ? feed : feed < 0 ? nextReturn : Math.min(feed, nextReturn);
      if (end < 0) break;
      this.#line(this.#take(chunk.subarray(start, end)), events);
      start = end + 1;
      if (chunk[end] === CR) {
        if (start === chunk.length) this.#skipLineFeed = true;
        else if (chunk[start] === LF) start++;
      }
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return events;
  }

  /** Ends the stream: gives the last event even when no empty line followed it, as several providers do. */
  end(): SseEvent[] {
    const events: SseEvent[] = [];
    if (this.#pendingBytes > 0) this.#line(this.#take(new Uint8Array(0)), events);
    this.#dispatch(events);
    return events;
  }

  #keep(rest: Uint8Array): void {
    this.#pendingBytes += rest.length;
    if (this.#pendingBytes + this.#eventBytes > this.limit) throw new SseEventTooLarge(this.limit);
    this.#pieces.push(rest.slice());
  }

  #take(last: Uint8Array): string {
    let bytes = last;
    if (this.#pendingBytes > 0) {
      bytes = Buffer.concat([...this.#pieces, last]);
      this.#pieces = [];
      this.#pendingBytes = 0;
    }
    this.#eventBytes += bytes.length;
    if (this.#eventBytes > this.limit) throw new SseEventTooLarge(this.limit);
    const line = this.#decoder.decode(bytes);
    if (!this.#atStart) return line;
    this.#atStart = false;
    return line.startsWith("\uFEFF") ? line.slice(1) : line;
  }

  #line(line: string, events: SseEvent[]): void {
    if (line === "") return this.#dispatch(events);
    const colon = line.indexOf(":");
    if (colon === 0) {
      if (this.#data === undefined) this.#eventBytes = 0;
      return;
    }
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (field === "data") this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (field === "event") this.#event = value;
  }

  #dispatch(events: SseEvent[]): void {
    if (this.#data !== undefined) events.push({ event: this.#event, data: this.#data });
    this.#data = undefined;
    this.#event = "";
    this.#eventBytes = 0;
  }
}
