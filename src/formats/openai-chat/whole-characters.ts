/**
 * Keeps the two halves of a character together. Providers escape characters beyond the basic plane as two units and
 * may send them in two deltas; written apart as UTF-8 each half becomes a replacement character.
 */
export class WholeCharacters {
  #half = "";

  /** Takes a piece of text and gives what can be written now. */
  push(text: string): string {
    if (text === "") return "";
    const last = text.charCodeAt(text.length - 1);
    const isHalf = last >= 0xd800 && last <= 0xdbff;
    if (!isHalf && this.#half === "") return text;
    const whole = this.#half + text;
    this.#half = isHalf ? whole.slice(-1) : "";
    return isHalf ? whole.slice(0, -1) : whole;
  }

  /** The text is over: gives a half that stayed alone. */
  end(): string {
    const half = this.#half;
    this.#half = "";
    return half;
  }
}
