import type { PromptBreak, PromptDiff } from "../core/prompt-break.ts";
import type { CostKind } from "../core/record.ts";
import type { Usage } from "../core/reply.ts";
import type { Clock } from "../lib/clock.ts";
import { PromptWatch, type WatchedCall } from "./prompt-watch.ts";

/** One answered call, as far as the provider's prompt cache goes. */
export type PromptCall = Omit<WatchedCall, "cacheRead"> & {
  usage: Usage;
  costKind: CostKind;
  /** What it would have cost without the cache, less what it cost; absent when the price is unknown. */
  saved?: number;
  /** The client marked what to keep. */
  isMarked: boolean;
  /** Nothing of the conversation is to be looked at (the key keeps no bodies). */
  isPrivate: boolean;
};

export type PromptTotals = {
  totalRequests: number;
  requestsWithCacheControl: number;
  totalInputTokens: number;
  totalCachedTokens: number;
  totalCacheCreationTokens: number;
  /** USD; negative where writing cost more than reading saved. */
  costSaved: number;
  shadowCostSaved: number;
};

const MOST_MODELS = 500;
/** Providers keep nothing below about a thousand tokens. */
const SMALLEST_BODY = 4096;
/** A look at a body takes about 10 ms for each megabyte; at most so much is looked at in a second. */
const MOST_BYTES_A_SECOND = 4 * 1024 * 1024;

/** How well providers' prompt caches work, and what broke them. Looks at bodies only when a call is over. */
export class PromptCacheMeter {
  readonly #models = new Map<string, PromptTotals>();
  readonly #watch: PromptWatch;
  #second = 0;
  #looked = 0;

  /** `keepsWords`: may prompts stay in memory for a while, so that differences can be shown byte for byte? */
  constructor(
    readonly clock: Clock,
    readonly keepsWords: () => boolean = () => false,
  ) {
    this.#watch = new PromptWatch(clock, keepsWords);
  }

  /** Counts a call, and looks why its conversation's prompt could not be reused. */
  record(call: PromptCall): void {
    this.#count(call);
    if (call.isPrivate) return this.#watch.forgetWordsOf(call.keyId);
    if (call.bytes < SMALLEST_BODY || !this.#hasTime(call.bytes)) return;
    const cacheRead = call.usage.cacheRead ?? 0;
    // The answer goes out first.
    setImmediate(() => void this.#watch.compare({ ...call, cacheRead }));
  }

  /** Sums of all models, and each model's own, by `prefix/id`. */
  stats(): PromptTotals & { hitRate: number; breaks: number; byModel: { [model: string]: PromptTotals } } {
    const all = [...this.#models.values()].reduce(added, NONE);
    const { totalCachedTokens: cached, totalInputTokens: input } = all;
    return {
      ...all,
      hitRate: input === 0 ? 0 : cached / input,
      breaks: this.#watch.count,
      byModel: Object.fromEntries(this.#models),
    };
  }

  /** The newest first. */
  breaks(limit = 100): PromptBreak[] {
    return this.#watch.breaks(limit);
  }

  /** What broke the prompt of one call; undefined where nothing did, or it is no longer known. */
  breakOf(requestId: string): PromptBreak | undefined {
    return this.#watch.breakOf(requestId);
  }

  /** The same byte for byte; undefined where the words of both turns were not kept. */
  diffOf(requestId: string): PromptDiff | undefined {
    return this.#watch.diffOf(requestId);
  }

  /** Bytes of words in memory. */
  get wordBytes(): number {
    return this.#watch.wordBytes;
  }

  /** Lets go of all words where they are not to be kept. */
  obey(): void {
    if (!this.keepsWords()) this.#watch.forgetWords();
  }

  /** The sums, for a restart. */
  snapshot(): unknown {
    return Object.fromEntries(this.#models);
  }

  restore(snapshot: unknown): void {
    for (const [model, saved] of Object.entries(
      (snapshot ?? {}) as { [model: string]: Partial<PromptTotals> },
    )) {
      const totals = { ...NONE };
      for (const name of Object.keys(NONE) as (keyof PromptTotals)[])
        if (typeof saved[name] === "number") totals[name] = saved[name];
      this.#models.set(model, totals);
    }
  }

  #count({ model, usage, costKind, saved = 0, isMarked }: PromptCall): void {
    const { input, cacheRead = 0, cacheWrite = 0 } = usage;
    const own = added(this.#models.get(model) ?? NONE, {
      totalRequests: 1,
      requestsWithCacheControl: isMarked ? 1 : 0,
      totalInputTokens: input + cacheRead + cacheWrite,
      totalCachedTokens: cacheRead,
      totalCacheCreationTokens: cacheWrite,
      costSaved: costKind === "billed" ? saved : 0,
      shadowCostSaved: costKind === "billed" ? 0 : saved,
    });
    this.#models.delete(model);
    this.#models.set(model, own);
    if (this.#models.size > MOST_MODELS) this.#models.delete(this.#models.keys().next().value!);
  }

  #hasTime(bytes: number): boolean {
    const second = Math.floor(this.clock.monotonic() / 1000);
    if (second !== this.#second) [this.#second, this.#looked] = [second, 0];
    // One large conversation a second is always looked at.
    if (this.#looked > 0 && this.#looked + bytes > MOST_BYTES_A_SECOND) return false;
    this.#looked += bytes;
    return true;
  }
}

const NONE: PromptTotals = {
  totalRequests: 0,
  requestsWithCacheControl: 0,
  totalInputTokens: 0,
  totalCachedTokens: 0,
  totalCacheCreationTokens: 0,
  costSaved: 0,
  shadowCostSaved: 0,
};

function added(left: PromptTotals, right: PromptTotals): PromptTotals {
  const sums = { ...left };
  for (const name of Object.keys(NONE) as (keyof PromptTotals)[]) sums[name] += right[name];
  return sums;
}
