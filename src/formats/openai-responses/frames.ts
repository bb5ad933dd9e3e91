/** Numbers and frames the events of one client's stream. */
export class Frames {
  #next = 0;

  /** One event. `fields`: its fields as JSON text, without braces; "" for none. */
  event(type: string, fields: string): string {
    return `event: ${type}\ndata: {"type":"${type}",${fields},"sequence_number":${this.#next++}}\n\n`;
  }
}

/** Text that grows by deltas. A character cut in two between deltas is held back until it is whole. */
export class GrowingText {
  text = "";
  #half = "";

  /** Takes a delta and gives what can be written of it now. */
  take(delta: string): string {
    let whole = this.#half + delta;
    this.#half = "";
    const last = whole.charCodeAt(whole.length - 1);
    if (last >= 0xd800 && last <= 0xdbff) {
      this.#half = whole.slice(-1);
      whole = whole.slice(0, -1);
    }
    this.text += whole;
    return whole;
  }

  /** All of it, once nothing more comes. */
  end(): string {
    this.text += this.#half;
    this.#half = "";
    return this.text;
  }
}
