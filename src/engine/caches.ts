import { AnswerCache, Idempotency, PromptCacheMeter, ProofKeeper, SimilarHits } from "../caching/index.ts";
import type { Settings } from "../core/settings.ts";
import type { Clock } from "../lib/clock.ts";
import { type Actor, audit } from "../manage/index.ts";
import type { Store } from "../store/index.ts";

/** Which cache, and whose; without a word: the answers of everybody. */
export type ClearWish = {
  scope?: "cache" | "idempotency" | "signatures" | undefined;
  keyId?: string | undefined;
};

/** Everything that is remembered between calls. */
export class Caches {
  /** The signatures by which vendors know their own reasoning. */
  readonly proofs: ProofKeeper;
  /** Answers that are given again to equal calls. */
  readonly answers: AnswerCache;
  /** What was reused for questions that were only similar. */
  readonly similarHits: SimilarHits;
  /** Equal calls a moment after one another. */
  readonly idempotency: Idempotency;
  /** How well providers' prompt caches work, and what broke them. */
  readonly promptCache: PromptCacheMeter;

  constructor(
    readonly store: Store,
    clock: Clock,
    settings: () => Settings,
  ) {
    this.proofs = new ProofKeeper(store.vault, clock);
    this.answers = new AnswerCache(store.answers, clock, {
      maxEntries: () => settings().cacheMaxEntries,
      ttlMs: () => settings().cacheTtlMs,
    });
    this.similarHits = new SimilarHits(clock);
    this.idempotency = new Idempotency(clock, () => settings().idempotencyWindowMs);
    this.promptCache = new PromptCacheMeter(clock, () => settings().promptDiffs);
  }

  /** Forgets what a wish names; gives how many things that were. */
  clear({ scope, keyId }: ClearWish, actor: Actor): number {
    let cleared = 0;
    if (scope === undefined || scope === "cache") cleared += this.answers.clear(keyId);
    if (scope === "idempotency") cleared += this.idempotency.clear();
    if (scope === "signatures") cleared += this.proofs.clear();
    audit(this.store, actor, "cache.clear", scope ?? "all", { cleared, ...(keyId && { keyId }) });
    return cleared;
  }

  /** Forgets one kept answer, as when it was reused where it did not fit. False when there was none. */
  remove(hash: string, actor: Actor): boolean {
    const isThere = this.answers.remove(hash);
    this.similarHits.forget(hash);
    if (isThere) audit(this.store, actor, "cache.remove", hash.slice(0, 16));
    return isThere;
  }
}
