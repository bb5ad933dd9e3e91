export { AnswerCache, type AnswerCacheStats, type AnswerShelf, type ShelvedAnswer } from "./answer-cache.ts";
export { answerKey, type Question, questionOf } from "./answer-key.ts";
export { type Claim, Idempotency } from "./idempotency.ts";
export type { KeptAnswer } from "./kept-answer.ts";
export { ProofKeeper, type ProofShelf } from "./proof-keeper.ts";
export { cosine, type SimilarHit, SimilarHits } from "./similar-answers.ts";
