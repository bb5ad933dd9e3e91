import type { Clock } from "../lib/clock.ts";
import { parseJson } from "../lib/json.ts";
import { type KeptAnswer, isComplete } from "./kept-answer.ts";

/** Where answers lie when they are not in memory. */
export type AnswerShelf = {
  save(answer: ShelvedAnswer): void;
  find(hash: string): { value: string; expiresAt: number } | undefined;
  /** Those asked in the same surroundings, the newest first. */
  similar(context: string): { hash: string; vector: Float32Array; question: string }[];
  remove(hash: string): boolean;
  /** Removes all, or one key's. Gives how many. */
  clear(keyId?: string): number;
  count(): number;
};
export type ShelvedAnswer = {
  hash: string;
  keyId: string;
  value: string;
  expiresAt: number;
  context?: string;
  vector?: Float32Array;
  question?: string;
};

/** `maxEntries` and `ttlMs` are asked on every use, so that a changed setting holds at once. */
export type AnswerCacheOptions = { maxEntries(): number; ttlMs(): number };

export type AnswerCacheStats = {
  memoryEntries: number;
  memoryBytes: number;
  dbEntries: number;
  hits: number;
  similarHits: number;
  misses: number;
  hitRate: number;
  tokensSaved: number;
  /** USD that were not spent, and list prices of subscriptions that were not used. */
  costSaved: number;
  shadowCostSaved: number;
};

type InMemory = { text: string; keyId: string; expiresAt: number };

const MOST_BYTES_IN_MEMORY = 32 * 1024 * 1024;
const LARGEST_ANSWER = 1024 * 1024;
const COUNTERS = ["hits", "similarHits", "misses", "tokensSaved", "costSaved", "shadowCostSaved"] as const;
type Counters = { [Counter in (typeof COUNTERS)[number]]: number };

/** Whole answers to equal questions: the newest in memory, more on disk. Bounded by number, bytes and time. */
export class AnswerCache {
  /** The least recently used stands first. */
  readonly #memory = new Map<string, InMemory>();
  #bytes = 0;
  #counters: Counters = zeros();

  constructor(
    readonly shelf: AnswerShelf,
    readonly clock: Clock,
    readonly options: AnswerCacheOptions,
  ) {}

  /** The kept answer of a key made by `answerKey`; counts nothing. */
  find(hash: string): KeptAnswer | undefined {
    const now = this.clock.now();
    const recent = this.#memory.get(hash);
    if (recent && recent.expiresAt > now) {
      this.#memory.delete(hash);
      this.#memory.set(hash, recent);
      return read(recent.text);
    }
    this.#forget(hash);
    const shelved = this.shelf.find(hash);
    if (!shelved || shelved.expiresAt <= now) return undefined;
    return read(shelved.value);
  }

  /** Keeps a complete answer; anything else, and what is larger than 1 MB, is left alone. */
  keep(
    hash: string,
    keyId: string,
    answer: KeptAnswer,
    similar?: { context: string; vector: Float32Array; question: string },
  ): void {
    if (!isComplete(answer.reply)) return;
    const text = JSON.stringify(answer);
    if (text.length > LARGEST_ANSWER) return;
    const expiresAt = this.clock.now() + this.options.ttlMs();
    this.#forget(hash);
    this.#memory.set(hash, { text, keyId, expiresAt });
    this.#bytes += text.length;
    this.#trim();
    this.shelf.save({ hash, keyId, value: text, expiresAt, ...similar });
  }

  /** Counts what came of a question. */
  count(outcome: "hit" | "semantic" | "miss", answer?: KeptAnswer): void {
    const counters = this.#counters;
    if (outcome === "miss" || !answer) {
      counters.misses++;
      return;
    }
    counters[outcome === "hit" ? "hits" : "similarHits"]++;
    const { usage, cost = 0, costKind } = answer;
    counters.tokensSaved += usage.input + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0) + usage.output;
    counters[costKind === "billed" ? "costSaved" : "shadowCostSaved"] += cost;
  }

  /** Removes one answer; true when there was one. */
  remove(hash: string): boolean {
    const wasInMemory = this.#forget(hash);
    return this.shelf.remove(hash) || wasInMemory;
  }

  /** Removes all answers, or those of one API key. Gives how many. */
  clear(keyId?: string): number {
    const before = new Set<string>();
    for (const [hash, entry] of this.#memory)
      if (keyId === undefined || entry.keyId === keyId) before.add(hash);
    for (const hash of before) this.#forget(hash);
    return Math.max(before.size, this.shelf.clear(keyId));
  }

  stats(): AnswerCacheStats {
    const { hits, similarHits, misses } = this.#counters;
    const asked = hits + similarHits + misses;
    return {
      memoryEntries: this.#memory.size,
      memoryBytes: this.#bytes,
      dbEntries: this.shelf.count(),
      ...this.#counters,
      hitRate: asked === 0 ? 0 : (hits + similarHits) / asked,
    };
  }

  /** The counters, for a restart. */
  snapshot(): unknown {
    return { ...this.#counters };
  }

  restore(snapshot: unknown): void {
    const saved = (snapshot ?? {}) as Partial<Record<string, unknown>>;
    for (const name of COUNTERS) {
      const value = saved[name];
      if (typeof value === "number" && Number.isFinite(value)) this.#counters[name] = value;
    }
  }

  #trim(): void {
    for (const hash of this.#memory.keys()) {
      if (this.#memory.size <= this.options.maxEntries() && this.#bytes <= MOST_BYTES_IN_MEMORY) return;
      this.#forget(hash);
    }
  }

  #forget(hash: string): boolean {
    const entry = this.#memory.get(hash);
    if (!entry) return false;
    this.#bytes -= entry.text.length;
    return this.#memory.delete(hash);
  }
}

const read = (text: string): KeptAnswer => parseJson(text) as KeptAnswer;

const zeros = (): Counters => ({
  hits: 0,
  similarHits: 0,
  misses: 0,
  tokensSaved: 0,
  costSaved: 0,
  shadowCostSaved: 0,
});
