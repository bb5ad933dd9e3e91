import type { Part, Proof, ReplyEvent, Source, Vendor } from "./reply.ts";

/**
 * Numbers, opens and closes the parts of a stream for a decoder, which names them by keys of its own. Guarantees
 * what encoders rely on: indexes from 0 without gaps, every part opened once and closed once, no delta outside.
 * Parts may be open side by side; encoders of formats that allow only one at a time settle that themselves with
 * `core/serial-parts.ts`.
 */
export class EventWriter {
  #events: ReplyEvent[] = [];
  readonly #open = new Map<string, number>();
  #next = 0;
  #started = false;

  /** Starts the answer; further calls do nothing. */
  start(id: string, model: string, extra: { created?: number; vendor?: Vendor } = {}): void {
    if (this.#started) return;
    this.#started = true;
    this.#events.push({ type: "reply-start", id, model, ...extra });
  }

  get started(): boolean {
    return this.#started;
  }

  isOpen(key: string): boolean {
    return this.#open.has(key);
  }

  /** Opens a part under `key` unless one is open under it. Give growing parts with empty text. */
  open(key: string, part: Part): void {
    if (this.#open.has(key)) return;
    const index = this.#next++;
    this.#open.set(key, index);
    this.#events.push({ type: "part-start", index, part });
  }

  /** Adds text to the part under `key`. Does nothing for empty text or an unknown key. */
  append(key: string, delta: string): void {
    const index = this.#open.get(key);
    if (index === undefined || delta === "") return;
    this.#events.push({ type: "part-delta", index, delta });
  }

  close(key: string, end: { vendor?: Vendor; proof?: Proof; sources?: Source[] } = {}): void {
    const index = this.#open.get(key);
    if (index === undefined) return;
    this.#open.delete(key);
    this.#events.push({ type: "part-end", index, ...end });
  }

  /** Closes all parts that are open, in the order they were opened. */
  closeAll(): void {
    for (const key of [...this.#open.keys()]) this.close(key);
  }

  /** A part that comes whole. */
  whole(part: Part): void {
    const index = this.#next++;
    this.#events.push({ type: "part-start", index, part }, { type: "part-end", index });
  }

  /** Adds an event that is not about a part. */
  add(event: Extract<ReplyEvent, { type: "usage" | "reply-end" }>): void {
    this.#events.push(event);
  }

  /** Hands out what has been written since the last call. */
  take(): ReplyEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
