import type { AnswerCache, Idempotency, ProofKeeper, SimilarHits } from "../caching/index.ts";
import { type Actor, audit } from "../manage/index.ts";
import type { Store } from "../store/index.ts";

export type Caches = {
  store: Store;
  answers: AnswerCache;
  similarHits: SimilarHits;
  idempotency: Idempotency;
  proofs: ProofKeeper;
};

/** Which cache, and whose; without a word: the answers of everybody. */
export type ClearWish = {
  scope?: "cache" | "idempotency" | "signatures" | undefined;
  keyId?: string | undefined;
};

/** Forgets what a wish names; gives how many things that were. */
export function clearCaches(caches: Caches, { scope, keyId }: ClearWish, actor: Actor): number {
  let cleared = 0;
  if (scope === undefined || scope === "cache") cleared += caches.answers.clear(keyId);
  if (scope === "idempotency") cleared += caches.idempotency.clear();
  if (scope === "signatures") cleared += caches.proofs.clear();
  audit(caches.store, actor, "cache.clear", scope ?? "all", { cleared, ...(keyId && { keyId }) });
  return cleared;
}

/** Forgets one kept answer. False when there was none. */
export function removeAnswer(caches: Caches, hash: string, actor: Actor): boolean {
  const isThere = caches.answers.remove(hash);
  caches.similarHits.forget(hash);
  if (isThere) audit(caches.store, actor, "cache.remove", hash.slice(0, 16));
  return isThere;
}
