export { AnswerCache, type AnswerCacheStats, type AnswerShelf, type ShelvedAnswer } from "./answer-cache.ts";
export { answerKey, type Question, questionOf } from "./answer-key.ts";
export { type Claim, Idempotency } from "./idempotency.ts";
export type { KeptAnswer } from "./kept-answer.ts";
export { PromptCacheMeter, type PromptCall, type PromptTotals } from "./prompt-cache.ts";
export { ProofKeeper, type ProofShelf } from "./proof-keeper.ts";
export { cosine, type SimilarHit, SimilarHits } from "./similar-answers.ts";
