import type { Clock } from "../lib/clock.ts";

/** An answer that was given to a question that was only similar. Times in milliseconds since 1970. */
export type SimilarHit = {
  id: string;
  at: number;
  requestId: string;
  /** Under what the reused answer is kept. */
  hash: string;
  model: string;
  /** From 0 to 1. */
  similarity: number;
  asked: string;
  /** The question the answer was first given to. */
  answered: string;
};

const MOST_KEPT = 200;
const LONGEST_QUESTION = 2000;

/** The newest answers that were reused by similarity, for people to judge. In memory only. */
export class SimilarHits {
  readonly #hits: SimilarHit[] = [];

  constructor(readonly clock: Clock) {}

  add(hit: Omit<SimilarHit, "id" | "at">): void {
    this.#hits.unshift({
      ...hit,
      id: hit.requestId,
      at: this.clock.now(),
      asked: hit.asked.slice(0, LONGEST_QUESTION),
      answered: hit.answered.slice(0, LONGEST_QUESTION),
    });
    if (this.#hits.length > MOST_KEPT) this.#hits.pop();
  }

  /** The newest first. */
  list(): readonly SimilarHit[] {
    return this.#hits;
  }

  /** Takes out all uses of an answer. */
  forget(hash: string): void {
    for (let index = this.#hits.length - 1; index >= 0; index--)
      if (this.#hits[index]?.hash === hash) this.#hits.splice(index, 1);
  }
}

/** How much two vectors point the same way, from -1 to 1; 0 where they cannot be compared. */
export function cosine(left: Float32Array, right: Float32Array): number {
  if (left.length === 0 || left.length !== right.length) return 0;
  let dot = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (let index = 0; index < left.length; index++) {
    const [a, b] = [left[index]!, right[index]!];
    dot += a * b;
    leftSquares += a * a;
    rightSquares += b * b;
  }
  const length = Math.sqrt(leftSquares * rightSquares);
  return length === 0 ? 0 : dot / length;
}
