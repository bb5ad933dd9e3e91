import { TargetFailure } from "../core/errors.ts";
import type { StreamEncoder } from "../core/format.ts";
import type { Part, ReplyEvent, Usage } from "../core/reply.ts";
import { added } from "../core/usage.ts";

type PartType = Part["type"];

/** So much of the beginning said again is no chance: the answer was begun anew. */
const RECOGNIZED = 8;
/** From here on other words than before are not a coincidence of beginnings, but another answer. */
const ANOTHER_ANSWER = 24;

/**
 * Writes one answer for a client in which several providers may have a part: remembers what was said, and where it
 * broke off, so that the next can write on from there.
 */
export class JoinedEncoder implements StreamEncoder {
  readonly #open = new Map<number, PartType>();
  #last: PartType | undefined;
  #next = 0;
  #text = "";
  /** Nothing but text and reasoning has come. */
  #isPlain = true;

  constructor(readonly encoder: StreamEncoder) {}

  push(event: ReplyEvent): string {
    this.#note(event);
    return this.encoder.push(event);
  }

  trailer(comments: string[]): void {
    this.encoder.trailer?.(comments);
  }

  heartbeat(): string {
    return this.encoder.heartbeat();
  }

  fail(...told: Parameters<StreamEncoder["fail"]>): string {
    return this.encoder.fail(...told);
  }

  /** What was said so far; undefined where nothing can be written on: inside a call, in reasoning, before any text. */
  get soFar(): string | undefined {
    const isInText = [...this.#open.values()].every((type) => type === "text");
    return this.#isPlain && isInText && this.#last === "text" && this.#text.trim() !== ""
      ? this.#text
      : undefined;
  }

  /** Writes the stream that goes on from here. `before`: what those before it used. */
  goOn(before: Usage): StreamEncoder {
    const open = [...this.#open.keys()][0];
    return new GoingOn(this, this.#text, open, this.#next, before);
  }

  #note(event: ReplyEvent): void {
    switch (event.type) {
      case "part-start":
        this.#last = event.part.type;
        this.#next = Math.max(this.#next, event.index + 1);
        this.#open.set(event.index, event.part.type);
        if (event.part.type === "text") this.#text += event.part.text;
        else if (event.part.type !== "reasoning") this.#isPlain = false;
        return;
      case "part-delta":
        if (this.#open.get(event.index) === "text") this.#text += event.delta;
        return;
      case "part-end":
        this.#open.delete(event.index);
        return;
      case "reply-end":
        this.#isPlain = false;
        return;
      case "reply-start":
      case "usage":
        return;
    }
  }
}

/** Fits a stream that goes on into the answer that was begun: its text grows the open part, its beginning is left out. */
class GoingOn implements StreamEncoder {
  /** Its parts' indexes → those of the whole answer; undefined for parts that are not shown. */
  readonly #indexes = new Map<number, number | undefined>();
  #open: number | undefined;
  #next: number;
  /** The part whose beginning is still being compared with what was said. */
  #seam: { index: number; held: string } | undefined;
  #isJoined = false;

  constructor(
    readonly joined: JoinedEncoder,
    readonly said: string,
    open: number | undefined,
    next: number,
    readonly before: Usage,
  ) {
    this.#open = open;
    this.#next = next;
  }

  push(event: ReplyEvent): string {
    switch (event.type) {
      case "reply-start":
        return "";
      case "part-start":
        return this.#start(event.index, event.part);
      case "part-delta":
        return this.#delta(event.index, event.delta);
      case "part-end": {
        const index = this.#indexes.get(event.index);
        if (index === undefined) return "";
        const rest = this.#flush(event.index);
        if (index === this.#open) this.#open = undefined;
        return rest + this.joined.push({ ...event, index });
      }
      case "usage":
        return this.joined.push({ ...event, usage: added(this.before, event.usage) });
      case "reply-end": {
        const rest = this.#seam ? this.#flush(this.#seam.index) : "";
        return rest + this.#close() + this.joined.push(event);
      }
    }
  }

  trailer(comments: string[]): void {
    this.joined.trailer(comments);
  }

  heartbeat(): string {
    return this.joined.heartbeat();
  }

  fail(...told: Parameters<StreamEncoder["fail"]>): string {
    return this.joined.fail(...told);
  }

  #start(own: number, part: Part): string {
    if (part.type === "reasoning") {
      // The client has read on; what somebody else thought before going on would stand in the middle of the text.
      this.#indexes.set(own, undefined);
      return "";
    }
    if (part.type !== "text" || this.#isJoined) {
      const index = this.#next++;
      this.#indexes.set(own, index);
      return this.#close() + this.joined.push({ type: "part-start", index, part });
    }
    this.#isJoined = true;
    this.#seam = { index: own, held: "" };
    let wire = "";
    if (this.#open === undefined) {
      this.#open = this.#next++;
      wire = this.joined.push({ type: "part-start", index: this.#open, part: { type: "text", text: "" } });
    }
    this.#indexes.set(own, this.#open);
    return part.text === "" ? wire : wire + this.#delta(own, part.text);
  }

  #delta(own: number, delta: string): string {
    const index = this.#indexes.get(own);
    if (index === undefined) return "";
    if (this.#seam?.index !== own) return this.joined.push({ type: "part-delta", index, delta });
    this.#seam.held += delta;
    const fresh = this.#fresh(this.#seam.held);
    if (fresh === undefined) return "";
    this.#seam = undefined;
    return fresh === "" ? "" : this.joined.push({ type: "part-delta", index, delta: fresh });
  }

  /** What of a beginning is new; undefined while that cannot be told. Throws when it is another answer. */
  #fresh(held: string): string | undefined {
    if (this.said.startsWith(held) && held.length < this.said.length) return undefined;
    if (held.startsWith(this.said) && this.said.length >= RECOGNIZED) return held.slice(this.said.length);
    if (alike(this.said, held) >= ANOTHER_ANSWER)
      throw new TargetFailure(
        "malformed",
        "The answer was begun anew in other words instead of being continued.",
      );
    return withoutSeam(this.said, held);
  }

  /** The part is over before its beginning could be told apart. */
  #flush(own: number): string {
    if (this.#seam?.index !== own) return "";
    const { held } = this.#seam;
    const index = this.#indexes.get(own);
    this.#seam = undefined;
    if (index === undefined || held === "" || held.length >= RECOGNIZED) return "";
    return this.joined.push({ type: "part-delta", index, delta: withoutSeam(this.said, held) });
  }

  #close(): string {
    const index = this.#open;
    if (index === undefined) return "";
    this.#open = undefined;
    return this.joined.push({ type: "part-end", index });
  }
}

/** White space at the end is not sent along, and so comes again. */
function withoutSeam(said: string, held: string): string {
  const tail = said.slice(said.trimEnd().length);
  for (let length = Math.min(tail.length, held.length); length > 0; length--)
    if (held.startsWith(tail.slice(-length))) return held.slice(length);
  return held;
}

function alike(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let count = 0;
  while (count < most && one[count] === other[count]) count++;
  return count;
}
