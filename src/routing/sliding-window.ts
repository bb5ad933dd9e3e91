/** Counts moments of the last `lengthMs`, at most `most` of them; the oldest are forgotten first. */
export class SlidingWindow {
  #times: number[] = [];
  #first = 0;

  constructor(readonly lengthMs: number) {}

  /** Notes a moment. Moments come in order. */
  add(now: number, most: number): void {
    this.#forget(now);
    this.#times.push(now);
    if (this.#times.length - this.#first > most) this.#first++;
    if (this.#first > 1024 && this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
  }

  /** How many moments lie within the window. */
  count(now: number): number {
    this.#forget(now);
    return this.#times.length - this.#first;
  }

  /** The newest moment there ever was. */
  get last(): number | undefined {
    return this.#times.at(-1);
  }

  /** The moment that is `rank` places before the end (1: the newest) and still within the window. */
  fromEnd(rank: number, now: number): number | undefined {
    this.#forget(now);
    const index = this.#times.length - rank;
    return index < this.#first ? undefined : this.#times[index];
  }

  #forget(now: number): void {
    while (this.#first < this.#times.length && (this.#times[this.#first] ?? now) <= now - this.lengthMs)
      this.#first++;
  }
}
