/** Steps each doubling is cut into: a value read back is at most 5 % off. */
const STEPS = 8;
const SPACE = 32;
const COLON = 58;
/** No digit yet. */
const NONE = -1;

/** Values of 0 and more, counted in steps that grow with them: small, and two of them add up to a third. */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;

  /** Reads what `pack` wrote; what is no such text counts as nothing. */
  static unpack(packed: string): Histogram {
    return new Histogram().mergePacked(packed);
  }

  get total(): number {
    return this.#total;
  }

  add(value: number): void {
    this.#count(value < 1 ? 0 : 1 + Math.floor(Math.log2(value) * STEPS), 1);
  }

  /** Adds what `pack` wrote. Thousands of them are read for one chart, so nothing is taken apart into pieces. */
  mergePacked(packed: string): this {
    let step = NONE;
    let number = NONE;
    for (let at = 0; at <= packed.length; at++) {
      const code = at < packed.length ? packed.charCodeAt(at) : SPACE;
      if (code === COLON) {
        step = number;
        number = NONE;
      } else if (code === SPACE) {
        if (step >= 0 && number > 0) this.#count(step, number);
        step = NONE;
        number = NONE;
      } else number = (number === NONE ? 0 : number) * 36 + digitOf(code);
    }
    return this;
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

/** A digit in base 36; what is none makes the number none either. */
function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 122 ? code - 87 : Number.NaN;
}
