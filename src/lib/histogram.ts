/** Steps each doubling is cut into: a value read back is at most 5 % off. */
const STEPS = 8;

/** Values of 0 and more, counted in steps that grow with them: small, and two of them add up to a third. */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;

  /** Reads what `pack` wrote; what is no such text counts as nothing. */
  static unpack(packed: string): Histogram {
    const histogram = new Histogram();
    for (const entry of packed.split(" ")) {
      const [step = Number.NaN, count = 0] = entry.split(":").map((part) => Number.parseInt(part, 36));
      if (step >= 0 && count > 0) histogram.#count(step, count);
    }
    return histogram;
  }

  get total(): number {
    return this.#total;
  }

  add(value: number): void {
    this.#count(value < 1 ? 0 : 1 + Math.floor(Math.log2(value) * STEPS), 1);
  }

  merge(other: Histogram): this {
    for (const [step, count] of other.#counts) this.#count(step, count);
    return this;
  }

  /** The value under which that share (0 to 1) of all lies; 0 when there is none. */
  quantile(share: number): number {
    let wanted = Math.max(1, Math.ceil(this.#total * share));
    for (const [step, count] of [...this.#counts].sort(([left], [right]) => left - right)) {
      wanted -= count;
      if (wanted <= 0) return step === 0 ? 0 : Math.round(2 ** ((step - 0.5) / STEPS));
    }
    return 0;
  }

  /** `step:count` pairs in base 36. */
  pack(): string {
    return [...this.#counts].map((pair) => pair.map((number) => number.toString(36)).join(":")).join(" ");
  }

  #count(step: number, count: number): void {
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + count);
    this.#total += count;
  }
}
