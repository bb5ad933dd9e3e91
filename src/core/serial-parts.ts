import { appendDelta, type Part, type ReplyEvent } from "./reply.ts";

/**
 * Lets the parts of a stream through one at a time, for client formats that allow only one open block. The part
 * opened first streams on; parts opened meanwhile are held back, and follow whole when it is their turn. Order is
 * kept, nothing is lost; memory is what the held parts hold.
 */
export class SerialParts {
  #current: number | undefined;
  readonly #waiting = new Map<number, Held>();

  /** Takes an event and gives those that may be written now, with the same indexes. */
  push(event: ReplyEvent): ReplyEvent[] {
    switch (event.type) {
      case "part-start":
        if (this.#current === undefined) {
          this.#current = event.index;
          return [event];
        }
        this.#waiting.set(event.index, { part: { ...event.part }, text: "", end: undefined });
        return [];
      case "part-delta": {
        if (event.index === this.#current) return [event];
        const held = this.#waiting.get(event.index);
        if (held) held.text += event.delta;
        return [];
      }
      case "part-end": {
        if (event.index === this.#current) {
          this.#current = undefined;
          return [event, ...this.#release()];
        }
        const held = this.#waiting.get(event.index);
        if (held) held.end = event;
        return [];
      }
      case "reply-start":
      case "usage":
        return [event];
      case "reply-end":
        return [...this.#release(), event];
    }
  }

  #release(): ReplyEvent[] {
    const events: ReplyEvent[] = [];
    for (const [index, held] of this.#waiting) {
      this.#waiting.delete(index);
      events.push({ type: "part-start", index, part: held.part });
      if (held.text) events.push({ type: "part-delta", index, delta: held.text });
      if (!held.end) {
        this.#current = index;
        return events;
      }
      events.push(held.end);
    }
    return events;
  }
}

type Held = { part: Part; text: string; end: Extract<ReplyEvent, { type: "part-end" }> | undefined };

/** For encoders that need the whole part before they can write it (Gemini calls). */
export class WholeParts {
  readonly #open = new Map<number, Part>();

  /** Collects parts; gives the finished part at its end. */
  push(event: Extract<ReplyEvent, { type: "part-start" | "part-delta" | "part-end" }>): Part | undefined {
    switch (event.type) {
      case "part-start":
        this.#open.set(event.index, { ...event.part });
        return undefined;
      case "part-delta": {
        const part = this.#open.get(event.index);
        if (part) appendDelta(part, event.delta);
        return undefined;
      }
      case "part-end": {
        const part = this.#open.get(event.index);
        this.#open.delete(event.index);
        if (part && event.proof) part.proof = event.proof;
        if (part && event.vendor) part.vendor = { ...part.vendor, ...event.vendor };
        return part;
      }
    }
  }
}
