const OPEN = "<think>";
const CLOSE = "</think>";

/** A run of text that is either reasoning or said aloud. */
export type Spoken = { reasoning: boolean; text: string };

/**
 * Lifts a `<think>` block at the start of a streamed text out of it. Tags may be cut anywhere; text that only looks
 * like a tag comes out unchanged. A block that is never closed is reasoning to its end: the model ran into its limit.
 * Tags further on are left alone, since a model may write about them.
 */
export class ThinkTags {
  #state: "before" | "inside" | "after-close" | "text" = "before";
  #held = "";

  push(delta: string): Spoken[] {
    if (this.#state === "text") return said(false, delta);
    this.#held += delta;
    const spoken: Spoken[] = [];
    if (this.#state === "before") this.#before(spoken);
    if (this.#state === "inside") this.#inside(spoken);
    if (this.#state === "after-close") this.#afterClose(spoken);
    return spoken;
  }

  /** The text is over: gives what was held back in case it became a tag. */
  end(): Spoken[] {
    const held = this.#held;
    this.#held = "";
    return said(this.#state === "inside", this.#state === "after-close" ? "" : held);
  }

  #before(spoken: Spoken[]): void {
    const start = this.#held.trimStart();
    if (start.length < OPEN.length && OPEN.startsWith(start)) return;
    if (start.startsWith(OPEN)) {
      this.#state = "inside";
      this.#held = start.slice(OPEN.length);
    } else {
      this.#state = "text";
      spoken.push(...said(false, this.#held));
      this.#held = "";
    }
  }

  #inside(spoken: Spoken[]): void {
    const close = this.#held.indexOf(CLOSE);
    if (close >= 0) {
      spoken.push(...said(true, this.#held.slice(0, close)));
      this.#held = this.#held.slice(close + CLOSE.length);
      this.#state = "after-close";
      return;
    }
    const keep = tailThatMayGrow(this.#held);
    spoken.push(...said(true, this.#held.slice(0, this.#held.length - keep)));
    this.#held = keep === 0 ? "" : this.#held.slice(-keep);
  }

  /** The empty lines behind the block belong to the tag, not to the answer. */
  #afterClose(spoken: Spoken[]): void {
    const text = this.#held.trimStart();
    this.#held = "";
    if (text === "") return;
    this.#state = "text";
    spoken.push(...said(false, text));
  }
}

const said = (reasoning: boolean, text: string): Spoken[] => (text === "" ? [] : [{ reasoning, text }]);

/** How many characters at the end of `text` could be the beginning of the closing tag. */
function tailThatMayGrow(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--)
    if (CLOSE.startsWith(text.slice(-length))) return length;
  return 0;
}
