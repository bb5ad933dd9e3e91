/** One server-sent event: `event` is "" when the stream named none; several data lines are joined with "\n". */
export type SseEvent = { event: string; data: string };

/** Thrown when one event grows beyond the limit. */
export class SseEventTooLarge extends Error {
  constructor(readonly limit: number) {
    super(`A server-sent event is larger than ${limit} bytes.`);
  }
}

/**
 * Splits a byte stream into server-sent events as the HTML standard reads them: LF, CRLF or CR line ends, an
 * optional byte order mark, comments, `data:` with or without a space, several data lines. Bytes may be cut
 * anywhere, also inside a character. Memory is bounded by `limit` characters per event (default 8 Mi); beyond it
 * `push` throws `SseEventTooLarge`.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class SseSplitter {
  /** The beginning of a line whose end has not come yet. */
  #begun = "";
  #skipLineFeed = false;
  #event = "";
  #data: string | undefined;
  /** Characters of the event so far. */
  #size = 0;
  readonly #decoder = new TextDecoder();

  constructor(readonly limit: number = 8 * 1024 * 1024) {}

  /** Takes the next bytes and gives the events they complete. */
  push(chunk: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    // Decoded in one go: text is cut into lines for much less than bytes are.
    const text = this.#decoder.decode(chunk, { stream: true });
    let start = 0;
    if (this.#skipLineFeed && text !== "") {
      if (text.startsWith("\n")) start = 1;
      this.#skipLineFeed = false;
    }
    // A carriage return is searched once per chunk, not once per line: most streams have none.
    let nextReturn = text.indexOf("\r", start);
    while (start < text.length) {
      if (nextReturn >= 0 && nextReturn < start) nextReturn = text.indexOf("\r", start);
      const feed = text.indexOf("\n", start);
      const end = nextReturn < 0 ? feed : feed < 0 ? nextReturn : Math.min(feed, nextReturn);
      if (end < 0) break;
      this.#line(this.#take(text.slice(start, end)), events);
      start = end + 1;
      if (end === nextReturn) {
        if (start === text.length) this.#skipLineFeed = true;
        else if (text.startsWith("\n", start)) start++;
      }
    }
    if (start < text.length) this.#keep(text.slice(start));
    return events;
  }

  /** Ends the stream: gives the last event even when no empty line followed it, as several providers do. */
  end(): SseEvent[] {
    const events: SseEvent[] = [];
    this.#keep(this.#decoder.decode());
    if (this.#begun !== "") this.#line(this.#take(""), events);
    this.#dispatch(events);
    return events;
  }

  #keep(text: string): void {
    this.#begun += text;
    this.#check(this.#begun.length);
  }

  #take(rest: string): string {
    const line = this.#begun + rest;
    this.#begun = "";
    this.#check(line.length);
    this.#size += line.length;
    return line;
  }

  #check(more: number): void {
    if (this.#size + more > this.limit) throw new SseEventTooLarge(this.limit);
  }

  #line(line: string, events: SseEvent[]): void {
    if (line === "") return this.#dispatch(events);
    const colon = line.indexOf(":");
    if (colon === 0) {
      if (this.#data === undefined) this.#size = 0;
      return;
    }
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (field === "event") this.#event = value;
  }

  #dispatch(events: SseEvent[]): void {
    if (this.#data !== undefined) events.push({ event: this.#event, data: this.#data });
    this.#data = undefined;
    this.#event = "";
    this.#size = 0;
  }
}
